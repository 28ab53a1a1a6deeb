//! One network on all cores: feature `threads`.
//!
//! Training and the inference of many samples are divided among the cores, with the same bits for any number of them. A
//! program does not change: `predict_batch` and [`predict_many`](crate::Network::predict_many) divide the samples, and in
//! training each product of matrices is divided, forward and for `dX` by samples, for `dW` and its descent by rows of
//! weights. No element of a product is computed by two threads, so no [chain](crate::chains) is cut.
//!
//! ```
//! use stackprop::threads;
//!
//! threads::set_count(2);
//! assert_eq!(threads::count(), 2);
//! ```
//!
//! # When
//!
//! A product is divided if each part has at least [`LEAST_WORK`] multiply-accumulates, because dividing it takes about a
//! microsecond. Smaller products stay on the thread that needs them, as do single samples: `784-128-10` by 32 samples is
//! divided, `784-30-10` by 10 is not. A part also has at least 8 rows.
//!
//! # How many
//!
//! As many threads as [`set_count`] was given, or else the environment variable `STACKPROP_THREADS`, or else
//! [`std::thread::available_parallelism`]. Two threads of one core share its units, so on a processor with simultaneous
//! multithreading, more threads than cores gain nothing.
//!
//! All networks of a program share the threads. While they work for one thread of the program, its other threads compute
//! alone, so a program that has a thread for each of its networks loses nothing.
//!
//! They start with the first product that is divided, each with 8 MB of stack, of which it uses what inference takes. An
//! idle thread spins for 0.2 ms before it sleeps. On a busy machine, where helpers are interrupted in the middle of their
//! work, a caller notices that it waits, and computes alone for a while.

mod division;
mod pool;

pub(crate) use division::Division;

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The number of multiply-accumulates that a thread is given at least.
pub const LEAST_WORK: usize = 1 << 17;

/// 0 until it is known.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The number of threads that share a product, the calling one included.
#[must_use]
pub fn count() -> usize {
    match COUNT.load(Relaxed) {
        0 => {
            let named = std::env::var("STACKPROP_THREADS").ok().and_then(|count| count.parse().ok());
            let count = named.or(std::thread::available_parallelism().ok().map(usize::from));
            set_count(count.unwrap_or(1));
            COUNT.load(Relaxed)
        }
        count => count,
    }
}

/// Sets the number of threads that share a product, the calling one included: 1 for no other. It changes no bit of any
/// result. 0 is taken for 1.
pub fn set_count(count: usize) {
    COUNT.store(count.max(1), Relaxed);
}
