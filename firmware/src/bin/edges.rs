//! The products of this processor in edge cases: no inputs, no outputs, no samples, slices of unequal length.
//!
//! The checks are the crate's own and need a kernel. Activations are given one, so an activation that does nothing
//! else runs them.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use firmware::say;
use stackprop::activation::{Activation, KeepA};
use stackprop::layer::Kernel;
use stackprop::range::Real;
use stackprop::{Dense, Network, Relu, Scalar};

#[path = "../../../src/kernel/edges.rs"]
mod edges;

firmware::entry!(main);

static FAILURES: AtomicUsize = AtomicUsize::new(0);

/// An activation that leaves its input unchanged and checks the kernel.
struct Probe;

impl Activation for Probe {
    type Keeps = KeepA;
    type Range = Real;

    fn forward<T: Scalar, const N: usize>(_: &mut [[T; N]]) {}

    fn forward_on<K: Kernel, T: Scalar, const N: usize>(kernel: K, _: &mut [[T; N]]) {
        edges::check(kernel, &mut |method, shape| {
            say!("{} is wrong for {:?}", method, shape);
            FAILURES.fetch_add(1, Relaxed);
        });
    }

    fn backward<T: Scalar, const N: usize>(_: &[[T; N]], _: &mut [[T; N]]) {}
}

static NETWORK: Network<1, Dense<1, 1, Probe>> = Network::new(Dense::from_parameters([[2.0]], [1.0]));

fn main() -> bool {
    let [y] = black_box(&NETWORK).predict(&[20.5]);
    let failures = FAILURES.load(Relaxed);
    say!("edges: {} results are wrong", failures);
    y == 42.0 && failures == 0
}
