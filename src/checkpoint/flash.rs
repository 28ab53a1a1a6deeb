//! Checkpoints in two slots of flash memory, of which a power cut leaves at least one whole.
//!
//! [`Slots`] works on any driver with the trait [`NorFlash`] of the crate `embedded-storage`, without a heap, and without a
//! copy of the network: numbers pass through a buffer of 256 bytes.
//!
//! ```
//! use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
//! use stackprop::checkpoint::flash::Slots;
//! use stackprop::{Adam, Dense, Network, Quadratic, Trainer};
//!
//! /// Two pages of flash, in RAM.
//! struct Ram([u8; 2 * 1024]);
//! # impl ErrorType for Ram {
//! #     type Error = NorFlashErrorKind;
//! # }
//! # impl ReadNorFlash for Ram {
//! #     const READ_SIZE: usize = 1;
//! #     fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
//! #         bytes.copy_from_slice(&self.0[offset as usize..][..bytes.len()]);
//! #         Ok(())
//! #     }
//! #     fn capacity(&self) -> usize {
//! #         self.0.len()
//! #     }
//! # }
//! # impl NorFlash for Ram {
//! #     const WRITE_SIZE: usize = 4;
//! #     const ERASE_SIZE: usize = 1024;
//! #     fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
//! #         self.0[from as usize..to as usize].fill(0xff);
//! #         Ok(())
//! #     }
//! #     fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
//! #         self.0[offset as usize..][..bytes.len()].copy_from_slice(bytes);
//! #         Ok(())
//! #     }
//! # }
//!
//! type Net = Network<2, Dense<2, 1>>;
//! type Training = Trainer<Net, Adam, 2>;
//! assert_eq!(Slots::<Ram>::bytes_for::<f32, Net, Training, u64>(), 1024); // 116 bytes, which fit one page
//!
//! let mut flash = Ram([0xff; 2 * 1024]);
//! let (adam, data) = (Adam::default(), [([1.0, 0.5], [2.0]), ([0.0, -1.0], [1.0])]);
//!
//! let (mut network, mut trainer, seed) = (Net::zeros(), Training::zeros(), 7_u64);
//! let mut slots = Slots::new(&mut flash, 0, 1024)?;
//! assert!(slots.load(&mut network, &mut trainer, &mut ())?.is_none()); // nothing was saved yet
//! trainer.step(&mut network, &adam, &Quadratic, &data)?;
//! slots.save(&network, &trainer, &seed)?;
//! trainer.step(&mut network, &adam, &Quadratic, &data)?; // the bits to be reached
//!
//! // After a reset:
//! let (mut resumed, mut trainer, mut seed) = (Net::zeros(), Training::zeros(), 0_u64);
//! let mut slots = Slots::new(&mut flash, 0, 1024)?;
//! let loaded = slots.load(&mut resumed, &mut trainer, &mut seed)?;
//! assert_eq!((loaded.map(|loaded| loaded.sequence), seed), (Some(1), 7));
//! trainer.step(&mut resumed, &adam, &Quadratic, &data)?;
//! assert_eq!(resumed, network);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **A save** erases the slot that does not hold the newest checkpoint, writes the numbers, then a header with the
//! checkpoint's number, its length, fingerprints of its types and a CRC-32 of all of it. It reads both back, and then
//! writes the *seal*: one word of zeros, for which there is a place of its own. The other slot is only read; if neither holds
//! a checkpoint, both are erased.
//!
//! **A load** reads both slots, and takes the newest that is sealed and whole. It changes nothing before it knows that the
//! CRC-32 and the fingerprints are right. If the slot is not whole any more when its numbers are read, it takes the other.
//!
//! **A power cut** may leave erased cells half erased and a written word torn. Such cells may even read differently each
//! time.
//!
//! - While a slot is erased or written, the other is whole, and the torn one has a wrong CRC-32, or no seal.
//! - A header that was being written may read as whole by chance. It has no seal, so the slot does not count as long as
//!   the other is whole.
//! - If there is any bit of a seal, the header and the numbers before it were complete. If the seal itself is torn, a load
//!   gives the old or the new checkpoint, which are both whole. A slot without a seal is loaded if the other is not whole,
//!   so the next save does not depend on the seal either.
//! - A slot is erased before each save, also if it looks erased, because it may have been erased in part.
//!
//! What remains: a damaged slot passes for a whole one with probability 2^-32, as for any CRC-32. If the power is cut in
//! the seal of one save, and in the first erase of the next, and both places read as before at the third start, that start
//! may load the checkpoint before the last; if the save after it is cut as well, and they read differently at the fourth
//! start, both checkpoints may be lost. While the very first save has not ended, there is nothing to fall back to.
//!
//! **Wear.** The slots take turns, so each is erased once in two saves. Flash with 4,096 bytes in a page that is rated for
//! 10,000 erases (nRF52840) is good for 20,000 saves: every 10 minutes for 139 days, or every hour for two years. Serial
//! flash (W25Q16 and similar, on boards with an RP2040) is rated for 100,000 erases, ten times as much.
//!
//! **Size.** [`Slots::bytes_for`] is what a slot needs. A network of 1,210 parameters of 4 bytes has three times 4,840
//! bytes with Adam's two moments, and fits four pages of 4,096 bytes: two slots are 32 KiB. On an nRF52840, which erases a
//! page in 85 ms and writes 4 bytes in 41 us, a save takes about half a second. The processor may not run from the flash
//! meanwhile.
//!
//! **Limits.** `READ_SIZE` and `WRITE_SIZE` have a common multiple of at most 256 bytes, and `ERASE_SIZE` is a multiple of
//! it; others do not compile. Only one program at a time may use the slots. Flash with error correction can report a torn
//! word as an error of the driver, and a slot with such a word counts as damaged; some processors raise an interrupt
//! instead, which is the driver's to handle.

mod error;
mod header;
mod stream;
mod structure;

use embedded_storage::nor_flash::NorFlash;

pub use error::{FlashError, Part};

use super::visit;
use crate::params::Parameters;
use crate::persist::Persist;
use crate::scalar::Scalar;
use header::{Found, Header};
use stream::{Buffered, Units, round_up};
use structure::Structure;

/// Two slots for checkpoints, in a range of a flash.
///
/// A flash driver or a `&mut` of one: `F` is a [`NorFlash`]. See the [module](self) for an example.
#[derive(Debug)]
pub struct Slots<F> {
    flash: Buffered<F>,
    start: u32,
    slot_bytes: u32,
}

/// Which checkpoint was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The number of the save, from 1.
    pub sequence: u32,
    /// Whether the other slot does not hold the checkpoint before: a later save was cut, or the slot is damaged.
    pub other_is_lost: bool,
}

/// The content of a slot.
enum Slot {
    Empty,
    Damaged,
    Whole { header: Header, sealed: bool },
}

/// The slot with the newest checkpoint.
struct Newest {
    at: u32,
    header: Header,
    other_is_lost: bool,
}

impl<F: NorFlash> Slots<F> {
    /// Where the seal is in a slot.
    const SEAL: u32 = round_up(Header::BYTES, F::UNIT);

    /// Where the numbers begin in a slot.
    const NUMBERS: u32 = Self::SEAL + F::UNIT as u32;

    /// Two slots of `slot_bytes` bytes each, one behind the other, from the address `start`. Reads and writes nothing.
    ///
    /// # Errors
    ///
    /// [`FlashError::Alignment`] if `start` or `slot_bytes` is not a multiple of `F::ERASE_SIZE`.
    /// [`FlashError::Capacity`] if the flash ends before the slots. [`FlashError::TooLong`] if a slot has no room for a
    /// header.
    pub fn new(flash: F, start: u32, slot_bytes: u32) -> Result<Self, FlashError<F::Error>> {
        let () = F::VALID;
        for found in [start, slot_bytes] {
            if !(found as usize).is_multiple_of(F::ERASE_SIZE) {
                return Err(FlashError::Alignment { found, erase_size: F::ERASE_SIZE });
            }
        }
        let (end, capacity) = (u64::from(start).saturating_add(u64::from(slot_bytes) << 1), flash.capacity());
        if end > capacity as u64 || u32::try_from(end).is_err() {
            return Err(FlashError::Capacity { end, capacity });
        }
        if slot_bytes < Self::NUMBERS {
            return Err(FlashError::TooLong { needed: Self::NUMBERS, slot_bytes });
        }
        Ok(Self { flash: Buffered::new(flash), start, slot_bytes })
    }

    /// The least `slot_bytes` for a network `N` of the scalar `T`, a run `R`, and values `X` of your own.
    ///
    /// It includes the header and is a multiple of `F::ERASE_SIZE`.
    #[must_use]
    pub fn bytes_for<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>() -> u32 {
        let () = F::VALID;
        let bytes = Structure::of::<T, N, R, X>().bytes;
        round_up(bytes.saturating_add(Self::NUMBERS), F::ERASE_SIZE)
    }

    /// Saves a network, a run and values of your own in the slot that does not hold the newest checkpoint.
    ///
    /// The run is a [`Trainer`](crate::Trainer), an [`InPlaceTrainer`](crate::InPlaceTrainer), or `()`. When this
    /// returns `Ok`, the checkpoint was read back.
    ///
    /// # Errors
    ///
    /// [`FlashError`]; the checkpoint before is still there.
    pub fn save<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>(
        &mut self,
        network: &N,
        run: &R,
        own: &X,
    ) -> Result<(), FlashError<F::Error>> {
        let structure = Structure::of::<T, N, R, X>();
        let needed = structure.bytes.saturating_add(Self::NUMBERS);
        if needed > self.slot_bytes {
            return Err(FlashError::TooLong { needed, slot_bytes: self.slot_bytes });
        }
        let (at, sequence) = match self.newest() {
            Ok(Some(newest)) => (self.other(newest.at), newest.header.sequence.wrapping_add(1)),
            Ok(None) | Err(FlashError::Damaged) => {
                // If it was erased in part, it may read as whole again, with a later number than this save.
                self.erase_slot(self.other(self.start))?;
                (self.start, 1)
            }
            Err(error) => return Err(error),
        };
        self.erase_slot(at)?;

        let mut writer = self.flash.writer(at.saturating_add(Self::NUMBERS), structure.bytes);
        visit(([network], []), ([run], []), ([own], []), &mut writer);
        let (numbers, visited) = writer.finish().map_err(FlashError::Driver)?;
        if visited != structure.bytes {
            return Err(FlashError::Visited { visited, declared: structure.bytes });
        }
        let mut header =
            Header { sequence, length: visited, fingerprints: structure.fingerprints, checksum: 0 };
        header.checksum = header.checksum_after(numbers);
        self.write_header(at, &header)
    }

    /// Writes the header behind which the numbers are, and the seal once both were read back.
    fn write_header(&mut self, at: u32, header: &Header) -> Result<(), FlashError<F::Error>> {
        let mut writer = self.flash.writer(at, Header::BYTES);
        header.write(&mut writer);
        writer.finish().map_err(FlashError::Driver)?;
        match self.inspect(at).map_err(FlashError::Driver)? {
            Slot::Whole { header: read, .. } if read == *header => {}
            _ => return Err(FlashError::NotWritten),
        }
        let mut writer = self.flash.writer(at.saturating_add(Self::SEAL), F::UNIT as u32);
        for _ in 0..F::UNIT {
            writer.put(0, 1);
        }
        writer.finish().map_err(FlashError::Driver)?;
        Ok(())
    }

    /// Loads the newest checkpoint, into values of the types that were saved. `None` if there is none.
    ///
    /// A trainer may have another tile than the one that was saved, or be the other trainer.
    ///
    /// # Errors
    ///
    /// [`FlashError::Structure`] if the checkpoint is of other types; [`FlashError::Damaged`] if both slots have been
    /// written, but none is whole. Nothing is changed then. After [`FlashError::Unstable`], and after an error of the
    /// driver, the values may be partly changed.
    pub fn load<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>(
        &mut self,
        network: &mut N,
        run: &mut R,
        own: &mut X,
    ) -> Result<Option<Loaded>, FlashError<F::Error>> {
        let Some(Newest { at, header, other_is_lost }) = self.newest()? else { return Ok(None) };
        let structure = Structure::of::<T, N, R, X>();
        structure.check(&header)?;
        let Err(error) = self.read_numbers(at, &header, network, run, own) else {
            return Ok(Some(Loaded { sequence: header.sequence, other_is_lost }));
        };
        // The slot was whole a moment ago. A torn erase can read so; the checkpoint is then in the other slot.
        let at = self.other(at);
        match self.inspect(at) {
            Ok(Slot::Whole { header, .. }) if structure.check::<F::Error>(&header).is_ok() => {
                self.read_numbers(at, &header, network, run, own)?;
                Ok(Some(Loaded { sequence: header.sequence, other_is_lost: true }))
            }
            _ => Err(error),
        }
    }

    /// Reads the numbers behind a header. After an error, the values may be partly changed.
    fn read_numbers<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>(
        &mut self,
        at: u32,
        header: &Header,
        network: &mut N,
        run: &mut R,
        own: &mut X,
    ) -> Result<(), FlashError<F::Error>> {
        let mut reader = self.flash.reader(at.saturating_add(Self::NUMBERS), header.length);
        visit(([], [network]), ([], [run]), ([], [own]), &mut reader);
        let numbers = reader.finish().map_err(FlashError::Driver)?;
        if header.checksum_after(numbers) == header.checksum { Ok(()) } else { Err(FlashError::Unstable) }
    }

    /// Erases both slots.
    ///
    /// # Errors
    ///
    /// [`FlashError::Driver`].
    pub fn erase(&mut self) -> Result<(), FlashError<F::Error>> {
        let end = self.other(self.start).saturating_add(self.slot_bytes);
        self.flash.driver.erase(self.start, end).map_err(FlashError::Driver)
    }

    fn erase_slot(&mut self, at: u32) -> Result<(), FlashError<F::Error>> {
        self.flash.driver.erase(at, at.saturating_add(self.slot_bytes)).map_err(FlashError::Driver)
    }

    /// Returns the flash.
    pub fn into_inner(self) -> F {
        self.flash.driver
    }

    /// The address of the slot that is not at `at`.
    fn other(&self, at: u32) -> u32 {
        if at == self.start { self.start.saturating_add(self.slot_bytes) } else { self.start }
    }

    /// The slot with the newest checkpoint, if there is one.
    ///
    /// An error of the driver in one slot does not matter if the other is whole: flash with error correction may report
    /// a torn word so.
    fn newest(&mut self) -> Result<Option<Newest>, FlashError<F::Error>> {
        let (first, second) = (self.start, self.other(self.start));
        match (self.inspect(first), self.inspect(second)) {
            (Ok(Slot::Whole { header: a, sealed: s }), Ok(Slot::Whole { header: b, sealed: t })) => {
                // A sealed one before one that is not; else the one that was saved later.
                let later = if s == t { (b.sequence.wrapping_sub(a.sequence) as i32) > 0 } else { t };
                let (at, header, other) = if later { (second, b, a) } else { (first, a, b) };
                let other_is_lost = other.sequence != header.sequence.wrapping_sub(1);
                Ok(Some(Newest { at, header, other_is_lost }))
            }
            (Ok(Slot::Whole { header, .. }), other) => Ok(Some(Newest::alone(first, header, other))),
            (other, Ok(Slot::Whole { header, .. })) => Ok(Some(Newest::alone(second, header, other))),
            (Err(error), _) | (_, Err(error)) => Err(FlashError::Driver(error)),
            (Ok(Slot::Damaged), Ok(Slot::Damaged)) => Err(FlashError::Damaged),
            _ => Ok(None),
        }
    }

    /// Reads the slot at `at`.
    fn inspect(&mut self, at: u32) -> Result<Slot, F::Error> {
        let mut reader = self.flash.reader(at, Header::BYTES);
        let found = Header::read(&mut reader);
        reader.finish()?;
        let header = match found {
            Found::Header(header) => header,
            Found::Nothing => {
                // A save that was cut before its header has written some numbers.
                let space = self.slot_bytes.saturating_sub(Self::NUMBERS).min(F::UNIT as u32);
                let numbers = self.flash.reader(at.saturating_add(Self::NUMBERS), space);
                return Ok(if numbers.finds_erased()? { Slot::Empty } else { Slot::Damaged });
            }
            Found::Other => return Ok(Slot::Damaged),
        };
        if header.length > self.slot_bytes.saturating_sub(Self::NUMBERS) {
            return Ok(Slot::Damaged);
        }
        let numbers = self.flash.reader(at.saturating_add(Self::NUMBERS), header.length);
        if header.checksum_after(numbers.finish()?) != header.checksum {
            return Ok(Slot::Damaged);
        }
        let seal = self.flash.reader(at.saturating_add(Self::SEAL), F::UNIT as u32);
        Ok(Slot::Whole { header, sealed: !seal.finds_erased()? })
    }
}

impl Newest {
    /// The newest checkpoint, if the other slot has none.
    fn alone<E>(at: u32, header: Header, other: Result<Slot, E>) -> Self {
        // After the first save, the other slot is still empty.
        let first = header.sequence == 1 && matches!(other, Ok(Slot::Empty));
        Self { at, header, other_is_lost: !first }
    }
}
