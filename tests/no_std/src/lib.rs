//! The parts that the programs need to run on a host.
#![no_std]

// The C library provides start-up code and `memcpy`, as `cortex-m-rt` and similar crates do on a microcontroller.
#[link(name = "c")]
unsafe extern "C" {}

/// The host's precompiled `core` refers to this symbol. Nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// The file has no room.
pub struct Full;

/// A file in memory.
pub struct File {
    pub bytes: [u8; 8192],
    pub len: usize,
}

impl File {
    pub const EMPTY: Self = Self { bytes: [0; 8192], len: 0 };

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.len.checked_add(bytes.len()).ok_or(Full)?;
        let free = self.bytes.get_mut(self.len..end).ok_or(Full)?;
        for (slot, byte) in free.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.len = end;
        Ok(())
    }
}
