//! The training of image `train` on a device whose power fails again and again, and which goes on from checkpoints in
//! flash. The trained weights are those of `train`, bit for bit.
//!
//! The flash is simulated in memory that a reset does not change. Each time, the power fails after another number of
//! writes and erases, often in the middle of a save. It leaves a torn word or a half-erased page, and resets the
//! processor: all that goes on is what the flash holds.
#![no_std]
#![no_main]

use core::convert::Infallible;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use firmware::{Once, Retained, machine, peak_stack, say};
use stackprop::Parameters;
use stackprop::checkpoint::flash::Slots;

#[path = "../../shared/digits.rs"]
mod digits;
#[path = "../../shared/expected.rs"]
mod expected;
#[path = "../../shared/training.rs"]
mod training;

use training::{Net, Training};

firmware::entry!(main);

static NETWORK: Once<Net> = Once::new(Net::zeros());
static TRAINER: Once<Training> = Once::new(Training::zeros());

const EXPECTED: u64 = expected::expected(include_str!("../../data/train.txt"), firmware::CLASS);

/// A checkpoint after so many steps.
const INTERVAL: u32 = 16;

/// The bytes of a page, and of a slot: 14,548 bytes of numbers and a header.
const PAGE: usize = 4096;
const SLOT: usize = 4 * PAGE;

/// How often the processor was started (magic, count), and the flash.
#[unsafe(link_section = ".uninit.MEMORY")]
static MEMORY: Retained<{ 8 + 2 * SLOT }> = Retained::new();
const MAGIC: [u8; 4] = *b"boot";

/// Flash that is written in words of 8 bytes.
struct Flash {
    cells: &'static mut [u8],
    /// How many words are still written, and pages erased, until the power fails.
    steps: u32,
}

impl Flash {
    /// Changes cells; if the power fails here, only every other one.
    fn change(&mut self, offset: u32, length: usize, change: impl Fn(usize, &mut u8)) {
        let fails = self.steps == 0;
        let cells = self.cells.iter_mut().skip(offset as usize).take(length);
        for (index, cell) in (0..length).zip(cells) {
            if !fails || index % 2 == 0 {
                change(index, cell);
            }
        }
        if fails {
            machine::reset();
        }
        self.steps -= 1;
    }
}

impl ErrorType for Flash {
    type Error = Infallible;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        for (byte, cell) in bytes.iter_mut().zip(self.cells.iter().skip(offset as usize)) {
            *byte = *cell;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        for page in (from..to).step_by(PAGE) {
            self.change(page, PAGE, |_, cell| *cell = 0xff);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        for (word, bytes) in (offset..).step_by(8).zip(bytes.chunks(8)) {
            self.change(word, 8, |index, cell| *cell &= bytes.get(index).copied().unwrap_or(0));
        }
        Ok(())
    }
}

fn main() -> bool {
    // SAFETY: `main` runs once after each reset.
    let memory = unsafe { MEMORY.take() };
    let Some((start, cells)) = memory.split_first_chunk_mut::<8>() else { return false };
    let [a, b, c, d, count @ ..] = start;
    let starts = if [*a, *b, *c, *d] == MAGIC { u32::from_le_bytes(*count) } else { 0 };
    if starts == 0 {
        cells.fill(0xff);
        say!("resume: the run of `train`, a checkpoint after each {} steps, and power failures", INTERVAL);
        say!("a slot needs {} bytes", Slots::<Flash>::bytes_for::<f32, Net, Training, ()>());
    }
    ([*a, *b, *c, *d], *count) = (MAGIC, (starts + 1).to_le_bytes());
    // A save takes 4 erases and 1,825 writes. (Prime numbers, so that the power fails in all parts of a save.)
    let steps = 1 + starts.wrapping_mul(2311) % 5099;
    let Ok(slots) = Slots::new(Flash { cells, steps }, 0, SLOT as u32) else { return false };
    go_on(slots, starts).unwrap_or(false)
}

/// The rest of the training. `None` if something fails.
fn go_on(mut slots: Slots<Flash>, starts: u32) -> Option<bool> {
    let (network, trainer) = (NETWORK.take()?, TRAINER.take()?);
    let rng = training::init(network);
    if let Some(loaded) = slots.load(network, trainer, &mut ()).ok()? {
        let cut = if loaded.other_is_lost { "cut" } else { "complete" };
        say!(
            "start {}: checkpoint {}, step {}; the last save was {}",
            starts,
            loaded.sequence,
            trainer.steps(),
            cut
        );
    } else {
        say!("start {}: no checkpoint", starts);
    }

    let mut saved = true;
    let finished = training::go_on(network, trainer, rng, |network, trainer| {
        if trainer.steps() % INTERVAL == 0 {
            saved &= slots.save(network, trainer, &()).is_ok();
        }
    });
    finished.ok()?;
    let hash = network.checksum();
    say!("{} resets", starts);
    say!("hash train {} {:016x}", firmware::CLASS, hash);

    // No more failures, to measure a save and a load.
    let flash = Flash { steps: u32::MAX, ..slots.into_inner() };
    let mut slots = Slots::new(flash, 0, SLOT as u32).ok()?;
    let before = machine::count();
    saved &= slots.save(network, trainer, &()).is_ok();
    let between = machine::count();
    let loaded = slots.load(network, trainer, &mut ()).is_ok();
    let after = machine::count();
    say!(
        "instructions: {} for a save, {} for a load, with the simulated flash",
        between - before,
        after - between
    );
    let stack_of_save = peak_stack(|| saved &= slots.save(network, trainer, &()).is_ok());
    let stack_of_load = peak_stack(|| _ = slots.load(network, trainer, &mut ()));
    say!("peak stack: {} bytes for a save, {} for a load", stack_of_save, stack_of_load);
    Some(saved && loaded && hash == EXPECTED && starts > 10)
}
