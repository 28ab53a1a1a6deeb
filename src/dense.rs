//! The fully connected layer: forward, and right below it backward with the four equations.
//!
//! Forward, for each sample: `z = x W + b`, `a = sigma(z)`, with `x: [IN]`, `W: [IN][OUT]`, `b, z, a: [OUT]`.
//! (`W` is the transpose of the literature's `w_jk`: input-major, so that a step along the inputs reads a
//! contiguous row of weights.)
//!
//! Backward, given `dC/da`, with the names of Nielsen, *Neural Networks and Deep Learning*, chapter 2:
//!
//! - BP1 `delta^L = dC/da^L (.) sigma'(z^L)`
//! - BP2 `delta^l = ((W^{l+1})^T delta^{l+1}) (.) sigma'(z^l)`
//! - BP3 `dC/db = delta`
//! - BP4 `dC/dW = x^T delta`

use core::fmt;
use core::marker::PhantomData;

use crate::activation::{Activation, Identity, Keep};
use crate::kernel::{Kernel, Largest, Task, Update};
use crate::layer::Layer;
use crate::params::{Block, Parameters, Role};
use crate::scalar::{head, head_mut};
use crate::tape::{Both, End, Rows, Tape};
use crate::{Scalar, Zero};

/// A fully connected layer of `OUT` neurons with `IN` inputs each, followed by the activation `A`.
///
/// ```
/// use stackprop::{Dense, Network, Sigmoid};
///
/// let neuron = Dense::<2, 1, Sigmoid>::from_parameters([[3.0], [4.0]], [-5.0]);
/// let [a] = Network::new(neuron).predict(&[1.0, 0.5]); // z = 3 + 2 - 5
/// assert_eq!(a, 0.5);
/// ```
pub struct Dense<const IN: usize, const OUT: usize, A = Identity, T = f32> {
    /// `weight[i][o]` links input `i` to neuron `o`: `[IN][OUT]`.
    pub weight: [[T; OUT]; IN],
    /// `[OUT]`.
    pub bias: [T; OUT],
    pub(crate) activation: PhantomData<fn() -> A>,
}

impl<const IN: usize, const OUT: usize, A, T> Dense<IN, OUT, A, T> {
    /// Evaluated where a layer is made: every constructor, [`Zero::ZERO`] and [`Zero::boxed`] come by `from_parameters`.
    const SHAPE: () = assert!(IN > 0 && OUT > 0, "a Dense layer needs at least one input and one output");
}

impl<const IN: usize, const OUT: usize, A, T: Scalar> Dense<IN, OUT, A, T> {
    /// A layer whose parameters are zero, to be initialised (see [`init`](crate::init)) or loaded.
    pub const fn new() -> Self {
        Self::from_parameters(<[[T; OUT]; IN]>::ZERO, <[T; OUT]>::ZERO)
    }

    /// A layer with these parameters: `weight: [IN][OUT]`, `bias: [OUT]`. A `const fn`: they can lie in flash.
    pub const fn from_parameters(weight: [[T; OUT]; IN], bias: [T; OUT]) -> Self {
        let () = Self::SHAPE;
        Self { weight, bias, activation: PhantomData }
    }
}

// (Derived, these would ask of the activation what only its parameters need.)
impl<const IN: usize, const OUT: usize, A, T: Scalar> Clone for Dense<IN, OUT, A, T> {
    fn clone(&self) -> Self {
        Self { weight: self.weight, bias: self.bias, activation: PhantomData }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source);
    }
}

impl<const IN: usize, const OUT: usize, A, T: PartialEq> PartialEq for Dense<IN, OUT, A, T> {
    fn eq(&self, other: &Self) -> bool {
        self.weight == other.weight && self.bias == other.bias
    }
}

/// Shape, activation, and the ranges of the parameters: `Dense<2, 1, Sigmoid> { weight: 3..=4, bias: -5..=-5 }`.
impl<const IN: usize, const OUT: usize, A, T: Scalar> fmt::Debug for Dense<IN, OUT, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (weight, bias) = (Range(self.weight.as_flattened()), Range(&self.bias));
        let activation = core::any::type_name::<A>();
        let path = activation.split('<').next().unwrap_or_default();
        let name = activation.get(path.rfind(':').map_or(0, |colon| colon + 1)..).unwrap_or_default();
        write!(f, "Dense<{IN}, {OUT}, {name}> {{ weight: {weight}, bias: {bias} }}")
    }
}

/// The least and the largest of some numbers, and how many are not finite.
struct Range<'a, T>(&'a [T]);

impl<T: Scalar> fmt::Display for Range<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finite = self.0.iter().copied().filter(|x| x.is_finite());
        let not_finite = self.0.len() - finite.clone().count();
        let range = finite.fold(None, |range, x| {
            let (least, largest) = range.unwrap_or((x, x));
            Some((if x < least { x } else { least }, if x > largest { x } else { largest }))
        });
        if let Some((least, largest)) = range {
            write!(f, "{least}..={largest}")?;
        }
        match not_finite {
            0 => Ok(()),
            n => write!(f, "{}{n} not finite", if range.is_some() { " and " } else { "" }),
        }
    }
}

impl<const IN: usize, const OUT: usize, A, T: Scalar> Default for Dense<IN, OUT, A, T> {
    fn default() -> Self {
        Self::new()
    }
}

/// `(Activate, kernel, layer, inputs, outputs)`: `a = sigma(x W + b)` for each row.
struct Activate;

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar> Task
    for (Activate, K, &Dense<IN, OUT, A, T>, &[[T; IN]], &mut [[T; OUT]])
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (Activate, kernel, layer, x, a) = self;
        A::layer_on(kernel, x, &layer.weight, &layer.bias, a);
    }
}

/// What [`Dense`] keeps of a tile of `B` samples between forward and backward.
pub struct DenseCache<K: Keep, T: Zero, const OUT: usize, const B: usize> {
    /// The activations, `[B][OUT]`.
    pub(crate) a: [[T; OUT]; B],
    /// The weighted inputs, `[B][OUT]`, or nothing if sigma' is a function of `a`.
    pub(crate) z: K::Buffer<[[T; OUT]; B]>,
    /// dC/da as it comes from above, then delta: `[B][OUT]`.
    pub(crate) delta: [[T; OUT]; B],
}

type CacheOf<A, T, const OUT: usize, const B: usize> = DenseCache<<A as Activation>::Keeps, T, OUT, B>;

/// `(ActivateAndKeep, kernel, layer, inputs, cache)`: the same, with what sigma' is a function of put aside.
struct ActivateAndKeep;

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar, const B: usize> Task
    for (ActivateAndKeep, K, &Dense<IN, OUT, A, T>, &[[T; IN]], &mut CacheOf<A, T, OUT, B>)
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (ActivateAndKeep, kernel, layer, x, cache) = self;
        let rows = head_mut(&mut cache.a, x.len());
        kernel.affine(x, &layer.weight, &layer.bias, rows);
        A::Keeps::store(&mut cache.z, rows);
        A::forward_on(kernel, rows);
    }
}

/// `(Backpropagate, kernel, layer, samples, cache, dC/dx)`: BP1 and BP2.
struct Backpropagate;

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar, const B: usize> Task
    for (Backpropagate, K, &Dense<IN, OUT, A, T>, usize, &mut CacheOf<A, T, OUT, B>, Option<&mut [[T; IN]]>)
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (Backpropagate, kernel, layer, samples, cache, input_gradient) = self;
        let kept = A::Keeps::load(&cache.z, &cache.a, samples);
        let delta = head_mut(&mut cache.delta, samples);
        // BP1 in the last layer, the right half of BP2 in all others: delta = dC/da (.) sigma'(z)
        A::backward(kept, delta);
        // The left half of BP2 for the layer below: dC/dx = W delta
        if let Some(input_gradient) = input_gradient {
            kernel.input_gradient(delta, &layer.weight, input_gradient);
        }
    }
}

/// `(AddGradients, kernel, inputs, delta, gradients)`: BP3 and BP4, added to what is there.
struct AddGradients;

impl<K: Kernel, const IN: usize, const OUT: usize, A, T: Scalar> Task
    for (AddGradients, K, &[[T; IN]], &[[T; OUT]], &mut Dense<IN, OUT, A, T>)
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (AddGradients, kernel, x, delta, gradients) = self;
        // BP3: dC/db = delta
        kernel.bias_gradient(delta, &mut gradients.bias);
        // BP4: dC/dW = x^T delta
        kernel.weight_gradient(x, delta, &mut gradients.weight);
    }
}

/// `(Descend, kernel, inputs, delta, values, rule)`: BP3 and BP4, and a step along them; whether all results were finite.
struct Descend;

impl<K: Kernel, const IN: usize, const OUT: usize, A, T: Scalar, const W: usize, R> Task
    for (Descend, K, &[[T; IN]], &[[T; OUT]], [&mut Dense<IN, OUT, A, T>; W], R)
where
    R: Fn(T, [T; W]) -> [T; W] + Copy,
{
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let (Descend, kernel, x, delta, mut values, rule) = self;
        // BP3: dC/db = delta
        let mut db = [T::ZERO; OUT];
        kernel.bias_gradient(delta, &mut db);
        let bias = values.each_mut().map(|layer| &mut layer.bias[..]);
        let finite = kernel.run((Update, kernel, &db[..], bias, rule));
        // BP4: dC/dW = x^T delta
        let weight = values.map(|layer| &mut layer.weight);
        kernel.weight_descent(x, delta, weight, rule) && finite
    }
}

impl<const IN: usize, const OUT: usize, A: Activation, T: Scalar> Dense<IN, OUT, A, T> {
    /// The outputs, of `ONE` row as a part of the caller's code.
    #[inline(always)]
    fn activate<K: Kernel, const ONE: bool>(&self, kernel: K, inputs: &[[T; IN]], outputs: &mut [[T; OUT]]) {
        let task = (Activate, kernel, self, inputs, outputs);
        if ONE { task.run() } else { kernel.run(task) }
    }
}

impl<const IN: usize, const OUT: usize, A: Activation, T: Scalar> Layer<[T; IN]> for Dense<IN, OUT, A, T> {
    type Output = [T; OUT];
    type Cache<const B: usize> = DenseCache<A::Keeps, T, OUT, B>;
    const LAYERS: usize = 1;
    const MACS: usize = IN * OUT;

    type First<const B: usize> = ();
    type FirstInner<const B: usize> = [[T; OUT]; B];
    type Last<const B: usize> = [[T; IN]; B];
    type Inner<const B: usize> = Both<[[T; IN]; B], [[T; OUT]; B]>;

    #[inline(always)]
    fn infer<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<[T; IN]>,
        outputs: &mut [[T; OUT]],
        tape: &mut Tape<T>,
    ) {
        self.activate::<K, ONE>(kernel, tape.read(inputs), outputs);
    }

    #[inline(always)]
    fn infer_inner<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<[T; IN]>,
        tape: &mut Tape<T>,
    ) -> End {
        let end = inputs.other_end();
        let (inputs, outputs) = tape.read_and_write(inputs);
        self.activate::<K, ONE>(kernel, inputs, outputs);
        end
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(&self, kernel: K, inputs: &[[T; IN]], cache: &mut Self::Cache<B>) {
        kernel.run((ActivateAndKeep, kernel, self, inputs, cache));
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        samples: usize,
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; IN]]>,
    ) {
        kernel.run((Backpropagate, kernel, self, samples, cache, input_gradient));
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        let delta = head(&cache.delta, inputs.len());
        kernel.run((AddGradients, kernel, inputs, delta, gradients));
    }

    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const W: usize>(
        kernel: K,
        layer: usize,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
        values: [&mut Self; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
    ) -> Option<usize> {
        let delta = head(&cache.delta, inputs.len());
        let finite = kernel.run((Descend, kernel, inputs, delta, values, rule));
        (!finite).then_some(layer)
    }

    #[inline(always)]
    fn outputs<const B: usize>(cache: &Self::Cache<B>, samples: usize) -> &[[T; OUT]] {
        head(&cache.a, samples)
    }

    #[inline(always)]
    fn outputs_and_slopes<const B: usize>(
        cache: &mut Self::Cache<B>,
        samples: usize,
    ) -> (&[[T; OUT]], &mut [[T; OUT]]) {
        (head(&cache.a, samples), head_mut(&mut cache.delta, samples))
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        let delta = head(&cache.delta, inputs.len());
        // The input of the bias is 1. (In this order, a NaN among the inputs stays one.)
        let largest_input = Scalar::max(T::ONE, kernel.run((Largest, inputs.as_flattened())));
        let largest = largest_input * kernel.run((Largest, delta.as_flattened()));
        // Twice: for the roundings on the way.
        (!(largest * T::from_usize(inputs.len().saturating_mul(2))).is_finite()).then_some(0)
    }

    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        let finite = cache.a.get(sample).is_none_or(|a| a.iter().all(|x| x.is_finite()));
        (!finite).then_some(0)
    }
}

impl<const IN: usize, const OUT: usize, A, T: Scalar> Parameters<T> for Dense<IN, OUT, A, T> {
    const PARAMETERS: usize = IN * OUT + OUT;
    const LAYERS: usize = 1;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        mut write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        let block = Block { layer: first_layer, role: Role::Weight, fan_in: IN, fan_out: OUT };
        visit(
            block,
            read.map(|layer| layer.weight.as_flattened()),
            write.each_mut().map(|layer| layer.weight.as_flattened_mut()),
        );
        visit(
            Block { role: Role::Bias, ..block },
            read.map(|layer| &layer.bias[..]),
            write.map(|layer| &mut layer.bias[..]),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sigmoid;
    use crate::kernel::Portable;

    // By hand: x = (1, 2), W = [[0.5, -1], [0.25, 1]], b = (0, 0.5): z = (1, 1.5).
    // With dC/da = (1, -2) and no activation: delta = (1, -2), dW = x^T delta, dx = W delta.
    #[test]
    fn hand_computed() {
        let layer = Dense::<2, 2>::from_parameters([[0.5, -1.0], [0.25, 1.0]], [0.0, 0.5]);
        let (mut cache, mut gradients) =
            (<Dense<2, 2> as Layer<[f32; 2]>>::Cache::<1>::ZERO, Dense::<2, 2>::new());
        let (inputs, mut input_gradient) = ([[1.0, 2.0]], [[0.0; 2]]);

        layer.forward(Portable, &inputs, &mut cache);
        let (a, da) = <Dense<2, 2> as Layer<[f32; 2]>>::outputs_and_slopes(&mut cache, 1);
        assert_eq!(a, [[1.0, 1.5]]);
        da[0] = [1.0, -2.0];
        layer.deltas(Portable, 1, &mut cache, Some(&mut input_gradient));
        Dense::gradients(Portable, &inputs, &cache, &mut gradients);

        assert_eq!(gradients.bias, [1.0, -2.0]);
        assert_eq!(gradients.weight, [[1.0, -2.0], [2.0, -4.0]]);
        assert_eq!(input_gradient, [[0.5 + 2.0, 0.25 - 2.0]]);
    }

    #[test]
    fn sigmoid_keeps_no_weighted_input() {
        let of_a = size_of::<<Dense<3, 5, Sigmoid> as Layer<[f32; 3]>>::Cache<4>>();
        let of_z = size_of::<<Dense<3, 5, crate::Gelu> as Layer<[f32; 3]>>::Cache<4>>();
        assert_eq!(of_a, 2 * 5 * 4 * 4);
        assert_eq!(of_z, 3 * 5 * 4 * 4);
    }
}
