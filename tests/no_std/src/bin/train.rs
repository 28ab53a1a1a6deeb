//! Training without `std`. Exit code 0 if the network has learnt XOR, and every loss is a number.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, ClassWeights, CosineEmbedding, Dense, Fault, GaussianNegativeLogLikelihood,
    Gradients, Hinge, Huber, Ignoring, KlDivergence, LabelSmoothing, LogCosh, LossOf, MeanAbsoluteError,
    MiniBatches, MultiMargin, Network, OutputWeights, Parallel, PoissonNegativeLogLikelihood, RowsError,
    SampleWeights, SigmoidCrossEntropy, SigmoidFocal, SmoothL1, SoftmaxCrossEntropy, SoftmaxFocal,
    SquaredHinge, Tanh, Trainer, Weighted, Workspace, init,
};

type Xor = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let samples = [([0.0, 0.0], [0.0]), ([0.0, 1.0], [1.0]), ([1.0, 0.0], [1.0]), ([1.0, 1.0], [0.0])];
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut network = Xor::zeros();
    network.init(&init::XavierUniform, &mut rng);

    let mut trainer = Trainer::<Xor, Adam, 1>::zeros();
    let adam = Adam { learning_rate: 0.05, ..Adam::default() };
    for _ in 0..200 {
        let batches = MiniBatches::shuffled(&samples, 2, &mut rng);
        if trainer.epoch(&mut network, &adam, &SigmoidCrossEntropy, batches).is_err() {
            return -1;
        }
    }
    let is_wrong =
        |(input, [target]): &([f32; 2], [f32; 1])| (network.predict(input)[0] > 0.0) != (*target == 1.0);
    let failed = losses(&samples[1].0).is_err() || largest(&network, &samples[1].0).is_err();
    i32::from(failed || samples.iter().any(is_wrong))
}

/// The largest output and delta of all layers.
fn largest(network: &Xor, input: &[f32; 2]) -> Result<f32, RowsError> {
    let (mut gradients, mut largest) = (Gradients::<Xor>::zeros(), 0.0_f32);
    let mut workspace = Workspace::<Xor, 1>::zeros();
    let mut pass = workspace.forward(network, &[*input])?;
    pass.inspect(&[[1.0]], &mut gradients, &mut [[0.0; 2]], |layer| {
        for x in layer.outputs.iter().chain(layer.deltas) {
            largest = largest.max(x.abs());
        }
    })?;
    Ok(largest)
}

type Three = Network<2, Dense<2, 3>>;
type Heads = Network<2, Parallel<Dense<2, 3>, Dense<2, 3>>>;

/// Computes each loss, and its gradient, for one sample.
fn losses(input: &[f32; 2]) -> Result<f32, Fault> {
    fn of<Y>(loss: impl LossOf<Three, Y>, input: &[f32; 2], target: Y) -> Result<f32, Fault> {
        let (network, mut gradients) = (Three::zeros(), Gradients::<Three>::zeros());
        Workspace::<Three, 2>::zeros().gradient(&network, &loss, &[(*input, target)], &mut gradients)
    }
    let (labels, weights, class) = ([0.0, 1.0, 1.0], [1.0, 0.5, 0.0], Class::<3>::new(1));
    let class = class.ok_or(Fault::Loss { sample: 0 })?;
    let weighted = ClassWeights { weights, loss: SoftmaxCrossEntropy };
    let smoothed = LabelSmoothing { smoothing: 0.1, loss: weighted };
    let heads = [(*input, labels)];
    let of_heads =
        Workspace::<Heads, 2>::zeros().loss(&Heads::zeros(), &GaussianNegativeLogLikelihood, &heads);
    Ok(of(MeanAbsoluteError, input, labels)?
        + of(Huber { delta: 0.5 }, input, labels)?
        + of(SmoothL1 { beta: 0.5 }, input, labels)?
        + of(LogCosh, input, labels)?
        + of(CosineEmbedding, input, labels)?
        + of(KlDivergence, input, labels)?
        + of(SoftmaxFocal::default(), input, class)?
        + of(SigmoidFocal::default(), input, labels)?
        + of(PoissonNegativeLogLikelihood, input, labels)?
        + of(Hinge, input, labels)?
        + of(SquaredHinge, input, labels)?
        + of(MultiMargin::default(), input, class)?
        + of(SampleWeights(LogCosh), input, Weighted { target: labels, weight: 0.5 })?
        + of(OutputWeights { weights, loss: SigmoidCrossEntropy }, input, labels)?
        + of(weighted, input, class)?
        + of(Ignoring(smoothed), input, Some(class))?
        + of_heads?)
}
