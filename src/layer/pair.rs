//! Two layers in sequence: the chain that every network is made of.

use super::scratch::{Inside, Overlay, Place, Rows, Scratch};
use super::{Cache, Layer, LayerPass, Pass, SummaryRow, Train, infer_each};
use crate::array::{map, reborrow};
use crate::kernel::Kernel;
use crate::params::{Parameters, Two};
use crate::rule::Rule;
use crate::vector::Vector;
use crate::zero::Zero;

impl<X: Vector, L: Layer<X>, M: Layer<L::Output>> Layer<X> for (L, M) {
    type Output = M::Output;
    type Memory = (L::Memory, M::Memory);
    type Scratch<const B: usize, I: Place, O: Place> =
        Overlay<L::Scratch<B, I, Inside>, M::Scratch<B, Inside, O>>;
    const MACS: usize = L::MACS + M::MACS;
    const VALID: () = (L::VALID, M::VALID).0;

    #[inline(always)]
    fn infer<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: &[X],
        outputs: &mut [M::Output],
    ) {
        infer_each(self, kernel, memory, inputs, outputs);
    }

    #[inline(always)]
    fn infer_from<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<X>,
        outputs: &mut [M::Output],
        scratch: &mut Scratch<X::Scalar>,
    ) {
        let between = self.0.infer_within(kernel, &mut memory.0, inputs, scratch);
        self.1.infer_from(kernel, &mut memory.1, between, outputs, scratch);
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<'x, X>,
        scratch: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, M::Output> {
        let between = self.0.infer_within(kernel, &mut memory.0, inputs, scratch);
        self.1.infer_within(kernel, &mut memory.1, between, scratch)
    }

    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut Self::Memory, input: &X) -> M::Output {
        let between = self.0.observe(kernel, &mut memory.0, input);
        self.1.observe(kernel, &mut memory.1, &between)
    }
}

impl<Y, C: Zero, D: Cache<Y>> Cache<Y> for (C, D) {
    #[inline(always)]
    fn outputs(&self, samples: usize) -> &[Y] {
        self.1.outputs(samples)
    }

    #[inline(always)]
    fn outputs_and_gradients(&mut self, samples: usize) -> (&[Y], &mut [Y]) {
        self.1.outputs_and_gradients(samples)
    }
}

impl<X: Vector, L: Train<X>, M: Train<L::Output>> Train<X> for (L, M) {
    type Cache<const B: usize> = (L::Cache<B>, M::Cache<B>);
    type Range = M::Range;

    fn describe(depth: usize, first_layer: usize, visit: &mut impl FnMut(SummaryRow)) {
        L::describe(depth, first_layer, visit);
        M::describe(depth, first_layer.saturating_add(L::LAYERS), visit);
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut Self::Memory,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    ) {
        self.0.forward(pass, &mut memory.0, inputs, &mut cache.0);
        let between = cache.0.outputs(inputs.len());
        self.1.forward(pass.above(L::LAYERS), &mut memory.1, between, &mut cache.1);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    ) {
        let (outputs, between) = cache.0.outputs_and_gradients(inputs.len());
        // If nothing below is trained and dC/d(input) is not wanted, the backward pass ends here.
        if L::Trained::PARAMETERS == 0 && input_gradient.is_none() {
            return self.1.deltas(kernel, outputs, &mut cache.1, None);
        }
        self.1.deltas(kernel, outputs, &mut cache.1, Some(between));
        self.0.deltas(kernel, inputs, &mut cache.0, input_gradient);
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self::Trained,
    ) {
        L::gradients(kernel, inputs, &cache.0, &mut gradients.0);
        M::gradients(kernel, cache.0.outputs(inputs.len()), &cache.1, &mut gradients.1);
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
        let between = cache.0.outputs(inputs.len());
        let (lower, upper) = parameters;
        let of_lower = map(reborrow(&mut state), Two::lower_mut);
        let failed = L::descend(kernel, first_layer, inputs, &cache.0, lower, of_lower, rule);
        let (first_above, of_upper) = (first_layer.saturating_add(L::LAYERS), map(state, Two::upper_mut));
        let failed_above = M::descend(kernel, first_above, between, &cache.1, upper, of_upper, rule);
        failed.or(failed_above)
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        let between = cache.0.outputs(inputs.len());
        L::gradient_may_overflow(kernel, inputs, &cache.0).or_else(|| {
            M::gradient_may_overflow(kernel, between, &cache.1).map(|layer| L::LAYERS.saturating_add(layer))
        })
    }

    fn inspect<const B: usize>(
        first_layer: usize,
        cache: &mut Self::Cache<B>,
        samples: usize,
        visit: &mut impl FnMut(LayerPass<'_, X::Scalar>),
    ) {
        L::inspect(first_layer, &mut cache.0, samples, visit);
        M::inspect(first_layer.saturating_add(L::LAYERS), &mut cache.1, samples, visit);
    }

    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        L::non_finite(&cache.0, sample)
            .or_else(|| M::non_finite(&cache.1, sample).map(|layer| L::LAYERS.saturating_add(layer)))
    }
}
