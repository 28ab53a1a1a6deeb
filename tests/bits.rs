//! The same bits for every build profile, level of vector instructions and tile.

mod reference;

use reference::Net;
use stackprop::math::{Elementary, MulAdd};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Chain, Dense, InPlaceTrainer, MiniBatches, Network, Numerics, Parameters, Quadratic, Scalar, Sgd,
    Sigmoid, Trainer, init, level, numerics,
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

/// Backpropagation for 5-4-3 with sigmoid, quadratic loss and SGD, written as in textbooks: one sample at a time, one
/// element at a time, on vectors of vectors.
fn plain_loop(w: &mut [Vec<Vec<f32>>; 2], b: &mut [Vec<f32>; 2], batch: &[([f32; 5], [f32; 3])], rate: f32) {
    let mut dw: [Vec<Vec<f32>>; 2] = w.clone().map(|w| w.iter().map(|row| vec![0.0; row.len()]).collect());
    let mut db: [Vec<f32>; 2] = b.clone().map(|b| vec![0.0; b.len()]);
    for (x, y) in batch {
        let mut a = vec![x.to_vec()];
        for l in 0..2 {
            let z = (0..b[l].len())
                .map(|j| (0..a[l].len()).fold(b[l][j], |sum, i| multiply_add(a[l][i], w[l][i][j], sum)));
            a.push(z.map(Elementary::sigmoid).collect());
        }
        let slope = |a: f32| a * (1.0 - a);
        let average = 1.0 / batch.len() as f32;
        let mut delta: Vec<f32> = (0..3).map(|j| (a[2][j] - y[j]) * average * slope(a[2][j])).collect(); // BP1
        for l in [1, 0] {
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
    for l in 0..2 {
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
    type Small = Network<5, Chain![Dense<5, 4, Sigmoid>, Dense<4, 3, Sigmoid>]>;
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(11);
    let data: [([f32; 5], [f32; 3]); 24] = core::array::from_fn(|_| {
        (core::array::from_fn(|_| f32::random(&mut rng)), core::array::from_fn(|_| f32::random(&mut rng)))
    });
    let mut network = Small::zeros();
    network.init(&init::Normal::default(), &mut rng);
    let rows = |w: &[[f32; 4]]| w.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let rows3 = |w: &[[f32; 3]]| w.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let mut w = [rows(&network.layers.0.weight), rows3(&network.layers.1.weight)];
    let mut b = [network.layers.0.bias.to_vec(), network.layers.1.bias.to_vec()];

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
        assert_eq!(w, [rows(&network.layers.0.weight), rows3(&network.layers.1.weight)]);
        assert_eq!(b, [network.layers.0.bias.to_vec(), network.layers.1.bias.to_vec()]);
    }
}
