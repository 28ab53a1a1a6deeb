//! The reference run: one network, one seed and one data set, whose trained weights have the same bits everywhere.
//!
//! It needs only `core`, `rand` and this crate, so that firmware can include it unchanged.

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dense, Gelu, InPlaceTrainer, MiniBatches, Momentum, Network, Optimizer, Samples,
    Scalar, Sgd, Sigmoid, SoftmaxCrossEntropy, StepError, Tanh, Trainer, argmax, init,
};

/// Awkward widths, three activations, and logits.
pub type Net =
    Network<9, Chain![Dense<9, 33, Tanh>, Dense<33, 17, Gelu>, Dense<17, 10, Sigmoid>, Dense<10, 3>]>;

/// The number of samples.
pub const SAMPLES: usize = 150;

/// The samples: nine uniform numbers, and which of the first three is largest.
pub fn data(rng: &mut Xoshiro128PlusPlus) -> [([f32; 9], Class<3>); SAMPLES] {
    core::array::from_fn(|_| {
        let input: [f32; 9] = core::array::from_fn(|_| f32::random(rng));
        (input, Class::new(argmax(&input[..3])).unwrap_or(const { Class::new(0).unwrap() }))
    })
}

/// Trains two epochs with each kind of step: from stored gradients, if `B` is less than a mini-batch; fused into the
/// backward pass; and in place, with contiguous inputs that are not copied.
fn epochs<O: Optimizer<f32>, const B: usize>(
    network: &mut Net,
    optimizer: &O,
    rng: &mut Xoshiro128PlusPlus,
) -> Result<f32, StepError> {
    const BATCH: usize = 10;
    let data = data(&mut Xoshiro128PlusPlus::seed_from_u64(2));
    let (inputs, targets) = (data.map(|(input, _)| input), data.map(|(_, class)| class));
    let mut stored = Trainer::<Net, O, B>::zeros();
    for _ in 0..2 {
        stored.epoch(network, optimizer, &SoftmaxCrossEntropy, MiniBatches::shuffled(&data, BATCH, rng))?;
    }
    let mut fused = Trainer::<Net, O, BATCH>::zeros();
    for _ in 0..2 {
        fused.epoch(network, optimizer, &SoftmaxCrossEntropy, MiniBatches::shuffled(&data, BATCH, rng))?;
    }
    let mut in_place = InPlaceTrainer::<Net, O, BATCH>::zeros();
    let samples = Samples::from_arrays(&inputs, &targets);
    let batches = || MiniBatches::in_order(&samples, BATCH);
    in_place.epoch(network, optimizer, &SoftmaxCrossEntropy, batches())?;
    in_place.epoch(network, optimizer, &SoftmaxCrossEntropy, batches())
}

/// Trains six epochs with each optimiser, in mini-batches of 10, the first two epochs in tiles of `B`. Returns the
/// last average loss.
pub fn train<const B: usize>(network: &mut Net) -> f32 {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::XavierNormal, rng);
    let losses = [
        epochs::<_, B>(network, &Sgd { learning_rate: 0.5 }, rng),
        epochs::<_, B>(network, &Momentum { learning_rate: 0.1, ..Momentum::default() }, rng),
        epochs::<_, B>(network, &Adam { learning_rate: 0.01, ..Adam::default() }, rng),
    ];
    match losses {
        [Ok(_), Ok(_), Ok(loss)] => loss,
        _ => f32::NAN,
    }
}
