//! Samples, and mini-batches of them, in order or shuffled, without a heap.

use core::borrow::Borrow;

pub mod augment;
mod balanced;
mod cached;
mod chained;
mod error;
mod forward;
mod k_fold;
mod map;
mod mini_batch;
mod mixup;
mod part;
mod reorder;
mod sample_rng;
mod samples;
mod shuffle;
mod split;
mod statistics;
mod stratified;
mod weighted;

pub use balanced::Balanced;
pub use cached::Cached;
pub use chained::Chained;
pub use error::DataError;
pub use k_fold::{Folds, KFold};
pub use map::{MapInputs, MapTargets, ModifyInputs};
pub use mini_batch::{Batches, MiniBatch, MiniBatches};
pub use mixup::Mixup;
pub use part::Part;
pub use reorder::{Indexed, Shuffled};
pub use sample_rng::SampleRng;
pub use samples::{LengthMismatch, Samples};
pub use shuffle::Permutation;
pub use statistics::{Statistics, StatisticsError};
pub use weighted::Weighted;

use crate::generator::Generator;
use crate::loss::{Class, Target};
use crate::vector::Vector;
use crate::zero::Zero;
use augment::{Augment, AugmentError, Augmented};
use forward::types_of;

/// Samples: inputs, and the targets that the outputs are compared with.
///
/// Slices and arrays of pairs `(input, target)` are data sets, and so is [`Samples`], two slices of equal length.
/// Your own data set can decode its source (bytes in flash, a file) into the buffer that the caller provides, and decode targets, too:
///
/// ```
/// use stackprop::{Class, Dataset};
///
/// /// Records of two pixels and a label.
/// struct Records(&'static [[u8; 3]]);
///
/// impl Dataset for Records {
///     type Input = [f32; 2];
///     type Target = Class<10>;
///     type TargetRef<'a> = Class<10>; // computed; `&'a Class<10>` if the classes were in memory
///
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///
///     fn sample(&self, index: usize, input: &mut [f32; 2]) -> Option<Class<10>> {
///         let [a, b, label] = *self.0.get(index)?;
///         *input = [a, b].map(|pixel| f32::from(pixel) / 255.0);
///         Class::new(label.into())
///     }
/// }
///
/// let data = Records(&[[0, 255, 3], [51, 0, 7]]);
/// let mut input = [0.0; 2];
/// assert_eq!((data.sample(1, &mut input), input), (Class::new(7), [0.2, 0.0]));
/// ```
///
/// Provided methods make data sets from others: parts, orders, maps, random changes. See also [`KFold`], [`Balanced`], [`Weighted`] and
/// [`Statistics`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set",
    label = "not a data set",
    note = "a data set is a slice or an array of pairs `(input, target)`, or `Samples` of two slices",
    note = "`step` takes one data set; `epoch` takes many, such as `MiniBatches::in_order(&data, size)`"
)]
pub trait Dataset {
    /// The input of the network it is for, `[T; IN]`.
    type Input;

    /// What the output for a sample is compared with.
    type Target;

    /// What [`sample`](Dataset::sample) returns of a target: `&'a Target` if it is in memory, `Target` if it is computed.
    ///
    /// Trainers keep one for each sample of a tile on the stack, and only then borrow the targets from them.
    type TargetRef<'a>: Borrow<Self::Target>
    where
        Self: 'a;

    /// Whether the samples are drawn anew for each epoch, by a method `at_epoch`, as those of [`Augmented`].
    ///
    /// Code that trains for many epochs can then refuse a data set that stays that of one epoch.
    const BY_EPOCH: bool = false;

    /// The number of samples.
    fn len(&self) -> usize;

    /// Writes the input of sample `index` to `input` and returns its target; `None` unless `index < len()`.
    ///
    /// If it returns `None` for an index below `len()`, gradients, losses and steps end with
    /// [`Fault::MissingSample`](crate::Fault::MissingSample).
    fn sample(&self, index: usize, input: &mut Self::Input) -> Option<Self::TargetRef<'_>>;

    /// The target of sample `index` alone; `None` unless `index < len()`.
    ///
    /// The default computes the input, too. Data sets that can do without override it.
    fn target(&self, index: usize) -> Option<Self::TargetRef<'_>>
    where
        Self::Input: Zero,
    {
        self.sample(index, &mut { Self::Input::ZERO })
    }

    /// The index under which a [`Fault`](crate::Fault) reports sample `index`: for a part of another data set,
    /// the index in that data set.
    fn source_index(&self, index: usize) -> usize {
        index
    }

    /// The `samples` samples from `first` on, if inputs and targets are contiguous in memory, so that inputs need
    /// not be copied. Otherwise `None`.
    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, Self::Input, Self::Target>> {
        let _ = (first, samples);
        None
    }

    /// Returns whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `samples` samples, or all if there are fewer.
    ///
    /// Like all adapters, it takes the data set by value, which can be a reference: `(&data).take(2)`.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let data = [([1.0], 'a'), ([2.0], 'b'), ([3.0], 'c')];
    /// let mut input = [0.0];
    /// assert_eq!((&data).skip(1).take(1).sample(0, &mut input), Some(&'b'));
    /// assert_eq!(input, [2.0]);
    /// ```
    fn take(self, samples: usize) -> Part<Self>
    where
        Self: Sized,
    {
        Part::new(self, 0, samples)
    }

    /// All but the first `samples` samples.
    fn skip(self, samples: usize) -> Part<Self>
    where
        Self: Sized,
    {
        Part::new(self, samples, usize::MAX)
    }

    /// The samples of this data set, then those of `other`. Targets are cloned, unless the samples are contiguous in memory.
    ///
    /// A [`Fault`](crate::Fault) reports the index in the chain: the two may have different sources.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let chained = [([1.0], 'a'), ([2.0], 'b')].chain([([3.0], 'c')]);
    /// assert_eq!((chained.len(), chained.target(2)), (3, Some('c')));
    /// ```
    fn chain<E: Dataset<Input = Self::Input, Target = Self::Target>>(self, other: E) -> Chained<Self, E>
    where
        Self: Sized,
    {
        Chained { first: self, second: other }
    }

    /// This data set in a random order, which is computed, not stored.
    ///
    /// [`MiniBatches::shuffled`] draws a new order for each epoch. This one stays, for example to be split.
    ///
    /// ```
    /// use stackprop::Dataset;
    /// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
    ///
    /// let data: [([f32; 1], usize); 100] = core::array::from_fn(|i| ([0.0], i));
    /// let shuffled = (&data).shuffled(&mut Xoshiro128PlusPlus::seed_from_u64(1));
    /// let [train, validation, test] = shuffled.split_ratio([8, 1, 1])?;
    /// assert_eq!([train.len(), validation.len(), test.len()], [80, 10, 10]);
    /// # Ok::<(), stackprop::data::DataError>(())
    /// ```
    fn shuffled<R: Generator + ?Sized>(self, rng: &mut R) -> Shuffled<Self>
    where
        Self: Sized,
    {
        let order = Permutation::random(self.len(), rng);
        Shuffled::new(self, order)
    }

    /// The samples that `indices` names, in its order; an index may occur many times.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let data = [([1.0], 'a'), ([2.0], 'b'), ([3.0], 'c')];
    /// assert_eq!((&data).indexed(&[2, 0]).target(0), Some(&'c'));
    /// ```
    fn indexed(self, indices: &[u32]) -> Indexed<'_, Self>
    where
        Self: Sized,
    {
        Indexed::new(self, indices)
    }

    /// Parts with these numbers of samples, one after the other, in the order of the data set.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let data = [([0.0], 'a'), ([0.0], 'b'), ([0.0], 'c'), ([0.0], 'd')];
    /// let [train, test] = data.split_counts([3, 1])?;
    /// assert_eq!((train.target(2), test.target(0), test.source_index(0)), (Some(&'c'), Some(&'d'), 3));
    /// # Ok::<(), stackprop::data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Counts`] unless the counts add up to `len()`.
    fn split_counts<const P: usize>(&self, counts: [usize; P]) -> Result<[Part<&Self>; P], DataError> {
        split::parts(self, counts)
    }

    /// Parts in this ratio: `[8, 1, 1]` makes parts of 80, 10 and 10 percent.
    ///
    /// Each has `floor(len ratio_p / sum)` samples. What is left goes, one by one, to the first parts, as in PyTorch's `random_split`.
    /// The order is that of the data set; see [`shuffled`](Dataset::shuffled).
    ///
    /// # Errors
    ///
    /// [`DataError::Ratio`] if all numbers are 0, or add up to 2^32 or more. [`DataError::EmptyPart`] if a part would have no samples,
    /// although its number is not 0.
    fn split_ratio<const P: usize>(&self, ratio: [u32; P]) -> Result<[Part<&Self>; P], DataError> {
        split::parts(self, split::counts_of(self.len(), ratio)?)
    }

    /// Parts of the sizes of [`split_ratio`](Dataset::split_ratio), each with every class in proportion.
    ///
    /// The number of samples of a class in a part is off by at most one from its share `class samples * part samples / len()`, and
    /// by less than one if there are two parts. In each class, the first samples go to the first part, and so on; the order within a part is that of
    /// the data set. Shuffle the data set before if its order matters.
    ///
    /// The order needs memory that the caller provides: 4 bytes a sample. (Without memory, each access would have
    /// to search all samples for one of a class.) Each target is read once, and once more for each part.
    ///
    /// ```
    /// use stackprop::{Class, Dataset};
    ///
    /// let class = |index| Class::<2>::new(index).unwrap();
    /// let data = [0, 0, 0, 0, 0, 0, 1, 1, 1].map(|index| ([0.0], class(index)));
    /// let mut order = [0; 9];
    /// let [train, test] = data.split_stratified([2, 1], &mut order)?;
    /// assert_eq!((train.class_counts()?, test.class_counts()?), ([4, 2], [2, 1]));
    /// # Ok::<(), stackprop::data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`split_ratio`](Dataset::split_ratio); [`DataError::Buffer`] if `order` is shorter than the data set;
    /// [`DataError::Missing`] if a sample is missing.
    fn split_stratified<'i, const N: usize, const P: usize>(
        &self,
        ratio: [u32; P],
        order: &'i mut [u32],
    ) -> Result<[Part<Indexed<'i, &Self>>; P], DataError>
    where
        Self: Dataset<Target = Class<N>, Input: Zero>,
    {
        let sizes = split::counts_of(self.len(), ratio)?;
        let shares = stratified::shares(&stratified::counts(self)?, &sizes, self.len());
        let order =
            stratified::order(self, order, P, |class, rank| stratified::part_of(shares.get(class), rank))?;
        split::parts(Indexed::new(self, order), sizes)
    }

    /// The number of samples of each class.
    ///
    /// # Errors
    ///
    /// [`DataError::Missing`] if a sample is missing.
    fn class_counts<const N: usize>(&self) -> Result<[usize; N], DataError>
    where
        Self: Dataset<Target = Class<N>, Input: Zero>,
    {
        stratified::counts(self)
    }

    /// This data set with inputs that `function` computes.
    ///
    /// A source input is decoded to the stack first; [`modify_inputs`](Dataset::modify_inputs) needs none.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let images = [([0, 255], 'a'), ([51, 0], 'b')];
    /// let data = (&images).map_inputs(|bytes: &[u8; 2], x: &mut [f32; 2]| *x = bytes.map(|b| f32::from(b) / 255.0));
    /// let mut input = [0.0; 2];
    /// assert_eq!((data.sample(1, &mut input), input), (Some(&'b'), [0.2, 0.0]));
    /// ```
    fn map_inputs<X, F: Fn(&Self::Input, &mut X)>(self, function: F) -> MapInputs<Self, F, X>
    where
        Self: Sized,
    {
        MapInputs { data: self, function, input: core::marker::PhantomData }
    }

    /// This data set with inputs that `function` changes in place.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let data = [([2.0, 4.0], 'a')].modify_inputs(|x| *x = x.map(|x| x / 2.0));
    /// let mut input = [0.0; 2];
    /// assert_eq!((data.sample(0, &mut input), input), (Some(&'a'), [1.0, 2.0]));
    /// ```
    fn modify_inputs<F: Fn(&mut Self::Input)>(self, function: F) -> ModifyInputs<Self, F>
    where
        Self: Sized,
    {
        ModifyInputs { data: self, function }
    }

    /// This data set with targets that `function` computes.
    ///
    /// ```
    /// use stackprop::{Class, Dataset};
    ///
    /// let data = [([1.0], 7), ([2.0], 8)].map_targets(|label| Class::<2>::new(label % 2).unwrap());
    /// assert_eq!(data.target(0).map(Class::index), Some(1));
    /// ```
    fn map_targets<Y, F: Fn(&Self::Target) -> Y>(self, function: F) -> MapTargets<Self, F>
    where
        Self: Sized,
    {
        MapTargets { data: self, function }
    }

    /// This data set with inputs that are changed at random: see [`augment`](mod@augment).
    ///
    /// The random numbers of a sample are a function of `seed`, the [epoch](Augmented::at_epoch), 0 at first, and its source index. To apply several
    /// augmentations, give a pair: two calls need different seeds.
    ///
    /// ```
    /// use stackprop::Dataset;
    /// use stackprop::data::augment::{FlipHorizontal, Noise};
    ///
    /// let images = [([0.0, 1.0, 0.0, 1.0], 'a')];
    /// let augmented = images.augmented((FlipHorizontal::<2, 2>, Noise { deviation: 0.1 }), 1)?;
    /// let (mut first, mut second) = ([0.0_f32; 4], [0.0; 4]);
    /// augmented.at_epoch(0).sample(0, &mut first);
    /// augmented.at_epoch(1).sample(0, &mut second);
    /// assert_ne!(first, second);
    /// # Ok::<(), stackprop::data::augment::AugmentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AugmentError`] if a setting of the augmentation is not allowed.
    fn augmented<A: Augment<Self::Input>>(
        self,
        augment: A,
        seed: u32,
    ) -> Result<Augmented<Self, A>, AugmentError>
    where
        Self: Sized,
    {
        let () = A::VALID;
        Augmented::new(self, augment, seed)
    }

    /// This data set with each sample mixed with another, by mixup (Zhang et al. 2018): `l x_i + (1 - l) x_k`, and the same of the targets,
    /// which become vectors, `A`.
    ///
    /// `k` is uniform among all samples, and `l` is of the distribution Beta(alpha, alpha), for `alpha` above 0 (hardly mixed; 0.2 to 0.4
    /// are usual) up to 1 (`l` is uniform). Both are functions of `seed`, the [epoch](Mixup::at_epoch) and the source index of `i`. Each sample is
    /// read with its partner, which is read to the stack.
    ///
    /// ```
    /// use stackprop::{Class, Dataset, MiniBatches};
    ///
    /// let class = |index| Class::<2>::new(index).unwrap();
    /// let data = [([0.0, 4.0], class(0)), ([8.0, 0.0], class(1))];
    /// let mixed = data.mixup::<[f32; 2]>(0.4, 1)?;
    /// let mut input = [0.0; 2];
    /// for epoch in 0..10 {
    ///     let [a, b] = mixed.at_epoch(epoch).sample(0, &mut input).unwrap();
    ///     assert_eq!(input, [8.0 * b, 4.0 * a]);
    /// }
    /// # Ok::<(), stackprop::data::augment::AugmentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AugmentError`] unless `alpha` is in (0, 1].
    fn mixup<A: Vector>(self, alpha: f64, seed: u32) -> Result<Mixup<Self, A>, AugmentError>
    where
        Self: Sized + Dataset<Input: Vector<Scalar = A::Scalar>, Target: Target<A>>,
    {
        Mixup::new(self, alpha, seed)
    }

    /// Computes all samples once, into buffers of at least `len()` inputs and targets, from where they are read in place.
    ///
    /// ```
    /// use stackprop::Dataset;
    ///
    /// let data = [([2.0], 'a'), ([4.0], 'b')].modify_inputs(|[x]| *x *= 2.0);
    /// let (mut inputs, mut targets) = ([[0.0; 1]; 2], ['?'; 2]);
    /// let cached = data.cached(&mut inputs, &mut targets)?;
    /// assert_eq!(cached.samples().inputs(), [[4.0], [8.0]]);
    /// # Ok::<(), stackprop::data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Buffer`] if a buffer is too short. [`DataError::Missing`] if a sample is missing.
    fn cached<'b>(
        self,
        inputs: &'b mut [Self::Input],
        targets: &'b mut [Self::Target],
    ) -> Result<Cached<'b, Self>, DataError>
    where
        Self: Sized + Dataset<Target: Clone>,
    {
        Cached::new(self, inputs, targets)
    }
}

impl<X: Copy, Y> Dataset for [(X, Y)] {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        let (x, target) = self.get(index)?;
        *input = *x;
        Some(target)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<&Y> {
        self.get(index).map(|(_, target)| target)
    }
}

impl<X: Copy, Y, const N: usize> Dataset for [(X, Y); N] {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        N
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        self.as_slice().sample(index, input)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<&Y> {
        self.get(index).map(|(_, target)| target)
    }
}

impl<D: Dataset + ?Sized> Dataset for &D {
    types_of!(D);

    fn len(&self) -> usize {
        D::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::TargetRef<'_>> {
        D::sample(self, index, input)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<D::TargetRef<'_>>
    where
        D::Input: Zero,
    {
        D::target(self, index)
    }

    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, D::Input, D::Target>> {
        D::contiguous(self, first, samples)
    }

    fn source_index(&self, index: usize) -> usize {
        D::source_index(self, index)
    }
}

#[cfg(feature = "alloc")]
impl<X: Copy, Y> Dataset for alloc::vec::Vec<(X, Y)> {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        Self::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        self.as_slice().sample(index, input)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<&Y> {
        self.get(index).map(|(_, target)| target)
    }
}
