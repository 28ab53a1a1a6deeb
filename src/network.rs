//! A network: a chain of layers with the length of its input in the type.

use core::fmt;
use core::marker::PhantomData;

use crate::array::map;
use crate::generator::Generator;
use crate::init::Initializer;
use crate::kernel::{Inline, Kernel, Task, dispatch};
use crate::layer::scratch::{self, Outside, Rows};
use crate::layer::{Layer, Summary, Train, infer_one};
use crate::params::{Block, Parameters};
use crate::persist::{Parts, Persist};
use crate::rows_error::RowsError;
use crate::scalar::Scalar;
use crate::schema::Schema;
#[cfg(feature = "threads")]
use crate::threads::Division;
use crate::vector::Vector;
use crate::weights::compiled::{FromFile, Source};
use crate::weights::{self, Example, LoadError, Mismatch, Names, SaveError};
use crate::zero::{Zero, boxed, zero_struct};

/// A network with `IN` inputs, whose layers are known to fit.
///
/// It holds its parameters and nothing else. Training also needs [`Gradients`](crate::Gradients), an optimiser's state
/// and a [`Workspace`](crate::Workspace), which are separate values.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Sigmoid, layers};
///
/// type Xor = Network<2, Chain![Dense<2, 3, Sigmoid>, Dense<3, 1, Sigmoid>]>;
///
/// assert_eq!(Xor::PARAMETERS, 2 * 3 + 3 + 3 * 1 + 1);
/// assert_eq!(Xor::BYTES, 4 * Xor::PARAMETERS);
///
/// let network: Xor = Network::new(layers![Dense::new(), Dense::new()]);
/// assert_eq!(network.predict(&[0.0, 1.0]), [0.5]);
/// ```
///
/// To choose a size at run time, compile every size that can be chosen, and hide them behind a trait of your own:
///
/// ```
/// use stackprop::{Chain, Dense, Model, Network, Relu, argmax};
///
/// trait Classify {
///     fn classify(&self, input: &[f32; 4]) -> usize;
/// }
///
/// impl<N: Model<Scalar = f32, Input = [f32; 4], Output = [f32; 3]>> Classify for N {
///     fn classify(&self, input: &[f32; 4]) -> usize {
///         argmax(&self.predict(input))
///     }
/// }
///
/// type Classifier<const HIDDEN: usize> = Network<4, Chain![Dense<4, HIDDEN, Relu>, Dense<HIDDEN, 3>]>;
///
/// fn of_size(hidden: usize) -> Option<Box<dyn Classify>> {
///     match hidden {
///         8 => Some(Box::new(Classifier::<8>::zeros())),
///         32 => Some(Box::new(Classifier::<32>::zeros())),
///         _ => None, // not compiled
///     }
/// }
///
/// assert_eq!(of_size(32).unwrap().classify(&[1.0, 2.0, 3.0, 4.0]), 0);
/// assert!(of_size(33).is_none());
/// ```
// The compiler shows the next line if a generic argument is missing, and that of `new` if it gets too many arguments.
pub struct Network<const IN: usize, L, T = f32> /* number of inputs, layers, scalar */ {
    /// The layers: one, or nested pairs `(a, (b, c))`.
    pub layers: L,
    scalar: PhantomData<fn() -> T>,
}

impl<const IN: usize, L: Clone + Parameters<T>, T: Scalar> Clone for Network<IN, L, T> {
    /// Returns a copy by value, which crosses the stack. For a large network, use [`clone_from`](Clone::clone_from),
    /// [`Parameters::copy_from`] or [`Zero::boxed_clone`].
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
    /// Makes a network of these layers. Each must take what the one before it produces.
    ///
    /// Write the layers inline, `Network::new(layers![...])`: then the compiler's message about a layer that does not
    /// fit points at that layer.
    pub const fn new(layers: L /* one layer, or `layers![a, b, c]` */) -> Self
    where
        L: Layer<[T; IN]>,
    {
        let () = L::VALID;
        Self { layers, scalar: PhantomData }
    }

    /// A network whose parameters are all zero, to be initialised in place ([`init`](Network::init)) or loaded.
    ///
    /// A `static` initialised with it takes no flash. To make a large network on the heap, use [`Zero::boxed`].
    pub const fn zeros() -> Self
    where
        L: Layer<[T; IN]> + Zero,
    {
        let () = L::VALID;
        Self::ZERO
    }

    /// Initialises all parameters in place. The generator must implement the `Rng` of
    /// [`stackprop::rand`](crate::rand), which is `rand` 0.10.
    pub fn init<I: Initializer<T>, R: Generator + ?Sized>(&mut self, initializer: &I, rng: &mut R)
    where
        L: Parameters<T>,
    {
        crate::init::fill_all(self, initializer, rng);
    }

    /// The outputs for one input: `[IN] -> [OUT]`.
    // Not `-> L::Output`: the compiler would then report layers that do not fit as a missing method.
    #[inline]
    pub fn predict<O>(&self, input: &[T; IN]) -> O
    where
        L: Layer<[T; IN], Output = O>,
    {
        predict(&self.layers, input)
    }

    /// Writes the outputs for a batch of inputs: `[B][IN] -> [B][OUT]`, with the same bits as `B` calls of
    /// [`predict`](Network::predict).
    ///
    /// Activations between the layers take [`TILE`] rows of stack, whatever `B` is. With feature `std` and at least 64
    /// inputs, they take 64 rows if these are at most 256 KB; with AVX2 and at least 128 inputs, they take 128 rows under
    /// the same condition.
    pub fn predict_batch<const B: usize, O>(&self, inputs: &[[T; IN]; B], outputs: &mut [O; B])
    where
        L: Layer<[T; IN], Output = O>,
    {
        predict_rows(&self.layers, inputs, outputs);
    }

    /// [`predict_batch`](Network::predict_batch) for a number of inputs that is known at run time:
    /// `[n][IN] -> [n][OUT]`.
    ///
    /// ```
    /// use stackprop::{Dense, Network};
    ///
    /// let network = Network::new(Dense::<2, 1>::from_parameters([[1.0], [10.0]], [0.5]));
    /// let inputs = vec![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    /// let mut outputs = vec![[0.0]; inputs.len()];
    /// network.predict_many(&inputs, &mut outputs)?;
    /// assert_eq!(outputs, [[21.5], [43.5], [65.5]]);
    /// # Ok::<(), stackprop::RowsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RowsError::Outputs`] if the numbers of outputs and inputs differ. Nothing is written then.
    pub fn predict_many(&self, inputs: &[[T; IN]], outputs: &mut [L::Output]) -> Result<(), RowsError>
    where
        L: Layer<[T; IN]>,
    {
        predict_many(&self.layers, inputs, outputs)
    }

    /// The outputs for the next input of a sequence: `[IN] -> [OUT]`.
    ///
    /// `memory` holds what recurrent layers carry from one input to the next. It is zero at the start of a sequence. In
    /// a network without recurrent layers, it is `()` or pairs of it.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Zero};
    ///
    /// let network = Network::new(Dense::<1, 1>::from_parameters([[2.0]], [1.0]));
    /// let mut memory = Zero::ZERO;
    /// assert_eq!(network.step(&mut memory, &[3.0]), [7.0]); // no layer carries anything: as `predict`
    /// ```
    #[inline]
    pub fn step(&self, memory: &mut L::Memory, input: &[T; IN]) -> L::Output
    where
        L: Layer<[T; IN]>,
    {
        dispatch!(|kernel| kernel.run(Step { kernel, layers: &self.layers, memory, input }))
    }

    /// Loads all parameters from a safetensors file: see [`weights::load`](crate::weights::load).
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the file does not have exactly the network's tensors. Nothing is changed then.
    pub fn load(&mut self, file: &[u8], names: Names<'_>) -> Result<(), LoadError>
    where
        L: Parameters<T>,
    {
        weights::load(self, file, names)
    }

    /// Saves all parameters as a safetensors file: see [`weights::save`](crate::weights::save).
    ///
    /// # Errors
    ///
    /// [`SaveError`] if `write` fails or the names do not suit.
    pub fn save<E>(
        &self,
        names: Names<'_>,
        write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), SaveError<E>>
    where
        L: Parameters<T>,
    {
        weights::save(self, names, write)
    }

    /// Saves all parameters, and `input` with the network's outputs for it, as an [`Example`] for a self-test.
    ///
    /// ```
    /// use stackprop::weights::{Example, Names};
    /// use stackprop::{Dense, Network};
    ///
    /// let network = Network::new(Dense::<2, 1>::from_parameters([[1.0], [10.0]], [0.5]));
    /// let mut file = vec![];
    /// network.save_with_example(Names::Sequential, &[0.5, 0.25], |bytes| {
    ///     file.extend_from_slice(bytes);
    ///     Ok::<(), std::convert::Infallible>(())
    /// })?;
    ///
    /// let example = Example::<[f32; 2], [f32; 1]>::read(&file)?;
    /// assert_eq!((example.input, example.output), ([0.5, 0.25], [3.5]));
    /// network.verify(&example)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SaveError`] as by [`save`](Network::save).
    pub fn save_with_example<E>(
        &self,
        names: Names<'_>,
        input: &[T; IN],
        write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), SaveError<E>>
    where
        L: Parameters<T> + Layer<[T; IN]>,
    {
        let output = predict(&self.layers, input);
        weights::save_with_example(self, names, input, output.as_slice(), write)
    }

    /// Compares the parameters' checksum with an example's, computes its outputs again, and compares their bits. Any NaN
    /// is equal to any other.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if the parameters have changed, or with the first output that has other bits.
    pub fn verify<O>(&self, example: &Example<[T; IN], O>) -> Result<(), Mismatch<T>>
    where
        L: Parameters<T> + Layer<[T; IN], Output = O>,
        O: Vector<Scalar = T>,
    {
        let (found, expected) = (self.checksum(), example.parameters);
        if found != expected {
            return Err(Mismatch::Checksum { expected, found });
        }
        let output = predict(&self.layers, &example.input);
        let pairs = output.as_slice().iter().zip(example.output.as_slice());
        for (index, (found, expected)) in (0..O::LEN).zip(pairs) {
            let both_nan = [found, expected].iter().all(|x| x.partial_cmp(x).is_none());
            if found.to_bits() != expected.to_bits() && !both_nan {
                return Err(Mismatch::Output { index, expected: *expected, found: *found });
            }
        }
        Ok(())
    }

    /// A table of the layers: shapes, parameters, bytes, multiply-accumulates. See [`Summary`].
    #[must_use]
    pub const fn summary(&self) -> Summary<[T; IN], L>
    where
        L: Train<[T; IN]>,
    {
        Summary::new()
    }

    /// Shows one input to the layers that collect statistics ([`Standardize`](crate::Standardize),
    /// [`BatchNorm`](crate::BatchNorm)), from the first layer to the last. Returns the outputs with the new statistics.
    pub fn observe(&mut self, input: &[T; IN]) -> L::Output
    where
        L: Layer<[T; IN]>,
    {
        dispatch!(|kernel| self.layers.observe(kernel, &mut { L::Memory::ZERO }, input))
    }
}

#[inline(always)]
fn predict<X: Vector, L: Layer<X>>(layers: &L, input: &X) -> L::Output {
    dispatch!(|kernel| kernel.run(Predict { kernel, layers, input }))
}

/// Infers all rows, with feature `threads` on several threads.
fn predict_rows<X: Vector, L: Layer<X>>(layers: &L, inputs: &[X], outputs: &mut [L::Output]) {
    #[cfg(feature = "threads")]
    if let Some(division) = Division::of(inputs.len().min(outputs.len()), L::MACS) {
        return division.share([outputs], |rows, [outputs]| {
            predict_part(layers, inputs.get(rows).unwrap_or_default(), outputs);
        });
    }
    predict_part(layers, inputs, outputs);
}

/// As many rows at a time as there is stack for; one, if the layers have a memory, which passes from row to row.
fn predict_part<X: Vector, L: Layer<X>>(layers: &L, inputs: &[X], outputs: &mut [L::Output]) {
    let () = L::VALID;
    if const { size_of::<L::Memory>() > 0 } {
        dispatch!(|kernel| kernel.run(Infer::<1, _, _, _, _> { kernel, layers, inputs, outputs }));
    } else if const { fits::<WIDE_TILE, X, L>() } && inputs.len() >= WIDE_TILE {
        dispatch!(|kernel| predict_wide(kernel, layers, inputs, outputs));
    } else {
        dispatch!(|kernel| kernel.run(Infer::<TILE, _, _, _, _> { kernel, layers, inputs, outputs }));
    }
}

/// Whether the stack has room for the activations of this many rows.
const fn fits<const ROWS: usize, X: Vector, L: Layer<X>>() -> bool {
    cfg!(feature = "std") && size_of::<L::Scratch<ROWS, Outside, Outside>>() <= WIDE_TILE_BYTES
}

/// [`predict_rows`] for at least [`WIDE_TILE`] rows, if that many fit.
fn predict_wide<K: Kernel, X: Vector, L: Layer<X>>(
    kernel: K,
    layers: &L,
    inputs: &[X],
    outputs: &mut [L::Output],
) {
    if const { K::LONGER_TILES && fits::<LONGER_TILE, X, L>() } && inputs.len() >= LONGER_TILE {
        kernel.run(Infer::<LONGER_TILE, _, _, _, _> { kernel, layers, inputs, outputs });
    } else {
        kernel.run(Infer::<WIDE_TILE, _, _, _, _> { kernel, layers, inputs, outputs });
    }
}

fn predict_many<X: Vector, L: Layer<X>>(
    layers: &L,
    inputs: &[X],
    outputs: &mut [L::Output],
) -> Result<(), RowsError> {
    if outputs.len() != inputs.len() {
        return Err(RowsError::Outputs { rows: outputs.len(), samples: inputs.len() });
    }
    predict_rows(layers, inputs, outputs);
    Ok(())
}

/// Infers one row, with a memory of zero. (Two references are passed in registers, three would not be.)
struct Predict<'a, K, L, X> {
    kernel: K,
    layers: &'a L,
    input: &'a X,
}

impl<K: Kernel, X: Vector, L: Layer<X>> Task for Predict<'_, K, L, X> {
    type Output = L::Output;

    #[inline(always)]
    fn run(self) -> L::Output {
        let Self { kernel, layers, input } = self;
        infer_one(layers, Inline(kernel), &mut { L::Memory::ZERO }, input)
    }
}

/// Infers one row. A separate task, so that the compiler knows that there is only one.
struct Step<'a, K, L, M, X> {
    kernel: K,
    layers: &'a L,
    memory: &'a mut M,
    input: &'a X,
}

impl<K: Kernel, X: Vector, L: Layer<X>> Task for Step<'_, K, L, L::Memory, X> {
    type Output = L::Output;

    #[inline(always)]
    fn run(self) -> L::Output {
        let Self { kernel, layers, memory, input } = self;
        infer_one(layers, Inline(kernel), memory, input)
    }
}

/// Infers all rows, up to `ROWS` at a time, each time with a memory of zero.
struct Infer<'a, const ROWS: usize, K, L, X, Y> {
    kernel: K,
    layers: &'a L,
    inputs: &'a [X],
    outputs: &'a mut [Y],
}

impl<const ROWS: usize, K: Kernel, X: Vector, L: Layer<X>> Task for Infer<'_, ROWS, K, L, X, L::Output> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { kernel, layers, inputs, outputs } = self;
        let mut scratch = scratch::Memory::<_, L::Scratch<ROWS, Outside, Outside>>::new();
        for (inputs, outputs) in inputs.chunks(ROWS).zip(outputs.chunks_mut(ROWS)) {
            let mut memory = L::Memory::ZERO;
            layers.infer_from(kernel, &mut memory, Rows::Given(inputs), outputs, &mut scratch.scratch());
        }
    }
}

/// The number of rows that [`Network::predict_batch`] infers at once.
pub const TILE: usize = 16;

/// The number of rows that it infers at once where the stack is large. The weights of wide layers, which do not fit
/// into the inner caches, are then read a quarter as often.
const WIDE_TILE: usize = 64;
/// The same for a level that copies weights for each tile.
const LONGER_TILE: usize = 128;
/// The stack that these rows may take.
const WIDE_TILE_BYTES: usize = 256 << 10;

impl<const IN: usize, L: Parameters<T>, T: Scalar> Network<IN, L, T> {
    /// The number of parameters, trained or not.
    pub const PARAMETERS: usize = L::PARAMETERS;

    /// The memory that the network takes, in bytes.
    pub const BYTES: usize = size_of::<Self>();
}

impl<const IN: usize, L: Layer<[T; IN]>, T: Scalar> Network<IN, L, T> {
    /// The multiply-accumulates of one inference: in `Dense` layers, the number of weights.
    pub const MACS: usize = L::MACS;

    /// The stack that [`predict`](Network::predict) takes for activations, in bytes. In a chain, this is the longest two
    /// neighbouring vectors that are neither the network's input nor its output; a [`Residual`](crate::Residual) and a
    /// [`Parallel`](crate::Parallel) need one more. Excludes the output and the call frames.
    pub const INFERENCE_BYTES: usize = size_of::<L::Scratch<1, Outside, Outside>>();
}

zero_struct!([const IN: usize, L: Zero, T] Network<IN, L, T> { layers, scalar });

impl<const IN: usize, L: Parameters<T>, T: Scalar> Persist for Network<IN, L, T> {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        parts.parameters::<T, Self>("", read, write);
    }
}
boxed!([const IN: usize, L: Layer<[T; IN]> + Zero, T: Scalar] Network<IN, L, T>, asserts L::VALID);

impl<S: Source, const IN: usize, L, T: Scalar> FromFile<S, T> for Network<IN, L, T>
where
    L: FromFile<S, T> + Layer<[T; IN]>,
{
    const LOADED: Self = Self::new(L::LOADED);
}

// (Functions, because a closure would be another one for each walk.)
impl<const IN: usize, L, T> Network<IN, L, T> {
    #[inline(always)]
    fn all_layers(&self) -> &L {
        &self.layers
    }

    #[inline(always)]
    fn all_layers_mut(&mut self) -> &mut L {
        &mut self.layers
    }
}

impl<const IN: usize, L: Parameters<T>, T: Scalar> Parameters<T> for Network<IN, L, T> {
    const PARAMETERS: usize = L::PARAMETERS;
    const LAYERS: usize = L::LAYERS;
    const SCHEMA: Schema = L::SCHEMA;
    type Trained = Network<IN, L::Trained, T>;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        L::walk(first_layer, map(read, Network::all_layers), map(write, Network::all_layers_mut), visit);
    }

    #[inline]
    fn walk_trained<const R: usize, const W: usize>(
        first_layer: usize,
        parameters: &mut Self,
        read: [&Self::Trained; R],
        write: [&mut Self::Trained; W],
        visit: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    ) {
        let (read, write) = (map(read, Network::all_layers), map(write, Network::all_layers_mut));
        L::walk_trained(first_layer, &mut parameters.layers, read, write, visit);
    }
}

/// A [`Network`] whose layers can be trained: the bound for functions that are generic over networks.
///
/// ```
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop::{Dataset, Fault, Gradients, LossOf, Model, Sgd, StepError, Trainer, Workspace, init};
///
/// /// Initialises `network`, trains it by gradient descent, and keeps the best copy in `best`.
/// fn train<N: Model<Scalar = f32>, C, D>(
///     network: &mut N,
///     best: &mut N,
///     trainer: &mut Trainer<N, Sgd, 8>,
///     loss: &C,
///     data: &D,
/// ) -> Result<f32, StepError>
/// where
///     C: LossOf<N, D::Target>,
///     D: Dataset<Input = N::Input>,
/// {
///     network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
///     let mut least = f32::INFINITY;
///     for _ in 0..100 {
///         let before = trainer.step(network, &Sgd { learning_rate: 0.5 }, loss, data)?;
///         if before < least {
///             least = before;
///             best.copy_from(network);
///         }
///     }
///     Ok(least)
/// }
///
/// /// The square of the gradient's norm, and the outputs for one input.
/// fn inspect<N: Model, C, D>(network: &N, loss: &C, data: &D, input: &N::Input) -> Result<(f64, N::Output), Fault>
/// where
///     C: LossOf<N, D::Target>,
///     D: Dataset<Input = N::Input>,
/// {
///     use stackprop::Scalar;
///
///     let (mut gradients, mut workspace) = (Gradients::<N>::zeros(), Workspace::<N, 8>::zeros());
///     workspace.gradient(network, loss, data, &mut gradients)?;
///     let mut square = 0.0;
///     gradients.visit(|_, values| square += values.iter().map(|g| g.to_f64() * g.to_f64()).sum::<f64>());
///     Ok((square, network.predict(input)))
/// }
///
/// use stackprop::{Dense, Network, Quadratic};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let data = [([0.0], [1.0]), ([1.0], [3.0])];
/// let (mut line, mut best, mut trainer) = (Line::zeros(), Line::zeros(), Trainer::zeros());
/// assert!(train(&mut line, &mut best, &mut trainer, &Quadratic, &data)? < 1e-3);
/// let (square, [y]) = inspect(&best, &Quadratic, &data, &[1.0])?;
/// assert!(square < 1e-3 && (y - 3.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Model: Parameters<<Self as Model>::Scalar> + Zero {
    /// `f32` or `f64`.
    type Scalar: Scalar;
    /// `[T; IN]`
    type Input: Vector<Scalar = Self::Scalar>;
    /// `[T; OUT]`
    type Output: Vector<Scalar = Self::Scalar>;
    /// The layers.
    type Layers: Train<Self::Input, Output = Self::Output>;

    /// The layers.
    fn layers(&self) -> &Self::Layers;

    /// The layers, mutable.
    fn layers_mut(&mut self) -> &mut Self::Layers;

    /// The layers of a gradient.
    #[doc(hidden)]
    fn trained_layers_mut(trained: &mut Self::Trained) -> &mut TrainedLayers<Self>;

    /// See [`Network::init`].
    fn init<I: Initializer<Self::Scalar>, R: Generator + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        crate::init::fill_all(self, initializer, rng);
    }

    /// See [`Network::summary`].
    #[must_use]
    fn summary(&self) -> Summary<Self::Input, Self::Layers> {
        Summary::new()
    }

    /// See [`Network::predict`].
    #[inline]
    fn predict(&self, input: &Self::Input) -> Self::Output {
        predict(self.layers(), input)
    }

    /// See [`Network::predict_many`].
    ///
    /// # Errors
    ///
    /// [`RowsError::Outputs`] if the numbers of outputs and inputs differ. Nothing is written then.
    fn predict_many(&self, inputs: &[Self::Input], outputs: &mut [Self::Output]) -> Result<(), RowsError> {
        predict_many(self.layers(), inputs, outputs)
    }
}

/// The layers of a gradient.
#[doc(hidden)]
pub type TrainedLayers<N> = <<N as Model>::Layers as Parameters<<N as Model>::Scalar>>::Trained;

impl<const IN: usize, L, T: Scalar> Model for Network<IN, L, T>
where
    L: Train<[T; IN]> + Zero,
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

    #[inline]
    fn trained_layers_mut(trained: &mut Network<IN, L::Trained, T>) -> &mut L::Trained {
        &mut trained.layers
    }
}
