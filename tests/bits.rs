//! The same bits for every build profile, level of vector instructions and tile.

mod reference;

use reference::Net;
use stackprop::math::{Elementary, MulAdd};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Chain, Dense, InPlaceTrainer, MiniBatches, Network, Numerics, Parameters, Quadratic, Scalar, Sgd,
    Sigmoid, Trainer, chains, init, level, numerics,
};

fn trained<const B: usize>() -> Net {
    let mut network = Net::zeros();
    let loss = reference::train::<B>(&mut network);
    assert!(loss < 0.8, "the run must learn something: ln 3 = 1.1 is where it starts, {loss}");
    network
}

#[test]
fn a_forced_level_is_taken() {
    if let Ok(name) = std::env::var("STACKPROP_LEVEL") {
        assert_eq!(level().name(), name, "this processor or this build does not have the level");
    }
}

/// Compares the committed hash on every target, level and profile that CI runs. The hash was not computed
/// independently: it shows only that the bits are the same. `a_plain_loop_trains_to_the_same_bits` shows that they
/// are right.
#[test]
fn the_reference_run_has_the_committed_checksum() {
    let class = match (numerics(), f32::FUSED) {
        (Numerics::Fused, _) => "fused",
        (Numerics::Separate, false) => "separate",
        // x86-64 with `std`, forced to the portable level: a mixture of the classes that occurs only in tests.
        (Numerics::Separate, true) => return assert_eq!(level().name(), "portable"),
    };
    let committed = include_str!("data/checksum.txt");
    let expected =
        committed.lines().find_map(|line| line.strip_prefix(class)).expect("a line for each class");
    assert_eq!(format!("{:016x}", trained::<4>().checksum()), expected.trim(), "class {class}");
}

#[test]
fn the_tile_changes_no_bit() {
    let expected = trained::<1>().checksum();
    assert_eq!(trained::<3>().checksum(), expected);
    assert_eq!(trained::<10>().checksum(), expected);
    assert_eq!(trained::<16>().checksum(), expected);
}

/// `a b + c`, rounded as the products of this program are.
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    match numerics() {
        Numerics::Fused => MulAdd::mul_add(a, b, c),
        Numerics::Separate => a * b + c,
    }
}

/// `b + sum_i x[i] w[i]`, by the chains that the documentation of `stackprop::chains` defines.
fn sum_of_products(b: f32, x: &[f32], w: impl Fn(usize) -> f32, outputs: usize) -> f32 {
    let chain = |start, first, step| {
        (first..x.len()).step_by(step).fold(start, |sum, i| multiply_add(x[i], w(i), sum))
    };
    match chains(x.len(), outputs) {
        1 => chain(b, 0, 1),
        _ => (chain(b, 0, 4) + chain(0.0, 1, 4)) + (chain(0.0, 2, 4) + chain(0.0, 3, 4)),
    }
}

/// Backpropagation for 5-18-9-3 with sigmoid, quadratic loss and SGD, written as in textbooks: one sample at a time, one
/// element at a time, on vectors of vectors.
fn plain_loop(w: &mut [Vec<Vec<f32>>; 3], b: &mut [Vec<f32>; 3], batch: &[([f32; 5], [f32; 3])], rate: f32) {
    let mut dw: [Vec<Vec<f32>>; 3] = w.clone().map(|w| w.iter().map(|row| vec![0.0; row.len()]).collect());
    let mut db: [Vec<f32>; 3] = b.clone().map(|b| vec![0.0; b.len()]);
    for (x, y) in batch {
        let mut a = vec![x.to_vec()];
        for l in 0..3 {
            let outputs = b[l].len();
            let z = (0..outputs).map(|j| sum_of_products(b[l][j], &a[l], |i| w[l][i][j], outputs));
            a.push(z.map(Elementary::sigmoid).collect());
        }
        let slope = |a: f32| a * (1.0 - a);
        let average = 1.0 / batch.len() as f32;
        let mut delta: Vec<f32> = (0..3).map(|j| (a[3][j] - y[j]) * average * slope(a[3][j])).collect(); // BP1
        for l in [2, 1, 0] {
            for (j, &d) in delta.iter().enumerate() {
                db[l][j] += d; // BP3
                for i in 0..a[l].len() {
                    dw[l][i][j] = multiply_add(a[l][i], d, dw[l][i][j]); // BP4
                }
            }
            delta = (0..a[l].len())
                .map(|i| {
                    let sum = (0..delta.len()).fold(0.0, |sum, j| multiply_add(delta[j], w[l][i][j], sum));
                    sum * slope(a[l][i]) // BP2
                })
                .collect();
        }
    }
    for l in 0..3 {
        for (w, dw) in w[l].iter_mut().flatten().zip(dw[l].iter().flatten()) {
            *w -= rate * dw;
        }
        for (b, db) in b[l].iter_mut().zip(&db[l]) {
            *b -= rate * db;
        }
    }
}

#[test]
fn a_plain_loop_trains_to_the_same_bits() {
    // Outputs of one chain, of four, and of four again.
    type Small = Network<5, Chain![Dense<5, 18, Sigmoid>, Dense<18, 9, Sigmoid>, Dense<9, 3, Sigmoid>]>;
    assert_eq!([chains(5, 18), chains(18, 9), chains(9, 3)], [1, 4, 4]);
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(11);
    let data: [([f32; 5], [f32; 3]); 24] = core::array::from_fn(|_| {
        (core::array::from_fn(|_| f32::random(&mut rng)), core::array::from_fn(|_| f32::random(&mut rng)))
    });
    let mut network = Small::zeros();
    network.init(&init::Normal::default(), &mut rng);
    fn rows<const OUT: usize>(w: &[[f32; OUT]]) -> Vec<Vec<f32>> {
        w.iter().map(|row| row.to_vec()).collect()
    }
    let weights = |Network { layers: (l1, (l2, l3)), .. }: &Small| {
        [rows(&l1.weight), rows(&l2.weight), rows(&l3.weight)]
    };
    let biases = |Network { layers: (l1, (l2, l3)), .. }: &Small| {
        [l1.bias.to_vec(), l2.bias.to_vec(), l3.bias.to_vec()]
    };
    let (mut w, mut b) = (weights(&network), biases(&network));

    // Stored gradients, a step fused into the backward pass, and a step in place.
    let mut networks = [network.clone(), network.clone(), network];
    let mut stored = Trainer::<Small, Sgd, 4>::zeros();
    let mut fused = Trainer::<Small, Sgd, 6>::zeros();
    let mut in_place = InPlaceTrainer::<Small, Sgd, 6>::zeros();
    let (sgd, batches) = (Sgd { learning_rate: 2.0 }, || MiniBatches::in_order(&data, 6));
    for _ in 0..50 {
        stored.epoch(&mut networks[0], &sgd, &Quadratic, batches()).unwrap();
        fused.epoch(&mut networks[1], &sgd, &Quadratic, batches()).unwrap();
        in_place.epoch(&mut networks[2], &sgd, &Quadratic, batches()).unwrap();
        for batch in data.chunks(6) {
            plain_loop(&mut w, &mut b, batch, 2.0);
        }
    }
    for network in networks {
        assert_eq!(w, weights(&network));
        assert_eq!(b, biases(&network));
    }
}
