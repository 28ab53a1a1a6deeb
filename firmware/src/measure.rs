//! Measures the instructions and the stack that a piece of code takes.

use core::hint::black_box;

use crate::machine;

/// The instructions of one call of `f`: the average of `repetitions` calls, minus those of an empty loop.
pub fn instructions(repetitions: u32, mut f: impl FnMut()) -> u64 {
    let empty = repeat(repetitions, &mut || {
        black_box(());
    });
    repeat(repetitions, &mut f).saturating_sub(empty) / u64::from(repetitions.max(1))
}

// Never inlined, so that the loop around `f` is the same code in every image.
#[inline(never)]
fn repeat(repetitions: u32, f: &mut impl FnMut()) -> u64 {
    let before = machine::count();
    for _ in 0..repetitions {
        f();
    }
    machine::count() - before
}

/// The word that is written below the stack pointer. A float of this value (-1.2e-22) is unlikely to be pushed.
const PAINT: u32 = 0x9b15_ae5d;
/// The largest number of bytes to paint. No image comes near it.
const PAINTED: usize = 64 << 10;
/// The number of bytes that are left unpainted, because `peak_stack` itself may push to them in its loops.
const SPARED: usize = 64;

/// The bytes of stack that `f` takes, including all its calls; 64 if it takes less.
///
/// Paints the free stack, calls `f`, and looks how much of the paint has been overwritten. Interrupts are disabled,
/// because an interrupt at the deepest point would add its frame. [`machine::count`] therefore stands still.
#[inline(never)]
pub fn peak_stack(f: impl FnOnce()) -> usize {
    let top = machine::stack_pointer() & !3;
    let bottom = top.saturating_sub(PAINTED).max(machine::end_of_statics());
    let words = || (bottom..top.saturating_sub(SPARED)).step_by(4).map(|address| address as *mut u32);
    for word in words() {
        // SAFETY: memory between the statics and the stack pointer, which is not in use. Volatile, so that the
        // compiler assumes nothing about it.
        unsafe { word.write_volatile(PAINT) };
    }
    machine::without_interrupts(|| call(f));
    // SAFETY: as above.
    let untouched = words().take_while(|word| unsafe { word.read_volatile() } == PAINT).count();
    (top - bottom).saturating_sub(4 * untouched)
}

/// Gives `f` a frame of its own, so that its variables are not in the frame of [`peak_stack`], above the paint.
#[inline(never)]
fn call(f: impl FnOnce()) {
    f();
    black_box(());
}
