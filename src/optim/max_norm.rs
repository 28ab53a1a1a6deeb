//! A limit of the weights of each neuron.

use super::{Descent, Optimizer, allow, inner_learning_rate};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::schema::Role;
use crate::zero::Zero;

/// After each step of `optimizer`, scales the weights into a neuron down to a norm of `limit` if it is larger:
/// `w_j <- w_j limit / ||w_j||`, where `w_j` are the weights of neuron `j`, without its bias.
///
/// Max-norm regularisation (Srebro, Shraibman 2005; with dropout: Srivastava et al. 2014, section 5.1, limits of 3 to 4). PyTorch's
/// `torch.renorm(weight, 2, 0, limit)`. It is for the weights of products ([`Role::Weight`]).
///
/// A `limit` that is not above 0 fails with [`Fault::Update`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxNorm<O, T = f32> {
    /// The largest norm, above 0.
    pub limit: T,
    /// The optimiser whose steps are limited.
    pub optimizer: O,
}

impl<O, T> MaxNorm<O, T> {
    /// `optimizer` with weights of a norm of at most `limit` for each neuron.
    pub const fn new(limit: T, optimizer: O) -> Self {
        Self { limit, optimizer }
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for MaxNorm<O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = O::State<G>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(self.limit > T::ZERO)?;
        let result = self.optimizer.step(parameters, gradient, state);
        N::walk_trained(0, parameters, [], [], &mut |block, values, [], []| {
            if block.role == Role::Weight {
                limit_columns(values, block.fan_out, self.limit);
            }
        });
        result
    }
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>] MaxNorm<O, T>, T, O);

/// How many columns are read at a time.
const COLUMNS: usize = 16;

/// Limits the norm of each column of weights `[IN][outputs]`. Each sum of squares is one chain in ascending order.
fn limit_columns<T: Scalar>(values: &mut [T], outputs: usize, limit: T) {
    for first in (0..outputs).step_by(COLUMNS) {
        let mut squares = [T::ZERO; COLUMNS];
        for_rows(values, outputs, first, |row| {
            for (square, w) in squares.iter_mut().zip(row) {
                *square += *w * *w;
            }
        });
        let mut factors = [T::ONE; COLUMNS];
        for (factor, square) in factors.iter_mut().zip(squares) {
            let norm = MulAdd::sqrt(square);
            if norm > limit {
                *factor = limit / norm;
            }
        }
        if factors.iter().any(|&factor| factor != T::ONE) {
            for_rows(values, outputs, first, |row| {
                for (w, factor) in row.iter_mut().zip(factors) {
                    *w *= factor;
                }
            });
        }
    }
}

/// Calls `then` with up to [`COLUMNS`] numbers of each row of `outputs` numbers, from column `first` on.
fn for_rows<T>(values: &mut [T], outputs: usize, first: usize, mut then: impl FnMut(&mut [T])) {
    let (mut rows, last) = (values, first.saturating_add(COLUMNS).min(outputs));
    while let Some((row, rest)) = core::mem::take(&mut rows).split_at_mut_checked(outputs)
        && outputs > 0
    {
        if let Some(part) = row.get_mut(first..last) {
            then(part);
        }
        rows = rest;
    }
}
