//! Layers whose parameters are not trained, such as the trunk of a network whose head is trained.
//!
//! Forward is inference. Backward, `dC/dx` follows from `dC/dy` as in the layers inside, and no `dC/dw` is computed.

use super::scratch::{Place, Rows, Scratch};
use super::{Layer, LayerPass, Pass, SummaryRow, Train};
use crate::array::map;
use crate::kernel::Kernel;
use crate::params::{Block, Parameters, Untrained};
use crate::scalar::Scalar;
use crate::schema::Schema;
use crate::vector::Vector;
use crate::weights::compiled::{FromFile, Source};
use crate::zero::{Zero, zero_struct};

/// One or more layers whose parameters are not trained: they take no memory in the gradient or in the
/// optimiser's state.
///
/// If nothing below it is trained, the backward pass ends above it. In training it computes the same as at
/// inference: a [`Dropout`](crate::Dropout) in it drops nothing, and statistics in it do not change.
///
/// ```
/// use stackprop::{Adam, Chain, Dense, Frozen, Gradients, InPlaceTrainer, Network, Relu};
///
/// type Trunk = Chain![Dense<64, 32, Relu>, Dense<32, 32, Relu>];
/// type Head = Dense<32, 4>;
/// type Net = Network<64, Chain![Frozen<Trunk>, Head]>;
///
/// assert_eq!(Gradients::<Net>::BYTES, 4 * (32 * 4 + 4)); // of the head alone
/// assert_eq!(Net::BYTES, Network::<64, Chain![Trunk, Head]>::BYTES);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frozen<L>(pub L);

zero_struct!([L: Zero] Frozen<L> { 0 });

impl<X: Vector, L: Layer<X>> Layer<X> for Frozen<L> {
    type Output = L::Output;
    type Memory = L::Memory;
    type Scratch<const B: usize, I: Place, O: Place> = L::Scratch<B, I, O>;
    const MACS: usize = L::MACS;
    const VALID: () = L::VALID;

    #[inline(always)]
    fn infer<K: Kernel>(&self, kernel: K, memory: &mut L::Memory, inputs: &[X], outputs: &mut [L::Output]) {
        self.0.infer(kernel, memory, inputs, outputs);
    }

    #[inline(always)]
    fn infer_from<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut L::Memory,
        inputs: Rows<X>,
        outputs: &mut [L::Output],
        scratch: &mut Scratch<X::Scalar>,
    ) {
        self.0.infer_from(kernel, memory, inputs, outputs, scratch);
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        kernel: K,
        memory: &mut L::Memory,
        inputs: Rows<'x, X>,
        scratch: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, L::Output> {
        self.0.infer_within(kernel, memory, inputs, scratch)
    }
}

impl<X: Vector, L: Train<X>> Train<X> for Frozen<L> {
    type Cache<const B: usize> = L::Cache<B>;
    type Range = L::Range;

    fn describe(depth: usize, first_layer: usize, visit: &mut impl FnMut(SummaryRow)) {
        visit(SummaryRow::header::<X, Self>("Frozen", depth));
        let visit = &mut |row| visit(SummaryRow { trained: 0, ..row });
        L::describe(depth.saturating_add(1), first_layer, visit);
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut L::Memory,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    ) {
        self.0.forward(pass.without_draws(), memory, inputs, cache);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    ) {
        if input_gradient.is_some() {
            self.0.deltas(kernel, inputs, cache, input_gradient);
        }
    }

    fn inspect<const B: usize>(
        first_layer: usize,
        cache: &mut Self::Cache<B>,
        samples: usize,
        visit: &mut impl FnMut(LayerPass<'_, X::Scalar>),
    ) {
        L::inspect(first_layer, cache, samples, visit);
    }

    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        L::non_finite(cache, sample)
    }
}

// (Functions, because a closure would be another one for each walk.)
impl<L> Frozen<L> {
    #[inline(always)]
    fn layer(&self) -> &L {
        &self.0
    }

    #[inline(always)]
    fn layer_mut(&mut self) -> &mut L {
        &mut self.0
    }
}

impl<T: Scalar, L: Parameters<T>> Parameters<T> for Frozen<L> {
    const PARAMETERS: usize = L::PARAMETERS;
    const LAYERS: usize = L::LAYERS;
    const SCHEMA: Schema = L::SCHEMA;
    type Trained = Untrained<L>;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        L::walk(first_layer, map(read, Frozen::layer), map(write, Frozen::layer_mut), visit);
    }

    #[inline(always)]
    fn walk_trained<const R: usize, const W: usize>(
        _: usize,
        _: &mut Self,
        _: [&Untrained<L>; R],
        _: [&mut Untrained<L>; W],
        _: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    ) {
    }
}

impl<S: Source, T: Scalar, L: FromFile<S, T>> FromFile<S, T> for Frozen<L> {
    const LOADED: Self = Self(L::LOADED);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Dense;
    use crate::loss::Quadratic;
    use crate::network::Network;
    use crate::optim::{Momentum, Sgd};
    use crate::train::{Gradients, InPlaceTrainer, Trainer, Workspace};

    type Net = Network<1, (Frozen<Dense<1, 1>>, Dense<1, 1>)>;

    fn network() -> Net {
        let (trunk, head) = (Dense::from_parameters([[2.0]], [1.0]), Dense::from_parameters([[3.0]], [0.0]));
        Network::new((Frozen(trunk), head))
    }

    // a = 2 x + 1 = 7 at x = 3, y = 3 a = 21. With the target 20, dC/dy = 1: dC/dw = a = 7, dC/db = 1;
    // dC/dx = 3 * 2 = 6.
    #[test]
    fn only_the_head_is_trained() {
        let sgd = Sgd { learning_rate: 0.5 };
        let data = [([3.0], [20.0])];
        let (mut stored, mut in_place) = (network(), network());
        Trainer::<Net, Sgd, 1>::zeros().step(&mut stored, &sgd, &Quadratic, &data).unwrap();
        InPlaceTrainer::<Net, Sgd, 1>::zeros().step(&mut in_place, &sgd, &Quadratic, &data).unwrap();
        assert_eq!(stored.layers.0, network().layers.0);
        assert_eq!(stored.layers.1, Dense::from_parameters([[3.0 - 3.5]], [-0.5]));
        assert_eq!(in_place, stored);
    }

    #[test]
    fn the_input_gradient_passes_through() {
        let (network, mut workspace) = (network(), Workspace::<Net, 1>::zeros());
        let (mut gradients, mut dx) = (Gradients::<Net>::zeros(), [[0.0]]);
        let mut pass = workspace.forward(&network, &[[3.0]]).unwrap();
        pass.backward(&[[1.0]], &mut gradients, Some(&mut dx)).unwrap();
        assert_eq!(dx, [[6.0]]);
        assert_eq!(gradients.of.layers.1, Dense::from_parameters([[7.0]], [1.0]));
    }

    #[test]
    fn there_is_no_memory_for_what_is_frozen() {
        assert_eq!(Gradients::<Net>::BYTES, 8);
        type Whole = Network<1, (Dense<1, 1>, Dense<1, 1>)>;
        let saved = Trainer::<Whole, Momentum, 1>::BYTES - Trainer::<Net, Momentum, 1>::BYTES;
        assert_eq!(saved, 2 * 8); // gradient and velocity of a weight and a bias
    }
}
