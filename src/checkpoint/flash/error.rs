//! Why a checkpoint was not saved or not loaded.

use core::fmt;

/// A part of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The network.
    TheNetwork,
    /// The trainer: its optimiser, its scalar, what it trains.
    TheRun,
    /// Values of your own.
    YourOwn,
}

/// Why a checkpoint was not saved in flash, or not loaded from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashError<E> {
    /// The address or the length of the slots is not a multiple of what the flash erases at a time. From
    /// [`Slots::new`](super::Slots::new).
    Alignment {
        /// The address or the length.
        found: u32,
        /// What it has to be a multiple of.
        erase_size: usize,
    },
    /// The slots end behind the end of the flash. From [`Slots::new`](super::Slots::new).
    Capacity {
        /// Where the second slot ends.
        end: u64,
        /// Where the flash ends.
        capacity: usize,
    },
    /// The checkpoint, or its header alone, is longer than a slot. Nothing was erased.
    TooLong {
        /// The bytes that the checkpoint takes.
        needed: u32,
        /// The bytes of a slot.
        slot_bytes: u32,
    },
    /// The checkpoint is of other types: another architecture, optimiser or scalar, or other values of your own.
    /// Nothing was changed.
    Structure {
        /// The first part that differs.
        part: Part,
        /// The fingerprint of the part's structure in the flash.
        found: u64,
        /// The fingerprint of the part that was to be loaded.
        needed: u64,
    },
    /// Both slots have been written, but none is whole. Power cuts do not do this: the flash is worn out, or holds
    /// something else. Nothing was changed, and a save starts anew.
    Damaged,
    /// What was written does not read back as it was written: the flash is worn out or protected. The checkpoint before
    /// is still there.
    NotWritten,
    /// The slot was whole, but reads differently a moment later, and the other is not whole or is of other types. The
    /// values to be loaded **have changed** in part.
    Unstable,
    /// A [`Persist`](crate::Persist) or [`Parameters`](crate::Parameters) of your own visits other numbers with values
    /// than without. The checkpoint before is still there.
    Visited {
        /// The bytes of the numbers that were visited with values.
        visited: u32,
        /// The bytes of the numbers that its types and constants declare.
        declared: u32,
    },
    /// The driver of the flash reports an error. If it is about the last read of a load, the values to be loaded **have
    /// changed** in part.
    Driver(E),
}

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlashError::Alignment { found, erase_size } => {
                write!(f, "slots begin and end at multiples of {erase_size} bytes, which {found} is not")
            }
            FlashError::Capacity { end, capacity } => {
                write!(f, "the slots end at byte {end}, but the flash has {capacity} bytes")
            }
            FlashError::TooLong { needed, slot_bytes } => {
                write!(f, "the checkpoint takes {needed} bytes, but a slot has {slot_bytes}")
            }
            FlashError::Structure { part, found, needed } => {
                let part = match part {
                    Part::TheNetwork => "network",
                    Part::TheRun => "trainer",
                    Part::YourOwn => "additional state",
                };
                write!(
                    f,
                    "the checkpoint's {part} is of another structure: its fingerprint is {found:016x}, not {needed:016x}"
                )
            }
            FlashError::Damaged => f.write_str("both slots are damaged"),
            FlashError::NotWritten => f.write_str("the flash does not hold what was written to it"),
            FlashError::Unstable => f.write_str("the flash reads differently each time"),
            FlashError::Visited { visited, declared } => {
                write!(f, "{visited} bytes of numbers were visited, but their types declare {declared}")
            }
            FlashError::Driver(error) => write!(f, "the flash driver failed: {error:?}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}
