//! What a loss wants of the outputs. Targets are not read, but the loss is asked for its gradient at some outputs, so this
//! works for every loss and for every type of target.

use std::f64::consts::LN_2;

use stackprop::{LossOf, Model, Scalar, Vector, Zero};

/// A kind of loss, as its gradient tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Softmax and cross-entropy of logits.
    Softmax,
    /// Sigmoid and cross-entropy of each logit.
    Sigmoid,
    /// A sum over the outputs, with a gradient in proportion to the error.
    Squared,
    /// A sum over the outputs of another kind.
    Elementwise,
    /// Another loss.
    Other,
}

/// A loss and the targets of a mini-batch, all of which it accepts.
pub(super) struct Probe<'a, N: Model, Y, C> {
    pub loss: &'a C,
    pub targets: &'a [&'a Y],
    pub network: std::marker::PhantomData<fn() -> N>,
}

impl<N: Model, Y, C: LossOf<N, Y>> Probe<'_, N, Y, C> {
    pub const OUTPUTS: usize = N::Output::LEN;

    /// The loss of one target at these outputs, and its gradient.
    fn at(&self, target: &Y, output: impl Fn(usize) -> f64) -> (f64, Vec<f64>) {
        let (mut a, mut gradient) = (N::Output::ZERO, N::Output::ZERO);
        for (j, a) in a.as_mut_slice().iter_mut().enumerate() {
            *a = N::Scalar::from_f64(output(j));
        }
        let loss = self.loss.evaluate(&a, target, &mut gradient).to_f64();
        (loss, gradient.as_slice().iter().map(|g| g.to_f64()).collect())
    }

    /// The average loss if the outputs were always these, and its gradient.
    pub fn average(&self, outputs: &[f64]) -> (f64, Vec<f64>) {
        let (mut sum, mut gradient) = (0.0, vec![0.0; Self::OUTPUTS]);
        for target in self.targets {
            let (loss, g) = self.at(target, |j| outputs[j]);
            sum += loss;
            gradient.iter_mut().zip(g).for_each(|(sum, g)| *sum += g);
        }
        let n = self.targets.len() as f64;
        gradient.iter_mut().for_each(|g| *g /= n);
        (sum / n, gradient)
    }

    /// The gradient at outputs that are all 0, for each target.
    pub fn at_zero(&self) -> Vec<Vec<f64>> {
        self.targets.iter().map(|target| self.at(target, |_| 0.0).1).collect()
    }

    pub fn kind(&self, zero_loss: f64) -> Kind {
        let is = |expected: f64| (zero_loss - expected).abs() < 1e-4 * expected;
        if self.targets.iter().all(|target| self.is_elementwise(target)) {
            if self.targets.iter().all(|target| self.is_squared(target)) {
                Kind::Squared
            } else if is(Self::OUTPUTS as f64 * LN_2) {
                Kind::Sigmoid
            } else {
                Kind::Elementwise
            }
        } else if Self::OUTPUTS > 1 && is((Self::OUTPUTS as f64).ln()) {
            Kind::Softmax
        } else {
            Kind::Other
        }
    }

    /// Whether the gradient of an output depends on that output alone.
    fn is_elementwise(&self, target: &Y) -> bool {
        let even = |j: usize| j.is_multiple_of(2);
        let (low, high) = (self.at(target, |_| 0.25).1, self.at(target, |_| 0.75).1);
        let mixed = self.at(target, |j| if even(j) { 0.25 } else { 0.75 }).1;
        (0..Self::OUTPUTS).all(|j| mixed[j] == if even(j) { low[j] } else { high[j] })
    }

    /// Whether the gradient grows as a line that rises.
    fn is_squared(&self, target: &Y) -> bool {
        // (Not points on both sides of 0 alone, where a sigmoid rises equally.)
        let [zero, one, three] = [0.0, 1.0, 3.0].map(|a| self.at(target, |_| a).1);
        (0..Self::OUTPUTS).all(|j| {
            let (rise, other) = (one[j] - zero[j], (three[j] - one[j]) / 2.0);
            // The differences of f32 are exact to 6e-8 of the largest term.
            rise > 0.0 && (rise - other).abs() <= 1e-6 * (rise + zero[j].abs())
        })
    }

    /// The first sample and output whose target is above (or below) the bound, and how many samples have one.
    pub fn beyond(&self, bound: f64, above: bool) -> Option<(usize, usize, usize)> {
        let mut found = None;
        for (sample, target) in self.targets.iter().enumerate() {
            let (loss, gradient) = self.at(target, |_| bound);
            let wants = |g: &f64| if above { *g < 0.0 } else { *g > 0.0 };
            if let Some(output) = gradient.iter().position(wants).filter(|_| loss.is_finite()) {
                let (first, place, count) = found.unwrap_or((sample, output, 0));
                found = Some((first, place, count + 1));
            }
        }
        found
    }

    /// The least average loss that outputs have which are the same for every sample, by gradient descent from 0.
    pub fn best_constant(&self) -> Option<f64> {
        let mut outputs = vec![0.0; Self::OUTPUTS];
        let (mut loss, mut gradient) = self.average(&outputs);
        let mut step = 1.0;
        for _ in 0..100 {
            let first_order = step * gradient.iter().map(|g| g * g).sum::<f64>();
            if first_order <= 1e-7 * loss.abs() {
                break;
            }
            let moved: Vec<f64> = outputs.iter().zip(&gradient).map(|(a, g)| a - step * g).collect();
            let (after, gradient_after) = self.average(&moved);
            // (Armijo's condition: a step beyond the minimum is taken back.)
            if after < loss - 0.3 * first_order {
                (outputs, loss, gradient) = (moved, after, gradient_after);
                step *= 1.5;
            } else {
                step *= 0.5;
            }
        }
        loss.is_finite().then_some(loss)
    }
}

/// The class of a target, from the gradient at outputs that are all 0: the only output that should grow, while all others are
/// alike.
pub(super) fn class_of(at_zero: &[f64]) -> Option<usize> {
    let class = at_zero.iter().position(|g| *g < 0.0)?;
    let mut others = at_zero.iter().enumerate().filter(|(j, _)| *j != class).map(|(_, g)| *g);
    let one = others.next()?;
    (one >= 0.0 && others.all(|g| (g - one).abs() <= 1e-6 * at_zero[class].abs())).then_some(class)
}
