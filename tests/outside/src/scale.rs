use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::{Kept, Kernel, Pass};
use stackprop::range::Real;
use stackprop::{Layer, Scalar, Train, parameters};

/// `y_j = gain_j x_j`; backward `dC/dx_j = gain_j dC/dy_j` and `dC/dgain_j = sum_s x_j dC/dy_j`.
pub struct Scale<const N: usize, T = f32> {
    pub gain: [T; N],
}

parameters! {
    [const N: usize, T: Scalar] Scale<N, T>, T;
    trained { gain: Gain(N, N) }
}

impl<const N: usize, T: Scalar> Layer<[T; N]> for Scale<N, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;

    fn infer<K: Kernel>(&self, _: K, (): &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            for ((y, &x), &gain) in y.iter_mut().zip(x).zip(&self.gain) {
                *y = gain * x;
            }
        }
    }
}

impl<const N: usize, T: Scalar> Train<[T; N]> for Scale<N, T> {
    type Cache<const B: usize> = Kept<[T; N], (), B>;
    type Range = Real;

    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        self.infer(pass.kernel, memory, inputs, &mut cache.outputs);
    }

    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[T; N]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        for (dx, dy) in input_gradient.into_iter().flatten().zip(&cache.output_gradient) {
            for ((dx, &dy), &gain) in dx.iter_mut().zip(dy).zip(&self.gain) {
                *dx = gain * dy;
            }
        }
    }

    fn gradients<K: Kernel, const B: usize>(
        _: K,
        inputs: &[[T; N]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        for (x, dy) in inputs.iter().zip(&cache.output_gradient) {
            for ((sum, &x), &dy) in gradients.gain.iter_mut().zip(x).zip(dy) {
                *sum += x * dy;
            }
        }
    }
}
