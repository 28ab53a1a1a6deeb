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
