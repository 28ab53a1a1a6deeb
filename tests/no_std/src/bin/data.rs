//! Data sets made from others, without `std`: parts, folds, random draws, statistics, augmentation. Exit code 0 if a network
//! learns from them.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::data::augment::{Affine, AugmentError, Erase, FlipHorizontal, Noise, Scale, Shift, Sometimes};
use stackprop::data::{Balanced, DataError, KFold, Statistics, StatisticsError, Weighted};
use stackprop::{
    Adam, Chain, Class, Dataset, Dense, MiniBatches, Network, SoftmaxCrossEntropy, Standardize, StepError,
    Tanh, Trainer, argmax, init,
};

type Net = Network<6, Chain![Standardize<6>, Dense<6, 8, Tanh>, Dense<8, 3>]>;

const SAMPLES: usize = 60;

/// A bright pixel in an image of 2 rows of 3, whose column is the class.
fn image(index: usize, image: &mut [f32; 6]) {
    *image = [0.0; 6];
    if let Some(pixel) = image.get_mut(index % 6) {
        *pixel = 0.75 + (index % 4) as f32 / 8.0;
    }
}

enum Failure {
    Data,
    Statistics,
    Augmentation,
    Step,
    Wrong,
}

impl From<DataError> for Failure {
    fn from(_: DataError) -> Self {
        Self::Data
    }
}

impl From<StatisticsError> for Failure {
    fn from(_: StatisticsError) -> Self {
        Self::Statistics
    }
}

impl From<AugmentError> for Failure {
    fn from(_: AugmentError) -> Self {
        Self::Augmentation
    }
}

impl From<StepError> for Failure {
    fn from(_: StepError) -> Self {
        Self::Step
    }
}

fn run() -> Result<(), Failure> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let Some(zero) = Class::<3>::new(0) else { return Err(Failure::Wrong) };
    let mut numbers = [([0_usize], zero); SAMPLES];
    for (index, (input, class)) in (0..SAMPLES).zip(&mut numbers) {
        *input = [index];
        *class = Class::new(index % 3).unwrap_or(zero);
    }
    let images = numbers.as_slice().map_inputs(|[index]: &[usize; 1], x: &mut [f32; 6]| image(*index, x));
    let shuffled = images.shuffled(&mut rng);
    let mut order = [0; SAMPLES];
    let [train, test] = shuffled.split_stratified([3, 1], &mut order)?;

    let mut network = Net::zeros();
    network.init(&init::XavierUniform, &mut rng);
    network.layers.0 = Statistics::of(&train)?.standardize();
    let affine = Affine::<2, 3> { degrees: 5.0, zoom: 0.1, shift: 0.25, fill: 0.0 };
    let erase = Sometimes::<5, _>(Erase::<2, 3> { height: 1, width: 1, fill: 0.0 });
    let moved = Sometimes::<5, _>((Shift::<2, 3> { pixels: 1, fill: 0.0 }, FlipHorizontal::<2, 3>));
    let noise = (Noise { deviation: 0.02 }, Scale { low: 0.9, high: 1.1 });
    let augmented = train.augmented((affine, (moved, (erase, noise))), 1)?;
    let mut by_class = [0; SAMPLES];
    let balanced = Balanced::new(&augmented, 1, &mut by_class)?;
    let mixed = (&balanced).mixup::<[f32; 3]>(0.2, 1)?;

    let mut trainer = Trainer::<Net, Adam, 4>::zeros();
    let adam = Adam { learning_rate: 0.02, ..Adam::default() };
    for epoch in 0..60 {
        let mixed = mixed.at_epoch(epoch);
        trainer.epoch(
            &mut network,
            &adam,
            &SoftmaxCrossEntropy,
            MiniBatches::shuffled(&mixed, 8, &mut rng),
        )?;
    }

    let mut weights = [1.0; SAMPLES];
    let drawn = Weighted::new(&images, &mut weights, 10, 1)?;
    let chained = (&test).chain(drawn.take(5)).chain((&images).indexed(&[3, 4, 5]).skip(1));
    let (mut inputs, mut targets) = ([[0.0; 6]; SAMPLES], [zero; SAMPLES]);
    let cached = chained.cached(&mut inputs, &mut targets)?;
    let mut wrong = 0_usize;
    let result = trainer.workspace.evaluate(&network, &cached, |output, class| {
        wrong = wrong.wrapping_add(usize::from(argmax(output) != class.index()));
    });
    if result.is_err() || wrong > 1 {
        return Err(Failure::Wrong);
    }
    let mut order = [0; SAMPLES];
    for (train, validation) in KFold::stratified(&images, 4, &mut order)? {
        if train.class_counts()? != [15; 3] || validation.class_counts()? != [5; 3] {
            return Err(Failure::Wrong);
        }
    }
    for (train, validation) in KFold::new(&shuffled, 7)? {
        if train.len().wrapping_add(validation.len()) != SAMPLES {
            return Err(Failure::Wrong);
        }
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    match run() {
        Ok(()) => 0,
        Err(Failure::Data) => 1,
        Err(Failure::Statistics) => 2,
        Err(Failure::Augmentation) => 3,
        Err(Failure::Step) => 4,
        Err(Failure::Wrong) => 5,
    }
}
