//! Flash with words that are longer than the buffer.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use stackprop::checkpoint::flash::Slots;

struct Flash;

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        Ok(())
    }

    fn capacity(&self) -> usize {
        1 << 20
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 512;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, _: u32, _: u32) -> Result<(), NorFlashErrorKind> {
        Ok(())
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), NorFlashErrorKind> {
        Ok(())
    }
}

fn main() {
    let _ = Slots::new(Flash, 0, 4096);
}
