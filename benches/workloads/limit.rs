//! The limits of one core: floating-point operations, and reads from its caches.

use std::hint::black_box;
use std::time::Instant;

use stackprop::{chains, level};

/// A lower bound on the time of a workload.
pub enum Limit {
    /// The time of this many floating-point operations.
    Flop(f64),
    /// The time of reading these lines.
    Read(Vec<Line>),
    /// The time of this many multiply-adds, each of which waits for the one before.
    Chain(f64),
}

/// A cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
#[cfg_attr(target_arch = "x86_64", expect(dead_code, reason = "read through a pointer"))]
pub struct Line([f32; 16]);

impl Limit {
    /// The limit for this many operations: half of them multiplications, half additions.
    pub fn flop(operations: usize) -> Self {
        Self::Flop(operations as f64)
    }

    /// The limit for reading this many bytes from the smallest cache that holds them.
    pub fn read(bytes: usize) -> Self {
        Self::Read(vec![Line([1.0; 16]); bytes.div_ceil(size_of::<Line>())])
    }

    /// The limit for a single sample of layers of these widths, which wait for each other.
    pub fn chain(widths: &[usize]) -> Self {
        let steps = widths.windows(2).map(|shape| match chains(shape[0], shape[1]) {
            1 => shape[0],
            chains => shape[0].div_ceil(chains) + 2,
        });
        Self::Chain(steps.sum::<usize>() as f64)
    }

    /// Measures the limit now.
    pub fn seconds(&mut self) -> f64 {
        match self {
            Self::Flop(operations) => *operations * seconds_of_a_flop(),
            Self::Chain(steps) => *steps * seconds_of_a_step(),
            Self::Read(lines) => time(|| read(black_box(lines))),
        }
    }
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The seconds per call: the median of five stretches of about a millisecond.
fn time(mut f: impl FnMut()) -> f64 {
    let mut calls = 1_u32;
    let mut stretch = |calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64()
    };
    while stretch(calls) < 0.001 {
        calls *= 2;
    }
    median((0..5).map(|_| stretch(calls) / f64::from(calls)).collect())
}

#[cfg(target_arch = "x86_64")]
pub use x86_64::{read, seconds_of_a_flop, seconds_of_a_step};

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[allow(
    clippy::missing_safety_doc,
    clippy::undocumented_unsafe_blocks,
    reason = "every block calls code for a level, and each function says once why it may"
)]
mod x86_64 {
    use super::*;
    use std::arch::x86_64::*;

    const TURNS: usize = 1000;

    /// Twelve independent chains of multiply-adds; a single chain; and a read of all lines, ORed into eight vectors.
    macro_rules! level {
        ($features:literal, $lanes:literal, $v:ty, $set:ident, $load:ident, $or:ident, $multiply_add:expr,
            $chains:ident, $chain:ident, $read:ident) => {
            #[target_feature(enable = $features)]
            fn $chains() {
                let (x, y) = (black_box($set(0.5)), black_box($set(0.25)));
                let mut acc: [$v; 12] = [x; 12];
                for _ in 0..TURNS {
                    for acc in &mut acc {
                        *acc = $multiply_add(*acc, x, y);
                    }
                }
                black_box(acc);
            }

            #[target_feature(enable = $features)]
            fn $chain() {
                let (x, y) = (black_box($set(0.5)), black_box($set(0.25)));
                let mut acc = x;
                for _ in 0..TURNS {
                    acc = $multiply_add(acc, x, y);
                }
                black_box(acc);
            }

            #[target_feature(enable = $features)]
            fn $read(lines: &[Line]) {
                let mut acc = [$set(0.0); 8];
                let mut chunks = lines.chunks_exact(8 * $lanes / 16);
                for chunk in &mut chunks {
                    let first: *const f32 = chunk.as_ptr().cast();
                    for (i, acc) in acc.iter_mut().enumerate() {
                        // SAFETY: the chunk has eight vectors.
                        *acc = $or(*acc, unsafe { $load(first.add($lanes * i)) });
                    }
                }
                black_box((acc, chunks.remainder()));
            }
        };
    }
    level!(
        "avx512f,avx512dq",
        16,
        __m512,
        _mm512_set1_ps,
        _mm512_load_ps,
        _mm512_or_ps,
        _mm512_fmadd_ps,
        fma_512,
        chain_512,
        read_512
    );
    level!(
        "avx2,fma",
        8,
        __m256,
        _mm256_set1_ps,
        _mm256_load_ps,
        _mm256_or_ps,
        _mm256_fmadd_ps,
        fma_256,
        chain_256,
        read_256
    );
    level!(
        "sse2",
        4,
        __m128,
        _mm_set1_ps,
        _mm_load_ps,
        _mm_or_ps,
        |a, x, y| _mm_add_ps(_mm_mul_ps(a, x), y),
        separate_128,
        chain_128,
        read_128
    );

    /// The seconds per floating-point operation, two for each multiply-add, at the current level.
    pub fn seconds_of_a_flop() -> f64 {
        // SAFETY of all blocks: a level is chosen only on processors that have it.
        let (lanes, seconds) = match level().name() {
            "avx512" => (16, time(|| unsafe { fma_512() })),
            "avx2" => (8, time(|| unsafe { fma_256() })),
            _ => (4, time(|| unsafe { separate_128() })),
        };
        seconds / (2 * lanes * 12 * TURNS) as f64
    }

    /// The latency of a multiply-add in seconds, at the current level.
    pub fn seconds_of_a_step() -> f64 {
        // SAFETY of all blocks: a level is chosen only on processors that have it.
        let seconds = match level().name() {
            "avx512" => time(|| unsafe { chain_512() }),
            "avx2" => time(|| unsafe { chain_256() }),
            _ => time(|| unsafe { chain_128() }),
        };
        seconds / TURNS as f64
    }

    /// Reads all lines.
    pub fn read(lines: &[Line]) {
        // SAFETY of all blocks: a level is chosen only on processors that have it.
        match level().name() {
            "avx512" => unsafe { read_512(lines) },
            "avx2" => unsafe { read_256(lines) },
            _ => unsafe { read_128(lines) },
        }
    }
}

/// Not known, so percentages are NaN.
#[cfg(not(target_arch = "x86_64"))]
pub fn seconds_of_a_flop() -> f64 {
    f64::NAN
}

/// Not known.
#[cfg(not(target_arch = "x86_64"))]
pub fn seconds_of_a_step() -> f64 {
    f64::NAN
}

/// Sums all lines.
#[cfg(not(target_arch = "x86_64"))]
pub fn read(lines: &[Line]) {
    black_box(lines.iter().flat_map(|line| line.0).sum::<f32>());
}
