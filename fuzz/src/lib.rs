//! What must hold for any input: the assertions of the fuzz targets.

pub mod checkpoint;
pub mod flash;
pub mod graph;
pub mod header;
pub mod import;
pub mod readers;
pub mod weights;

use peak_alloc::PeakAlloc;
use stackprop::{Number, Parameters, Parts, Persist, Scalar};

/// Counts what is allocated.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Runs a function, and returns also the most bytes that it had allocated at the same time.
pub fn with_peak<R>(function: impl FnOnce() -> R) -> (R, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = function();
    (result, ALLOCATOR.peak_usage().saturating_sub(before))
}

/// The bits of all parameters, in order.
pub fn bits<T: Scalar>(parameters: &impl Parameters<T>) -> Vec<u64> {
    let mut bits = vec![];
    parameters.visit(|_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}

/// The bits of all numbers that a checkpoint has.
pub fn state_bits(state: &impl Persist) -> Vec<u64> {
    let mut bits = Bits(vec![]);
    Persist::walk([state], [], &mut bits);
    bits.0
}

struct Bits(Vec<u64>);

impl Parts<1, 0> for Bits {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, _: &'static str, [part]: [&P; 1], []: [&mut P; 0]) {
        self.0.extend(bits(part));
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
