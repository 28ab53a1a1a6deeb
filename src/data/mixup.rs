//! Mixup (Zhang et al. 2018): sample `i` becomes `l x_i + (1 - l) x_k`, with the target `l y_i + (1 - l) y_k`, where `k` is a random sample and
//! `l` is drawn from the distribution Beta(alpha, alpha).

use core::borrow::Borrow;
use core::marker::PhantomData;

use super::Dataset;
use super::augment::AugmentError;
use super::sample_rng::{Purpose, SampleRng};
use crate::loss::Target;
use crate::math::Elementary;
use crate::scalar::Scalar;
use crate::vector::Vector;

/// A data set whose samples are mixed with random others: see [`Dataset::mixup`](super::Dataset::mixup).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixup<D, A> {
    data: D,
    alpha: f64,
    seed: u32,
    epoch: u32,
    target: PhantomData<A>,
}

impl<D: Dataset, A> Mixup<D, A> {
    pub(super) fn new(data: D, alpha: f64, seed: u32) -> Result<Self, AugmentError> {
        AugmentError::unless(0.0 < alpha && alpha <= 1.0, "mixup's alpha", "above 0 and at most 1")?;
        Ok(Self { data, alpha, seed, epoch: 0, target: PhantomData })
    }
}

impl<D, A> Mixup<D, A> {
    /// The same with the random numbers of this epoch. It borrows what it mixes.
    #[must_use]
    pub const fn at_epoch(&self, epoch: u32) -> Mixup<&D, A> {
        Mixup { data: &self.data, alpha: self.alpha, seed: self.seed, epoch, target: PhantomData }
    }
}

/// Writes `share x + (1 - share) other` to `x`.
fn mix<T: Scalar>(x: &mut [T], other: impl Iterator<Item = T>, share: T) {
    for (x, other) in x.iter_mut().zip(other) {
        *x = share * *x + (T::ONE - share) * other;
    }
}

#[diagnostic::do_not_recommend]
impl<D, A> Dataset for Mixup<D, A>
where
    A: Vector,
    D: Dataset<Input: Vector<Scalar = A::Scalar>, Target: Target<A>>,
{
    const BY_EPOCH: bool = true;
    type Input = D::Input;
    type Target = A;
    type TargetRef<'a>
        = A
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.data.len()
    }

    fn sample(&self, index: usize, input: &mut D::Input) -> Option<A> {
        let rng = &mut SampleRng::of(Purpose::Mixup, self.seed, self.epoch, self.data.source_index(index));
        let (other, share) = (rng.below(self.data.len()), A::Scalar::from_f64(beta(self.alpha, rng)));
        let mut partner = <D::Input as crate::zero::Zero>::ZERO;
        let y = value_of(self.data.sample(index, input)?.borrow());
        let partner_y: A = value_of(self.data.sample(other, &mut partner)?.borrow());
        mix(input.as_mut_slice(), partner.as_slice().iter().copied(), share);
        let mut mixed: A = y;
        mix(mixed.as_mut_slice(), partner_y.as_slice().iter().copied(), share);
        Some(mixed)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

/// The target as numbers.
fn value_of<A: Vector, Y: Target<A>>(target: &Y) -> A {
    let mut value = A::ZERO;
    for (j, y) in (0..A::LEN).zip(value.as_mut_slice()) {
        *y = target.value(j);
    }
    value
}

/// A random number of the distribution Beta(alpha, alpha), alpha in (0, 1] (Jöhnk 1964).
///
/// With `x = u^(1/alpha)` and `y = v^(1/alpha)`, for uniform `u` and `v`, `x / (x + y)` has that distribution if `x + y <= 1`, and is drawn
/// again otherwise, at most every other time. Computed as `1 / (1 + y / x)` from logarithms: the powers of small numbers would both be 0.
fn beta(alpha: f64, rng: &mut SampleRng) -> f64 {
    loop {
        // 1 - u is above 0.
        let [x, y] = [(); 2].map(|()| Elementary::ln(1.0 - rng.uniform(0.0, 1.0)) / alpha);
        if Elementary::exp(x) + Elementary::exp(y) <= 1.0 {
            return Elementary::sigmoid(x - y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Class;

    /// Samples that show what they are mixed of.
    #[test]
    fn inputs_and_targets_are_mixed_alike() {
        let class = |index| Class::<3>::new(index).unwrap();
        let data: [([f64; 3], Class<3>); 3] =
            [([1.0, 0.0, 0.0], class(0)), ([0.0, 1.0, 0.0], class(1)), ([0.0, 0.0, 1.0], class(2))];
        let mixed = (&data).mixup::<[f64; 3]>(0.4, 1).unwrap();
        let mut partners = [0; 3];
        for epoch in 0..300 {
            for index in 0..3 {
                let mut input = [0.0; 3];
                let target = mixed.at_epoch(epoch).sample(index, &mut input).unwrap();
                assert_eq!(input, target);
                approx::assert_abs_diff_eq!(target.iter().sum::<f64>(), 1.0, epsilon = 1e-15);
                assert!(target.iter().filter(|y| **y > 0.0).count() <= 2);
                for (y, (partner, count)) in target.iter().zip((0..3).zip(&mut partners)) {
                    *count += i32::from(partner != index && *y > 0.0);
                }
            }
        }
        // Of 900 draws, 2/9 are of each other sample: 200, with a standard deviation of 12.5. (Shares of 0 are too rare to be seen.)
        assert!(partners.iter().all(|n| (n - 200).abs() < 63), "{partners:?}");
    }

    // Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)), fourth central moment 3 v^2 (2 a + 1) / (2 a + 3). The errors of the two means are
    // within five of their standard errors.
    #[test]
    fn moments_of_beta() {
        for alpha in [0.01, 0.2, 0.5, 1.0] {
            let n = 20_000;
            let draws: std::vec::Vec<f64> =
                (0..n).map(|i| beta(alpha, &mut SampleRng::new(5, 0, i))).collect();
            assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)));
            let mean = |f: &dyn Fn(f64) -> f64| draws.iter().map(|x| f(x - 0.5)).sum::<f64>() / n as f64;
            let variance = 0.25 / (2.0 * alpha + 1.0);
            let fourth = 3.0 * variance * variance * (2.0 * alpha + 1.0) / (2.0 * alpha + 3.0);
            assert!(mean(&|d| d).abs() < 5.0 * (variance / n as f64).sqrt(), "{alpha}");
            let error = ((fourth - variance * variance) / n as f64).sqrt();
            assert!((mean(&|d| d * d) - variance).abs() < 5.0 * error, "{alpha}");
        }
    }

    #[test]
    fn alpha_must_be_in_range() {
        let data = [([0.0_f32], [1.0_f32])];
        for alpha in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY] {
            assert!((&data).mixup::<[f32; 1]>(alpha, 1).is_err());
        }
    }
}
