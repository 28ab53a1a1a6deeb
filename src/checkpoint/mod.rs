//! Checkpoints of a training run, from which it goes on with the same bits.

use crc::{CRC_32_ISO_HDLC, Crc};

/// CRC-32 as in zlib and Ethernet.
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
