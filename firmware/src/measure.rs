//! How many instructions and how much stack a piece of code takes.

use core::hint::black_box;

use crate::machine;

/// The instructions of one call of `f`, the average of `repetitions` calls, without what the loop itself takes.
pub fn instructions(repetitions: u32, mut f: impl FnMut()) -> u64 {
    let empty = repeat(repetitions, &mut || {
        black_box(());
    });
    repeat(repetitions, &mut f).saturating_sub(empty) / u64::from(repetitions.max(1))
}

// Never inlined: the loop around `f` is then the same code whatever the image.
#[inline(never)]
fn repeat(repetitions: u32, f: &mut impl FnMut()) -> u64 {
    let before = machine::count();
    for _ in 0..repetitions {
        f();
    }
    machine::count() - before
}

/// Painted below the stack pointer; a float of this value (-1.2e-22) is unlikely to be pushed.
const PAINT: u32 = 0x9b15_ae5d;
/// How far down is painted at most: no image comes near it.
const PAINTED: usize = 64 << 10;
/// Left unpainted, for what `peak_stack` itself might push in its loops.
const SPARED: usize = 64;

/// The bytes of stack that `f` takes, with all it calls; 64 if it takes less.
///
/// Paints the free stack, calls `f`, and looks how deep the paint is scratched. No interrupt comes meanwhile, whose frame would be
/// counted if it came where the stack is deepest; [`machine::count`] stands still.
#[inline(never)]
pub fn peak_stack(f: impl FnOnce()) -> usize {
    let top = machine::stack_pointer() & !3;
    let bottom = top.saturating_sub(PAINTED).max(machine::end_of_statics());
    let words = || (bottom..top.saturating_sub(SPARED)).step_by(4).map(|address| address as *mut u32);
    for word in words() {
        // SAFETY: memory between the statics and the stack pointer, which belongs to nobody. Volatile, as the
        // compiler must not know better.
        unsafe { word.write_volatile(PAINT) };
    }
    machine::without_interrupts(|| call(f));
    // SAFETY: as above.
    let untouched = words().take_while(|word| unsafe { word.read_volatile() } == PAINT).count();
    (top - bottom).saturating_sub(4 * untouched)
}

/// A frame of its own, so that what `f` keeps on the stack is not in the frame of [`peak_stack`], above the paint.
#[inline(never)]
fn call(f: impl FnOnce()) {
    f();
    black_box(());
}
