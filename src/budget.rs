//! Budgets: a network that exceeds its limits does not compile.

/// Fails to compile, even in `cargo check`, if a network exceeds a limit.
///
/// | limit | what it bounds |
/// |---|---|
/// | `flash` | [`Network::BYTES`](crate::Network::BYTES): the parameters, in bytes |
/// | `macs` | [`Network::MACS`](crate::Network::MACS): multiply-accumulates of one inference |
/// | `inference` | [`Network::INFERENCE_BYTES`](crate::Network::INFERENCE_BYTES): stack for the activations of one inference, in bytes |
/// | `training::<O, B>` | RAM for training: network and [`Trainer`](crate::Trainer) with optimiser `O` and tiles of `B` samples, in bytes |
/// | `training_in_place::<O, B>` | the same with an [`InPlaceTrainer`](crate::InPlaceTrainer) |
///
/// The tile `B` is a number, the name of a constant, or an expression in braces.
///
/// ```
/// use stackprop::{Chain, Dense, Momentum, Network, Relu, budget};
///
/// type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;
///
/// budget!(Digits: flash <= 5 * 1024, macs <= 2_000, inference <= 64);
/// budget!(Digits: training::<Momentum, 1> <= 16 * 1024);
///
/// const TILE: usize = 8;
/// budget!(Digits: training::<Momentum, TILE> <= 20 * 1024, training_in_place::<Momentum, { 2 * TILE }> <= 24 * 1024);
/// ```
#[macro_export]
macro_rules! budget {
    ($network:ty: $($limit:ident $(::<$optimizer:ty, $tile:tt>)? <= $most:expr),+ $(,)?) => {
        $(
            const _: () =
                $crate::Budget::<{ $crate::budget!(@ $limit $network $(, $optimizer, $tile)?) }, { $most }>::$limit();
        )+
    };
    (@ flash $network:ty) => { <$network>::BYTES };
    (@ macs $network:ty) => { <$network>::MACS };
    (@ inference $network:ty) => { <$network>::INFERENCE_BYTES };
    (@ training $network:ty, $optimizer:ty, $tile:tt) => {
        <$network>::BYTES + $crate::Trainer::<$network, $optimizer, $tile>::BYTES
    };
    (@ training_in_place $network:ty, $optimizer:ty, $tile:tt) => {
        <$network>::BYTES + $crate::InPlaceTrainer::<$network, $optimizer, $tile>::BYTES
    };
}

/// The comparison that [`budget!`](crate::budget) makes.
///
/// Both numbers are in the type, so that the compiler's message shows them.
#[derive(Clone, Copy, Debug)]
pub struct Budget<const NEEDED: usize, const ALLOWED: usize>;

impl<const NEEDED: usize, const ALLOWED: usize> Budget<NEEDED, ALLOWED> {
    /// Asserts that the parameters fit.
    pub const fn flash() {
        assert!(
            NEEDED <= ALLOWED,
            "the parameters take more flash than `Budget<NEEDED, ALLOWED>` allows: narrow a layer, or raise `flash`"
        );
    }

    /// Asserts that an inference does not take too many multiply-accumulates.
    pub const fn macs() {
        assert!(
            NEEDED <= ALLOWED,
            "an inference takes more multiply-accumulates than `Budget<NEEDED, ALLOWED>` allows: narrow a layer, or raise `macs`"
        );
    }

    /// Asserts that the activations fit.
    pub const fn inference() {
        assert!(
            NEEDED <= ALLOWED,
            "the activations of an inference take more stack than `Budget<NEEDED, ALLOWED>` allows: narrow two neighbouring layers, or raise `inference`"
        );
    }

    /// Asserts that network and in-place trainer fit.
    pub const fn training_in_place() {
        Self::training();
    }

    /// Asserts that network and trainer fit.
    pub const fn training() {
        assert!(
            NEEDED <= ALLOWED,
            "training takes more RAM than `Budget<NEEDED, ALLOWED>` allows: a smaller tile, an optimiser that remembers less, a narrower layer, or a higher `training`"
        );
    }
}
