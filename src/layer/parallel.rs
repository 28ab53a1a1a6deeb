//! Two layers that read the same input: `y = (L(x), M(x))`.
//!
//! Backward, given `dC/dy = (dC/dL, dC/dM)`: each layer gets its part, and `dC/dx` is the sum of what the
//! two layers return.

use super::residual::add;
use super::scratch::{Both, Outside, Overlay, Place, Rows, RowsIn, Scratch};
use super::{Cache, Kept, Layer, LayerPass, Pass, SummaryRow, Train, infer_each};
use crate::array::{map, reborrow};
use crate::kernel::Kernel;
use crate::params::{Block, Parameters, Two, parameters_of_two};
use crate::rule::Rule;
use crate::scalar::{Scalar, head_mut};
use crate::vector::{Joined, Vector};
use crate::weights::compiled::{After, FromFile, Source};
use crate::zero::{Zero, zero_struct};

/// Two layers that read the same input, such as the two heads of a network. Their outputs are [`Joined`].
///
/// [`Flatten`](crate::Flatten) makes one array of them, for a layer that reads both.
///
/// ```
/// use stackprop::{Chain, Dense, Joined, Network, Parallel, Tanh, layers};
///
/// /// An actor and a critic on one trunk.
/// type ActorCritic = Network<4, Chain![Dense<4, 16, Tanh>, Parallel<Dense<16, 2>, Dense<16, 1>>]>;
///
/// let network: ActorCritic = Network::new(layers![
///     Dense::new(),
///     Parallel(Dense::from_parameters([[0.0; 2]; 16], [1.0, 2.0]), Dense::from_parameters([[0.0]; 16], [3.0])),
/// ]);
/// let Joined(action, [value]) = network.predict(&[0.0; 4]);
/// assert_eq!((action, value), ([1.0, 2.0], 3.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parallel<L, M>(pub L, pub M);

zero_struct!([L: Zero, M: Zero] Parallel<L, M> { 0, 1 });

/// The output rows of one of the two layers, and the scratch memory in which it computes them.
type Part<L, X, const B: usize> =
    Both<[<L as Layer<X>>::Output; B], <L as Layer<X>>::Scratch<B, Outside, Outside>>;

/// Runs one of the two layers in scratch memory, and copies its outputs to their place in the joined rows.
#[inline(always)]
fn infer_part<K: Kernel, X: Vector, L: Layer<X>, Y>(
    layer: &L,
    kernel: K,
    memory: &mut L::Memory,
    inputs: &[X],
    scratch: &mut Scratch<X::Scalar>,
    outputs: &mut [Y],
    place: impl Fn(&mut Y) -> &mut L::Output,
) {
    let (rows, mut rest) = scratch.write_and_rest::<L::Output>(inputs.len());
    layer.infer_from(kernel, memory, Rows::Given(inputs), rows, &mut rest);
    for (row, output) in rows.iter().zip(outputs) {
        *place(output) = *row;
    }
}

/// Runs both layers, one after the other, in the same scratch memory.
#[inline(always)]
fn infer_both<K: Kernel, X: Vector, L: Layer<X>, M: Layer<X>>(
    layers: &Parallel<L, M>,
    kernel: K,
    memory: &mut (L::Memory, M::Memory),
    inputs: &[X],
    outputs: &mut [Joined<L::Output, M::Output>],
    scratch: &mut Scratch<X::Scalar>,
) {
    infer_part(&layers.0, kernel, &mut memory.0, inputs, scratch, outputs, |y| &mut y.0);
    infer_part(&layers.1, kernel, &mut memory.1, inputs, scratch, outputs, |y| &mut y.1);
}

impl<X: Vector, L: Layer<X>, M: Layer<X>> Layer<X> for Parallel<L, M> {
    type Output = Joined<L::Output, M::Output>;
    type Memory = (L::Memory, M::Memory);
    type Scratch<const B: usize, I: Place, O: Place> =
        Both<RowsIn<I, X, B>, Both<RowsIn<O, Self::Output, B>, Overlay<Part<L, X, B>, Part<M, X, B>>>>;
    const MACS: usize = L::MACS + M::MACS;
    const VALID: () = (L::VALID, M::VALID).0;

    #[inline(always)]
    fn infer<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: &[X],
        outputs: &mut [Self::Output],
    ) {
        infer_each(self, kernel, memory, inputs, outputs);
    }

    #[inline(always)]
    fn infer_from<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<X>,
        outputs: &mut [Self::Output],
        scratch: &mut Scratch<X::Scalar>,
    ) {
        let (x, mut rest) = scratch.read_and_rest(inputs);
        infer_both(self, kernel, memory, x, outputs, &mut rest);
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<'x, X>,
        scratch: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, Self::Output> {
        let (end, samples) = (inputs.other_end(), inputs.len());
        let (x, y, mut rest) = scratch.split(inputs);
        infer_both(self, kernel, memory, x, y, &mut rest);
        Rows::At(end, samples)
    }

    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut Self::Memory, input: &X) -> Self::Output {
        let first = self.0.observe(kernel, &mut memory.0, input);
        Joined(first, self.1.observe(kernel, &mut memory.1, input))
    }
}

impl<X: Vector, L: Train<X>, M: Train<X>> Train<X> for Parallel<L, M> {
    // The caches of both layers, and the gradient with respect to the input that the second returns.
    type Cache<const B: usize> = Kept<Self::Output, ((L::Cache<B>, M::Cache<B>), [X; B]), B>;
    type Range = (L::Range, M::Range);

    fn describe(depth: usize, first_layer: usize, visit: &mut impl FnMut(SummaryRow)) {
        visit(SummaryRow::header::<X, Self>("Parallel", depth));
        L::describe(depth.saturating_add(1), first_layer, visit);
        M::describe(depth.saturating_add(1), first_layer.saturating_add(L::LAYERS), visit);
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut Self::Memory,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    ) {
        let ((first, second), _) = &mut cache.extra;
        self.0.forward(pass, &mut memory.0, inputs, first);
        self.1.forward(pass.above(L::LAYERS), &mut memory.1, inputs, second);
        let outputs = first.outputs(inputs.len()).iter().zip(second.outputs(inputs.len()));
        for (y, (first, second)) in cache.outputs.iter_mut().zip(outputs) {
            *y = Joined(*first, *second);
        }
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        mut input_gradient: Option<&mut [X]>,
    ) {
        let ((first, second), of_second) = &mut cache.extra;
        let (_, of_first_outputs) = first.outputs_and_gradients(inputs.len());
        let (_, of_second_outputs) = second.outputs_and_gradients(inputs.len());
        for ((dy, first), second) in cache.output_gradient.iter().zip(of_first_outputs).zip(of_second_outputs)
        {
            (*first, *second) = (dy.0, dy.1);
        }
        let wanted = input_gradient.is_some();
        if wanted || L::Trained::PARAMETERS > 0 {
            self.0.deltas(kernel, inputs, first, input_gradient.as_deref_mut());
        }
        let of_second = head_mut(of_second, inputs.len());
        if wanted || M::Trained::PARAMETERS > 0 {
            self.1.deltas(kernel, inputs, second, wanted.then_some(&mut *of_second));
        }
        if let Some(dx) = input_gradient {
            add(of_second, dx);
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self::Trained,
    ) {
        let ((first, second), _) = &cache.extra;
        L::gradients(kernel, inputs, first, &mut gradients.0);
        M::gradients(kernel, inputs, second, &mut gradients.1);
    }

    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const S: usize, const W: usize>(
        kernel: K,
        first_layer: usize,
        inputs: &[X],
        cache: &Self::Cache<B>,
        parameters: &mut Self,
        mut state: [&mut Self::Trained; S],
        rule: impl Rule<X::Scalar, W>,
    ) -> Option<usize> {
        let ((first, second), _) = &cache.extra;
        let Self(lower, upper) = parameters;
        let of_lower = map(reborrow(&mut state), Two::lower_mut);
        let failed = L::descend(kernel, first_layer, inputs, first, lower, of_lower, rule);
        let (first_above, of_upper) = (first_layer.saturating_add(L::LAYERS), map(state, Two::upper_mut));
        let failed_above = M::descend(kernel, first_above, inputs, second, upper, of_upper, rule);
        failed.or(failed_above)
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        let ((first, second), _) = &cache.extra;
        L::gradient_may_overflow(kernel, inputs, first).or_else(|| {
            M::gradient_may_overflow(kernel, inputs, second).map(|layer| L::LAYERS.saturating_add(layer))
        })
    }

    fn inspect<const B: usize>(
        first_layer: usize,
        cache: &mut Self::Cache<B>,
        samples: usize,
        visit: &mut impl FnMut(LayerPass<'_, X::Scalar>),
    ) {
        let ((first, second), _) = &mut cache.extra;
        L::inspect(first_layer, first, samples, visit);
        M::inspect(first_layer.saturating_add(L::LAYERS), second, samples, visit);
    }

    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        let ((first, second), _) = &cache.extra;
        L::non_finite(first, sample)
            .or_else(|| M::non_finite(second, sample).map(|layer| L::LAYERS.saturating_add(layer)))
    }
}

parameters_of_two!(L, M: Parallel<L, M>, Parallel<L::Trained, M::Trained>, Branches);

impl<S, T, L, M> FromFile<S, T> for Parallel<L, M>
where
    S: Source,
    T: Scalar,
    L: FromFile<S, T>,
    M: FromFile<After<S, L, T>, T>,
{
    const LOADED: Self = Self(L::LOADED, M::LOADED);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Dense;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // y = (2 x, 3 x + 1, -x). At x = 5, with dC/dy = (1, 10, 100): dC/dw = 5 (1, 10, 100), dC/dx = 2 + 30 - 100 = -68.
    #[test]
    fn hand_computed() {
        type Net = Network<1, Parallel<Dense<1, 1>, Dense<1, 2>>>;
        let network: Net = Network::new(Parallel(
            Dense::from_parameters([[2.0]], [0.0]),
            Dense::from_parameters([[3.0, -1.0]], [1.0, 0.0]),
        ));
        let (mut workspace, mut gradients) = (Workspace::<Net, 2>::zeros(), Gradients::<Net>::zeros());
        let mut input_gradient = [[0.0]];
        let mut pass = workspace.forward(&network, &[[5.0]]).unwrap();
        assert_eq!(pass.outputs(), [Joined([10.0], [16.0, -5.0])]);
        pass.backward(&[Joined([1.0], [10.0, 100.0])], &mut gradients, Some(&mut input_gradient)).unwrap();
        assert_eq!(gradients.of.layers.0, Dense::from_parameters([[5.0]], [1.0]));
        assert_eq!(gradients.of.layers.1, Dense::from_parameters([[50.0, 500.0]], [10.0, 100.0]));
        assert_eq!(input_gradient, [[-68.0]]);
        assert_eq!(network.predict(&[5.0]), Joined([10.0], [16.0, -5.0]));
    }
}
