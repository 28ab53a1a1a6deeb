//! The learning curves of a run of `Fit`.

use super::curve::Curve;
use super::learning_curves::LearningCurves;
use crate::fit::{Epoch, History};

/// The losses and metrics of a run, and its best epoch. Epochs count from 0, as in its records.
///
/// ```no_run
/// use stackprop_kit::fit::History;
/// use stackprop_kit::pictures::LearningCurves;
///
/// let history = History::read("run/log.jsonl")?;
/// LearningCurves::from(&history).draw()?.save("curves.svg")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<&History> for LearningCurves {
    fn from(history: &History) -> Self {
        let epochs = &history.epochs;
        let curve = |value: &dyn Fn(&Epoch) -> Option<f64>| {
            Curve::per_epoch(epochs.iter().filter_map(|epoch| Some((epoch.epoch, value(epoch)?))))
        };
        // In the order in which they first appear.
        let mut names: Vec<&String> = vec![];
        for (name, _) in epochs.iter().flat_map(|epoch| &epoch.metrics) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let metrics = names.into_iter().map(|name| (name.clone(), curve(&|epoch| epoch.metric(name))));
        Self {
            train: curve(&|epoch| Some(epoch.loss)),
            validation: curve(&|epoch| epoch.validation_loss),
            metrics: metrics.collect(),
            best_epoch: history.best_epoch.map(u64::from),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_at_its_epoch() {
        let epoch = |epoch, loss, validation_loss, metrics: &[(&str, f64)]| Epoch {
            epoch,
            step: 0,
            loss,
            validation_loss,
            metrics: metrics.iter().map(|(name, value)| (name.to_string(), *value)).collect(),
            learning_rate: None,
            seconds: 0.0,
            checksum: 0,
        };
        let history = History {
            epochs: vec![
                epoch(0, 3.0, Some(4.0), &[("a", 0.5)]),
                epoch(1, 2.0, None, &[]),
                epoch(2, 1.0, Some(5.0), &[("b", 0.25), ("a", 0.75)]),
            ],
            best_epoch: Some(2),
            ..History::default()
        };
        let curves = LearningCurves::from(&history);
        assert_eq!(curves.train.points, [(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]);
        assert_eq!(curves.validation.points, [(0.0, 4.0), (2.0, 5.0)]);
        let metrics = [("a", vec![(0.0, 0.5), (2.0, 0.75)]), ("b", vec![(2.0, 0.25)])];
        assert_eq!(curves.metrics, metrics.map(|(name, points)| (name.to_string(), Curve { points })));
        assert_eq!(curves.best(), Some((2.0, 5.0)));
    }
}
