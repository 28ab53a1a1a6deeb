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

use super::scratch::{Ends, Place};
use super::summary::ShortName;
use super::{Cache, Layer, Pass, Train};
use crate::activation::{Activation, Identity, Keep};
use crate::array::{map, reborrow};
use crate::kernel::{Kernel, Largest, Task, join};
use crate::params::{Block, Parameters};
use crate::rule::{Rule, function_of};
use crate::scalar::{Scalar, head, head_mut};
use crate::schema::{Field, Role, Schema};
use crate::weights::compiled::{FromFile, Source, read};
use crate::zero::{Zero, zero_struct};

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
    activation: PhantomData<fn() -> A>,
}

/// A [`Dense`] layer without activation: `Linear<3, 2, f64>` is `Dense<3, 2, Identity, f64>`.
///
/// ```
/// use stackprop::{Chain, Dense, Linear, Network, Tanh};
///
/// type Precise = Network<3, Chain![Dense<3, 8, Tanh, f64>, Linear<8, 2, f64>], f64>;
/// assert_eq!(Precise::zeros().predict(&[1.0; 3]), [0.0_f64; 2]);
/// ```
pub type Linear<const IN: usize, const OUT: usize, T = f32> = Dense<IN, OUT, Identity, T>;

impl<const IN: usize, const OUT: usize, A, T> Dense<IN, OUT, A, T> {
    const EMPTY: bool = IN == 0 || OUT == 0;

    /// Evaluated where a layer is made: by every constructor, [`Zero::ZERO`] and [`Zero::boxed`].
    const SHAPE: () = Self::assert_shape();

    /// Because the condition is a constant, a layer that is not empty contains no panic.
    #[inline(always)]
    const fn assert_shape() {
        if Self::EMPTY {
            panic!("a Dense layer needs at least one input and one output");
        }
    }
}

impl<const IN: usize, const OUT: usize, A, T: Scalar> Dense<IN, OUT, A, T> {
    /// A layer whose parameters are zero, to be initialised (see [`init`](crate::init)) or loaded.
    pub const fn new() -> Self {
        // Here and not in a called function: the compiler shows the call of the function whose constant fails.
        let () = Self::SHAPE;
        Self { weight: Zero::ZERO, bias: Zero::ZERO, activation: PhantomData }
    }

    /// The same as [`new`](Dense::new), under the name that networks, gradients and trainers use.
    pub const fn zeros() -> Self {
        let () = Self::SHAPE;
        Self { weight: Zero::ZERO, bias: Zero::ZERO, activation: PhantomData }
    }

    /// A layer with these parameters: `weight: [IN][OUT]`, `bias: [OUT]`. It is a `const fn`, so they can lie in flash.
    pub const fn from_parameters(weight: [[T; OUT]; IN], bias: [T; OUT]) -> Self {
        // Parameters are often in a `static`. There, the compiler shows the user's call only if the call panics
        // before a constant fails.
        Self::assert_shape();
        Self::of_shape(weight, bias)
    }

    /// Evaluates `SHAPE`, so the assertion also fails at compile time where the layer is not made in a constant.
    #[inline(always)]
    const fn of_shape(weight: [[T; OUT]; IN], bias: [T; OUT]) -> Self {
        let () = Self::SHAPE;
        Self { weight, bias, activation: PhantomData }
    }
}

/// What a walk visits, and a step changes. (Functions, because a closure would be another one for each walk.)
impl<const IN: usize, const OUT: usize, A, T> Dense<IN, OUT, A, T> {
    #[inline(always)]
    fn weights(&self) -> &[T] {
        self.weight.as_flattened()
    }

    #[inline(always)]
    fn weights_mut(&mut self) -> &mut [T] {
        self.weight.as_flattened_mut()
    }

    #[inline(always)]
    fn rows_mut(&mut self) -> &mut [[T; OUT]] {
        &mut self.weight
    }

    #[inline(always)]
    fn biases(&self) -> &[T] {
        &self.bias
    }

    #[inline(always)]
    fn biases_mut(&mut self) -> &mut [T] {
        &mut self.bias
    }
}

// (Not derived: a derive would also require the trait of the activation, although only the parameters need it.)
impl<const IN: usize, const OUT: usize, A, T: Scalar> Clone for Dense<IN, OUT, A, T> {
    fn clone(&self) -> Self {
        Self { weight: self.weight, bias: self.bias, activation: PhantomData }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        self.weight = source.weight;
        self.bias = source.bias;
    }
}

impl<const IN: usize, const OUT: usize, A, T: PartialEq> PartialEq for Dense<IN, OUT, A, T> {
    fn eq(&self, other: &Self) -> bool {
        self.weight == other.weight && self.bias == other.bias
    }
}

/// Shows the shape, the activation, and the ranges of the parameters:
/// `Dense<2, 1, Sigmoid> { weight: 3..=4, bias: -5..=-5 }`.
impl<const IN: usize, const OUT: usize, A, T: Scalar> fmt::Debug for Dense<IN, OUT, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (weight, bias) = (Range(self.weight.as_flattened()), Range(&self.bias));
        let name = ShortName(core::any::type_name::<A>());
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

/// `a = sigma(x W + b)` for each row.
struct Activate<'a, K, L, X, Y> {
    kernel: K,
    layer: &'a L,
    inputs: &'a [X],
    outputs: &'a mut [Y],
}

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar> Task
    for Activate<'_, K, Dense<IN, OUT, A, T>, [T; IN], [T; OUT]>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { kernel, layer, inputs, outputs } = self;
        A::layer_on(kernel, inputs, &layer.weight, &layer.bias, outputs);
    }
}

/// What [`Dense`] keeps of a tile of `B` samples between forward and backward.
pub struct DenseCache<K: Keep, T: Zero, const OUT: usize, const B: usize> {
    /// The activations, `[B][OUT]`.
    a: [[T; OUT]; B],
    /// The weighted inputs, `[B][OUT]`, or nothing if sigma' is a function of `a`.
    z: K::Buffer<[[T; OUT]; B]>,
    /// dC/da from the layer above or the loss, then delta: `[B][OUT]`.
    delta: [[T; OUT]; B],
}

zero_struct!([K: Keep, T: Zero, const OUT: usize, const B: usize] DenseCache<K, T, OUT, B> { a, z, delta });

impl<K: Keep, T: Zero, const OUT: usize, const B: usize> Cache<[T; OUT]> for DenseCache<K, T, OUT, B> {
    #[inline(always)]
    fn outputs(&self, samples: usize) -> &[[T; OUT]] {
        head(&self.a, samples)
    }

    #[inline(always)]
    fn outputs_and_gradients(&mut self, samples: usize) -> (&[[T; OUT]], &mut [[T; OUT]]) {
        (head(&self.a, samples), head_mut(&mut self.delta, samples))
    }
}

type CacheOf<A, T, const OUT: usize, const B: usize> = DenseCache<<A as Activation>::Keeps, T, OUT, B>;

/// Like [`Activate`], and stores what sigma' needs.
struct ActivateAndKeep<'a, K, L, X, C> {
    kernel: K,
    layer: &'a L,
    inputs: &'a [X],
    cache: &'a mut C,
}

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar, const B: usize> Task
    for ActivateAndKeep<'_, K, Dense<IN, OUT, A, T>, [T; IN], CacheOf<A, T, OUT, B>>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { kernel, layer, inputs, cache } = self;
        let rows = head_mut(&mut cache.a, inputs.len());
        kernel.affine(inputs, &layer.weight, &layer.bias, rows);
        A::Keeps::store(&mut cache.z, rows);
        A::forward_on(kernel, rows);
    }
}

/// BP1 and BP2.
struct Backpropagate<'a, K, L, X, C> {
    kernel: K,
    layer: &'a L,
    samples: usize,
    cache: &'a mut C,
    input_gradient: Option<&'a mut [X]>,
}

impl<K: Kernel, const IN: usize, const OUT: usize, A: Activation, T: Scalar, const B: usize> Task
    for Backpropagate<'_, K, Dense<IN, OUT, A, T>, [T; IN], CacheOf<A, T, OUT, B>>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { kernel, layer, samples, cache, input_gradient } = self;
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

/// BP3 and BP4, added to `gradients`.
struct AddGradients<'a, K, L, X, Y> {
    kernel: K,
    inputs: &'a [X],
    delta: &'a [Y],
    gradients: &'a mut L,
}

impl<K: Kernel, const IN: usize, const OUT: usize, A, T: Scalar> Task
    for AddGradients<'_, K, Dense<IN, OUT, A, T>, [T; IN], [T; OUT]>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { kernel, inputs, delta, gradients } = self;
        // BP3: dC/db = delta
        kernel.bias_gradient(delta, &mut gradients.bias);
        // BP4: dC/dW = x^T delta
        kernel.weight_gradient(inputs, delta, 0, &mut gradients.weight);
    }
}

/// The blocks of a layer's parameters.
const fn blocks(layer: usize, fan_in: usize, fan_out: usize) -> [Block; 2] {
    [Block { layer, role: Role::Weight, fan_in, fan_out }, Block { layer, role: Role::Bias, fan_in, fan_out }]
}

/// BP3 and BP4, and a step along them. Returns whether all results were finite.
struct Descend<'a, K, L, X, Y, R, const W: usize> {
    kernel: K,
    inputs: &'a [X],
    delta: &'a [Y],
    values: [&'a mut L; W],
    weight_rule: R,
    bias_rule: R,
}

impl<K: Kernel, const IN: usize, const OUT: usize, A, T: Scalar, const W: usize, R> Task
    for Descend<'_, K, Dense<IN, OUT, A, T>, [T; IN], [T; OUT], R, W>
where
    R: Fn(T, [T; W]) -> [T; W] + Copy + Sync,
{
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { kernel, inputs, delta, mut values, weight_rule, bias_rule } = self;
        // BP3: dC/db = delta
        let mut db = [T::ZERO; OUT];
        kernel.bias_gradient(delta, &mut db);
        let bias = map(reborrow(&mut values), Dense::biases_mut);
        let finite = kernel.update(&db, bias, bias_rule);
        // BP4: dC/dW = x^T delta
        let weight = map(values, Dense::rows_mut);
        kernel.weight_descent(inputs, delta, 0, weight, weight_rule) && finite
    }
}

impl<const IN: usize, const OUT: usize, A: Activation, T: Scalar> Layer<[T; IN]> for Dense<IN, OUT, A, T> {
    type Output = [T; OUT];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; IN], [T; OUT], B, I, O>;
    const MACS: usize = IN * OUT;
    const VALID: () = assert!(
        OUT >= A::MIN_NEURONS,
        "the softmax of one output is always 1: use `SigmoidCrossEntropy` with one output and no activation, or `Sigmoid`"
    );

    #[inline(always)]
    fn infer<K: Kernel>(&self, kernel: K, (): &mut (), inputs: &[[T; IN]], outputs: &mut [[T; OUT]]) {
        kernel.run(Activate { kernel, layer: self, inputs, outputs });
    }
}

impl<const IN: usize, const OUT: usize, A: Activation, T: Scalar> Train<[T; IN]> for Dense<IN, OUT, A, T> {
    type Cache<const B: usize> = DenseCache<A::Keeps, T, OUT, B>;
    type Range = A::Range;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        (): &mut (),
        inputs: &[[T; IN]],
        cache: &mut Self::Cache<B>,
    ) {
        pass.kernel.run(ActivateAndKeep { kernel: pass.kernel, layer: self, inputs, cache });
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[[T; IN]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; IN]]>,
    ) {
        kernel.run(Backpropagate { kernel, layer: self, samples: inputs.len(), cache, input_gradient });
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        let delta = head(&cache.delta, inputs.len());
        kernel.run(AddGradients { kernel, inputs, delta, gradients });
    }

    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const S: usize, const W: usize>(
        kernel: K,
        layer: usize,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
        parameters: &mut Self,
        state: [&mut Self; S],
        rule: impl Rule<T, W>,
    ) -> Option<usize> {
        let (values, delta) = (join(parameters, state), head(&cache.delta, inputs.len()));
        let [weight_rule, bias_rule] = blocks(layer, IN, OUT).map(|block| function_of(rule, block));
        let finite = kernel.run(Descend { kernel, inputs, delta, values, weight_rule, bias_rule });
        (!finite).then_some(layer)
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; IN]],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        let delta = head(&cache.delta, inputs.len());
        // The input of the bias is 1. (With the arguments in this order, a NaN among the inputs is kept.)
        let largest_input = Scalar::max(T::ONE, kernel.run(Largest { values: inputs.as_flattened() }));
        let largest = largest_input * kernel.run(Largest { values: delta.as_flattened() });
        // Times 2, to allow for rounding errors.
        (!(largest * T::from_usize(inputs.len().saturating_mul(2))).is_finite()).then_some(0)
    }
}

zero_struct!([const IN: usize, const OUT: usize, A, T: Scalar] Dense<IN, OUT, A, T> { weight, bias, activation } asserts SHAPE);

impl<S, const IN: usize, const OUT: usize, A, T> FromFile<S, T> for Dense<IN, OUT, A, T>
where
    S: Source,
    A: Activation,
    T: Scalar,
{
    const LOADED: Self = {
        let transposed: [[T; IN]; OUT] = read::<S, T, _>(S::FIRST);
        let mut weight = [[T::ZERO; OUT]; IN];
        let mut i = 0;
        while i < IN {
            let (row, mut o) = (&mut weight[i], 0);
            while o < OUT {
                row[o] = transposed[o][i];
                o += 1;
            }
            i += 1;
        }
        Self::from_parameters(weight, read::<S, T, _>(S::FIRST + 1))
    };
}

impl<const IN: usize, const OUT: usize, A: Activation, T: Scalar> Parameters<T> for Dense<IN, OUT, A, T> {
    const PARAMETERS: usize = IN * OUT + OUT;
    const LAYERS: usize = 1;
    const SCHEMA: Schema = Schema::Leaf {
        modules: 1 + A::MODULES,
        name: "Dense",
        activation: A::NAME,
        fields: &[Field::new("weight", Role::Weight, &[IN, OUT]), Field::new("bias", Role::Bias, &[OUT])],
    };
    type Trained = Self;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        layer: usize,
        read: [&Self; R],
        mut write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        let [weight, bias] = blocks(layer, IN, OUT);
        visit(weight, map(read, Self::weights), map(reborrow(&mut write), Self::weights_mut));
        visit(bias, map(read, Self::biases), map(write, Self::biases_mut));
    }

    #[inline]
    fn walk_trained<const R: usize, const W: usize>(
        layer: usize,
        parameters: &mut Self,
        read: [&Self; R],
        mut write: [&mut Self; W],
        visit: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    ) {
        let [weight, bias] = blocks(layer, IN, OUT);
        visit(
            weight,
            parameters.weight.as_flattened_mut(),
            map(read, Self::weights),
            map(reborrow(&mut write), Self::weights_mut),
        );
        visit(bias, &mut parameters.bias[..], map(read, Self::biases), map(write, Self::biases_mut));
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
            (<Dense<2, 2> as Train<[f32; 2]>>::Cache::<1>::ZERO, Dense::<2, 2>::new());
        let (inputs, mut input_gradient) = ([[1.0, 2.0]], [[0.0; 2]]);

        layer.forward(Pass { kernel: Portable, draws: None }, &mut (), &inputs, &mut cache);
        let (a, da) = cache.outputs_and_gradients(1);
        assert_eq!(a, [[1.0, 1.5]]);
        da[0] = [1.0, -2.0];
        layer.deltas(Portable, &inputs, &mut cache, Some(&mut input_gradient));
        Dense::gradients(Portable, &inputs, &cache, &mut gradients);

        assert_eq!(gradients.bias, [1.0, -2.0]);
        assert_eq!(gradients.weight, [[1.0, -2.0], [2.0, -4.0]]);
        assert_eq!(input_gradient, [[0.5 + 2.0, 0.25 - 2.0]]);
    }

    #[test]
    fn sigmoid_keeps_no_weighted_input() {
        let of_a = size_of::<<Dense<3, 5, Sigmoid> as Train<[f32; 3]>>::Cache<4>>();
        let of_z = size_of::<<Dense<3, 5, crate::Gelu> as Train<[f32; 3]>>::Cache<4>>();
        assert_eq!(of_a, 2 * 5 * 4 * 4);
        assert_eq!(of_z, 3 * 5 * 4 * 4);
    }
}
