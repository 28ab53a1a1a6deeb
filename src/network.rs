//! A network: a chain of layers with the length of its input in the type.

use core::fmt;
use core::marker::PhantomData;

use crate::kernel::{Kernel, Task, dispatch};
use crate::params::{Block, Parameters};
use crate::tape::{Memory, Rows};
use crate::{Layer, Scalar, Vector, Zero};

/// A network with `IN` inputs: layers that are known to fit.
///
/// It holds its parameters and nothing else. What training needs beside them, [`Gradients`](crate::Gradients), an
/// optimiser's state and a [`Workspace`](crate::Workspace), are values of their own.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Sigmoid, chain};
///
/// type Xor = Network<2, Chain![Dense<2, 3, Sigmoid>, Dense<3, 1, Sigmoid>]>;
///
/// assert_eq!(Xor::PARAMETERS, 2 * 3 + 3 + 3 * 1 + 1);
/// assert_eq!(Xor::BYTES, 4 * Xor::PARAMETERS);
///
/// let network: Xor = Network::new(chain![Dense::new(), Dense::new()]);
/// assert_eq!(network.predict(&[0.0, 1.0]), [0.5]);
/// ```
pub struct Network<const IN: usize, L, T = f32> {
    /// The layers: one, or nested pairs `(a, (b, c))`.
    pub layers: L,
    pub(crate) scalar: PhantomData<fn() -> T>,
}

impl<const IN: usize, L: Clone + Parameters<T>, T: Scalar> Clone for Network<IN, L, T> {
    /// A copy by value, which crosses the stack. For a large network see [`clone_from`](Clone::clone_from),
    /// [`Parameters::copy_from`] and [`Zero::boxed_clone`].
    fn clone(&self) -> Self {
        Self { layers: self.layers.clone(), scalar: PhantomData }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source);
    }
}

impl<const IN: usize, L: PartialEq, T> PartialEq for Network<IN, L, T> {
    fn eq(&self, other: &Self) -> bool {
        self.layers == other.layers
    }
}

impl<const IN: usize, L: fmt::Debug, T> fmt::Debug for Network<IN, L, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("inputs", &IN).field("layers", &self.layers).finish()
    }
}

impl<const IN: usize, L, T: Scalar> Network<IN, L, T> {
    /// A network of these layers, if each takes what the one before it produces.
    ///
    /// Write the layers inline, `Network::new(chain![...])`: then the compiler's message about one that does not
    /// fit points at that layer.
    pub const fn new(layers: L) -> Self
    where
        L: Layer<[T; IN]>,
    {
        Self { layers, scalar: PhantomData }
    }

    /// A network whose parameters are all zero, to be initialised in place ([`init`](Network::init)) or loaded.
    ///
    /// A `static` that starts with it costs no flash. A large one on the heap: [`Zero::boxed`].
    pub const fn zeros() -> Self
    where
        L: Layer<[T; IN]> + Zero,
    {
        Self::ZERO
    }

    /// The outputs for one input: `[IN] -> [OUT]`.
    #[inline]
    pub fn predict(&self, input: &[T; IN]) -> L::Output
    where
        L: Layer<[T; IN]>,
    {
        dispatch!(|kernel| kernel.run((Predict, kernel, &self.layers, input)))
    }

    /// The outputs for a batch of inputs: `[B][IN] -> [B][OUT]`, the same bits as `B` times
    /// [`predict`](Network::predict).
    ///
    /// Activations between the layers take [`TILE`] rows of stack, whatever `B` is; with feature `std`, and from 64 inputs
    /// on, 64 rows if these are at most 256 KB.
    pub fn predict_batch<const B: usize>(&self, inputs: &[[T; IN]; B], outputs: &mut [L::Output; B])
    where
        L: Layer<[T; IN]>,
    {
        let wide =
            cfg!(feature = "std") && B >= WIDE_TILE && size_of::<L::First<WIDE_TILE>>() <= WIDE_TILE_BYTES;
        if wide {
            self.predict_tiles::<WIDE_TILE>(inputs, outputs);
        } else {
            self.predict_tiles::<TILE>(inputs, outputs);
        }
    }

    /// The same, so many rows at a time.
    fn predict_tiles<const ROWS: usize>(&self, inputs: &[[T; IN]], outputs: &mut [L::Output])
    where
        L: Layer<[T; IN]>,
    {
        dispatch!(|kernel| kernel.run((Infer::<ROWS>, kernel, &self.layers, inputs, outputs)));
    }
}

/// `(Predict, kernel, layers, input)`: infers one row. (A task of its own, so that the compiler sees that it is one.)
struct Predict;

impl<K: Kernel, X: Vector, L: Layer<X>> Task for (Predict, K, &L, &X) {
    type Output = L::Output;

    #[inline(always)]
    fn run(self) -> L::Output {
        let (Predict, kernel, layers, input) = self;
        let mut output = L::Output::ZERO;
        let (input, row) = (core::slice::from_ref(input), core::slice::from_mut(&mut output));
        layers.infer::<K, true>(kernel, Rows::Given(input), row, &mut Memory::<_, L::First<1>>::new().tape());
        output
    }
}

/// `(Infer, kernel, layers, inputs, outputs)`: infers all rows, up to `ROWS` at a time.
struct Infer<const ROWS: usize>;

impl<const ROWS: usize, K: Kernel, X: Vector, L: Layer<X>> Task
    for (Infer<ROWS>, K, &L, &[X], &mut [L::Output])
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (Infer::<ROWS>, kernel, layers, inputs, outputs) = self;
        let mut memory = Memory::<_, L::First<ROWS>>::new();
        for (inputs, outputs) in inputs.chunks(ROWS).zip(outputs.chunks_mut(ROWS)) {
            layers.infer::<K, false>(kernel, Rows::Given(inputs), outputs, &mut memory.tape());
        }
    }
}

/// How many rows [`Network::predict_batch`] infers at once.
pub const TILE: usize = 16;

/// How many it infers at once where the stack is large: wide layers' weights, which no cache near the processor holds, are
/// then read a quarter as often.
const WIDE_TILE: usize = 64;
/// The stack that they may take.
const WIDE_TILE_BYTES: usize = 256 << 10;

impl<const IN: usize, L: Parameters<T>, T: Scalar> Network<IN, L, T> {
    /// The number of weights and biases.
    pub const PARAMETERS: usize = L::PARAMETERS;

    /// The memory that the network takes.
    pub const BYTES: usize = size_of::<Self>();
}

impl<const IN: usize, L: Layer<[T; IN]>, T: Scalar> Network<IN, L, T> {
    /// The multiply-accumulates of one inference: the number of weights.
    pub const MACS: usize = L::MACS;

    /// The stack that [`predict`](Network::predict) takes for activations: the two longest neighbours that are neither
    /// the network's input nor its output. (To it come the output itself and the frames of its calls.)
    pub const INFERENCE_BYTES: usize = size_of::<L::First<1>>();
}

impl<const IN: usize, L: Parameters<T>, T: Scalar> Parameters<T> for Network<IN, L, T> {
    const PARAMETERS: usize = L::PARAMETERS;
    const LAYERS: usize = L::LAYERS;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        L::walk(first_layer, read.map(|n| &n.layers), write.map(|n| &mut n.layers), visit);
    }
}

/// What gradients, workspaces and trainers need to know of a network's type. Every [`Network`] is a `Model`.
pub trait Model: Parameters<<Self as Model>::Scalar> + Zero {
    /// `f32` or `f64`.
    type Scalar: Scalar;
    /// `[T; IN]`
    type Input: Vector<Scalar = Self::Scalar>;
    /// `[T; OUT]`
    type Output: Vector<Scalar = Self::Scalar>;
    /// The layers.
    type Layers: Layer<Self::Input, Output = Self::Output>;

    /// The layers.
    fn layers(&self) -> &Self::Layers;

    /// The layers, to be changed.
    fn layers_mut(&mut self) -> &mut Self::Layers;
}

impl<const IN: usize, L, T: Scalar> Model for Network<IN, L, T>
where
    L: Layer<[T; IN]> + Parameters<T> + Zero,
{
    type Scalar = T;
    type Input = [T; IN];
    type Output = L::Output;
    type Layers = L;

    #[inline]
    fn layers(&self) -> &L {
        &self.layers
    }

    #[inline]
    fn layers_mut(&mut self) -> &mut L {
        &mut self.layers
    }
}
