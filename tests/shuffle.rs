//! Shuffles are uniform: chi-square tests of orders, pairs and places, with a Fisher-Yates shuffle as a control.
//!
//! A statistic must be between the quantiles 1e-6 and 1 - 1e-6 of its distribution. (All seeds are fixed, so a test
//! that passes once always passes.) A release build draws at least 200,000 orders of each length up to 64.
//! `cargo test --release --test shuffle -- --include-ignored` also runs the long test, most of it with a million draws.

mod chi_square;

use chi_square::{MOST, chi_square, deviations};
use stackprop::Permutation;
use stackprop::rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};

/// Draws an order of the given length, and returns the values at the given positions.
type Shuffle = fn(usize, &[usize], &mut Xoshiro128PlusPlus) -> Vec<usize>;

fn ours(len: usize, positions: &[usize], rng: &mut Xoshiro128PlusPlus) -> Vec<usize> {
    let order = Permutation::random(len, rng);
    positions.iter().map(|&position| order.index(position).unwrap()).collect()
}

/// Swaps each place, from the last to the first, with the place that `partner` draws.
fn by_swaps(len: usize, positions: &[usize], mut partner: impl FnMut(usize) -> usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    for i in (0..len).rev() {
        order.swap(i, partner(i));
    }
    positions.iter().map(|&position| order[position]).collect()
}

/// Uniform in `0..n`.
fn below(n: usize, rng: &mut Xoshiro128PlusPlus) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}

/// The control: Durstenfeld's form (Knuth, volume 2, algorithm P), with one word of the generator for each swap.
fn fisher_yates(len: usize, positions: &[usize], rng: &mut Xoshiro128PlusPlus) -> Vec<usize> {
    by_swaps(len, positions, |i| below(i + 1, rng))
}

/// The well-known mistake: each swap is with any place, so that `n^n` equally likely sequences of swaps lead to `n!`
/// orders.
fn naive(len: usize, positions: &[usize], rng: &mut Xoshiro128PlusPlus) -> Vec<usize> {
    by_swaps(len, positions, |_| below(len, rng))
}

/// The index of an order among all `n!` orders in lexicographic sequence.
fn rank(order: &[usize]) -> usize {
    (0..order.len()).fold(0, |rank, i| {
        rank * (order.len() - i) + order[i + 1..].iter().filter(|&&later| later < order[i]).count()
    })
}

/// Tests whether all `n!` orders are equally likely.
fn of_orders(shuffle: Shuffle, n: usize, draws: usize) -> f64 {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(n as u64);
    let all: Vec<usize> = (0..n).collect();
    let orders = (1..=n).product();
    let mut counts = vec![0; orders];
    for _ in 0..draws {
        counts[rank(&shuffle(n, &all, rng))] += 1;
    }
    deviations(chi_square(counts.into_iter(), draws), orders - 1)
}

/// Tests whether all pairs of values are equally likely: at the first two positions; at the last two positions; and
/// at the first position of two successive orders from the same generator.
fn of_pairs(shuffle: Shuffle, n: usize, draws: usize) -> [f64; 3] {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1000 + n as u64);
    let [mut first, mut last, mut successive] = [(); 3].map(|()| vec![0; n * n]);
    let mut before = None;
    for _ in 0..draws {
        let values = shuffle(n, &[0, 1, n - 2, n - 1], rng);
        first[values[0] * n + values[1]] += 1;
        last[values[2] * n + values[3]] += 1;
        if let Some(before) = before.replace(values[0]) {
            successive[before * n + values[0]] += 1;
        }
    }
    let of_different = |counts: Vec<u32>| {
        let pairs: Vec<u32> =
            (0..n * n).filter(|pair| pair / n != pair % n).map(|pair| counts[pair]).collect();
        deviations(chi_square(pairs.into_iter(), draws), n * (n - 1) - 1)
    };
    let successive = deviations(chi_square(successive.into_iter(), draws - 1), n * n - 1);
    [of_different(first), of_different(last), successive]
}

/// Tests whether each value is at each position equally often.
///
/// Rows and columns of the table have fixed sums, which leaves (n - 1)^2 degrees of freedom. A count has the variance
/// `draws (1/n) (1 - 1/n)`, so the n^2 terms of the statistic add up to n (n - 1) on average, n / (n - 1) times too
/// much.
fn of_places(shuffle: Shuffle, n: usize, draws: usize) -> f64 {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(2000 + n as u64);
    let all: Vec<usize> = (0..n).collect();
    let mut counts = vec![0; n * n];
    for _ in 0..draws {
        for (position, value) in shuffle(n, &all, rng).into_iter().enumerate() {
            counts[position * n + value] += 1;
        }
    }
    let chi_square = chi_square(counts.into_iter(), draws * n) * (n - 1) as f64 / n as f64;
    deviations(chi_square, (n - 1) * (n - 1))
}

/// The number of draws: at least 200,000 in an optimised build, and `few` in a debug build, which is slow.
fn draws(few: usize) -> usize {
    if cfg!(debug_assertions) { few } else { few.max(200_000) }
}

fn check_pairs(n: usize, draws: usize) {
    for shuffle in [ours, fisher_yates] {
        for deviations in of_pairs(shuffle, n, draws) {
            assert!(deviations.abs() < MOST, "pairs of {n}: {deviations} standard deviations");
        }
    }
}

fn check_places(n: usize, draws: usize) {
    for shuffle in [ours, fisher_yates] {
        let deviations = of_places(shuffle, n, draws);
        assert!(deviations.abs() < MOST, "places of {n}: {deviations} standard deviations");
    }
}

#[test]
fn all_orders_of_few_are_equally_likely() {
    for n in 2..=6 {
        for shuffle in [ours, fisher_yates] {
            let deviations = of_orders(shuffle, n, draws(40_000));
            assert!(deviations.abs() < MOST, "orders of {n}: {deviations} standard deviations");
        }
    }
}

/// Lengths that are shuffled by swaps.
#[test]
fn pairs_and_places_of_few_are_equally_likely() {
    for n in [2, 3, 4, 5, 7, 8, 12, 16, 17, 24, 33, 63, 64] {
        check_pairs(n, draws((6 * n * n).max(4000)));
        check_places(n, draws(1000));
    }
}

/// Lengths that a Feistel network shuffles: the shortest; powers of 2 with halves of equal and of different lengths
/// (no position is sent through the network again, which could hide that there are too few rounds); and one more than
/// a power of 2 (only the last position has the highest bit set).
#[test]
fn pairs_and_places_of_more_are_equally_likely() {
    check_pairs(65, 400_000); // enough draws to show that 4 rounds are too few
    check_pairs(128, 70_000);
    check_pairs(256, 70_000);
    for n in [65, 100, 128, 257] {
        check_places(n, 6 * n);
    }
}

/// Checks the numbers that the documentation of `Permutation` gives.
#[test]
#[ignore = "a minute, optimised"]
fn a_million_draws() {
    for n in 2..=8 {
        let deviations = of_orders(ours, n, 1_000_000);
        assert!(deviations.abs() < MOST, "orders of {n}: {deviations} standard deviations");
    }
    for n in [8, 16, 33, 64, 65, 100, 128, 200, 256, 257, 512] {
        check_pairs(n, 1_000_000);
    }
    check_pairs(1000, 6_000_000);
    for n in [64, 65, 100, 128, 256, 257] {
        check_places(n, 50_000);
    }
}

/// The tests above can fail: they detect a biased shuffle.
#[test]
fn a_biased_shuffle_is_caught() {
    assert!(of_orders(naive, 5, 40_000) > MOST);
    assert!(of_pairs(naive, 6, 10_000)[..2].iter().all(|deviations| *deviations > MOST));
    assert!(of_places(naive, 16, 10_000) > MOST);
}
