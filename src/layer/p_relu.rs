//! The parametric rectified linear unit (He et al. 2015): `y_j = x_j` for `x_j > 0`, else `w x_j`, with a
//! trained slope `w`.
//!
//! Backward: `dC/dx_j = dC/dy_j` for `x_j > 0`, else `w dC/dy_j`; `dC/dw = sum x_j dC/dy_j` over all `x_j <= 0`.

use super::scratch::{Ends, Place};
use super::{Kept, Layer, Pass, Train};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::{Scalar, head};

/// A rectifier whose slope below 0 is trained: one slope for all `N` numbers, or one for each with `SLOPES = N`.
///
/// It is PyTorch's `nn.PReLU`.
///
/// ```
/// use stackprop::{Chain, Dense, Network, PRelu};
///
/// let network = Network::<3, PRelu<3>>::new(PRelu::new());
/// assert_eq!(network.predict(&[1.0, -1.0, -4.0]), [1.0, -0.25, -1.0]);
///
/// type Net = Network<3, Chain![Dense<3, 8>, PRelu<8, 8>, Dense<8, 1>]>; // a slope for each number
/// assert_eq!(Net::PARAMETERS, 3 * 8 + 8 + 8 + 8 + 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PRelu<const N: usize, const SLOPES: usize = 1, T = f32> {
    /// The slopes, `[1]` or `[N]`.
    pub weight: [T; SLOPES],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, const SLOPES: usize, T: Scalar] PRelu<N, SLOPES, T>, T;
    trained { weight: Slope(N, N) }
}

impl<const N: usize, const SLOPES: usize, T: Scalar> Default for PRelu<N, SLOPES, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const SLOPES: usize, T: Scalar> PRelu<N, SLOPES, T> {
    /// Slopes of 0.25, as in PyTorch.
    pub const fn new() -> Self {
        Self { weight: [T::QUARTER; SLOPES] }
    }

    /// The slope of each number.
    #[inline(always)]
    fn slopes(&self) -> impl Iterator<Item = &T> {
        self.weight.iter().cycle().take(N)
    }
}

impl<const N: usize, const SLOPES: usize, T: Scalar> Layer<[T; N]> for PRelu<N, SLOPES, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;
    const VALID: () = assert!(SLOPES == 1 || SLOPES == N, "`PRelu<N, SLOPES>` has 1 or `N` slopes");

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            for ((y, x), w) in y.iter_mut().zip(x).zip(self.slopes()) {
                *y = if *x > T::ZERO { *x } else { *w * *x };
            }
        }
    }
}

impl<const N: usize, const SLOPES: usize, T: Scalar> Train<[T; N]> for PRelu<N, SLOPES, T> {
    type Cache<const B: usize> = Kept<[T; N], (), B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        self.infer(pass.kernel, memory, inputs, &mut cache.outputs);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        let rows = input_gradient.into_iter().flatten().zip(&cache.output_gradient).zip(inputs);
        for ((dx, dy), x) in rows {
            for (((dx, dy), x), w) in dx.iter_mut().zip(dy).zip(x).zip(self.slopes()) {
                *dx = if *x > T::ZERO { *dy } else { *w * *dy };
            }
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        _: K,
        inputs: &[[T; N]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        for (x, dy) in inputs.iter().zip(head(&cache.output_gradient, inputs.len())) {
            for ((j, x), dy) in (0..N).zip(x).zip(dy) {
                let place = if SLOPES == 1 { 0 } else { j };
                if let (Some(dw), false) = (gradients.weight.get_mut(place), *x > T::ZERO) {
                    *dw += *x * *dy;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // x = (2, -3, -5), dC/dy = (1, 10, 100): dC/dw = (0, -30, -500), together -530.
    fn check<const SLOPES: usize>(slopes: [f32; SLOPES], dw: [f32; SLOPES], y: [f32; 3], dx: [f32; 3]) {
        let network = Network::<3, PRelu<3, SLOPES>>::new(PRelu { weight: slopes });
        let (mut workspace, mut input_gradient) = (Workspace::<_, 1>::zeros(), [[0.0; 3]]);
        let mut gradients = Gradients::<Network<3, PRelu<3, SLOPES>>>::zeros();
        let mut pass = workspace.forward(&network, &[[2.0, -3.0, -5.0]]).unwrap();
        assert_eq!(pass.outputs(), [y]);
        pass.backward(&[[1.0, 10.0, 100.0]], &mut gradients, Some(&mut input_gradient)).unwrap();
        assert_eq!(gradients.of.layers.weight, dw);
        assert_eq!(input_gradient, [dx]);
        assert_eq!(network.predict(&[2.0, -3.0, -5.0]), y);
    }

    #[test]
    fn one_slope() {
        check([0.5], [-530.0], [2.0, -1.5, -2.5], [1.0, 5.0, 50.0]);
    }

    #[test]
    fn a_slope_for_each_number() {
        check([7.0, 0.5, 2.0], [0.0, -30.0, -500.0], [2.0, -1.5, -10.0], [1.0, 5.0, 200.0]);
    }
}
