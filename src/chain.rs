//! `layers!` and `Chain!`: chains of layers and of their types, written without nested parentheses.

/// Chains layers: `layers![a, b, c]` is `(a, (b, c))`.
///
/// ```
/// use stackprop::{Dense, Network, Relu, layers};
///
/// let network = Network::new(layers![Dense::<4, 8, Relu>::new(), Dense::<8, 8, Relu>::new(), Dense::<8, 2>::new()]);
/// assert_eq!(network.predict(&[1.0, 2.0, 3.0, 4.0]), [0.0, 0.0]);
/// ```
///
/// It chains values; [`Chain!`](crate::Chain!) chains types.
#[macro_export]
macro_rules! layers {
    () => {
        $crate::NoLayers::<{ compile_error!("a chain has at least one layer: `layers![Dense::<4, 8>::new(), Dense::<8, 2>::new()]`") }>
    };
    // A generic type. As an expression, `Dense<4` would be a comparison, and the rest a syntax error.
    ($($segment:ident)::+ < $($rest:tt)*) => {
        $crate::NoLayers::<{ compile_error!("`layers!` chains values, such as `Dense::<4, 8>::new()`; `Chain!` chains types, such as `Dense<4, 8>`") }>
    };
    ($layer:expr $(,)?) => { $layer };
    // The rest stays tokens, so that the rule above sees each layer.
    ($layer:expr, $($rest:tt)+) => { ($layer, $crate::layers![$($rest)+]) };
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
///
/// It chains types; [`layers!`](crate::layers!) chains values.
#[macro_export]
macro_rules! Chain {
    () => {
        $crate::NoLayers::<{ compile_error!("a chain has at least one layer: `Chain![Dense<4, 8>, Dense<8, 2>]`") }>
    };
    // Calls. As a type, `Dense::<4, 8>::new()` would parse like the trait `Fn()`.
    ($($segment:ident)::+ :: < $($argument:tt),* > :: $new:ident ($($value:tt)*) $($rest:tt)*) => {
        $crate::NoLayers::<{ compile_error!("`Chain!` chains types, such as `Dense<4, 8>`; `layers!` chains values, such as `Dense::<4, 8>::new()`") }>
    };
    ($($segment:ident)::+ ($($value:tt)*) $($rest:tt)*) => {
        $crate::NoLayers::<{ compile_error!("`Chain!` chains types, such as `Dense<4, 8>`; `layers!` chains values, such as `Dense::<4, 8>::new()`") }>
    };
    (@pairs $layer:ty $(,)?) => { $layer };
    (@pairs $layer:ty, $($rest:tt)+) => { ($layer, $crate::Chain![@pairs $($rest)+]) };
    (@pairs $($value:tt)+) => {
        $crate::NoLayers::<{ compile_error!("`Chain!` chains types, such as `Dense<4, 8>`; `layers!` chains values, such as `Dense::<4, 8>::new()`") }>
    };
    ($($layers:tt)+) => { $crate::ChainOfTypes::<$crate::Chain![@pairs $($layers)+]> };
}

/// The type that [`Chain!`](crate::Chain!) expands to.
///
/// A macro cannot tell whether a type or a value is expected. Where a value is expected, the compiler's message names
/// this alias; without the alias, it would be about the syntax inside the macro.
#[doc(hidden)]
pub type ChainOfTypes<L> = L;

/// The expansion of both macros after an error.
///
/// It is both a type and a value, and its argument is the error, so that no other errors follow.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoLayers<const ERROR: usize>;
