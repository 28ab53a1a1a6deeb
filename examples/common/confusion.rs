//! The confusion matrix of a classifier on a data set.

use std::fmt;

use stackprop::{Class, Dataset, Fault, Model, Workspace, argmax};

use super::cli::{self, Failed};

/// `counts[true][read]`: how many samples of one class the network read as another.
pub struct Confusion<const N: usize> {
    counts: [[usize; N]; N],
}

impl<const N: usize> Confusion<N> {
    /// Classifies every sample with the network. The workspace may be a trainer's.
    pub fn of<M: Model<Output = [f32; N], Scalar = f32>, const B: usize>(
        network: &M,
        data: &(impl Dataset<Input = M::Input, Target = Class<N>> + ?Sized),
        workspace: &mut Workspace<M, B>,
    ) -> Result<Self, Fault> {
        let mut counts = [[0; N]; N];
        workspace.evaluate(network, data, |output, class| counts[class.index()][argmax(output)] += 1)?;
        Ok(Self { counts })
    }

    /// The number of samples that were read correctly: the diagonal.
    pub fn correct(&self) -> usize {
        (0..N).map(|class| self.counts[class][class]).sum()
    }

    /// The number of samples.
    pub fn total(&self) -> usize {
        self.counts.as_flattened().iter().sum()
    }

    /// Returns an error if the network is no better than one that guesses or always gives the same answer. The error
    /// names the likely cause; `usual` is a learning rate that usually works.
    pub fn ensure_better_than_chance(&self, learning_rate: f32, usual: f32) -> Result<(), Failed> {
        let largest = self.counts.iter().map(|row| row.iter().sum::<usize>()).max().unwrap_or(0);
        let (n, p) = (self.total() as f64, largest as f64 / self.total() as f64);
        // Three standard deviations above a guess that is right with probability p.
        let chance = p + 3.0 * (p * (1.0 - p) / n).sqrt();
        let cause = match learning_rate {
            rate if rate > usual => format!("the learning rate {rate:e} is probably too high"),
            rate if rate < usual => {
                format!("the learning rate {rate:e} is probably too low, or the epochs too few")
            }
            _ => "the epochs or the samples are probably too few".into(),
        };
        let accuracy = self.accuracy();
        cli::ensure(
            accuracy > chance,
            format_args!(
                "the network learned nothing: its accuracy of {accuracy:.4} is at chance level (up to {chance:.4}); \
                 {cause} (the default is {usual})"
            ),
        )
    }

    /// The fraction of samples that were read correctly.
    pub fn accuracy(&self) -> f64 {
        self.correct() as f64 / self.total() as f64
    }
}

impl<const N: usize> fmt::Display for Confusion<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "true \\ read")?;
        for read in 0..N {
            write!(f, "{read:>6}")?;
        }
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "\n{class:>11}")?;
            for &count in row {
                // A dot for 0, so that the mistakes stand out.
                match count {
                    0 => write!(f, "{:>6}", ".")?,
                    _ => write!(f, "{count:>6}")?,
                }
            }
        }
        Ok(())
    }
}
