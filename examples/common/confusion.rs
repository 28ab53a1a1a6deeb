//! How a classifier does on a data set: which class it took for which.

use std::fmt;

use stackprop::{Class, Dataset, Fault, Model, Workspace, argmax};

/// `counts[true][read]`: how many samples of one class the network read as another.
pub struct Confusion<const N: usize> {
    counts: [[usize; N]; N],
}

impl<const N: usize> Confusion<N> {
    /// Lets the network read every sample; the workspace may be a trainer's.
    pub fn of<M: Model<Output = [f32; N], Scalar = f32>, const B: usize>(
        network: &M,
        data: &impl Dataset<Input = M::Input, Target = Class<N>>,
        workspace: &mut Workspace<M, B>,
    ) -> Result<Self, Fault> {
        let mut counts = [[0; N]; N];
        workspace.evaluate(network, data, |output, class| counts[class.index()][argmax(output)] += 1)?;
        Ok(Self { counts })
    }

    /// How many were read right: the diagonal.
    pub fn correct(&self) -> usize {
        (0..N).map(|class| self.counts[class][class]).sum()
    }

    /// How many samples.
    pub fn total(&self) -> usize {
        self.counts.as_flattened().iter().sum()
    }

    /// The share that was read right.
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
                // A dot for "never", so that the eye finds the mistakes.
                match count {
                    0 => write!(f, "{:>6}", ".")?,
                    _ => write!(f, "{count:>6}")?,
                }
            }
        }
        Ok(())
    }
}
