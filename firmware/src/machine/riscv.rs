//! QEMU's riscv32 `virt`: its own start-up code, output by the UART, exit by the test device, `minstret` as the
//! counter.

use core::arch::{asm, global_asm};

/// Makes `fn main() -> bool` the program: exit code 0 if it is true.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn start() -> ! {
            $crate::machine::exit($main())
        }
    };
}

// Sets up the stack, enables the floating-point unit (mstatus.FS), clears .bss, then jumps to the image's `start`.
global_asm!(
    ".section .init, \"ax\"",
    ".global _start",
    "_start:",
    "la sp, _stack_start",
    "li t0, 0x6000",
    "csrs mstatus, t0",
    "la t0, _bss_start",
    "la t1, _bss_end",
    "1: bgeu t0, t1, 2f",
    "sw zero, 0(t0)",
    "addi t0, t0, 4",
    "j 1b",
    "2: j start",
);

/// Prints a line.
#[cfg(not(feature = "silent"))]
pub fn print(line: core::fmt::Arguments) {
    struct Uart;
    impl core::fmt::Write for Uart {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            for byte in text.bytes() {
                // SAFETY: this machine has a UART whose transmit register is at this address.
                unsafe { (0x1000_0000 as *mut u8).write_volatile(byte) };
            }
            Ok(())
        }
    }
    let _ = core::fmt::Write::write_fmt(&mut Uart, format_args!("{line}\n")); // it cannot fail
}

/// Ends the program: QEMU's exit code is 0 or 1.
#[allow(clippy::empty_loop)] // loops until the test device has ended the emulator
pub fn exit(success: bool) -> ! {
    // SAFETY: this machine has a test device at this address.
    unsafe { (0x10_0000 as *mut u32).write_volatile(if success { 0x5555 } else { 0x1_3333 }) };
    loop {}
}

/// Runs `f` without interrupts, of which none is ever enabled here.
pub fn without_interrupts<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// The stack pointer.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp;
    // SAFETY: reads a register.
    unsafe { asm!("mv {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// The first free word of memory above the statics.
pub fn end_of_statics() -> usize {
    unsafe extern "C" {
        static _bss_end: u32;
    }
    &raw const _bss_end as usize
}

/// The number of instructions so far. (QEMU before 8 returns nanoseconds, which `-icount shift=0` makes equal to
/// instructions.)
pub fn count() -> u64 {
    loop {
        let (high, low, again): (u32, u32, u32);
        // SAFETY: reads counters.
        unsafe {
            asm!("csrr {}, minstreth", "csrr {}, minstret", "csrr {}, minstreth", out(reg) high, out(reg) low,
                out(reg) again, options(nomem, nostack));
        }
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}
