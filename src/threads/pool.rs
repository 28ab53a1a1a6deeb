//! Threads that share one piece of work, which may take only some microseconds.
//!
//! A caller opens a job of some parts, takes parts itself until there are none left, closes the job, and waits for the
//! threads that are inside of it. A thread of the pool that comes late, or never, therefore costs nothing but its help.
//! Idle threads spin for a while, because waking one takes as long as a small product; then they sleep.
//!
//! The pool has one job at a time. A caller that finds it taken, by another thread or further up in its own call, runs
//! all parts itself. So it does for a while after a job in which it waited for longer than it worked: then the processors
//! have other things to do, and a thread was interrupted in the middle of its part. So parts must not wait for each other.
//!
//! `number` is odd while a job is open. A thread counts itself into `inside` and then looks at `number` again; a caller
//! changes `number` and then looks at `inside`. In the total order of these four operations (`SeqCst`), either the
//! thread sees that the job was closed, or the caller sees the thread. So no thread is inside of a closed job that its
//! caller has left.
#![allow(unsafe_code)]

use core::any::Any;
use core::cell::UnsafeCell;
use core::hint::spin_loop;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::{AtomicBool, AtomicUsize};
use core::time::Duration;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// For how long an idle thread spins before it sleeps: longer than what a training step does between two products, and
/// than reading the next mini-batch usually takes.
const SPIN: Duration = Duration::from_micros(if cfg!(miri) { 20 } else { 200 });

/// The stack of a thread, as large as that of a main thread usually is: `predict_many` has activations there.
const STACK: usize = 8 << 20;

/// One part of a job, by its index.
type Part<'a> = dyn Fn(usize) + Sync + 'a;

#[derive(Clone, Copy)]
struct Job {
    part: *const Part<'static>,
    parts: usize,
}

/// A value with cache lines of its own. (Processors fetch them in pairs.)
#[repr(align(128))]
struct Alone<T>(T);

struct Pool {
    /// Whether a caller has the pool.
    taken: AtomicBool,
    /// How many threads were started.
    started: AtomicUsize,
    /// How often a job was opened or closed.
    number: Alone<AtomicUsize>,
    /// The first part that no thread has taken.
    next: Alone<AtomicUsize>,
    /// How many threads of the pool are inside of a job, or about to see that they are too late.
    inside: Alone<AtomicUsize>,
    job: UnsafeCell<Job>,
    /// What a part has panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    panicked: AtomicBool,
    /// Of the caller that has taken the pool.
    patience: UnsafeCell<Patience>,
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

// SAFETY: `job` is written only by the caller that has taken the pool, while no job is open and no thread is inside, and
// is read only by threads inside of an open job. Its `part` may be called by any thread, because it is `Sync`. `patience`
// is used only by the caller that has taken the pool. All other fields are `Sync`.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool::new();

/// Runs `part(0)` to `part(parts - 1)`, each once, on this thread and on up to `parts - 1` others, and returns when all
/// of them have ended.
///
/// # Panics
///
/// If a part panics; then some of the others may not have run.
pub fn share(parts: usize, part: &Part<'_>) {
    POOL.share(parts, part);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            started: AtomicUsize::new(0),
            number: Alone(AtomicUsize::new(0)),
            next: Alone(AtomicUsize::new(0)),
            inside: Alone(AtomicUsize::new(0)),
            job: UnsafeCell::new(Job { part: &|_| {}, parts: 0 }),
            panic: Mutex::new(None),
            panicked: AtomicBool::new(false),
            patience: UnsafeCell::new(Patience::NEW),
            sleepers: AtomicUsize::new(0),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    fn share(&'static self, parts: usize, part: &Part<'_>) {
        if parts <= 1 || self.taken.swap(true, Acquire) {
            return (0..parts).for_each(part);
        }
        // SAFETY: this thread has taken the pool, and the reference is not kept.
        if unsafe { (*self.patience.get()).is_over(Instant::now) } {
            let _taken = Taken(self);
            return (0..parts).for_each(part);
        }
        self.start(parts - 1);
        // SAFETY: the reference is used only inside of the job, which ends before this function returns or unwinds.
        let part_for_all = unsafe { core::mem::transmute::<*const Part<'_>, *const Part<'static>>(part) };
        // SAFETY: this thread has taken the pool, no job is open, and the caller before has waited until no thread was
        // inside of its job.
        unsafe { *self.job.get() = Job { part: part_for_all, parts } }
        self.next.0.store(0, Relaxed);
        self.number.0.fetch_add(1, SeqCst);
        let (taken, open, began) = (Taken(self), Open(self), Instant::now());
        if self.sleepers.load(SeqCst) > 0 {
            drop(locked(&self.lock));
            self.wake.notify_all();
        }
        self.take(part, parts);
        let ended = Instant::now();
        drop(open);
        let now = Instant::now();
        // SAFETY: as above.
        unsafe { (*self.patience.get()).after(ended - began, now - ended, now) }
        let panic = if self.panicked.swap(false, Relaxed) { locked(&self.panic).take() } else { None };
        drop(taken);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Takes parts until there are none left.
    fn take(&self, part: &Part<'_>, parts: usize) {
        loop {
            let index = self.next.0.fetch_add(1, Relaxed);
            if index >= parts {
                return;
            }
            part(index);
        }
    }

    /// Starts threads until there are so many. (If the system refuses, there are fewer.)
    fn start(&'static self, threads: usize) {
        while self.started.load(Relaxed) < threads {
            let builder = thread::Builder::new().name("stackprop".into()).stack_size(STACK);
            if builder.spawn(|| self.serve()).is_err() {
                return;
            }
            self.started.fetch_add(1, Relaxed);
        }
    }

    /// What a thread of the pool does.
    fn serve(&self) {
        let mut last = 0;
        loop {
            last = self.next_job(last);
            self.inside.0.fetch_add(1, SeqCst);
            if self.number.0.load(SeqCst) == last {
                // SAFETY: the job was open after this thread was counted, so its caller waits for it.
                let (part, parts) = unsafe {
                    let Job { part, parts } = *self.job.get();
                    (&*part, parts)
                };
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.take(part, parts))) {
                    *locked(&self.panic) = Some(panic);
                    self.panicked.store(true, Relaxed);
                }
            }
            self.inside.0.fetch_sub(1, Release);
        }
    }

    /// Waits until a job other than `last` is open, and returns its number.
    fn next_job(&self, last: usize) -> usize {
        let opened = || Some(self.number.0.load(SeqCst)).filter(|&number| number % 2 == 1 && number != last);
        loop {
            let began = Instant::now();
            while began.elapsed() < SPIN {
                for _ in 0..32 {
                    if let Some(number) = opened() {
                        return number;
                    }
                    spin_loop();
                }
            }
            let lock = locked(&self.lock);
            self.sleepers.fetch_add(1, SeqCst);
            let number = opened();
            if number.is_none() {
                // (Woken too late for this job, it spins for the next one.)
                drop(self.wake.wait(lock).unwrap_or_else(PoisonError::into_inner));
            }
            self.sleepers.fetch_sub(1, SeqCst);
            if let Some(number) = number {
                return number;
            }
        }
    }
}

/// A job that is open. When dropped, closes it and waits for all threads that are inside.
struct Open(&'static Pool);

impl Drop for Open {
    fn drop(&mut self) {
        let Self(pool) = *self;
        pool.number.0.fetch_add(1, SeqCst);
        let mut turns = 0_u32;
        while pool.inside.0.load(SeqCst) > 0 {
            turns = turns.saturating_add(1);
            // A thread that was interrupted may need this processor.
            if turns < 10_000 { spin_loop() } else { thread::yield_now() }
        }
    }
}

/// A pool that is taken. When dropped, gives it back.
struct Taken(&'static Pool);

impl Drop for Taken {
    fn drop(&mut self) {
        // (If the caller's own part has panicked, that panic is the one that counts.)
        if self.0.panicked.swap(false, Relaxed) {
            locked(&self.0.panic).take();
        }
        self.0.taken.store(false, Release);
    }
}

/// Until when a caller does not ask for help. If a job was late, the caller works alone for as long as it has waited, and up to
/// [`Patience::MOST`] times as long if that happens again before help has gained what it has cost. So one interruption costs
/// little, and so do processors that always have other things to do.
struct Patience {
    over_until: Option<Instant>,
    /// How many times as long as it has waited.
    times: u32,
    /// What late jobs have cost, less what others have gained since. (Limited: what was lost in an hour is not remembered for another.)
    lost: Duration,
}

impl Patience {
    const NEW: Self = Self { over_until: None, times: 0, lost: Duration::ZERO };
    const MOST: u32 = 64;

    /// Whether a job that begins now is to be done alone.
    fn is_over(&mut self, now: impl FnOnce() -> Instant) -> bool {
        let Some(end) = self.over_until else { return false };
        let is_over = now() < end;
        if !is_over {
            self.over_until = None;
        }
        is_over
    }

    /// Counts a job in which the caller has worked and then waited for so long, until now. (Alone, it would have worked for
    /// about twice as long, and not waited.)
    fn after(&mut self, worked: Duration, waited: Duration, now: Instant) {
        if let Some(gained) = worked.checked_sub(waited) {
            self.lost = self.lost.saturating_sub(gained);
            if self.lost.is_zero() {
                self.times = 0;
            }
        } else {
            let most = waited.saturating_mul(Self::MOST);
            self.lost = self.lost.saturating_add(waited - worked).min(most);
            self.times = (2 * self.times).clamp(1, Self::MOST);
            self.over_until = now.checked_add(waited.saturating_mul(self.times));
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicU32;
    use std::vec::Vec;

    use super::*;

    fn pool() -> &'static Pool {
        Box::leak(Box::new(Pool::new()))
    }

    /// How often, as Miri is slow.
    const TURNS: usize = if cfg!(miri) { 5 } else { 2000 };

    #[test]
    fn each_part_runs_once_and_is_seen() {
        let pool = pool();
        for turn in 0..TURNS {
            let parts = 1 + turn % 7;
            let (runs, values): (Vec<AtomicU32>, Vec<AtomicUsize>) = Default::default();
            let (mut runs, mut values) = (runs, values);
            runs.resize_with(parts, Default::default);
            values.resize_with(parts, Default::default);
            pool.share(parts, &|part| {
                runs[part].fetch_add(1, Relaxed);
                values[part].store(turn + part, Relaxed);
            });
            assert!(runs.iter().all(|runs| runs.load(Relaxed) == 1));
            assert!((0..parts).all(|part| values[part].load(Relaxed) == turn + part));
        }
    }

    #[test]
    fn other_threads_help() {
        let (pool, inside) = (pool(), AtomicUsize::new(0));
        // Each part waits for the others.
        pool.share(4, &|_| {
            inside.fetch_add(1, SeqCst);
            while inside.load(SeqCst) < 4 {
                thread::yield_now();
            }
        });
    }

    #[test]
    fn a_thread_that_sleeps_is_woken() {
        let pool = pool();
        pool.share(2, &|_| {});
        thread::sleep(SPIN * 20);
        both_at_once(pool, |_| {});
    }

    /// Parts that wait for each other. (The pool must not have been impatient.)
    fn both_at_once(pool: &'static Pool, then: impl Fn(usize) + Sync) {
        // SAFETY: no other thread uses this pool.
        unsafe { *pool.patience.get() = Patience::NEW }
        let inside = AtomicUsize::new(0);
        pool.share(2, &|part| {
            inside.fetch_add(1, SeqCst);
            while inside.load(SeqCst) < 2 {
                thread::yield_now();
            }
            then(part);
        });
    }

    #[test]
    fn a_part_may_share() {
        let (pool, sum) = (pool(), AtomicUsize::new(0));
        pool.share(3, &|part| {
            pool.share(4, &|inner| {
                sum.fetch_add(10 * part + inner, Relaxed);
            });
        });
        assert_eq!(sum.into_inner(), 4 * (10 + 20) + 3 * (1 + 2 + 3));
    }

    #[test]
    fn callers_at_the_same_time() {
        let pool = pool();
        thread::scope(|scope| {
            for caller in 0..3 {
                scope.spawn(move || {
                    for _ in 0..TURNS {
                        let sum = AtomicUsize::new(0);
                        pool.share(5, &|part| {
                            sum.fetch_add(caller * part, Relaxed);
                        });
                        assert_eq!(sum.into_inner(), caller * 10);
                    }
                });
            }
        });
    }

    #[test]
    fn patience() {
        let mut patience = Patience::NEW;
        let start = Instant::now();
        let micros = Duration::from_micros;
        // For how many microseconds a job would then be done alone.
        let mut alone = |worked, waited| {
            patience.after(micros(worked), micros(waited), start);
            (0..).take_while(|&time| patience.is_over(|| start + micros(time))).count()
        };
        assert_eq!(alone(11, 10), 0);
        // Three jobs each lose 10 us, and then two gain 14 us each.
        assert_eq!(alone(10, 20), 20);
        assert_eq!(alone(10, 20), 40);
        assert_eq!(alone(10, 20), 80);
        assert_eq!((0..2).map(|_| alone(14, 0)).sum::<usize>(), 0);
        assert_eq!(alone(10, 11), 8 * 11); // 2 us were still lost, and 1 more
        assert_eq!(alone(14, 0), 0);
        assert_eq!(alone(10, 11), 11);
        assert_eq!((0..20).map(|_| alone(10, 20)).max(), Some(64 * 20));
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let pool = pool();
        for turn in 0..TURNS.min(100) {
            let caller = thread::current().id();
            // On this thread, or on another.
            let here = turn % 2 == 0;
            let result = catch_unwind(AssertUnwindSafe(|| {
                both_at_once(pool, |_| {
                    if (thread::current().id() == caller) == here {
                        resume_unwind(Box::new(turn)); // without a message
                    }
                });
            }));
            assert_eq!(result.expect_err("a panic").downcast_ref(), Some(&turn));
            let runs = AtomicUsize::new(0);
            // (With more parts, there would be more threads, and a caller might come too late for a part.)
            pool.share(2, &|_| {
                runs.fetch_add(1, Relaxed);
            });
            assert_eq!(runs.into_inner(), 2);
        }
    }
}
