//! Checkpoints in simulated flash: power cuts at every step, exact resumption, refusals, wear.
#![cfg(feature = "checkpoint")]

mod cuts;
mod damage;
mod resume;
mod simulated;

use stackprop::rand::{Rng, rngs::Xoshiro128PlusPlus};
use stackprop::{Dense, Momentum, Network, Number, Parameters, Parts, Persist, Scalar, Trainer};

type Net = Network<2, Dense<2, 3>>;
type Training = Trainer<Net, Momentum, 1>;

/// What the tests save: 9 parameters, as many velocities, five counters, and values of the test's own.
struct State {
    network: Net,
    trainer: Training,
    own: [u64; 3],
}

/// The bytes of a [`State`].
const STATE_BYTES: u32 = 9 * 4 + 9 * 4 + 5 * 4 + 3 * 8;
/// Magic, sequence, length, three fingerprints, checksum.
const HEADER_BYTES: u32 = 3 * 4 + 3 * 8 + 4;

impl State {
    fn zeros() -> Self {
        Self { network: Net::zeros(), trainer: Training::zeros(), own: [0; 3] }
    }

    /// Numbers of random bits, of which some are infinite and NaN.
    fn random(rng: &mut Xoshiro128PlusPlus) -> Self {
        let mut state = Self::zeros();
        Persist::walk([], [&mut state.network], &mut Fill(rng));
        Persist::walk([], [&mut state.trainer], &mut Fill(rng));
        Persist::walk([], [&mut state.own], &mut Fill(rng));
        state.network.layers.bias[0] = f32::from_bits(0x7fa1_2345); // a signalling NaN
        state
    }

    /// The bits of all numbers.
    fn bits(&self) -> Vec<u64> {
        let mut bits = Bits(vec![]);
        Persist::walk([&self.network], [], &mut bits);
        Persist::walk([&self.trainer], [], &mut bits);
        Persist::walk([&self.own], [], &mut bits);
        assert_eq!(bits.0.len(), 9 + 9 + 5 + 3);
        bits.0
    }
}

/// The bits of all numbers of a value.
struct Bits(Vec<u64>);

impl Parts<1, 0> for Bits {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, _: &'static str, [part]: [&P; 1], []: [&mut P; 0]) {
        part.visit(|_, values| self.0.extend(values.iter().map(|value| value.to_bits())));
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        _: &'static str,
        [part]: [&[U; N]; 1],
        []: [&mut [U; N]; 0],
    ) {
        self.0.extend(part.map(U::to_word));
    }

    fn group<V: Persist>(&mut self, _: &'static str, read: [&V; 1], write: [&mut V; 0]) {
        V::walk(read, write, self);
    }
}

/// Gives numbers random bits.
struct Fill<'a>(&'a mut Xoshiro128PlusPlus);

impl Parts<0, 1> for Fill<'_> {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, _: &'static str, []: [&P; 0], [part]: [&mut P; 1]) {
        part.visit_mut(|_, values| {
            for value in values {
                *value = T::from_bits(self.0.next_u64());
            }
        });
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        _: &'static str,
        []: [&[U; N]; 0],
        [part]: [&mut [U; N]; 1],
    ) {
        for number in part {
            *number = U::from_word(self.0.next_u64());
        }
    }

    fn group<V: Persist>(&mut self, _: &'static str, read: [&V; 0], write: [&mut V; 1]) {
        V::walk(read, write, self);
    }
}
