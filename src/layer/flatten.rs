//! Any vector as one array of the same numbers: `y = x`. Backward: `dC/dx = dC/dy`.

use super::scratch::{Place, Rows, RowsIn, Scratch};
use super::{Kept, Layer, Pass, Train};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::head;
use crate::vector::Vector;

/// Makes an array `[T; N]` of any vector of `N` numbers, such as the [`Joined`](crate::Joined) outputs of layers
/// that are [`Parallel`](crate::Parallel). At inference it moves no number.
///
/// ```
/// use stackprop::{Chain, Dense, Flatten, Network, Parallel, Relu, Tanh};
///
/// type Net = Network<3, Chain![Parallel<Dense<3, 4, Tanh>, Dense<3, 2, Relu>>, Flatten<6>, Dense<6, 1>]>;
/// assert_eq!(Net::zeros().predict(&[1.0, 2.0, 3.0]), [0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten<const N: usize>;

parameters! {
    #[allow(unsafe_code)]
    [const N: usize] Flatten<N>, every T;
}

impl<X: Vector, const N: usize> Layer<X> for Flatten<N> {
    type Output = [X::Scalar; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = RowsIn<I, X, B>;
    const MACS: usize = 0;
    const VALID: () = assert!(X::LEN == N, "`Flatten<N>` needs an input of `N` numbers");

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[X], outputs: &mut [Self::Output]) {
        for (x, y) in inputs.iter().zip(outputs) {
            for (x, y) in x.as_slice().iter().zip(y) {
                *y = *x;
            }
        }
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        _: K,
        _: &mut (),
        inputs: Rows<'x, X>,
        _: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, Self::Output> {
        inputs.regroup()
    }
}

impl<X: Vector, const N: usize> Train<X> for Flatten<N> {
    type Cache<const B: usize> = Kept<[X::Scalar; N], (), B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut (),
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    ) {
        self.infer(pass.kernel, memory, inputs, &mut cache.outputs);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    ) {
        for (dx, dy) in input_gradient.into_iter().flatten().zip(head(&cache.output_gradient, inputs.len())) {
            for (dx, dy) in dx.as_mut_slice().iter_mut().zip(dy) {
                *dx = *dy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Dense, Parallel};
    use crate::network::Network;

    // (2 x, 3 x) then the sum of 10 and 100 times these: 320 x.
    #[test]
    fn joined_outputs_keep_their_order() {
        type Net = Network<1, (Parallel<Dense<1, 1>, Dense<1, 1>>, (Flatten<2>, Dense<2, 1>))>;
        let dense = |w| Dense::<1, 1>::from_parameters([[w]], [0.0]);
        let last = Dense::from_parameters([[10.0], [100.0]], [0.0]);
        let network: Net = Network::new((Parallel(dense(2.0), dense(3.0)), (Flatten, last)));
        assert_eq!(network.predict(&[1.0]), [320.0]);
        let mut outputs = [[0.0]; 20];
        network.predict_batch(&core::array::from_fn(|i| [i as f32]), &mut outputs);
        assert_eq!(outputs, core::array::from_fn(|i| [320.0 * i as f32]));
    }
}
