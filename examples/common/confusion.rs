//! The confusion matrix of a classifier on a data set.

use stackprop::metrics::{ConfusionMatrix, argmax_class};
use stackprop::{Class, Dataset, Fault, Model, Workspace};

use super::cli::{self, Failed};

/// How many samples of each class the network read as which class. The workspace may be a trainer's.
pub fn of<M: Model<Output = [f32; N], Scalar = f32>, const N: usize, const B: usize>(
    network: &M,
    data: &(impl Dataset<Input = M::Input, Target = Class<N>> + ?Sized),
    workspace: &mut Workspace<M, B>,
) -> Result<ConfusionMatrix<N, f64>, Fault> {
    let mut matrix = ConfusionMatrix::default();
    workspace.evaluate(network, data, |output, class| matrix.add(*class, argmax_class(output)))?;
    Ok(matrix)
}

/// The fraction of samples that were read correctly; 0 of no samples.
pub fn accuracy<const N: usize>(matrix: &ConfusionMatrix<N, f64>) -> f64 {
    matrix.accuracy().unwrap_or(0.0)
}

/// The number of samples that were read correctly: the diagonal.
pub fn correct<const N: usize>(matrix: &ConfusionMatrix<N, f64>) -> u32 {
    (0..N).map(|class| matrix.counts()[class][class]).sum()
}

/// Returns an error if the network is no better than one that guesses or always gives the same answer. The error names
/// the likely cause; `usual` is a learning rate that usually works.
pub fn ensure_better_than_chance<const N: usize>(
    matrix: &ConfusionMatrix<N, f64>,
    learning_rate: f32,
    usual: f32,
) -> Result<(), Failed> {
    let rows = matrix.counts().iter().zip(matrix.unclassified());
    let largest = rows.map(|(row, none)| row.iter().sum::<u32>() + none).max().unwrap_or(0);
    let n = matrix.samples() as f64;
    let p = f64::from(largest) / n;
    // Three standard deviations above a guess that is right with probability p.
    let chance = p + 3.0 * (p * (1.0 - p) / n).sqrt();
    let cause = match learning_rate {
        rate if rate > usual => format!("the learning rate {rate:e} is probably too high"),
        rate if rate < usual => {
            format!("the learning rate {rate:e} is probably too low, or the epochs too few")
        }
        _ => "the epochs or the samples are probably too few".into(),
    };
    let accuracy = accuracy(matrix);
    cli::ensure(
        accuracy > chance,
        format_args!(
            "the network learned nothing: its accuracy of {accuracy:.4} is at chance level (up to {chance:.4}); \
             {cause} (the default is {usual})"
        ),
    )
}
