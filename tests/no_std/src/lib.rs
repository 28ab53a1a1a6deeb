//! What the programs need beside themselves to run on a host.
#![no_std]

// Start-up code and `memcpy`: here the C library, on a microcontroller `cortex-m-rt` and its kin.
#[link(name = "c")]
unsafe extern "C" {}

/// The host's precompiled `core` names it; nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
