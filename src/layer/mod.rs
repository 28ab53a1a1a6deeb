//! Layers, and how two of them chain into one.
//!
//! | layer | forward, for each sample | shape | parameters | multiply-accumulates | kept per tile, besides outputs and their gradient |
//! |---|---|---|---|---|---|
//! | [`Dense`] | `a = sigma(x W + b)` | `[IN] -> [OUT]` | `W: [IN][OUT]`, `b: [OUT]` | `IN OUT` | `z`, if `sigma'` needs it |
//! | `(L, M)` | `M(L(x))` | `X -> Z` | those of both | of both | of both |
//! | [`Residual<L>`](Residual) | `x + L(x)` | `X -> X` | those of `L` | of `L` | the cache of `L` |
//! | [`Parallel<L, M>`](Parallel) | `(L(x), M(x))` | `X -> Joined<Y, Z>` | those of both | of both | both caches, `dC/dx` |
//! | [`Flatten<N>`](Flatten) | `x` | any `N` numbers `-> [N]` | none | 0 | nothing |
//! | [`Dropout<P>`](Dropout) | `m x`, `m = 0` in `P` of 100 cases, else `100 / (100 - P)` | `[N] -> [N]` | none | 0 | `m` |
//! | [`LayerNorm`] | `w (x - mean) / sqrt(variance + 1e-5) + b` over the sample | `[N] -> [N]` | `w, b: [N]` | `N` | `N + 1` numbers |
//! | [`RmsNorm`] | `w x / sqrt(mean(x^2) + 1e-5)` over the sample | `[N] -> [N]` | `w: [N]` | `N` | `N + 1` numbers |
//! | [`BatchNorm`] | `w (x - m) / sqrt(v + 1e-5) + b`, `m` and `v` of many samples | `[N] -> [N]` | `w, b: [N]`; not trained `m, v: [N]` and a count | `N` | `N` numbers |
//! | [`Standardize`] | `(x - m) / sqrt(v + 1e-8)`, `m` and `v` of all inputs | `[N] -> [N]` | not trained `m, v: [N]` and a count | `N` | nothing |
//! | [`PRelu`] | `x` if `x > 0`, else `w x` | `[N] -> [N]` | `w: [1]` or `[N]` | `N` | nothing |
//! | [`Frozen<L>`](Frozen) | `L(x)` | `X -> Y` | those of `L`, not trained | of `L` | the cache of `L` |
//!
//! A layer of your own implements [`Layer`] for inference and [`Train`] for training, and gets
//! [`Parameters`] from [`parameters!`](crate::parameters). It needs no `unsafe`.
//!
//! ```
//! use stackprop::layer::scratch::{Ends, Place};
//! use stackprop::layer::{Kept, Kernel, Pass};
//! use stackprop::range::Real;
//! use stackprop::{Chain, Dense, Layer, Network, Quadratic, Scalar, Sgd, Train, Trainer, parameters};
//!
//! /// `y_j = by_j x_j`; backward `dC/dx_j = by_j dC/dy_j` and `dC/dby_j = sum_s x_j dC/dy_j`.
//! pub struct Scale<const N: usize, T = f32> {
//!     pub by: [T; N],
//! }
//!
//! parameters! {
//!     [const N: usize, T: Scalar] Scale<N, T>, T;
//!     trained { by: Gain(N, N) }
//! }
//!
//! impl<const N: usize, T: Scalar> Layer<[T; N]> for Scale<N, T> {
//!     type Output = [T; N];
//!     type Memory = ();
//!     type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
//!     const MACS: usize = N;
//!
//!     fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
//!         for (x, y) in inputs.iter().zip(outputs) {
//!             *y = core::array::from_fn(|j| self.by[j] * x[j]);
//!         }
//!     }
//! }
//!
//! impl<const N: usize, T: Scalar> Train<[T; N]> for Scale<N, T> {
//!     type Cache<const B: usize> = Kept<[T; N], (), B>;
//!     type Range = Real;
//!
//!     fn forward<K: Kernel, const B: usize>(
//!         &self,
//!         pass: Pass<K>,
//!         memory: &mut (),
//!         inputs: &[[T; N]],
//!         cache: &mut Self::Cache<B>,
//!     ) {
//!         self.infer(pass.kernel, memory, inputs, &mut cache.outputs);
//!     }
//!
//!     fn deltas<K: Kernel, const B: usize>(
//!         &self,
//!         _: K,
//!         _: &[[T; N]],
//!         cache: &mut Self::Cache<B>,
//!         input_gradient: Option<&mut [[T; N]]>,
//!     ) {
//!         for (dx, dy) in input_gradient.into_iter().flatten().zip(&cache.output_gradient) {
//!             *dx = core::array::from_fn(|j| self.by[j] * dy[j]);
//!         }
//!     }
//!
//!     fn gradients<K: Kernel, const B: usize>(
//!         _: K,
//!         inputs: &[[T; N]],
//!         cache: &Self::Cache<B>,
//!         gradients: &mut Self,
//!     ) {
//!         for (x, dy) in inputs.iter().zip(&cache.output_gradient) {
//!             for j in 0..N {
//!                 gradients.by[j] += x[j] * dy[j];
//!             }
//!         }
//!     }
//! }
//!
//! type Net = Network<2, Chain![Scale<2>, Dense<2, 1>]>;
//! let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
//! network.layers.0.by = [1.0, 2.0];
//! network.layers.1.weight = [[1.0], [1.0]];
//! assert_eq!(network.predict(&[3.0, 4.0]), [11.0]);
//! // dC/dy = 11 - 10 = 1, so dC/dby = x = (3, 4).
//! trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([3.0, 4.0], [10.0])])?;
//! assert_eq!(network.layers.0.by, [1.0 - 0.1 * 3.0, 2.0 - 0.1 * 4.0]);
//! # Ok::<(), stackprop::StepError>(())
//! ```
//!
//! [`check_gradients`](crate::check) tells whether the backward pass is right. A layer's methods must add up the
//! samples in ascending order and treat each row on its own; then the tile changes no bit.

mod batch_norm;
mod dense;
pub(crate) mod draws;
mod dropout;
mod flatten;
mod frozen;
mod inspect;
mod layer_norm;
mod normalization;
mod p_relu;
mod pair;
mod parallel;
mod residual;
mod rms_norm;
pub mod scratch;
mod standardize;
mod summary;

pub use batch_norm::{BatchNorm, BatchNormGradient};
pub use dense::{Dense, DenseCache, Linear};
pub use draws::{Draws, Pass, RowDraws};
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use frozen::Frozen;
pub use inspect::LayerPass;
pub use layer_norm::LayerNorm;
pub use p_relu::PRelu;
pub use parallel::Parallel;
pub use residual::{AddsTo, Residual};
pub use rms_norm::RmsNorm;
pub use standardize::Standardize;
pub use summary::{Summary, SummaryRow};

pub use crate::kernel::{Kernel, Task};
use crate::kernel::{Largest, join};
use crate::params::Parameters;
use crate::rule::{Rule, function_of};
use crate::scalar::{Scalar, head, head_mut};
use crate::vector::Vector;
use crate::zero::{Zero, zero_struct};
use scratch::{Layout, Memory, Outside, Place, Rows, Scratch};

/// A layer that takes an input of type `X`, `[T; IN]`: its shape and its inference.
///
/// A pair of layers `(L, M)` is a layer if `M` takes what `L` produces. That is the whole shape check: the
/// compiler makes it, and there is none at run time.
///
/// A layer that is not made of other layers implements [`infer`](Layer::infer) only. See the [module](self) for a
/// complete example.
#[diagnostic::on_unimplemented(
    message = "shape mismatch: `{Self}` cannot take an input of `{X}`",
    label = "this layer is given `{X}`, by the layer before it or as the network's input",
    note = "a layer takes what the layer before it makes: `Dense<IN, 8>`, then `Dense<8, OUT>`",
    note = "layers are nested in pairs, `(a, (b, c))`; `layers![a, b, c]` writes that for you",
    note = "an activation is no layer but the third parameter of one: `Dense<IN, OUT, Relu>`",
    note = "the outputs of `Parallel` layers are `Joined`; `Flatten<N>` makes one array of them"
)]
pub trait Layer<X: Vector>: Sync {
    /// The output, `[T; OUT]`.
    type Output: Vector<Scalar = X::Scalar>;

    /// The state that the layer carries from one sample of a sequence to the next: `()`, unless the layer is
    /// recurrent. A sequence starts with zero.
    type Memory: Zero;

    /// The [scratch memory](scratch) that inference of `B` rows needs, with the inputs in `I` and the outputs in
    /// `O`: [`Ends`](scratch::Ends)`<X, Self::Output, B, I, O>`, unless the layer is made of other layers.
    type Scratch<const B: usize, I: Place, O: Place>: Layout<X::Scalar>;

    /// The number of multiply-accumulates for the inference of one sample. It is reported
    /// ([`Network::MACS`](crate::Network::MACS), [`budget!`](crate::budget)), and, with feature `threads`, says whether
    /// inference is worth dividing.
    const MACS: usize;

    /// Asserts what the types cannot express about the layer's constants, as in
    /// `const VALID: () = assert!(N % HEADS == 0, "...");`. It is evaluated where a network is made or used, so the
    /// compiler's error names the line of the user's code. A layer made of other layers evaluates theirs.
    const VALID: () = ();

    /// Computes the outputs for rows of inputs, one row per sample: `[n][IN] -> [n][OUT]`.
    ///
    /// For a layer with a memory, the rows are consecutive inputs of one sequence.
    fn infer<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: &[X],
        outputs: &mut [Self::Output],
    );

    /// Like [`infer`](Layer::infer), for inputs that may be in scratch memory. Layers made of other layers
    /// override it, because they need scratch memory for themselves.
    #[inline(always)]
    fn infer_from<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<X>,
        outputs: &mut [Self::Output],
        scratch: &mut Scratch<X::Scalar>,
    ) {
        self.infer(kernel, memory, scratch.read(inputs), outputs);
    }

    /// Like [`infer_from`](Layer::infer_from), but leaves the outputs in scratch memory. (Layers that
    /// change no number return the inputs.)
    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        kernel: K,
        memory: &mut Self::Memory,
        inputs: Rows<'x, X>,
        scratch: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, Self::Output> {
        let (end, samples) = (inputs.other_end(), inputs.len());
        let (inputs, outputs) = scratch.read_and_write(inputs);
        self.infer(kernel, memory, inputs, outputs);
        Rows::At(end, samples)
    }

    /// Updates the layers that collect statistics with one input, from the lowest layer to the highest. Returns
    /// the output computed with the new statistics. For all other layers this is inference.
    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut Self::Memory, input: &X) -> Self::Output {
        infer_one(self, kernel, memory, input)
    }
}

/// The output for one input, with scratch memory on the stack.
#[inline(always)]
pub(crate) fn infer_one<K: Kernel, X: Vector, L: Layer<X> + ?Sized>(
    layer: &L,
    kernel: K,
    memory: &mut L::Memory,
    input: &X,
) -> L::Output {
    let () = L::VALID;
    let mut output = L::Output::ZERO;
    let (input, row) = (core::slice::from_ref(input), core::slice::from_mut(&mut output));
    // Not bound to a name: the output would be copied once more.
    layer.infer_from(
        kernel,
        memory,
        Rows::Given(input),
        row,
        &mut Memory::<_, L::Scratch<1, Outside, Outside>>::new().scratch(),
    );
    output
}

/// [`Layer::infer`] of a layer that needs scratch memory for itself: one row at a time.
#[inline(always)]
fn infer_each<K: Kernel, X: Vector, L: Layer<X>>(
    layer: &L,
    kernel: K,
    memory: &mut L::Memory,
    inputs: &[X],
    outputs: &mut [L::Output],
) {
    for (input, output) in inputs.iter().zip(outputs) {
        *output = infer_one(layer, kernel, memory, input);
    }
}

/// What a tile of samples keeps for the backward pass: at least the outputs, and memory for the gradients with
/// respect to them.
///
/// [`Kept`] suits most layers. For a type of your own, [`zero!`](crate::zero) implements [`Zero`].
pub trait Cache<Y>: Zero {
    /// The outputs of the first `samples` samples.
    fn outputs(&self, samples: usize) -> &[Y];

    /// The outputs of the first `samples` samples, and the memory for dC/d(output), which the loss
    /// or the layer above writes before [`deltas`](Train::deltas).
    fn outputs_and_gradients(&mut self, samples: usize) -> (&[Y], &mut [Y]);
}

/// What most layers keep of a tile of `B` samples: outputs `Y`, the gradients with respect to them, and extra data `E`.
pub struct Kept<Y, E, const B: usize> {
    /// The outputs.
    pub outputs: [Y; B],
    /// dC/d(output).
    pub output_gradient: [Y; B],
    /// Other data that the backward pass needs; `()` if none.
    pub extra: E,
}

zero_struct!([Y: Zero, E: Zero, const B: usize] Kept<Y, E, B> { outputs, output_gradient, extra });

impl<Y: Zero, E: Zero, const B: usize> Cache<Y> for Kept<Y, E, B> {
    #[inline(always)]
    fn outputs(&self, samples: usize) -> &[Y] {
        head(&self.outputs, samples)
    }

    #[inline(always)]
    fn outputs_and_gradients(&mut self, samples: usize) -> (&[Y], &mut [Y]) {
        (head(&self.outputs, samples), head_mut(&mut self.output_gradient, samples))
    }
}

/// A layer that can be trained.
///
/// All methods work on a tile of up to `B` samples, one row each. What a tile keeps from forward to backward is
/// in the layer's [`Cache`](Train::Cache), which the caller owns.
///
/// A layer implements [`forward`](Train::forward), [`deltas`](Train::deltas), and, if it has trained parameters,
/// [`gradients`](Train::gradients).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be trained on an input of `{X}`",
    label = "this layer is given `{X}`, by the layer before it or as the network's input",
    note = "if it has `Train` for an input of another length, the layers do not fit",
    note = "if it has `Layer` but no `Train`, it can infer, but not be trained",
    note = "layers are nested in pairs, `(a, (b, c))`; `layers![a, b, c]` writes that for you",
    note = "an activation is no layer but the third parameter of one: `Dense<IN, OUT, Relu>`"
)]
pub trait Train<X: Vector>: Layer<X> + Parameters<X::Scalar> {
    /// What a tile of `B` samples keeps for the backward pass; [`Kept`] suits most layers.
    type Cache<const B: usize>: Cache<Self::Output>;

    /// The [range](crate::range) of the outputs, which determines the losses that accept them:
    /// [`Real`](crate::range::Real), unless the layer makes probabilities.
    type Range;

    /// Shows the rows of this layer in a [`Summary`], the first with number `first_layer`, to `visit`. By default it is one row; a
    /// layer made of layers shows a header and calls theirs.
    fn describe(depth: usize, first_layer: usize, visit: &mut impl FnMut(SummaryRow))
    where
        Self: Sized,
    {
        visit(SummaryRow::of::<X, Self>(depth, first_layer));
    }

    /// The forward pass for up to `B` samples. It stores in `cache` what the backward pass needs: at least the
    /// outputs. Without [`draws`](Pass::draws), each output has the bits of [`infer`](Layer::infer) for that row
    /// alone.
    ///
    /// Each row is a sequence of its own, so a layer with a memory starts each row with a memory of zero, and not with
    /// what the row before it left in `memory`.
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut Self::Memory,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    );

    /// The backward pass through the activations (BP1, BP2): turns dC/d(output) in `cache` into delta, for the
    /// samples of `inputs`, and writes dC/d(input) to `input_gradient` if `Some`.
    ///
    /// `inputs` are those of [`forward`](Train::forward), and `input_gradient` has as many rows, which are
    /// overwritten. The rows of `cache` beyond that number belong to no sample. A layer without an activation, or
    /// without a use for delta in [`gradients`](Train::gradients), leaves `cache` as it is.
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    );

    /// The gradient (BP3, BP4): adds dC/d(parameter), summed over the samples in ascending order, to `gradients`.
    ///
    /// `inputs` are those of [`forward`](Train::forward), and `cache` is as [`deltas`](Train::deltas) left it.
    /// `gradients` is a value of the layer's own type, unless [`parameters!`](crate::parameters) names another.
    ///
    /// The default implementation adds nothing, which is right only for a layer without trained parameters.
    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self::Trained,
    ) {
        let _ = (kernel, inputs, cache, gradients);
    }

    /// A step along the gradient (BP3, BP4): replaces each trained parameter, and the numbers that `state` has
    /// for it, by [`Rule::apply`]`(dC/d(parameter), [parameter, numbers...])`; `W` is `S + 1`. Returns the first layer where
    /// a result was not finite, counted from `first_layer`; that parameter and its state keep their values.
    ///
    /// The default implementation computes the gradient of this layer on the stack. A layer with a large
    /// gradient should override it.
    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const S: usize, const W: usize>(
        kernel: K,
        first_layer: usize,
        inputs: &[X],
        cache: &Self::Cache<B>,
        parameters: &mut Self,
        state: [&mut Self::Trained; S],
        rule: impl Rule<X::Scalar, W>,
    ) -> Option<usize> {
        let mut failed = None;
        if Self::Trained::PARAMETERS > 0 {
            let mut gradient = Self::Trained::ZERO;
            Self::gradients::<K, B>(kernel, inputs, cache, &mut gradient);
            Self::walk_trained(
                first_layer,
                parameters,
                [&gradient],
                state,
                &mut |block, parameter, [gradient], state| {
                    let values = join::<_, S, W>(parameter, state);
                    let rule = function_of(rule, block);
                    if !kernel.update(gradient, values, rule) {
                        failed = failed.or(Some(block.layer));
                    }
                },
            );
        }
        failed
    }

    /// The first layer, counted from 0, where an element of the gradient might be infinite or NaN.
    ///
    /// The default implementation computes the gradient to find out.
    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        if Self::Trained::PARAMETERS == 0 {
            return None;
        }
        let mut gradient = Self::Trained::ZERO;
        Self::gradients::<K, B>(kernel, inputs, cache, &mut gradient);
        first_non_finite(kernel, &gradient)
    }

    /// Shows the outputs and the deltas of the first `samples` samples of `cache` to `visit`, as
    /// [`deltas`](Train::deltas) left them. By default it is one layer, with number `first_layer`; a layer made of layers
    /// calls theirs.
    fn inspect<const B: usize>(
        first_layer: usize,
        cache: &mut Self::Cache<B>,
        samples: usize,
        visit: &mut impl FnMut(LayerPass<'_, X::Scalar>),
    ) {
        let (outputs, deltas) = cache.outputs_and_gradients(samples);
        visit(LayerPass::new(first_layer, Vector::flatten(outputs), Vector::flatten(deltas)));
    }

    /// The first layer, counted from 0, whose output for this sample of `cache` is not finite.
    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        (!output_is_finite(cache, sample)).then_some(0)
    }
}

/// Returns whether the output for this sample is finite.
fn output_is_finite<Y: Vector>(cache: &impl Cache<Y>, sample: usize) -> bool {
    let output = cache.outputs(sample.saturating_add(1)).get(sample);
    output.is_none_or(|y| y.as_slice().iter().all(|x| x.is_finite()))
}

/// The first layer with a parameter that is not finite.
#[inline(always)]
pub(crate) fn first_non_finite<K: Kernel, T: Scalar, P: Parameters<T>>(
    kernel: K,
    parameters: &P,
) -> Option<usize> {
    let mut layer = None;
    parameters.visit(|block, values| {
        if layer.is_none() && !kernel.run(Largest { values }).is_finite() {
            layer = Some(block.layer);
        }
    });
    layer
}
