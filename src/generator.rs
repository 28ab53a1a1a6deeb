//! Random number generators, and the version of `rand` that they come from.

use rand::Rng;

/// A random number generator of [`stackprop::rand`](crate::rand), which is `rand` 0.10.
///
/// Every [`Rng`] of that version implements it.
///
/// ```
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop::{Dense, Network, init};
///
/// let mut rng = Xoshiro128PlusPlus::seed_from_u64(1); // the same numbers on every target, with every release
/// Network::<4, Dense<4, 2>>::zeros().init(&init::XavierUniform, &mut rng);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a random number generator of `rand` 0.10",
    label = "not a generator of `rand` 0.10",
    note = "`stackprop::rand` is the version of `rand` that stackprop takes generators from: `use stackprop::rand;`"
)]
pub trait Generator: Rng {}

// Otherwise the compiler would report the unmet bounds of this implementation, which is hard to read.
#[diagnostic::do_not_recommend]
impl<R: Rng + ?Sized> Generator for R {}
