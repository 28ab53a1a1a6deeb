//! What a checkpoint has beside network and trainer.

use stackprop::{Parts, Persist};

/// Where a run is in its epoch, and how far it is with waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct State {
    /// The mini-batches of this epoch that are done, and their samples.
    pub batches: u32,
    pub samples: u64,
    /// The average loss of these samples.
    pub loss: f64,
    /// The learning rate of the last step; NaN if it has none.
    pub rate: f64,
    /// How long this epoch took so far.
    pub seconds: f64,
    /// The number of the best epoch, from 1; 0 if there is none, and `best` has no meaning.
    pub best_epoch: u32,
    /// Its monitored value.
    pub best: f64,
    /// The epochs since.
    pub waited: u32,
    /// The loss of the first mini-batch of the run; NaN before.
    pub first_loss: f64,
}

impl State {
    /// Adds the loss of a mini-batch: `m <- m + (x - m) n / N`.
    pub(super) fn add(&mut self, loss: f64, samples: usize) {
        self.batches += 1;
        self.samples += samples as u64;
        self.loss += (loss - self.loss) * (samples as f64 / self.samples as f64);
    }

    /// Back to the start of an epoch.
    pub(super) fn begin_epoch(&mut self) {
        *self = Self { batches: 0, samples: 0, loss: 0.0, seconds: 0.0, ..*self };
    }
}

impl Persist for State {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        mut write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        macro_rules! numbers {
            ($($field:ident),*) => {$(
                parts.number(
                    stringify!($field),
                    read.map(|state| &state.$field),
                    write.each_mut().map(|state| &mut state.$field),
                );
            )*};
        }
        numbers!(batches, samples, loss, rate, seconds, best_epoch, best, waited, first_loss);
    }
}

/// The state, and the best network or `()`, as one value of a checkpoint.
pub(super) struct Own<'a, B> {
    pub state: &'a mut State,
    pub best: &'a mut B,
}

impl<B: Persist> Persist for Own<'_, B> {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        mut write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        parts.group("run", read.map(|own| &*own.state), write.each_mut().map(|own| &mut *own.state));
        parts.group("best", read.map(|own| &*own.best), write.each_mut().map(|own| &mut *own.best));
    }
}
