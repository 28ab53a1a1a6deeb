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
