//! A layer of one's own that forgot `parameters!`.
use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::{Kept, Kernel, Pass};
use stackprop::range::Real;
use stackprop::{Layer, Scalar, Train};

struct Clamp<const N: usize>;

impl<const N: usize, T: Scalar> Layer<[T; N]> for Clamp<N> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = 0;

    fn infer<K: Kernel>(&self, _: K, _: &mut (), _: &[[T; N]], _: &mut [[T; N]]) {}
}

impl<const N: usize, T: Scalar> Train<[T; N]> for Clamp<N> {
    type Cache<const B: usize> = Kept<[T; N], (), B>;
    type Range = Real;

    fn forward<K: Kernel, const B: usize>(&self, _: Pass<K>, _: &mut (), _: &[[T; N]], _: &mut Self::Cache<B>) {}

    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[T; N]],
        _: &mut Self::Cache<B>,
        _: Option<&mut [[T; N]]>,
    ) {
    }
}

fn main() {}
