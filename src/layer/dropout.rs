//! Dropout (Srivastava et al. 2014), in its inverted form: `y_j = m_j x_j`, where `m_j` is 0 with probability `p` and
//! `1 / (1 - p)` otherwise, so that the mean of `y_j` is `x_j`.
//!
//! Backward: `dC/dx_j = m_j dC/dy_j`.

use super::scratch::{Place, Rows, RowsIn, Scratch};
use super::{Kept, Layer, Pass, Train};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::Scalar;

/// In training, sets each number to 0 with a probability of `PERCENT` percent, and multiplies it by
/// `100 / (100 - PERCENT)` otherwise.
///
/// At inference, and where a loss is only evaluated, it does nothing: it moves no number and takes no memory. It
/// is PyTorch's `nn.Dropout`.
///
/// Whether a number is dropped is a function of the trainer's [`seed`](crate::Trainer::seed), the epoch, the
/// mini-batch, the layer, the sample and the place in the row. So a training run can be repeated, and the tile
/// changes no bit.
///
/// ```
/// use stackprop::{Chain, Dense, Dropout, Network, Relu};
///
/// type Net = Network<64, Chain![Dense<64, 32, Relu>, Dropout<50>, Dense<32, 10>]>;
/// type Plain = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 10>]>;
/// assert_eq!(Net::BYTES, Plain::BYTES);
/// assert_eq!(Net::INFERENCE_BYTES, Plain::INFERENCE_BYTES);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropout<const PERCENT: u32>;

parameters! {
    #[allow(unsafe_code)]
    [const PERCENT: u32] Dropout<PERCENT>, every T;
}

impl<const PERCENT: u32> Dropout<PERCENT> {
    /// A number is dropped if its 32 random bits are below this.
    const LIMIT: u64 = ((PERCENT as u64) << 32) / 100;

    /// The factor of all other numbers.
    const SCALE: f64 = 100.0 / (100 - PERCENT) as f64;
}

impl<const PERCENT: u32, const N: usize, T: Scalar> Layer<[T; N]> for Dropout<PERCENT> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = RowsIn<I, [T; N], B>;
    const MACS: usize = 0;
    const VALID: () = assert!(PERCENT < 100, "`Dropout<PERCENT>` drops less than 100 percent");

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            *y = *x;
        }
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        _: K,
        _: &mut (),
        inputs: Rows<'x, [T; N]>,
        _: &mut Scratch<T>,
    ) -> Rows<'x, [T; N]> {
        inputs
    }
}

impl<const PERCENT: u32, const N: usize, T: Scalar> Train<[T; N]> for Dropout<PERCENT> {
    /// In addition to the outputs, the factor of each number.
    type Cache<const B: usize> = Kept<[T; N], [[T; N]; B], B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        _: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        let scale = T::from_f64(Self::SCALE);
        let rows = (0..inputs.len()).zip(inputs).zip(&mut cache.outputs).zip(&mut cache.extra);
        for (((row, x), y), factors) in rows {
            let draws = pass.draws.map(|draws| draws.row(row));
            for (((place, x), y), factor) in (0..N).zip(x).zip(y).zip(factors) {
                *factor = match draws {
                    Some(draws) if u64::from(draws.bits(place)) < Self::LIMIT => T::ZERO,
                    Some(_) => scale,
                    None => T::ONE,
                };
                *y = *factor * *x;
            }
        }
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[T; N]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        let rows = input_gradient.into_iter().flatten().zip(&cache.output_gradient).zip(&cache.extra);
        for ((dx, dy), factors) in rows {
            for ((dx, dy), factor) in dx.iter_mut().zip(dy).zip(factors) {
                *dx = *factor * *dy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Draws;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    type Net = Network<100, Dropout<25>>;

    // 100 rows of 100 numbers, of which a quarter is dropped: 2,500 with a standard deviation of 43.
    #[test]
    fn a_quarter_is_dropped_and_the_rest_scaled() {
        let network = Net::new(Dropout);
        let (mut workspace, mut gradients) = (Workspace::<Net, 100>::zeros(), Gradients::<Net>::zeros());
        let (inputs, mut input_gradient) = ([[3.0; 100]; 100], [[0.0; 100]; 100]);
        let mut pass = workspace.training_forward(Draws::new(1, 0, 0), &network, &inputs).unwrap();
        let outputs = pass.outputs().to_vec();
        let dropped = outputs.as_flattened().iter().filter(|y| **y == 0.0).count();
        assert!(dropped.abs_diff(2_500) < 5 * 43, "{dropped}");
        assert!(outputs.as_flattened().iter().all(|y| [0.0, 4.0].contains(y)));
        // dC/dx = factor dC/dy
        pass.backward(&[[0.75; 100]; 100], &mut gradients, Some(&mut input_gradient)).unwrap();
        for (dx, y) in input_gradient.as_flattened().iter().zip(outputs.as_flattened()) {
            assert_eq!(*dx, y / 4.0);
        }
    }

    #[test]
    fn nothing_is_dropped_outside_training() {
        let network = Net::new(Dropout);
        let input = core::array::from_fn(|i| i as f32);
        assert_eq!(network.predict(&input), input);
        let mut workspace = Workspace::<Net, 1>::zeros();
        assert_eq!(workspace.forward(&network, &[input]).unwrap().outputs(), [input]);
    }
}
