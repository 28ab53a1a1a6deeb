//! The recipes: for each, its numbers, and a function that makes its network and trains it.

use stackprop::data::SampleRng;
use stackprop::data::augment::Affine;
use stackprop::schedule::OneCycle;
use stackprop::{
    AdamW, Chain, Dataset, Dense, Dropout, Gelu, L2, LabelSmoothing, Network, Quadratic, Roles, Scheduled,
    Sgd, Sigmoid, SigmoidCrossEntropy, SoftmaxCrossEntropy, init,
};

use crate::common::cli::Outcome;
use crate::run::Run;

/// A network, and the settings that the command line can replace.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// How many of the training images to learn from.
    pub images: usize,
    pub learning_rate: f32,
    pub epochs: usize,
    pub batch: usize,
    pub learn: fn(Run) -> Outcome,
}

const REFUSED: &str = "must be 10, 30 or 100: the network's shape is a type, so the sizes are fixed when the program is compiled";

/// Each size is a network type of its own, so every size that can be chosen is listed here.
pub fn chapter1(hidden: &str) -> Result<Recipe, &'static str> {
    let learn = match hidden {
        "10" => learn_chapter1::<10>,
        "30" => learn_chapter1::<30>,
        "100" => learn_chapter1::<100>,
        _ => return Err(REFUSED),
    };
    Ok(Recipe { images: 50_000, learning_rate: 3.0, epochs: 30, batch: 10, learn })
}

const CHAPTER3: Recipe =
    Recipe { images: 50_000, learning_rate: 0.5, epochs: 30, batch: 10, learn: learn_chapter3 };
const CHAPTER3_SLOW: Recipe = Recipe { learning_rate: 0.1, epochs: 60, ..CHAPTER3 };
const MORE_DATA: Recipe = Recipe { learn: learn_more_data, ..CHAPTER3 };

const OURS: Recipe =
    Recipe { images: 60_000, learning_rate: 3e-3, epochs: 40, batch: 100, learn: learn_ours };
const OURS_AUGMENTED: Recipe = Recipe { epochs: 80, learn: learn_augmented, ..OURS };

pub fn named(name: &str) -> Result<Recipe, &'static str> {
    match name {
        "chapter3" => Ok(CHAPTER3),
        "chapter3-slow" => Ok(CHAPTER3_SLOW),
        "more-data" => Ok(MORE_DATA),
        "ours" => Ok(OURS),
        "ours-augmented" => Ok(OURS_AUGMENTED),
        _ => Err("must be chapter3, chapter3-slow, more-data, ours or ours-augmented"),
    }
}

/// For a recipe that changes no image.
fn plain(_: &mut [f32; 784], _: &mut SampleRng) {}

fn learn_chapter1<const HIDDEN: usize>(mut run: Run) -> Outcome {
    type Net<const H: usize> = Network<784, Chain![Dense<784, H, Sigmoid>, Dense<H, 10, Sigmoid>]>;
    // Made directly on the heap: 784-100-10 and its trainer are 0.7 MB.
    let mut network = Net::<HIDDEN>::boxed();
    if run.scaled {
        network.init(&init::NielsenNormal, &mut run.rng);
    } else {
        network.init(&init::Normal::default(), &mut run.rng);
    }
    let sgd = Sgd { learning_rate: run.learning_rate };
    run.learn(network, sgd, &Quadratic, plain)
}

/// The sigmoid of the outputs is in the loss: the gradient is that of the book.
type Logits<const HIDDEN: usize> = Network<784, Chain![Dense<784, HIDDEN, Sigmoid>, Dense<HIDDEN, 10>]>;

fn learn_chapter3(mut run: Run) -> Outcome {
    let mut network = Logits::<100>::boxed();
    network.init(&init::NielsenNormal, &mut run.rng);
    let sgd = L2::per_sample(5.0, run.train.len(), Sgd { learning_rate: run.learning_rate });
    run.learn(network, sgd, &SigmoidCrossEntropy, plain)
}

/// `fig/more_data.py` of the book: the accuracy after 1,500,000 images, for training sets of different sizes.
fn learn_more_data(mut run: Run) -> Outcome {
    let mut network = Logits::<30>::boxed();
    network.init(&init::Normal::default(), &mut run.rng);
    let sgd = L2::new(1e-4, Sgd { learning_rate: run.learning_rate });
    run.learn(network, sgd, &SigmoidCrossEntropy, plain)
}

type Ours = Network<784, Chain![Dropout<20>, Dense<784, 128, Gelu>, Dense<128, 10>]>;

/// A fifth of the pixels is missing in each step, so that no weight relies on a single one.
fn learn_ours(mut run: Run) -> Outcome {
    let mut network = Ours::boxed();
    network.init(&init::KaimingNormal, &mut run.rng);
    let optimizer = one_cycle(&run);
    run.learn(network, optimizer, &SoftmaxCrossEntropy, plain)
}

type Augmented = Network<784, Chain![Dense<784, 128, Gelu>, Dense<128, 10>]>;

/// Every image is new in each epoch: turned, zoomed and shifted as a writer might have done.
fn learn_augmented(mut run: Run) -> Outcome {
    let mut network = Augmented::boxed();
    network.init(&init::KaimingNormal, &mut run.rng);
    let optimizer = one_cycle(&run);
    let loss = LabelSmoothing { smoothing: 0.1, loss: SoftmaxCrossEntropy };
    let affine = Affine::<28, 28> { degrees: 10.0, zoom: 0.1, shift: 1.5, fill: 0.0 };
    run.learn(network, optimizer, &loss, affine)
}

/// AdamW, whose learning rate rises in the first tenth of the steps, then falls almost to 0.
fn one_cycle(run: &Run) -> Scheduled<OneCycle, AdamW> {
    let cycle = OneCycle { rise: 0.1, ..OneCycle::new(run.steps() as u32) };
    let (learning_rate, decays) = (run.learning_rate, Roles::WEIGHTS);
    Scheduled::new(cycle, AdamW { learning_rate, weight_decay: 0.1, decays, ..AdamW::default() })
}
