//! Memory is known: sizes are constants, and a large network is never copied on the stack.

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use std::sync::Mutex;

use stackprop::schedule::Cosine;
use stackprop::{
    Accumulated, Adam, AdamW, Averaged, Chain, Class, ClipNorm, Dense, Frozen, Gradients, InPlaceTrainer, L2,
    Momentum, Network, Relu, Scalar, Scheduled, Sgd, SoftmaxCrossEntropy, Tanh, Trainer, Workspace, Zero,
    init,
};

type Mnist = Network<784, Chain![Dense<784, 100, Relu>, Dense<100, 10>]>;

const PARAMETERS: usize = 784 * 100 + 100 + 100 * 10 + 10;

/// Sizes are constants, so a program that needs too much memory can fail to compile.
const _: () = {
    assert!(Mnist::PARAMETERS == PARAMETERS);
    assert!(Mnist::BYTES == 4 * PARAMETERS);
    assert!(Gradients::<Mnist>::BYTES == Mnist::BYTES);
    // For each of 8 samples its input, and the activation and delta of each neuron.
    assert!(Workspace::<Mnist, 8>::BYTES == 8 * 4 * (784 + 2 * 110));
    // The trainer is the sum of its parts, three counters and a seed.
    assert!(Trainer::<Mnist, Sgd, 8>::BYTES == Gradients::<Mnist>::BYTES + Workspace::<Mnist, 8>::BYTES + 16);
    assert!(InPlaceTrainer::<Mnist, Sgd, 8>::BYTES == Trainer::<Mnist, Sgd, 8>::BYTES - Mnist::BYTES);
    assert!(Trainer::<Mnist, Momentum, 8>::BYTES == Trainer::<Mnist, Sgd, 8>::BYTES + Mnist::BYTES + 4);
    assert!(Trainer::<Mnist, Adam, 8>::BYTES == Trainer::<Mnist, Sgd, 8>::BYTES + 2 * Mnist::BYTES + 12);
    // Decay, clipping and a schedule have no state of their own, but for the count of steps; an average of the weights and
    // a sum of gradients have.
    let adam = Trainer::<Mnist, Adam, 8>::BYTES;
    assert!(Trainer::<Mnist, AdamW, 8>::BYTES == adam);
    assert!(Trainer::<Mnist, ClipNorm<L2<Adam>>, 8>::BYTES == adam);
    assert!(Trainer::<Mnist, Scheduled<Cosine, Adam>, 8>::BYTES == adam + 4);
    assert!(Trainer::<Mnist, Averaged<Adam>, 8>::BYTES == adam + Mnist::BYTES + 4);
    assert!(InPlaceTrainer::<Mnist, Accumulated<ClipNorm<Adam>>, 8>::BYTES == adam + 4);
    // With a frozen trunk, gradient and moments are those of the head alone.
    const HEAD: usize = 4 * (100 * 10 + 10);
    assert!(Tuned::BYTES == Mnist::BYTES && Gradients::<Tuned>::BYTES == HEAD);
    assert!(Trainer::<Tuned, Adam, 8>::BYTES == HEAD + (2 * HEAD + 12) + Workspace::<Tuned, 8>::BYTES + 16);
    assert!(Workspace::<Tuned, 8>::BYTES == Workspace::<Mnist, 8>::BYTES);
};

/// A pretrained trunk whose head is trained.
type Tuned = Network<784, Chain![Frozen<Dense<784, 100, Relu>>, Dense<100, 10>]>;

/// Three steps on one mini-batch of random images; the loss must fall.
fn train(network: &mut Mnist, trainer: &mut Trainer<Mnist, Adam, 8>) {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::KaimingUniform, &mut rng);
    let data: Vec<([f32; 784], Class<10>)> =
        (0..10).map(|k| (core::array::from_fn(|_| f32::random(&mut rng)), Class::new(k).unwrap())).collect();
    let adam = Adam::default();
    let mut step = || trainer.step(network, &adam, &SoftmaxCrossEntropy, data.as_slice()).unwrap();
    let losses = [step(), step(), step()];
    assert!(losses[2] < losses[0], "{losses:?}");
}

// Network, gradients and both moments are 318 KB each. Passed by value in a debug build, they would need many times
// the 2 MiB.
#[cfg(feature = "alloc")]
#[test]
fn a_large_network_trains_on_a_small_stack_from_the_heap() {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let mut network = Mnist::boxed();
        let mut trainer = Trainer::<Mnist, Adam, 8>::boxed();
        train(&mut network, &mut trainer);
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_large_network_trains_on_a_small_stack_from_statics() {
    static NETWORK: Mutex<Mnist> = Mutex::new(Network::zeros());
    static TRAINER: Mutex<Trainer<Mnist, Adam, 8>> = Mutex::new(Trainer::zeros());
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        train(&mut NETWORK.lock().unwrap(), &mut TRAINER.lock().unwrap());
    });
    thread.unwrap().join().unwrap();
}

/// 668,682 parameters, 2.7 MB: more than the stack of the thread.
#[cfg(feature = "alloc")]
type Wide = Network<784, Chain![Dense<784, 512, Relu>, Dense<512, 512, Relu>, Dense<512, 10>]>;

// Early stopping makes such copies: the best network so far, and a trainer to return to.
#[cfg(feature = "alloc")]
#[test]
fn a_large_network_is_copied_on_a_small_stack() {
    use stackprop::{Aligned, Parameters};

    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let (mut network, mut gradients) = (Wide::boxed(), Gradients::<Wide>::boxed());
        network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
        let expected = network.checksum();

        let (mut copy, mut clone) = (Wide::boxed(), Wide::boxed());
        copy.copy_from(&network);
        Wide::clone_from(&mut clone, &network);
        let boxed = network.boxed_clone();
        gradients.of.copy_from(&network);
        let cloned_gradients = gradients.boxed_clone();
        let mut same_gradients = Gradients::<Wide>::boxed();
        Gradients::clone_from(&mut same_gradients, &gradients);
        for copy in [&copy, &clone, &boxed, &cloned_gradients.of, &same_gradients.of] {
            assert_eq!(copy.checksum(), expected);
        }

        let mut aligned = Aligned::<Wide>::boxed();
        aligned.copy_from(&network);
        assert_eq!(aligned.boxed_clone().checksum(), expected);

        let mut trainer = Trainer::<Wide, Adam, 8>::boxed();
        trainer.state.v.copy_from(&network);
        let mut same = trainer.boxed_clone();
        assert_eq!(same.state.v.checksum(), expected);
        same.state.v.set_zero();
        Trainer::clone_from(&mut same, &trainer);
        assert_eq!(same.state.v.checksum(), expected);

        let mut in_place = InPlaceTrainer::<Wide, Momentum, 8>::boxed();
        in_place.state.velocity.copy_from(&network);
        let mut same = in_place.boxed_clone();
        assert_eq!(same.state.velocity.checksum(), expected);
        same.state.velocity.set_zero();
        same.state.clone_from(&in_place.state);
        assert_eq!(same.state.velocity.checksum(), expected);
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn aligned_values_begin_at_a_cache_line() {
    use stackprop::Aligned;

    type Small = Network<3, Dense<3, 1>>;
    static ONE: [Aligned<Small>; 3] = [const { Aligned(Small::zeros()) }; 3];
    let on_the_stack = [const { Aligned(Small::zeros()) }; 3];
    for value in ONE.iter().chain(&on_the_stack) {
        assert_eq!(std::ptr::from_ref(&value.0).addr() % 64, 0);
    }
    assert_eq!(size_of::<Aligned<Small>>(), 64);
    #[cfg(feature = "alloc")]
    assert_eq!(std::ptr::from_ref(&*Aligned::<Small>::boxed()).addr() % 64, 0);
}

#[test]
fn zero_is_made_in_place() {
    let mut network = Network::<2, Dense<2, 1>>::new(Dense::from_parameters([[1.0], [2.0]], [3.0]));
    network.set_zero();
    assert_eq!(network, Network::zeros());
}

/// One row of the README's table.
macro_rules! row {
    ($name:literal, $network:ty) => {
        format!(
            "| {} | {} | {} | {} | {} | {} |",
            $name,
            thousands(<$network>::PARAMETERS),
            thousands(<$network>::BYTES),
            thousands(Trainer::<$network, Sgd, 1>::BYTES),
            thousands(Trainer::<$network, Sgd, 16>::BYTES),
            thousands(Trainer::<$network, Adam, 16>::BYTES),
        )
    };
}

/// `1234567` as `1,234,567`.
fn thousands(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", thousands(n / 1000), n % 1000) }
}

#[test]
fn the_table_in_the_readme() {
    let rows = [
        row!("2-3-1 tanh", Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 1>]>),
        row!("13-64-64-4 tanh", Network<13, Chain![Dense<13, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 4>]>),
        row!("64-16-10 relu", Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>),
        row!("784-30-10 relu", Network<784, Chain![Dense<784, 30, Relu>, Dense<30, 10>]>),
        row!("784-100-10 relu", Mnist),
    ];
    let readme = include_str!("../README.md");
    rows.iter().for_each(|row| println!("{row}"));
    for row in rows {
        assert!(readme.contains(&row), "README.md lacks: {row}");
    }
}

/// Inference keeps two neighbouring activations, whatever the nesting: of widths 100, 10, 10 and 100, at most 110
/// numbers.
#[test]
fn inference_needs_two_neighbours() {
    type A = Dense<5, 100, Tanh>;
    type B = Dense<100, 10, Tanh>;
    type C = Dense<10, 10, Tanh>;
    type D = Dense<10, 100, Tanh>;
    type E = Dense<100, 2>;
    assert_eq!(Network::<5, Chain![A, B, C, D, E]>::INFERENCE_BYTES, 4 * 110);
    assert_eq!(Network::<5, ((((A, B), C), D), E)>::INFERENCE_BYTES, 4 * 110);
    assert_eq!(Network::<5, ((A, B), (C, (D, E)))>::INFERENCE_BYTES, 4 * 110);
    assert_eq!(Network::<5, A>::INFERENCE_BYTES, 0);
    assert_eq!(Network::<5, (A, B)>::INFERENCE_BYTES, 4 * 100);
    assert_eq!(Network::<5, Chain![A, B, C, D, E]>::MACS, 500 + 1000 + 100 + 1000 + 200);
}
