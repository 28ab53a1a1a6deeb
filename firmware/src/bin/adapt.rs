//! A use of training on the device: the sensor has aged, and the network from the host adapts to it from 50 labelled
//! samples.
//!
//! The contrast has fallen to 40 %, and a haze of 30 % covers the image: `x -> 0.4 x + 0.3`.
#![no_std]
#![no_main]

use firmware::{Once, say};
use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Class, Dataset, InPlaceTrainer, MiniBatches, Parameters, SoftmaxCrossEntropy, StepError, init,
    weights,
};

#[path = "../../shared/classifier.rs"]
mod classifier;
#[path = "../../shared/digits.rs"]
mod digits;

use classifier::Classifier;
use digits::Digits;

firmware::entry!(main);

/// The network in flash, as the host trained it. [`NETWORK`] is the copy in RAM that adapts.
static TRAINED: Classifier = weights!("../../data/weights.safetensors");
static NETWORK: Once<Classifier> = Once::new(Classifier::zeros());
static TRAINER: Once<InPlaceTrainer<Classifier, Adam, BATCH>> = Once::new(InPlaceTrainer::zeros());

/// The number of labelled samples from the aged sensor.
const SAMPLES: usize = 50;
const EPOCHS: usize = 20;
/// A mini-batch is one tile, so no memory for a gradient is needed.
const BATCH: usize = 10;

/// The first `len` digits, as the aged sensor sees them.
struct Aged {
    digits: Digits,
    len: usize,
}

impl Dataset for Aged {
    type Input = [f32; 64];
    type Target = Class<10>;
    type TargetRef<'a> = &'a Class<10>;

    fn len(&self) -> usize {
        self.len
    }

    fn sample(&self, index: usize, input: &mut [f32; 64]) -> Option<&Class<10>> {
        let class = self.digits.sample(index, input)?;
        for x in input {
            *x = 0.4 * *x + 0.3;
        }
        Some(class)
    }
}

fn main() -> bool {
    let (Some(network), Some(trainer)) = (NETWORK.take(), TRAINER.take()) else { return false };
    let samples = Aged { digits: digits::train(), len: SAMPLES };
    let (test, aged_test) = (digits::test(), Aged { digits: digits::test(), len: digits::TEST });

    say!("adapt: 64-64-10 relu, Adam, {} epochs over {} samples", EPOCHS, SAMPLES);
    let before = digits::correct(&TRAINED, &test);
    say!("before: {} of {} digits right", before, test.len());
    let aged = digits::correct(&TRAINED, &aged_test);
    say!("the sensor has aged: {} of {} right", aged, test.len());

    Classifier::walk(0, [&TRAINED], [network], &mut |_, [from], [to]| {
        for (to, &from) in to.iter_mut().zip(from) {
            *to = from; // `copy_from_slice` has a panic path, for different lengths
        }
    });
    if adapt(network, trainer, &samples).is_err() {
        return false; // it diverged
    }
    let adapted = digits::correct(network, &aged_test);
    say!("adapted: {} of {} right", adapted, test.len());

    // The control: from a random start, so few samples are not enough.
    network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(5));
    if adapt(network, trainer, &samples).is_err() {
        return false;
    }
    let control = digits::correct(network, &aged_test);
    say!("control, the same from a random start: {} of {} right", control, test.len());
    before * 100 >= 95 * test.len()
        && aged * 2 < before
        && adapted * 100 >= 95 * test.len()
        && control < adapted
}

fn adapt(
    network: &mut Classifier,
    trainer: &mut InPlaceTrainer<Classifier, Adam, BATCH>,
    samples: &Aged,
) -> Result<(), StepError> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(3);
    stackprop::Zero::set_zero(&mut trainer.state);
    for _ in 0..EPOCHS {
        let batches = MiniBatches::shuffled(samples, BATCH, &mut rng);
        trainer.epoch(network, &Adam::default(), &SoftmaxCrossEntropy, batches)?;
    }
    Ok(())
}
