//! A network learns two spirals, and pictures show how.
//!
//! ```text
//! 2 inputs -> Dense<2, 24, Tanh> -> Dense<24, 24, Tanh> -> Dense<24, 2> -> 2 logits -> SoftmaxCrossEntropy
//! ```
//!
//! Run it with `cargo run --release -p stackprop-kit --example spiral -- DIRECTORY`. It writes the decision boundary while it
//! is learnt as an animation, the learning curves, the confusion matrix, and histograms of the weights.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dense, MiniBatches, Network, Parameters, SoftmaxCrossEntropy, Tanh, Trainer,
    Workspace, argmax, init,
};
use stackprop_kit::pictures::{
    Animation, ConfusionHeatMap, DecisionBoundary, Histograms, LearningCurves, Scale,
};

mod common;

type Net = Network<2, Chain![Dense<2, 24, Tanh>, Dense<24, 24, Tanh>, Dense<24, 2>]>;
type Sample = ([f32; 2], Class<2>);

const NAMES: [&str; 2] = ["first spiral", "second spiral"];
const EPOCHS: u32 = 240;

/// Points on two spirals, at angles that begin with `shift`.
fn spirals(shift: f32) -> Vec<Sample> {
    let point = |index: u16, class: usize| {
        let turned = (f32::from(index) + shift) / 80.0;
        let angle = turned * 9.0 + class as f32 * std::f32::consts::PI;
        let radius = 0.5 + 4.0 * turned;
        Some(([radius * angle.cos(), radius * angle.sin()], Class::new(class)?))
    };
    (0..80).flat_map(|index| [point(index, 0), point(index, 1)]).flatten().collect()
}

fn main() -> ExitCode {
    common::main("", |directory, _| run(&directory))
}

fn run(directory: &Path) -> Result<(), Box<dyn Error>> {
    let (train, validation) = (spirals(0.0), spirals(0.5));
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(3);
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 16>::zeros());
    network.init(&init::XavierUniform, &mut rng);
    let adam = Adam { learning_rate: 0.01, ..Adam::default() };
    let mut workspace = Workspace::<Net, 16>::zeros();

    let samples = train.iter().map(|(x, class)| (*x, class.index()));
    let mut boundary = DecisionBoundary::new(samples, NAMES);
    boundary.range = Some([[-5.0, 5.0]; 2]);
    let mut animation = Animation::new(Duration::from_millis(100));
    let (mut losses, mut validation_losses) = (vec![], vec![]);
    for epoch in 1..=EPOCHS {
        let batches = MiniBatches::shuffled(&train, 16, &mut rng);
        losses.push(trainer.epoch(&mut network, &adam, &SoftmaxCrossEntropy, batches)?);
        validation_losses.push(workspace.loss(&network, &SoftmaxCrossEntropy, &validation)?);
        if epoch % 6 == 0 {
            boundary.title = format!("epoch {epoch}");
            animation.frames.push(boundary.draw_classes(|x| argmax(&network.predict::<[f32; 2]>(&x)))?);
        }
    }
    animation.save(directory.join("spiral.png"))?;

    let curves = LearningCurves {
        title: "two spirals".into(),
        train: (&losses).into(),
        validation: (&validation_losses).into(),
        scale: Scale::Logarithmic,
        ..LearningCurves::default()
    };
    curves.draw()?.save(directory.join("learning_curves.svg"))?;

    let mut counts = [[0_u64; 2]; 2];
    workspace.evaluate(&network, &validation, |logits, class| counts[class.index()][argmax(logits)] += 1)?;
    let confusion = ConfusionHeatMap { title: "validation".into(), ..ConfusionHeatMap::new(&counts, NAMES) };
    confusion.draw()?.save(directory.join("confusion.svg"))?;

    let mut histograms = Histograms::new("parameters");
    network.visit(|block, values| {
        let name = format!("layer {}, {:?}", block.layer, block.role).to_lowercase();
        histograms.layers.push((name, values.iter().map(|&value| value.into()).collect()));
    });
    histograms.draw()?.save(directory.join("histograms.svg"))?;
    Ok(())
}
