//! A network as a C library: see `docs/staticlib.md`.
#![cfg_attr(not(feature = "std"), no_std)]

use stackprop::{Chain, Dense, Network, Relu, weights};

/// The number of inputs.
pub const CLASSIFIER_INPUTS: usize = 4;

/// The number of outputs.
pub const CLASSIFIER_OUTPUTS: usize = 3;

/// The weights are a part of the library. A file that does not fit the type does not compile.
static CLASSIFIER: Network<CLASSIFIER_INPUTS, Chain![Dense<4, 8, Relu>, Dense<8, CLASSIFIER_OUTPUTS>]> =
    weights!("../model.safetensors");

/// Computes the outputs for one input. Calls may run at the same time.
///
/// # Safety
///
/// `input` points to `CLASSIFIER_INPUTS` numbers, `output` to memory for `CLASSIFIER_OUTPUTS`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn classifier_predict(input: *const f32, output: *mut f32) {
    // SAFETY: the caller ensures that there are as many numbers. An array is aligned as its numbers are.
    unsafe {
        let input: [f32; CLASSIFIER_INPUTS] = input.cast::<[f32; CLASSIFIER_INPUTS]>().read();
        output.cast::<[f32; CLASSIFIER_OUTPUTS]>().write(CLASSIFIER.predict(&input));
    }
}

/// A program without std must say what a panic does. Nothing here panics, so the linker drops this function.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
