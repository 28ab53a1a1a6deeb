//! Checkpoints in flash, without a heap. Exit code 0 if a run goes on with the same bits.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::hint::black_box;

use no_std_programs as _; // links what a host needs

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use stackprop::checkpoint::flash::{FlashError, Slots};
use stackprop::{Adam, Chain, Dense, InPlaceTrainer, Network, Quadratic, Tanh, Trainer};

type Net = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;
type Training = Trainer<Net, Adam, 2>;

const PAGE: usize = 1024;

/// Flash of two pages.
struct Flash([u8; 2 * PAGE]);

impl Flash {
    fn range(&mut self, offset: u32, length: usize) -> impl Iterator<Item = &mut u8> {
        self.0.iter_mut().skip(offset as usize).take(length)
    }
}

impl ErrorType for Flash {
    type Error = Infallible;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        for (byte, cell) in bytes.iter_mut().zip(black_box(&self.0).iter().skip(offset as usize)) {
            *byte = *cell;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        for cell in self.range(from, to.saturating_sub(from) as usize) {
            *cell = 0xff;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        for (cell, byte) in self.range(offset, bytes.len()).zip(bytes) {
            *cell &= *byte;
        }
        Ok(())
    }
}

const DATA: [([f32; 2], [f32; 1]); 2] = [([0.5, -1.0], [1.0]), ([1.0, 0.25], [-0.5])];

fn step(network: &mut Net, trainer: &mut Training) -> Option<f32> {
    trainer.step(network, &Adam::default(), &Quadratic, &black_box(DATA)).ok()
}

fn goes_on(flash: &mut Flash) -> Option<bool> {
    let (mut network, mut trainer, mut seed) = (Net::zeros(), Training::zeros(), 0_u64);
    network.layers.0.weight = black_box([[0.5, -1.0, 2.0, 0.125], [0.25, 3.0, -0.125, 1.0]]);
    let mut slots = Slots::new(&mut *flash, black_box(0), PAGE as u32).ok()?;
    if slots.load(&mut network, &mut trainer, &mut seed).ok()?.is_some() {
        return None;
    }
    step(&mut network, &mut trainer)?;
    slots.save(&network, &trainer, &black_box(7_u64)).ok()?;
    step(&mut network, &mut trainer)?;
    slots.save(&network, &trainer, &black_box(8_u64)).ok()?;
    step(&mut network, &mut trainer)?;

    let (mut resumed, mut after) = (Net::zeros(), Training::zeros());
    let mut slots = Slots::new(flash, black_box(0), PAGE as u32).ok()?;
    let loaded = slots.load(&mut resumed, &mut after, &mut seed).ok()??;
    step(&mut resumed, &mut after)?;

    let mut other = InPlaceTrainer::<Net, stackprop::Sgd, 1>::zeros();
    let refused = slots.load(&mut resumed, &mut other, &mut seed);
    let refused = matches!(refused, Err(FlashError::Structure { .. }));
    Some(loaded.sequence == 2 && seed == 8 && resumed == network && refused && slots.erase().is_ok())
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let mut flash = Flash([0xff; 2 * PAGE]);
    let fits = Slots::<Flash>::bytes_for::<f32, Net, Training, u64>() == PAGE as u32;
    let misplaced = Slots::new(&mut flash, black_box(8), PAGE as u32).is_err();
    i32::from(!(fits && misplaced && goes_on(&mut flash) == Some(true)))
}
