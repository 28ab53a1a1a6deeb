//! What is known of a run and of each epoch, as the logs have it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::format::{hex, named, number};
use super::text::short;

/// The settings of a run, and what it runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// The version of stackprop.
    pub stackprop: String,
    /// The version of stackprop-kit.
    pub kit: String,
    /// The target that the program was compiled for.
    pub target: String,
    /// The level of vector instructions, [`stackprop::level`].
    pub level: String,
    /// The class of numerics, [`stackprop::numerics`]: `fused` or `separate`.
    pub numerics: String,
    /// When it started, in UTC.
    pub date: String,
    /// The seed of the mini-batches.
    pub seed: u64,
    /// The seed of the trainer, with which layers draw.
    pub trainer_seed: u32,
    /// The number of epochs in all.
    pub epochs: u32,
    /// The samples in a mini-batch.
    pub batch: u64,
    /// The samples of the first epoch.
    pub samples: u64,
    /// The samples for validation.
    pub validation_samples: Option<u64>,
    /// The names of the metrics.
    pub metrics: Vec<String>,
    /// What is compared to find the best epoch.
    pub monitor: String,
    /// Whether the best network is kept, for early stopping or recovery.
    pub keeps_best: bool,
    /// The layers of the network.
    pub layers: Vec<String>,
    /// The number of parameters.
    pub parameters: u64,
    /// The fingerprint of the network's structure, [`stackprop::Schema::fingerprint`].
    #[serde(with = "hex")]
    pub fingerprint: u64,
    /// The type of the parameters: `f32` or `f64`.
    pub scalar: String,
    /// The optimiser's name.
    pub optimizer: String,
    /// The type of the loss.
    pub loss: String,
    /// The completed epochs with which it started: 0, unless it goes on from a checkpoint.
    pub epoch: u32,
    /// The steps with which it started.
    pub step: u32,
}

impl Session {
    /// The first difference to a session that cannot go on from this one: what, here and there. (Other differences are seen by the
    /// checkpoint, or change nothing that was done.)
    pub(super) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let settings = |session: &Self| {
            let validation = session.validation_samples.map_or_else(|| "0".into(), |n| n.to_string());
            let switch = if session.keeps_best { "on" } else { "off" };
            [
                ("`seed`", session.seed.to_string()),
                ("`batch`", session.batch.to_string()),
                ("the number of samples", session.samples.to_string()),
                ("the number of validation samples", validation),
                ("the list of metrics", format!("{:?}", session.metrics)),
                ("the monitored value", session.monitor.clone()),
                ("the loss", session.loss.clone()),
                ("early stopping or recovery", switch.into()),
            ]
        };
        let pairs = settings(self).into_iter().zip(settings(other));
        let mut different = pairs.filter(|((_, here), (_, there))| here != there);
        different.next().map(|((what, here), (_, there))| (what, here, there))
    }
}

/// An epoch. Its text is a line for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Epoch {
    /// The epoch, from 0.
    pub epoch: u32,
    /// The number of steps in all.
    pub step: u32,
    /// The average loss of the training samples, each from before its mini-batch's step.
    #[serde(with = "number")]
    pub loss: f64,
    /// The average loss of the validation samples, after the epoch.
    pub validation_loss: Option<f64>,
    /// The metrics of the validation samples, after the epoch, with their names.
    #[serde(with = "named")]
    pub metrics: Vec<(String, f64)>,
    /// The learning rate of the last step.
    pub learning_rate: Option<f64>,
    /// How long training and validation took.
    pub seconds: f64,
    /// The checksum of the parameters after the epoch, [`stackprop::Parameters::checksum`].
    #[serde(with = "hex")]
    pub checksum: u64,
}

impl Epoch {
    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }

    /// What is compared to find the best epoch: this metric, or, without a name, the validation loss if there is one, or else the
    /// training loss.
    pub(super) fn monitored(&self, metric: Option<&str>) -> f64 {
        match metric {
            Some(name) => self.metric(name).unwrap_or(f64::NAN),
            None => self.validation_loss.unwrap_or(self.loss),
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}: loss {}", self.epoch, short(self.loss))?;
        if let Some(loss) = self.validation_loss {
            write!(f, ", validation loss {}", short(loss))?;
        }
        for (name, value) in &self.metrics {
            write!(f, ", {name} {}", short(*value))?;
        }
        if let Some(rate) = self.learning_rate {
            write!(f, ", learning rate {}", short(rate))?;
        }
        write!(f, ", {:.3} s", self.seconds)
    }
}

/// A line of a JSON log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub(super) enum Line {
    Session(Box<Session>),
    Epoch(Epoch),
    End { reason: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_bits_of_each_number() {
        let epoch = Epoch {
            epoch: 3,
            step: 40,
            loss: f64::INFINITY,
            validation_loss: Some(f64::from(0.1_f32)),
            metrics: vec![("z".into(), f64::NAN), ("a".into(), 1.0), ("m".into(), 5e-324)],
            learning_rate: None,
            seconds: 0.1 + 0.2,
            checksum: u64::MAX,
        };
        let text = serde_json::to_string(&Line::Epoch(epoch.clone())).unwrap();
        assert_eq!(
            text,
            r#"{"record":"epoch","epoch":3,"step":40,"loss":"inf","validation_loss":0.10000000149011612,"metrics":{"z":"NaN","a":1.0,"m":5e-324},"learning_rate":null,"seconds":0.30000000000000004,"checksum":"ffffffffffffffff"}"#
        );
        let Line::Epoch(mut read) = serde_json::from_str(&text).unwrap() else { panic!() };
        assert!(read.metrics[0].1.is_nan());
        read.metrics[0].1 = 0.0;
        let mut expected = epoch;
        expected.metrics[0].1 = 0.0;
        assert_eq!(read, expected);
    }
}
