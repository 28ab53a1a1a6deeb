//! The header of a slot.

use embedded_storage::nor_flash::NorFlash;

use super::stream::{Reader, Writer};
use crate::checkpoint::crc32::crc32;

/// The first bytes of a slot that holds a checkpoint: the format and its version.
const MAGIC: u32 = u32::from_le_bytes(*b"SPF1");

/// What is known about the numbers in a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of the save, from 1.
    pub sequence: u32,
    /// The bytes of all numbers.
    pub length: u32,
    /// The fingerprints of the network, of the run, and of the user's own values.
    pub fingerprints: [u64; 3],
    /// The CRC-32 of the numbers and the fields above.
    pub checksum: u32,
}

/// What is in the place of a header.
pub(super) enum Found {
    Header(Header),
    /// Erased flash.
    Nothing,
    /// Anything else.
    Other,
}

impl Header {
    /// The bytes in flash: magic, sequence, length, three fingerprints, checksum.
    pub const BYTES: u32 = 4 + 4 + 4 + 3 * 8 + 4;

    pub fn write<F: NorFlash>(&self, writer: &mut Writer<'_, F>) {
        writer.put(u64::from(MAGIC), 4);
        writer.put(u64::from(self.sequence), 4);
        writer.put(u64::from(self.length), 4);
        for fingerprint in self.fingerprints {
            writer.put(fingerprint, 8);
        }
        writer.put(u64::from(self.checksum), 4);
    }

    pub fn read<F: NorFlash>(reader: &mut Reader<'_, F>) -> Found {
        match reader.u32() {
            Some(MAGIC) => Self::read_fields(reader).map_or(Found::Other, Found::Header),
            Some(u32::MAX) => Found::Nothing,
            _ => Found::Other,
        }
    }

    fn read_fields<F: NorFlash>(reader: &mut Reader<'_, F>) -> Option<Self> {
        Some(Self {
            sequence: reader.u32()?,
            length: reader.u32()?,
            fingerprints: [reader.word(8)?, reader.word(8)?, reader.word(8)?],
            checksum: reader.u32()?,
        })
    }

    /// The checksum that belongs to this header, if `numbers` is that of all numbers.
    pub fn checksum_after(&self, numbers: u32) -> u32 {
        let sum = crc32(numbers, &self.sequence.to_le_bytes());
        let sum = crc32(sum, &self.length.to_le_bytes());
        let hash = |sum, fingerprint: u64| crc32(sum, &fingerprint.to_le_bytes());
        self.fingerprints.into_iter().fold(sum, hash)
    }
}
