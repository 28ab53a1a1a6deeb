use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::{Cache, Kernel, Pass};
use stackprop::range::Real;
use stackprop::{Layer, Scalar, Train, parameters, zero};

/// `y = u + bias`, where `u = x / n` and `n = sqrt(x.x + epsilon)`; backward `dC/dx = (dC/dy - (u.dC/dy) u) / n`.
pub struct Normalize<const N: usize, T = f32> {
    pub bias: [T; N],
}

parameters! {
    [const N: usize, T: Scalar] Normalize<N, T>, T;
    trained { bias: Shift(N, N) }
}

/// Makes the layer differentiable at an input of zeros.
const EPSILON: f64 = 1e-6;

impl<const N: usize, T: Scalar> Normalize<N, T> {
    /// Returns `n`.
    fn row(&self, x: &[T; N], y: &mut [T; N]) -> T {
        let norm = x.iter().fold(T::from_f64(EPSILON), |sum, &x| x.mul_add(x, sum)).sqrt();
        for ((y, &x), &bias) in y.iter_mut().zip(x).zip(&self.bias) {
            *y = x / norm + bias;
        }
        norm
    }
}

impl<const N: usize, T: Scalar> Layer<[T; N]> for Normalize<N, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;

    fn infer<K: Kernel>(&self, _: K, (): &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            self.row(x, y);
        }
    }
}

/// The values of a tile that the backward pass needs.
pub struct NormalizeCache<T, const N: usize, const B: usize> {
    outputs: [[T; N]; B],
    output_gradient: [[T; N]; B],
    /// `n` of each row.
    norms: [T; B],
}

zero! {
    [T: Scalar, const N: usize, const B: usize] NormalizeCache<T, N, B> { outputs, output_gradient, norms }
}

impl<T: Scalar, const N: usize, const B: usize> Cache<[T; N]> for NormalizeCache<T, N, B> {
    fn outputs(&self, samples: usize) -> &[[T; N]] {
        &self.outputs[..samples]
    }

    fn outputs_and_gradients(&mut self, samples: usize) -> (&[[T; N]], &mut [[T; N]]) {
        (&self.outputs[..samples], &mut self.output_gradient[..samples])
    }
}

impl<const N: usize, T: Scalar> Train<[T; N]> for Normalize<N, T> {
    type Cache<const B: usize> = NormalizeCache<T, N, B>;
    type Range = Real;

    fn forward<K: Kernel, const B: usize>(
        &self,
        _: Pass<K>,
        (): &mut (),
        inputs: &[[T; N]],
        cache: &mut NormalizeCache<T, N, B>,
    ) {
        for ((x, y), norm) in inputs.iter().zip(&mut cache.outputs).zip(&mut cache.norms) {
            *norm = self.row(x, y);
        }
    }

    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        inputs: &[[T; N]],
        cache: &mut NormalizeCache<T, N, B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        let rows = inputs.iter().zip(&cache.output_gradient).zip(&cache.norms);
        for (((x, dy), &norm), dx) in rows.zip(input_gradient.into_iter().flatten()) {
            let along = x.iter().zip(dy).fold(T::ZERO, |sum, (&x, &dy)| (x / norm).mul_add(dy, sum));
            for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                *dx = (dy - along * (x / norm)) / norm;
            }
        }
    }

    fn gradients<K: Kernel, const B: usize>(
        _: K,
        inputs: &[[T; N]],
        cache: &NormalizeCache<T, N, B>,
        gradients: &mut Self,
    ) {
        for (_, dy) in inputs.iter().zip(&cache.output_gradient) {
            for (sum, &dy) in gradients.bias.iter_mut().zip(dy) {
                *sum += dy;
            }
        }
    }
}
