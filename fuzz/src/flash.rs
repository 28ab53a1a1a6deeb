//! Checkpoints in simulated flash: no power cut loses one, and nothing is loaded that was not saved.

use arbitrary::Arbitrary;
use stackprop::checkpoint::flash::{FlashError, Slots};
use stackprop::{Dense, Momentum, Network, Trainer};

use simulated::{Cut, EFFECTS, Failure, Flash, Then};

/// The flash of the tests.
#[path = "../../tests/flash/simulated.rs"]
#[allow(dead_code)]
mod simulated;

type Net = Network<1, Dense<1, 2>>;

/// What happens to a flash.
#[derive(Arbitrary, Debug)]
pub struct Story {
    geometry: Geometry,
    content: Content,
    saves: Vec<Save>,
}

#[derive(Arbitrary, Debug)]
enum Geometry {
    Bytes,
    Words,
    DoubleWords,
    TwelveBytes,
    Lines,
    Pages,
}

/// What the flash holds at first.
#[derive(Arbitrary, Debug)]
enum Content {
    Erased,
    /// These bytes, repeated.
    Any(Vec<u8>),
    /// The saves 1 and 2, in which bytes were changed.
    Damaged(Vec<(u16, u8)>),
}

#[derive(Arbitrary, Debug)]
struct Save {
    /// After so many steps, the power is cut, with one of [`EFFECTS`].
    cut: Option<(u8, u8)>,
    /// Resets after it.
    resets: u8,
}

impl Story {
    /// Tells it.
    pub fn check(&self) {
        match self.geometry {
            Geometry::Bytes => self.check_in::<1, 1, 64>(),
            Geometry::Words => self.check_in::<1, 4, 128>(),
            Geometry::DoubleWords => self.check_in::<4, 8, 64>(),
            Geometry::TwelveBytes => self.check_in::<4, 6, 36>(),
            Geometry::Lines => self.check_in::<4, 32, 256>(),
            Geometry::Pages => self.check_in::<1, 256, 256>(),
        }
    }

    fn check_in<const READ: usize, const WRITE: usize, const ERASE: usize>(&self) {
        let mut device = Device::<READ, WRITE, ERASE>::new();
        match &self.content {
            Content::Erased => assert!(device.load() == Ok(None)),
            Content::Any(bytes) => device.fill(bytes),
            Content::Damaged(bytes) => device.save_and_damage(bytes),
        }
        for save in self.saves.iter().take(12) {
            device.save_with(save);
        }
        device.save_with(&Save { cut: None, resets: 0 });
    }
}

/// Everything that is saved, determined by one number.
struct State {
    network: Net,
    trainer: Trainer<Net, Momentum, 1>,
    number: u64,
}

impl State {
    fn of(number: u64) -> Self {
        let (mut network, mut trainer) = (Net::zeros(), Trainer::zeros());
        network.layers.weight = [[number as f32, -1.0]];
        network.layers.bias = [0.5, number as f32 * 0.25];
        trainer.seed = (number as u32).wrapping_mul(0x9e37_79b9);
        Self { network, trainer, number }
    }

    fn bits(&self) -> Vec<u64> {
        [crate::bits(&self.network), crate::state_bits(&self.trainer), vec![self.number]].concat()
    }
}

struct Device<const READ: usize, const WRITE: usize, const ERASE: usize> {
    flash: Flash<READ, WRITE, ERASE>,
    slot_bytes: u32,
    /// The number of the last save that was begun.
    last: u64,
    /// The saves that a load may find.
    allowed: Vec<u64>,
    /// Whether a save was finished, so that a load must find one of them.
    certain: bool,
    /// The cuts since the last finished save, and those of them after which cells read differently each time.
    cuts: [usize; 2],
    /// Whether the flash may hold something that was not saved.
    forged: bool,
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Device<READ, WRITE, ERASE> {
    /// Erased flash, with a page before the slots.
    fn new() -> Self {
        type Slot<const R: usize, const W: usize, const E: usize> = Slots<Flash<R, W, E>>;
        let slot_bytes = Slot::<READ, WRITE, ERASE>::bytes_for::<f32, Net, Trainer<Net, Momentum, 1>, u64>();
        let flash = Flash::new(2 * slot_bytes as usize / ERASE + 1);
        Self { flash, slot_bytes, last: 0, allowed: vec![], certain: false, cuts: [0; 2], forged: false }
    }

    fn fill(&mut self, bytes: &[u8]) {
        for (cell, byte) in self.flash.cells.iter_mut().zip(bytes.iter().cycle()) {
            *cell = *byte;
        }
        self.forged = true;
        self.check_load();
    }

    /// Saves twice, and changes bytes, but not the checksums: those could then be right.
    fn save_and_damage(&mut self, bytes: &[(u16, u8)]) {
        for number in [1, 2] {
            self.save(number).expect("erased flash");
        }
        (self.last, self.allowed) = (2, vec![1, 2]);
        for (place, byte) in bytes {
            let place = usize::from(*place) % self.flash.cells.len();
            let in_slot = (place % self.slot_bytes as usize + self.slot_bytes as usize - ERASE)
                % self.slot_bytes as usize;
            if !(36..40).contains(&in_slot) {
                self.flash.cells[place] = *byte;
            }
        }
        self.check_load();
    }

    fn slots(&mut self) -> Slots<&mut Flash<READ, WRITE, ERASE>> {
        Slots::new(&mut self.flash, ERASE as u32, self.slot_bytes).expect("slots that fit")
    }

    fn save(&mut self, number: u64) -> Result<(), FlashError<Failure>> {
        let State { network, trainer, number } = State::of(number);
        self.slots().save(&network, &trainer, &number)
    }

    /// The number of the save that is loaded.
    fn load(&mut self) -> Result<Option<u64>, FlashError<Failure>> {
        let mut state = State::of(1 << 40);
        let before = state.bits();
        let loaded = self.slots().load(&mut state.network, &mut state.trainer, &mut state.number);
        match loaded {
            Ok(None) | Err(FlashError::Damaged | FlashError::Structure { .. }) => {
                assert!(state.bits() == before, "an error has changed the state");
            }
            _ => {}
        }
        if loaded?.is_none() {
            return Ok(None);
        }
        assert!(self.forged || state.bits() == State::of(state.number).bits(), "a mixture of two saves");
        Ok(Some(state.number))
    }

    fn check_load(&mut self) {
        match self.load() {
            Ok(Some(number)) => assert!(self.forged || self.allowed.contains(&number), "loaded {number}"),
            other => assert!(!self.certain, "a finished save is lost: {other:?}"),
        }
    }

    fn count_cut(&mut self, cut: Option<Cut>) {
        self.allowed.push(self.last);
        let [all, flickering] = &mut self.cuts;
        *all += 1;
        *flickering += usize::from(cut.is_some_and(|cut| cut.then != Then::Stable));
        // As documented: two cuts that leave flickering cells, and a third, may lose both checkpoints.
        self.certain &= *all < 3 || *flickering < 2;
    }

    /// Saves, perhaps with a cut, and loads.
    fn save_with(&mut self, save: &Save) {
        self.last += 1;
        let cut = save.cut.map(|(after, effect)| {
            let (left, then) = EFFECTS[usize::from(effect) % EFFECTS.len()];
            Cut { after: after.into(), left, then }
        });
        self.flash.reset(cut);
        match self.save(self.last) {
            Ok(()) => {
                (self.allowed, self.certain, self.forged) = (vec![self.last], true, false);
                self.cuts = [0; 2];
                self.check_load();
            }
            Err(FlashError::Driver(Failure::NoPower)) => self.count_cut(cut),
            // As documented: without a finished save, the driver's errors are the user's to handle.
            Err(FlashError::Driver(Failure::Unreadable)) if !self.certain => {
                self.flash.reset(None);
                self.slots().erase().expect("there is power");
                (self.allowed, self.forged) = (vec![], false);
            }
            Err(error) => panic!("not saved: {error}"),
        }
        for _ in 0..=save.resets % 4 {
            self.flash.reset(None);
            self.check_load();
        }
    }
}
