//! The macros that write nested pairs of layers.

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
