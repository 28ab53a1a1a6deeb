//! The checksum CRC-32, without a panic path.

use crc::{CRC_32_ISO_HDLC, Crc};

use crate::slices::at;

/// CRC-32 as in zlib and Ethernet.
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The checksum of more bytes, after those whose checksum is `sum`; that of no bytes is 0.
///
/// The loop of the crate `crc` over its table. (Its own functions have panic paths where overflow is checked, because
/// they shift by a width that is known at run time only.)
pub(super) fn crc32(sum: u32, bytes: &[u8]) -> u32 {
    let [table] = CRC.table();
    let of_byte = |sum: u32| at(table, (sum & 0xff) as usize).unwrap_or(0);
    !bytes.iter().fold(!sum, |sum, byte| of_byte(sum ^ u32::from(*byte)) ^ sum >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_checksum_of_the_catalogue() {
        assert_eq!(crc32(0, b"123456789"), CRC_32_ISO_HDLC.check);
        assert_eq!(crc32(0, &[]), 0);
        let bytes: [u8; 1000] = core::array::from_fn(|i| (i * i / 7) as u8);
        for split in [0, 1, 500, 1000] {
            let (first, second) = bytes.split_at(split);
            assert_eq!(crc32(crc32(0, first), second), CRC.checksum(&bytes));
        }
    }
}
