//! Arrays for tests that end, or begin, at a page which must not be touched: an access beyond ends the program.
//!
//! Only on Unix, and not under Miri, which sees such accesses itself: elsewhere it is a `Vec`.
#![allow(unsafe_code)]

use core::ops::{Deref, DerefMut};
use std::vec::Vec;

/// So many numbers of `f32`, at one end of their pages.
pub struct Guarded(Place);

impl Guarded {
    /// These numbers; the last one beside a guard page, or the first one.
    pub fn new(numbers: &[f32], at_the_end: bool) -> Self {
        Self(Place::new(numbers, at_the_end))
    }
}

impl Deref for Guarded {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.0.numbers()
    }
}

impl DerefMut for Guarded {
    fn deref_mut(&mut self) -> &mut [f32] {
        self.0.numbers_mut()
    }
}

#[cfg(any(not(unix), miri))]
struct Place(Vec<f32>);

#[cfg(any(not(unix), miri))]
impl Place {
    fn new(numbers: &[f32], _: bool) -> Self {
        Self(numbers.to_vec())
    }

    fn numbers(&self) -> &[f32] {
        &self.0
    }

    fn numbers_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

/// Pages between two that are not there: `size` bytes from `base` on, all together.
#[cfg(all(unix, not(miri)))]
struct Place {
    base: *mut libc::c_void,
    size: usize,
    first: *mut f32,
    length: usize,
}

#[cfg(all(unix, not(miri)))]
impl Place {
    fn new(numbers: &[f32], at_the_end: bool) -> Self {
        let bytes = size_of_val(numbers);
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let inside = bytes.next_multiple_of(page).max(page);
        let size = inside + 2 * page;
        // SAFETY: new memory, somewhere; then all but its first and its last page is made accessible.
        let (base, first) = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
            let base = libc::mmap(core::ptr::null_mut(), size, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(base, libc::MAP_FAILED, "no memory for {size} bytes");
            let first = base.byte_add(page);
            assert_eq!(libc::mprotect(first, inside, libc::PROT_READ | libc::PROT_WRITE), 0);
            (base, first.byte_add(if at_the_end { inside - bytes } else { 0 }).cast::<f32>())
        };
        // SAFETY: `bytes` of the accessible pages begin at `first`, at a multiple of four, as both ends are.
        unsafe { first.copy_from_nonoverlapping(numbers.as_ptr(), numbers.len()) }
        Self { base, size, first, length: numbers.len() }
    }

    fn numbers(&self) -> &[f32] {
        // SAFETY: so many numbers were written there, and belong to this.
        unsafe { core::slice::from_raw_parts(self.first, self.length) }
    }

    fn numbers_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { core::slice::from_raw_parts_mut(self.first, self.length) }
    }
}

#[cfg(all(unix, not(miri)))]
impl Drop for Place {
    fn drop(&mut self) {
        // SAFETY: what `new` asked for, to which nothing refers any more.
        unsafe { libc::munmap(self.base, self.size) };
    }
}

/// Numbers with many digits, the same in each run, each array at an end of its pages that changes from one to the next without
/// a pattern.
pub fn numbers(n: usize, mut state: u32) -> Guarded {
    std::thread_local! {
        static ENDS: core::cell::Cell<u32> = const { core::cell::Cell::new(1) };
    }
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let numbers: Vec<f32> = (0..n).map(|_| next()).collect();
    let end = ENDS.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    ENDS.set(end);
    Guarded::new(&numbers, end >> 31 != 0)
}

#[cfg(all(test, unix, not(miri)))]
mod tests {
    use super::*;

    /// The signal that ends a process which reads the number at `p`.
    fn signal_of_a_read(p: *const f32) -> Option<i32> {
        // SAFETY: the child does nothing but read and leave, whatever other threads there were.
        unsafe {
            match libc::fork() {
                0 => {
                    p.read_volatile();
                    libc::_exit(0)
                }
                child => {
                    let mut status = 0;
                    assert_eq!(libc::waitpid(child, &mut status, 0), child);
                    libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status))
                }
            }
        }
    }

    #[test]
    fn what_is_beyond_must_not_be_touched() {
        let faults = |signal| matches!(signal, Some(libc::SIGSEGV | libc::SIGBUS));
        for n in [1, 7, 1024, 5000] {
            let numbers: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let (first, last) = (Guarded::new(&numbers, false), Guarded::new(&numbers, true));
            assert!(first[..] == numbers[..] && last[..] == numbers[..]);
            assert_eq!(signal_of_a_read(&first[0]), None);
            assert_eq!(signal_of_a_read(&last[n - 1]), None);
            assert!(faults(signal_of_a_read(first.as_ptr().wrapping_sub(1))), "{n} numbers");
            assert!(faults(signal_of_a_read(last.as_ptr().wrapping_add(n))), "{n} numbers");
        }
    }
}
