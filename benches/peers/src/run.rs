//! A workload prepared in a library, how it is timed, and how answers are compared.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::workload::Workload;

pub type Error = Box<dyn std::error::Error>;

/// A prepared workload: weights loaded, inputs in the library's own form.
pub trait Run {
    /// Infers all inputs once, or makes one training step. Only this is timed.
    fn pass(&mut self) -> Result<(), Error>;

    /// Makes a pass and reads the results: all outputs, or the loss before the step.
    fn observe(&mut self) -> Result<Vec<f32>, Error>;
}

/// How a turn is measured.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Timing {
    /// The number of stretches in a turn. The result of the turn is their median.
    pub stretches: usize,
    /// The least time of a stretch, which makes as many passes as needed.
    pub seconds: f64,
}

/// What a contender computes: all outputs, or the loss before each of `steps` training steps.
pub fn answer(run: &mut dyn Run, workload: &Workload, steps: usize) -> Result<Vec<f32>, Error> {
    let mut answer = vec![];
    for _ in 0..if workload.training.is_some() { steps } else { 1 } {
        answer.extend(run.observe()?);
    }
    Ok(answer)
}

/// The seconds per sample.
pub fn time(run: &mut dyn Run, workload: &Workload, timing: Timing) -> Result<f64, Error> {
    let mut stretch = |passes: u32| -> Result<f64, Error> {
        let start = Instant::now();
        for _ in 0..passes {
            run.pass()?;
        }
        Ok(start.elapsed().as_secs_f64())
    };
    let mut passes = 1;
    while stretch(passes)? < timing.seconds {
        passes *= 2;
    }
    let seconds = (0..timing.stretches).map(|_| stretch(passes)).collect::<Result<Vec<_>, _>>()?;
    Ok(median(&seconds) / f64::from(passes) / workload.samples() as f64)
}

/// The middle value, or the mean of the middle two.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { 0.5 * (sorted[middle - 1] + sorted[middle]) }
}

/// Checks that two contenders compute the same.
///
/// Outputs may differ by 1e-4, many times the difference that the order of summation makes for 784 products. Losses may
/// differ by one in a thousand: the differences grow with the steps, but another learning rate, another factor in the
/// loss or a forgotten bias is seen at once.
///
/// # Errors
///
/// The first number that differs.
pub fn compare(ours: &[f32], theirs: &[f32], workload: &Workload) -> Result<(), Error> {
    if ours.len() != theirs.len() {
        return Err(format!("{} numbers, not {}", theirs.len(), ours.len()).into());
    }
    let same = |ours: f32, theirs: f32| {
        let tolerance = match workload.training {
            None => 1e-4 * ours.abs().max(1.0),
            Some(_) => 1e-3 * ours.abs(),
        };
        (theirs - ours).abs() <= tolerance
    };
    match ours.iter().zip(theirs).position(|(&ours, &theirs)| !same(ours, theirs)) {
        None => Ok(()),
        Some(at) => Err(format!("number {at} is {}, not {}", theirs[at], ours[at]).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn what_differs_is_refused() {
        let all = workload::all();
        let (inference, training) = (&all[0], &all[9]);
        assert!(compare(&[0.5, 0.1], &[0.500_09, 0.1], inference).is_ok());
        assert!(compare(&[0.5, 0.1], &[0.500_11, 0.1], inference).is_err());
        assert!(compare(&[0.5], &[0.500_4], training).is_ok());
        assert!(compare(&[0.5], &[0.500_6], training).is_err());
        assert!(compare(&[0.5], &[f32::NAN], inference).is_err());
        assert!(compare(&[0.5], &[0.5, 0.5], inference).is_err());
    }
}
