//! Cortex-M: output and exit by semihosting, SysTick as the counter.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_semihosting::debug;

#[doc(hidden)]
pub use cortex_m_rt::entry;

/// Makes `fn main() -> bool` the program: exit code 0 if it is true.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[$crate::machine::entry]
        fn start() -> ! {
            $crate::machine::start();
            $crate::machine::exit($main())
        }
    };
}

/// Prints a line on the host's terminal.
#[cfg(not(feature = "silent"))]
pub fn print(line: core::fmt::Arguments) {
    cortex_m_semihosting::hprintln!("{}", line);
}

/// Ends the program: QEMU's exit code is 0 or 1.
#[allow(clippy::empty_loop)] // a wait instruction would add to the size of the images
pub fn exit(success: bool) -> ! {
    debug::exit(if success { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {} // reached without a debugger
}

/// Resets the processor. Memory keeps its content, except for statics that the start-up code initialises.
pub fn reset() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

/// Runs `f` with interrupts disabled.
pub fn without_interrupts<R>(f: impl FnOnce() -> R) -> R {
    cortex_m::interrupt::free(|_| f())
}

/// The stack pointer.
#[inline(always)]
pub fn stack_pointer() -> usize {
    cortex_m::register::msp::read() as usize
}

/// The first free word of memory above the statics.
pub fn end_of_statics() -> usize {
    unsafe extern "C" {
        static __sheap: u32;
    }
    &raw const __sheap as usize
}

/// The period of SysTick, which counts down 24 bits.
const TICKS: u32 = 1 << 24;
static WRAPS: AtomicU32 = AtomicU32::new(0);

#[cortex_m_rt::exception]
fn SysTick() {
    WRAPS.store(WRAPS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// Starts the counter.
pub fn start() {
    if let Some(mut peripherals) = cortex_m::Peripherals::take() {
        let syst = &mut peripherals.SYST;
        syst.set_clock_source(SystClkSource::Core);
        syst.set_reload(TICKS - 1);
        syst.clear_current();
        syst.enable_interrupt();
        syst.enable_counter();
    }
}

/// The number of instructions so far.
///
/// Under QEMU with `-icount shift=5`, an instruction takes 32 ns and a tick of the board's 25 MHz clock takes 40 ns,
/// so a tick is 5/4 of an instruction. On real hardware, a tick is a cycle of the core: remove the 5/4 to count
/// cycles.
pub fn count() -> u64 {
    loop {
        let wraps = WRAPS.load(Ordering::Relaxed);
        let ticks = TICKS - 1 - SYST::get_current();
        if wraps == WRAPS.load(Ordering::Relaxed) {
            return (u64::from(wraps) * u64::from(TICKS) + u64::from(ticks)) * 5 / 4;
        }
    }
}
