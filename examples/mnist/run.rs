//! A run: trains the network of a recipe, and prints how well it reads.

use std::time::Instant;

use stackprop::data::Part;
use stackprop::data::augment::Augment;
use stackprop::rand::rngs::Xoshiro128PlusPlus;
use stackprop::{Class, Dataset, LossOf, MiniBatches, Model, Optimizer, Trainer};

use crate::common::cli::{self, Out, Outcome};
use crate::common::confusion;
use crate::files::Mnist;

/// What a recipe is given.
pub struct Run<'a> {
    pub train: Part<&'a Mnist>,
    /// What is read after each epoch, and its name.
    pub watched: (&'static str, Part<&'a Mnist>),
    pub test: &'a Mnist,
    pub learning_rate: f32,
    /// That of the recipe.
    pub usual_learning_rate: f32,
    pub epochs: usize,
    pub batch: usize,
    pub scaled: bool,
    pub seed: u64,
    pub rng: Xoshiro128PlusPlus,
    pub out: &'a mut Out,
}

impl Run<'_> {
    /// The number of steps of all epochs.
    pub fn steps(&self) -> usize {
        self.epochs.saturating_mul(self.train.len().div_ceil(self.batch))
    }

    /// Trains, and prints what the network reads.
    pub fn learn<N, O, C, A>(mut self, mut network: Box<N>, optimizer: O, loss: &C, augment: A) -> Outcome
    where
        N: Model<Input = [f32; 784], Output = [f32; 10], Scalar = f32>,
        O: Optimizer<f32>,
        C: LossOf<N, Class<10>>,
        A: Augment<[f32; 784]> + Clone,
    {
        let mut trainer = Trainer::<N, O, 128>::boxed();
        trainer.seed = self.seed as u32;
        let images = self.train.augmented(augment, self.seed as u32)?;
        let (name, watched) = &self.watched;

        let (start, mut best) = (Instant::now(), None);
        let bar = cli::progress_bar(1, self.steps());
        for epoch in 0..self.epochs {
            let images = images.at_epoch(epoch as u32);
            let batches = MiniBatches::shuffled(&images, self.batch, &mut self.rng).inspect(|_| bar.inc(1));
            let average = trainer.epoch(&mut network, &optimizer, loss, batches)?;
            // Of more than 60 epochs, every second, third... and the last.
            if !(self.epochs - epoch - 1).is_multiple_of(self.epochs.div_ceil(60)) {
                continue;
            }
            if watched.is_empty() {
                bar.suspend(|| writeln!(self.out, "Epoch {epoch}: loss {average:.4}"))?;
                continue;
            }
            let read = confusion::of(&*network, watched, &mut trainer.workspace)?;
            bar.suspend(|| {
                writeln!(self.out, "Epoch {epoch}: {} / {}", confusion::correct(&read), read.samples())
            })?;
            best = Some(confusion::accuracy(&read).max(best.unwrap_or(0.0)));
        }
        bar.finish_and_clear();

        let read = confusion::of(&*network, self.test, &mut trainer.workspace)?;
        let (time, accuracy) = (start.elapsed(), confusion::accuracy(&read));
        writeln!(self.out, "\n{read}\n\n{} parameters, {time:.1?}", N::PARAMETERS)?;
        if let Some(best) = best {
            writeln!(self.out, "best {name} accuracy: {best:.4}")?;
        }
        writeln!(self.out, "test accuracy: {accuracy:.4}")?;
        confusion::ensure_better_than_chance(&read, self.learning_rate, self.usual_learning_rate)?;
        Ok(())
    }
}
