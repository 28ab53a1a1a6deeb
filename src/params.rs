//! The parameters of a network, visited in one fixed order, as flat slices.
//!
//! The order is that of the layers, and in each layer that of its documented fields. In [`Dense`](crate::Dense), the
//! weights come first, input-major: `w[0][0], w[0][1], ...`, one row of OUT weights for each of the IN inputs. Then
//! come the biases. Optimisers, initialisers, checksums and weight files are each one function over this walk.

use core::fmt;
use core::marker::PhantomData;

use crate::array::{map, reborrow};
use crate::hash::Fnv;
use crate::scalar::Scalar;
use crate::schema::{Role, Schema};
use crate::slices::first;
use crate::zero::{Zero, zero_struct};

/// Which parameters a slice holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The layer's place in the network, from 0.
    pub layer: usize,
    /// The purpose of the parameters.
    pub role: Role,
    /// The layer's number of inputs.
    pub fan_in: usize,
    /// The layer's number of outputs.
    pub fan_out: usize,
}

/// Something made of parameters: a layer, a pair of layers, a network, or the gradient or optimiser state of one.
///
/// A layer of your own gets its implementation from [`parameters!`](crate::parameters).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no parameters of type `{T}`",
    note = "a layer gets them from `parameters! {{ ... }}`",
    note = "a layer without parameters for both scalars: `parameters! {{ [const N: usize] Clamp<N>, every T; }}`"
)]
pub trait Parameters<T: Scalar> {
    /// The number of parameters.
    const PARAMETERS: usize;

    /// The number of layers.
    const LAYERS: usize;

    /// The structure: which layers, which blocks, which shapes.
    const SCHEMA: Schema;

    /// The shape of a gradient and of an optimiser's state: the trained parameters.
    ///
    /// `Self` if all parameters are trained; [`Untrained`] if none is, as in [`Frozen`](crate::Frozen) layers. It has
    /// as many layers as `Self`.
    type Trained: Parameters<T, Trained = Self::Trained> + Zero;

    /// Visits the parameters of several values of this shape in lockstep, block by block in the fixed order.
    ///
    /// For each block, `visit` gets the slices of the `R` values that are only read and of the `W` values that may be
    /// written. `first_layer` is the [`Block::layer`] of the first layer.
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    );

    /// Visits the trained parameters in lockstep with values of their shape.
    ///
    /// For each block, `visit` gets the parameters, which may be written, the slices of the `R` values that are only
    /// read, and those of the `W` values that may be written.
    fn walk_trained<const R: usize, const W: usize>(
        first_layer: usize,
        parameters: &mut Self,
        read: [&Self::Trained; R],
        write: [&mut Self::Trained; W],
        visit: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    );

    /// Visits each block of parameters.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Parameters};
    ///
    /// let network = Network::new(Dense::<3, 2>::new());
    /// let mut sizes = vec![];
    /// network.visit(|block, values: &[f32]| sizes.push((block.layer, block.role, values.len())));
    /// assert_eq!(sizes.len(), 2); // 6 weights, then 2 biases
    /// assert_eq!(sizes.iter().map(|s| s.2).sum::<usize>(), 8);
    /// ```
    fn visit(&self, mut visit: impl FnMut(Block, &[T])) {
        Self::walk(0, [self], [], &mut |block, [values], []| visit(block, values));
    }

    /// Visits each block of parameters, mutable.
    fn visit_mut(&mut self, mut visit: impl FnMut(Block, &mut [T])) {
        Self::walk(0, [], [self], &mut |block, [], [values]| visit(block, values));
    }

    /// Copies all parameters of `source` in place, without a copy on the stack.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Parameters};
    ///
    /// let network = Network::new(Dense::<1, 1>::from_parameters([[2.0]], [1.0]));
    /// let mut best = Network::<1, Dense<1, 1>>::zeros();
    /// best.copy_from(&network);
    /// assert_eq!(best, network);
    /// ```
    fn copy_from(&mut self, source: &Self) {
        Self::walk(0, [source], [self], &mut |_, [source], [values]| {
            for (value, source) in values.iter_mut().zip(source) {
                *value = *source;
            }
        });
    }

    /// The FNV-1a hash of all parameters' bits, in the fixed order, each as little-endian bytes.
    ///
    /// Except for collisions, two networks have the same hash exactly if they are the same bit for bit.
    fn checksum(&self) -> u64 {
        let mut hash = Fnv::START;
        self.visit(|_, values| {
            for value in values {
                hash = hash.with(first(&value.to_bits().to_le_bytes(), size_of::<T>()));
            }
        });
        hash.0
    }
}

/// Two layers, or their parameters. (Its methods map arrays. A closure would be another one for each `visit`.)
pub(crate) trait Two {
    type Lower;
    type Upper;

    fn lower(&self) -> &Self::Lower;
    fn lower_mut(&mut self) -> &mut Self::Lower;
    fn upper(&self) -> &Self::Upper;
    fn upper_mut(&mut self) -> &mut Self::Upper;
}

/// Implements [`Two`] and [`Parameters`] for a type `$two` with two parts, `.0` and `.1`. Its `Trained` is `$trained`, the same
/// type with `L::Trained` and `M::Trained`.
macro_rules! parameters_of_two {
    ($L:ident, $M:ident: $two:ty, $trained:ty, $schema:ident) => {
        impl<$L, $M> Two for $two {
            type Lower = $L;
            type Upper = $M;

            #[inline(always)]
            fn lower(&self) -> &$L {
                &self.0
            }

            #[inline(always)]
            fn lower_mut(&mut self) -> &mut $L {
                &mut self.0
            }

            #[inline(always)]
            fn upper(&self) -> &$M {
                &self.1
            }

            #[inline(always)]
            fn upper_mut(&mut self) -> &mut $M {
                &mut self.1
            }
        }

        impl<T: Scalar, $L: Parameters<T>, $M: Parameters<T>> Parameters<T> for $two {
            const PARAMETERS: usize = $L::PARAMETERS + $M::PARAMETERS;
            const LAYERS: usize = $L::LAYERS + $M::LAYERS;
            const SCHEMA: $crate::schema::Schema = $crate::schema::Schema::$schema(&$L::SCHEMA, &$M::SCHEMA);
            type Trained = $trained;

            #[inline]
            fn walk<const R: usize, const W: usize>(
                first_layer: usize,
                read: [&Self; R],
                mut write: [&mut Self; W],
                visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
            ) {
                $L::walk(
                    first_layer,
                    map(read, Two::lower),
                    map(reborrow(&mut write), Two::lower_mut),
                    visit,
                );
                $M::walk(
                    first_layer.saturating_add($L::LAYERS),
                    map(read, Two::upper),
                    map(write, Two::upper_mut),
                    visit,
                );
            }

            #[inline]
            fn walk_trained<const R: usize, const W: usize>(
                first_layer: usize,
                parameters: &mut Self,
                read: [&Self::Trained; R],
                mut write: [&mut Self::Trained; W],
                visit: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
            ) {
                let write_lower = map(reborrow(&mut write), Two::lower_mut);
                $L::walk_trained(first_layer, &mut parameters.0, map(read, Two::lower), write_lower, visit);
                let (first_layer, write_upper) =
                    (first_layer.saturating_add($L::LAYERS), map(write, Two::upper_mut));
                $M::walk_trained(first_layer, &mut parameters.1, map(read, Two::upper), write_upper, visit);
            }
        }
    };
}
pub(crate) use parameters_of_two;

parameters_of_two!(L, M: (L, M), (L::Trained, M::Trained), Chain);

/// The gradient of a layer `L` without trained parameters.
///
/// It has no bytes and no parameters, but as many layers as `L`, so that the layers above keep their indices.
pub struct Untrained<L>(PhantomData<fn() -> L>);

zero_struct!([L] Untrained<L> { 0 });

impl<L> Clone for Untrained<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Untrained<L> {}

impl<L> PartialEq for Untrained<L> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<L> fmt::Debug for Untrained<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Untrained")
    }
}

impl<T: Scalar, L: Parameters<T>> Parameters<T> for Untrained<L> {
    const PARAMETERS: usize = 0;
    const LAYERS: usize = L::LAYERS;
    const SCHEMA: Schema =
        Schema::Leaf { modules: L::SCHEMA.modules(), name: "Untrained", activation: "", fields: &[] };
    type Trained = Self;

    #[inline(always)]
    fn walk<const R: usize, const W: usize>(
        _: usize,
        _: [&Self; R],
        _: [&mut Self; W],
        _: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
    }

    #[inline(always)]
    fn walk_trained<const R: usize, const W: usize>(
        _: usize,
        _: &mut Self,
        _: [&Self; R],
        _: [&mut Self; W],
        _: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    ) {
    }
}

/// An array of scalars, or an array of such arrays, as one slice. Sealed; used by [`parameters!`](crate::parameters).
#[diagnostic::on_unimplemented(
    message = "a parameter of a layer is an array of its scalars, which `{Self}` is not",
    note = "a single number is an array of one: `[T; 1]`",
    note = "fields that hold no parameters are listed under `other`"
)]
pub trait Numbers<T>: sealed::Sealed {
    /// The number of scalars.
    const LEN: usize;

    /// The lengths of the arrays, the outermost first.
    const SHAPE: &'static [usize];

    /// All scalars, in order.
    fn numbers(&self) -> &[T];

    /// All scalars, in order, mutable.
    fn numbers_mut(&mut self) -> &mut [T];
}

mod sealed {
    pub trait Sealed {}
    impl<X, const N: usize> Sealed for [X; N] {}
}

macro_rules! numbers {
    ($([$($n:ident)*] $array:ty: $len:expr, $shape:expr, $numbers:ident => $slice:expr, $slice_mut:expr;)*) => {$(
        impl<T: Scalar, $(const $n: usize),*> Numbers<T> for $array {
            const LEN: usize = $len;
            const SHAPE: &'static [usize] = &$shape;

            #[inline(always)]
            fn numbers(&self) -> &[T] {
                let $numbers = self;
                $slice
            }

            #[inline(always)]
            fn numbers_mut(&mut self) -> &mut [T] {
                let $numbers = self;
                $slice_mut
            }
        }
    )*};
}

numbers! {
    [A] [T; A]: A, [A], x => x, x;
    [A B] [[T; A]; B]: A * B, [B, A], x => x.as_flattened(), x.as_flattened_mut();
    [A B C] [[[T; A]; B]; C]: A * B * C, [C, B, A],
        x => x.as_flattened().as_flattened(), x.as_flattened_mut().as_flattened_mut();
    [A B C D] [[[[T; A]; B]; C]; D]: A * B * C * D, [D, C, B, A],
        x => x.as_flattened().as_flattened().as_flattened(),
        x.as_flattened_mut().as_flattened_mut().as_flattened_mut();
}

/// The number of scalars in a field.
#[doc(hidden)]
pub const fn numbers_of<S, T, F: Numbers<T>>(_: fn(&S) -> &F) -> usize {
    F::LEN
}

/// The lengths of a field's arrays.
#[doc(hidden)]
pub const fn shape_of<S, T, F: Numbers<T>>(_: fn(&S) -> &F) -> &'static [usize] {
    F::SHAPE
}

/// Implements [`Parameters`] and [`Zero`] for a layer, from a list of its fields.
///
/// First come the generic parameters, the type and its scalar, then up to three lists of fields:
///
/// - `trained`: parameters that a gradient changes, each with its [`Role`] and the layer's numbers of inputs and
///   outputs ([`Block::fan_in`], [`Block::fan_out`]), by which initialisers scale;
/// - `fixed`: parameters that no gradient changes, in the same form;
/// - `other`: fields that are not parameters, which must be [`Zero`].
///
/// Every field must be listed. A parameter's type is an array of scalars, or an array of such arrays.
///
/// ```
/// use stackprop::{Parameters, Zero, parameters};
///
/// /// `y_j = by_j x_j`
/// struct Scale<const N: usize> {
///     by: [f32; N],
/// }
///
/// parameters! {
///     [const N: usize] Scale<N>, f32;
///     trained { by: Gain(N, N) }
/// }
///
/// assert_eq!(Scale::<3>::PARAMETERS, 3);
/// assert_eq!(Scale::<3>::ZERO.by, [0.0; 3]);
/// ```
///
/// A layer with both trained and fixed fields names a type for its gradient. That type has the trained fields under the
/// same names, and implements [`Parameters`] itself. It becomes [`Parameters::Trained`], which
/// [`Train::gradients`](crate::Train::gradients) adds to.
///
/// ```
/// # use stackprop::{Parameters, parameters};
/// /// `y_j = gain_j (x_j - mean_j)`
/// struct Centre<const N: usize> {
///     gain: [f32; N],
///     mean: [f32; N],
/// }
///
/// struct CentreGradient<const N: usize> {
///     gain: [f32; N],
/// }
///
/// parameters! {
///     [const N: usize] Centre<N>, f32;
///     trained as CentreGradient<N> { gain: Gain(N, N) }
///     fixed { mean: Mean(N, N) }
/// }
/// parameters! {
///     [const N: usize] CentreGradient<N>, f32;
///     trained { gain: Gain(N, N) }
/// }
///
/// assert_eq!(Centre::<3>::PARAMETERS, 6);
/// assert_eq!(<Centre<3> as Parameters<f32>>::Trained::PARAMETERS, 3);
/// ```
///
/// A layer without trained fields omits `trained`. A layer without parameters that works for both scalars is written
/// `[const N: usize] Clamp<N>, every T;`. The macro compiles in a crate with `#![forbid(unsafe_code)]`.
#[macro_export]
macro_rules! parameters {
    // All trained.
    (
        $(#[$attribute:meta])* [$($generics:tt)*] $name:ty, $scalar:ty;
        trained { $($field:ident: $role:ident($in:expr, $out:expr)),* $(,)? }
        $(other { $($other:ident),* $(,)? })?
    ) => {
        $crate::parameters! {
            @ [$(#[$attribute])*] [$($generics)*] $name, $scalar, Self,
            [$($field: $role($in, $out)),*] [] [$($($other),*)?]
        }
    };
    // Some trained.
    (
        $(#[$attribute:meta])* [$($generics:tt)*] $name:ty, $scalar:ty;
        trained as $trained:ty { $($field:ident: $role:ident($in:expr, $out:expr)),* $(,)? }
        fixed { $($fixed:ident: $fixed_role:ident($fixed_in:expr, $fixed_out:expr)),* $(,)? }
        $(other { $($other:ident),* $(,)? })?
    ) => {
        $crate::parameters! {
            @ [$(#[$attribute])*] [$($generics)*] $name, $scalar, $trained,
            [$($field: $role($in, $out)),*] [$($fixed: $fixed_role($fixed_in, $fixed_out)),*] [$($($other),*)?]
        }
    };
    // Some trained, but without the type of the gradient.
    (
        $(#[$attribute:meta])* [$($generics:tt)*] $name:ty, $scalar:ty;
        trained { $($trained:tt)* } fixed $($rest:tt)*
    ) => {
        compile_error!(
            "a layer with trained and fixed parameters names a type for its gradient, which has the trained fields: \
             `trained as Gradient { ... } fixed { ... }`"
        );
    };
    // None trained.
    (
        $(#[$attribute:meta])* [$($generics:tt)*] $name:ty, $scalar:ty;
        $(fixed { $($fixed:ident: $fixed_role:ident($fixed_in:expr, $fixed_out:expr)),* $(,)? })?
        $(other { $($other:ident),* $(,)? })?
    ) => {
        $crate::parameters! {
            @ [$(#[$attribute])*] [$($generics)*] $name, $scalar, $crate::Untrained<Self>,
            [] [$($($fixed: $fixed_role($fixed_in, $fixed_out)),*)?] [$($($other),*)?]
        }
    };
    // Without parameters, for every scalar.
    ($(#[$attribute:meta])* [$($generics:tt)*] $name:ty, every $scalar:ident; $(other { $($other:ident),* $(,)? })?) => {
        $crate::zero! { $(#[$attribute])* [$($generics)*] $name { $($($other),*)? } }
        $crate::parameters! {
            @ parameters [$scalar: $crate::Scalar, $($generics)*] $name, $scalar, $crate::Untrained<Self>, [] []
        }
    };
    (
        @ [$($attribute:tt)*] [$($generics:tt)*] $name:ty, $scalar:ty, $trained:ty,
        [$($field:ident: $role:ident($in:expr, $out:expr)),*]
        [$($fixed:ident: $fixed_role:ident($fixed_in:expr, $fixed_out:expr)),*]
        [$($other:ident),*]
    ) => {
        $crate::zero! { $($attribute)* [$($generics)*] $name { $($field,)* $($fixed,)* $($other),* } }
        $crate::parameters! {
            @ parameters [$($generics)*] $name, $scalar, $trained,
            [$($field: $role($in, $out)),*] [$($fixed: $fixed_role($fixed_in, $fixed_out)),*]
        }
    };
    (
        @ parameters [$($generics:tt)*] $name:ty, $scalar:ty, $trained:ty,
        [$($field:ident: $role:ident($in:expr, $out:expr)),*]
        [$($fixed:ident: $fixed_role:ident($fixed_in:expr, $fixed_out:expr)),*]
    ) => {
        impl<SOURCE: $crate::weights::compiled::Source, $($generics)*>
            $crate::weights::compiled::FromFile<SOURCE, $scalar> for $name
        {
            #[allow(unused_assignments, unused_mut, unused_variables)]
            const LOADED: Self = {
                let (mut layer, mut block) = (<Self as $crate::Zero>::ZERO, SOURCE::FIRST);
                $(
                    layer.$field = $crate::weights::compiled::read::<SOURCE, $scalar, _>(block);
                    block += 1;
                )*
                $(
                    layer.$fixed = $crate::weights::compiled::read::<SOURCE, $scalar, _>(block);
                    block += 1;
                )*
                layer
            };
        }

        impl<$($generics)*> $crate::Parameters<$scalar> for $name {
            const PARAMETERS: usize = 0
                $(+ $crate::numbers_of(|layer: &Self| &layer.$field))*
                $(+ $crate::numbers_of(|layer: &Self| &layer.$fixed))*;
            const LAYERS: usize = 1;
            const SCHEMA: $crate::Schema = $crate::Schema::Leaf {
                modules: 1,
                name: $crate::Schema::type_name(stringify!($name)),
                activation: "",
                fields: &[
                    $($crate::Field::new(
                        stringify!($field), $crate::Role::$role, $crate::shape_of(|layer: &Self| &layer.$field),
                    ),)*
                    $($crate::Field::new(
                        stringify!($fixed), $crate::Role::$fixed_role, $crate::shape_of(|layer: &Self| &layer.$fixed),
                    ),)*
                ],
            };
            type Trained = $trained;

            #[inline]
            #[allow(unused_variables, unused_mut)]
            fn walk<const READ: usize, const WRITE: usize>(
                layer: usize,
                read: [&Self; READ],
                mut write: [&mut Self; WRITE],
                visit: &mut impl FnMut($crate::Block, [&[$scalar]; READ], [&mut [$scalar]; WRITE]),
            ) {
                $(visit(
                    $crate::Block { layer, role: $crate::Role::$role, fan_in: $in, fan_out: $out },
                    $crate::map_array(read, |p| $crate::Numbers::numbers(&p.$field)),
                    $crate::map_array(write.each_mut(), |p| $crate::Numbers::numbers_mut(&mut p.$field)),
                );)*
                $(visit(
                    $crate::Block { layer, role: $crate::Role::$fixed_role, fan_in: $fixed_in, fan_out: $fixed_out },
                    $crate::map_array(read, |p| $crate::Numbers::numbers(&p.$fixed)),
                    $crate::map_array(write.each_mut(), |p| $crate::Numbers::numbers_mut(&mut p.$fixed)),
                );)*
            }

            #[inline]
            #[allow(unused_variables, unused_mut)]
            fn walk_trained<const READ: usize, const WRITE: usize>(
                layer: usize,
                parameters: &mut Self,
                read: [&Self::Trained; READ],
                mut write: [&mut Self::Trained; WRITE],
                visit: &mut impl FnMut(
                    $crate::Block, &mut [$scalar], [&[$scalar]; READ], [&mut [$scalar]; WRITE],
                ),
            ) {
                $(visit(
                    $crate::Block { layer, role: $crate::Role::$role, fan_in: $in, fan_out: $out },
                    $crate::Numbers::numbers_mut(&mut parameters.$field),
                    $crate::map_array(read, |p| $crate::Numbers::numbers(&p.$field)),
                    $crate::map_array(write.each_mut(), |p| $crate::Numbers::numbers_mut(&mut p.$field)),
                );)*
            }
        }
    };
}
