//! What a layer is, and how two layers chain into one.

use crate::kernel::Kernel;
use crate::tape::{End, Numbers, Overlay, Rows, Tape};
use crate::{Vector, Zero};

/// A layer that takes an input of type `X`, `[T; IN]`.
///
/// A pair of layers `(L, M)` is a layer if `M` takes what `L` produces. That is the whole of the shape check:
/// it is made by the compiler, and there is none at run time.
///
/// All methods work on a tile of up to `B` samples, one row each. Activations and their gradients of a tile
/// live in the layer's [`Cache`](Layer::Cache), which the caller owns.
#[diagnostic::on_unimplemented(
    message = "shape mismatch: `{Self}` cannot take an input of `{X}`",
    label = "this layer is given `{X}`, by the layer before it or as the network's input",
    note = "layers are nested in pairs, `(a, (b, c))`; `chain![a, b, c]` writes that for you",
    note = "an activation is no layer but the third parameter of one: `Dense<IN, OUT, Relu>`"
)]
pub trait Layer<X: Vector> {
    /// What it produces, `[T; OUT]`.
    type Output: Vector<Scalar = X::Scalar>;

    /// Outputs of a tile of `B` samples and the gradients with respect to them.
    type Cache<const B: usize>: Zero;

    /// How many layers this is.
    const LAYERS: usize;

    /// How many multiply-accumulates the inference of one sample takes.
    const MACS: usize;

    /// The [tape](crate::tape) that [`infer`](Layer::infer) needs where the inputs are given.
    type First<const B: usize>: Numbers<X::Scalar>;

    /// The tape that [`infer_inner`](Layer::infer_inner) needs where the inputs are given.
    type FirstInner<const B: usize>: Numbers<X::Scalar>;

    /// The tape that [`infer`](Layer::infer) needs where the inputs lie on it.
    type Last<const B: usize>: Numbers<X::Scalar>;

    /// The tape that [`infer_inner`](Layer::infer_inner) needs where the inputs lie on it.
    type Inner<const B: usize>: Numbers<X::Scalar>;

    /// The outputs for a tile of inputs, nothing kept: `[n][IN] -> [n][OUT]`.
    ///
    /// `ONE`: the caller sees that it is one row, and the layer's code becomes a part of the caller's. A single row is so soon
    /// done that a call would take a quarter of its time.
    fn infer<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<X>,
        outputs: &mut [Self::Output],
        tape: &mut Tape<X::Scalar>,
    );

    /// The same, with the outputs left on the tape, at the end that is returned.
    fn infer_inner<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<X>,
        tape: &mut Tape<X::Scalar>,
    ) -> End;

    /// The forward pass for up to `B` samples, which keeps in `cache` what the backward pass needs.
    fn forward<K: Kernel, const B: usize>(&self, kernel: K, inputs: &[X], cache: &mut Self::Cache<B>);

    /// The outputs that `forward` left for the first `samples` samples.
    fn outputs<const B: usize>(cache: &Self::Cache<B>, samples: usize) -> &[Self::Output];

    /// The same, and the place for dC/d(output), which the cost or the layer above writes before
    /// [`deltas`](Layer::deltas).
    fn outputs_and_slopes<const B: usize>(
        cache: &mut Self::Cache<B>,
        samples: usize,
    ) -> (&[Self::Output], &mut [Self::Output]);

    /// The backward pass through the activations (BP1, BP2): turns dC/d(output) in `cache` into delta, for `samples`
    /// samples, and writes dC/d(input) to `input_gradient` where somebody reads it (nobody does below the first layer).
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        samples: usize,
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    );

    /// The gradient (BP3, BP4): adds dC/d(parameter), summed over the samples in ascending order, to `gradients`.
    ///
    /// `inputs` are those of `forward`, and `cache` is as [`deltas`](Layer::deltas) left it.
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    );

    /// A step along the gradient (BP3, BP4): replaces, for each parameter, the `W` numbers that `values` have for it by
    /// `rule(dC/d(parameter), numbers)`. Returns the first layer where a result was not finite, counted from `first_layer`;
    /// the numbers of that parameter are left as they were.
    ///
    /// Nowhere is there memory for the whole gradient.
    fn descend<K: Kernel, const B: usize, const W: usize>(
        kernel: K,
        first_layer: usize,
        inputs: &[X],
        cache: &Self::Cache<B>,
        values: [&mut Self; W],
        rule: impl Fn(X::Scalar, [X::Scalar; W]) -> [X::Scalar; W] + Copy,
    ) -> Option<usize>;

    /// The first layer where an element of the gradient might be infinite or NaN, as the largest input and the largest delta
    /// show.
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize>;

    /// The first layer whose output for this sample of `cache` is not finite.
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize>;
}

impl<X: Vector, L: Layer<X>, M: Layer<L::Output>> Layer<X> for (L, M) {
    type Output = M::Output;
    type Cache<const B: usize> = (L::Cache<B>, M::Cache<B>);
    const LAYERS: usize = L::LAYERS + M::LAYERS;
    const MACS: usize = L::MACS + M::MACS;

    type First<const B: usize> = Overlay<L::FirstInner<B>, M::Last<B>>;
    type FirstInner<const B: usize> = Overlay<L::FirstInner<B>, M::Inner<B>>;
    type Last<const B: usize> = Overlay<L::Inner<B>, M::Last<B>>;
    type Inner<const B: usize> = Overlay<L::Inner<B>, M::Inner<B>>;

    #[inline(always)]
    fn infer<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<X>,
        outputs: &mut [M::Output],
        tape: &mut Tape<X::Scalar>,
    ) {
        let samples = inputs.len();
        let end = self.0.infer_inner::<K, ONE>(kernel, inputs, tape);
        self.1.infer::<K, ONE>(kernel, Rows::At(end, samples), outputs, tape);
    }

    #[inline(always)]
    fn infer_inner<K: Kernel, const ONE: bool>(
        &self,
        kernel: K,
        inputs: Rows<X>,
        tape: &mut Tape<X::Scalar>,
    ) -> End {
        let samples = inputs.len();
        let end = self.0.infer_inner::<K, ONE>(kernel, inputs, tape);
        self.1.infer_inner::<K, ONE>(kernel, Rows::At(end, samples), tape)
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(&self, kernel: K, inputs: &[X], cache: &mut Self::Cache<B>) {
        self.0.forward(kernel, inputs, &mut cache.0);
        self.1.forward(kernel, L::outputs(&cache.0, inputs.len()), &mut cache.1);
    }

    #[inline(always)]
    fn outputs<const B: usize>(cache: &Self::Cache<B>, samples: usize) -> &[M::Output] {
        M::outputs(&cache.1, samples)
    }

    #[inline(always)]
    fn outputs_and_slopes<const B: usize>(
        cache: &mut Self::Cache<B>,
        samples: usize,
    ) -> (&[M::Output], &mut [M::Output]) {
        M::outputs_and_slopes(&mut cache.1, samples)
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        samples: usize,
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [X]>,
    ) {
        let (_, between) = L::outputs_and_slopes(&mut cache.0, samples);
        self.1.deltas(kernel, samples, &mut cache.1, Some(between));
        self.0.deltas(kernel, samples, &mut cache.0, input_gradient);
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        L::gradients(kernel, inputs, &cache.0, &mut gradients.0);
        M::gradients(kernel, L::outputs(&cache.0, inputs.len()), &cache.1, &mut gradients.1);
    }

    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const W: usize>(
        kernel: K,
        first_layer: usize,
        inputs: &[X],
        cache: &Self::Cache<B>,
        mut values: [&mut Self; W],
        rule: impl Fn(X::Scalar, [X::Scalar; W]) -> [X::Scalar; W] + Copy,
    ) -> Option<usize> {
        let between = L::outputs(&cache.0, inputs.len());
        let lower = values.each_mut().map(|v| &mut v.0);
        let failed = L::descend(kernel, first_layer, inputs, &cache.0, lower, rule);
        let upper = values.map(|v| &mut v.1);
        let failed_above =
            M::descend(kernel, first_layer.saturating_add(L::LAYERS), between, &cache.1, upper, rule);
        failed.or(failed_above)
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        let between = L::outputs(&cache.0, inputs.len());
        L::gradient_may_overflow(kernel, inputs, &cache.0).or_else(|| {
            M::gradient_may_overflow(kernel, between, &cache.1).map(|layer| L::LAYERS.saturating_add(layer))
        })
    }

    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        L::non_finite(&cache.0, sample)
            .or_else(|| M::non_finite(&cache.1, sample).map(|layer| L::LAYERS.saturating_add(layer)))
    }
}

/// Chains layers: `chain![a, b, c]` is `(a, (b, c))`.
///
/// ```
/// use stackprop::{Dense, Network, Relu, chain};
///
/// let network = Network::new(chain![Dense::<4, 8, Relu>::new(), Dense::<8, 8, Relu>::new(), Dense::<8, 2>::new()]);
/// assert_eq!(network.predict(&[1.0, 2.0, 3.0, 4.0]), [0.0, 0.0]);
/// ```
#[macro_export]
macro_rules! chain {
    ($layer:expr $(,)?) => { $layer };
    ($layer:expr, $($rest:expr),+ $(,)?) => { ($layer, $crate::chain![$($rest),+]) };
}

/// Chains the types of layers: `Chain![A, B, C]` is `(A, (B, C))`.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Relu};
///
/// type Policy = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 2>]>;
/// static POLICY: Policy = Policy::zeros();
/// assert_eq!(Policy::PARAMETERS, 4 * 8 + 8 + 8 * 2 + 2);
/// ```
#[macro_export]
macro_rules! Chain {
    ($layer:ty $(,)?) => { $layer };
    ($layer:ty, $($rest:ty),+ $(,)?) => { ($layer, $crate::Chain![$($rest),+]) };
}
