//! Arrays for tests that end or begin at a guard page: an access out of bounds ends the program.
//!
//! Only on Unix, and not under Miri, which detects such accesses itself; elsewhere the array is a `Vec`.
#![allow(unsafe_code)]

use core::ops::{Deref, DerefMut};
use std::vec::Vec;

/// Numbers of `f32` at one end of their pages.
pub struct Guarded(Place);

impl Guarded {
    /// Copies these numbers; the last one is next to a guard page if `at_the_end`, otherwise the first one.
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

/// Pages between two inaccessible ones: `size` bytes from `base` on, including those two.
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
        // SAFETY: only asks for the page size.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let inside = bytes.next_multiple_of(page).max(page);
        let size = inside + 2 * page;
        // SAFETY: maps new memory, then makes all of it but the first and the last page accessible.
        let (base, first) = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
            let base = libc::mmap(core::ptr::null_mut(), size, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(base, libc::MAP_FAILED, "no memory for {size} bytes");
            let first = base.byte_add(page);
            assert_eq!(libc::mprotect(first, inside, libc::PROT_READ | libc::PROT_WRITE), 0);
            (base, first.byte_add(if at_the_end { inside - bytes } else { 0 }).cast::<f32>())
        };
        // SAFETY: `bytes` accessible bytes begin at `first`, which is a multiple of four, as both ends of the pages
        // are.
        unsafe { first.copy_from_nonoverlapping(numbers.as_ptr(), numbers.len()) }
        Self { base, size, first, length: numbers.len() }
    }

    fn numbers(&self) -> &[f32] {
        // SAFETY: `length` numbers were written there, and belong to `self`.
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
        // SAFETY: unmaps what `new` mapped, to which nothing refers any more.
        unsafe { libc::munmap(self.base, self.size) };
    }
}

/// Numbers with many digits, the same in each run. Each array is at one end of its pages, which is chosen
/// pseudo-randomly.
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

    /// The signal that ends a process that reads the number at `p`, if any.
    fn signal_of_a_read(p: *const f32) -> Option<i32> {
        // SAFETY: the child only reads and exits, whatever other threads there were.
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
