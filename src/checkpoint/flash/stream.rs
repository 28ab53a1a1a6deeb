//! Numbers to flash and back, through a small buffer.

use core::fmt;

use embedded_storage::nor_flash::NorFlash;

use crate::checkpoint::crc32::crc32;
use crate::params::Parameters;
use crate::persist::{Number, Parts, Persist};
use crate::scalar::{Scalar, head_mut};
use crate::slices::{at, at_mut, first};

/// The bytes of the buffer. Flash has words of 256 bytes or less.
const BUFFER: usize = 256;

/// What erased flash reads as.
pub(super) const ERASED: u8 = 0xff;

/// How a flash is divided.
pub(super) trait Units: NorFlash {
    /// The bytes of the smallest piece that can be read and written.
    const UNIT: usize = least_common_multiple(Self::READ_SIZE, Self::WRITE_SIZE);

    /// The bytes of a read or a write: all units that fit the buffer.
    const PIECE: usize = BUFFER / Self::UNIT * Self::UNIT;

    /// Evaluated where slots are made.
    const VALID: () = {
        assert!(
            Self::UNIT <= BUFFER,
            "`READ_SIZE` and `WRITE_SIZE` have no common multiple of up to 256 bytes, the buffer of `Slots`"
        );
        assert!(
            Self::ERASE_SIZE > 0 && Self::ERASE_SIZE.is_multiple_of(Self::UNIT),
            "`ERASE_SIZE` is not a multiple of `READ_SIZE` and `WRITE_SIZE`"
        );
    };
}

impl<F: NorFlash> Units for F {}

/// (0 counts as 1.)
const fn least_common_multiple(a: usize, b: usize) -> usize {
    let (a, b) = (if a == 0 { 1 } else { a }, if b == 0 { 1 } else { b });
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    a / divisor * b
}

/// The least multiple of `unit` that is not less than `n`.
pub(super) const fn round_up(n: u32, unit: usize) -> u32 {
    let unit = match unit as u32 {
        0 => 1,
        unit => unit,
    };
    n.div_ceil(unit).saturating_mul(unit)
}

/// A flash, and the buffer through which all bytes pass.
pub(super) struct Buffered<F> {
    pub driver: F,
    buffer: [u8; BUFFER],
}

impl<F: fmt::Debug> fmt::Debug for Buffered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(f)
    }
}

impl<F: NorFlash> Buffered<F> {
    pub fn new(driver: F) -> Self {
        Self { driver, buffer: [ERASED; BUFFER] }
    }

    /// Reads `length` bytes from the address `at` on.
    pub fn reader(&mut self, at: u32, length: u32) -> Reader<'_, F> {
        Reader { flash: self, at, left: length, filled: 0, taken: 0, checksum: 0, result: Ok(()) }
    }

    /// Writes up to `limit` bytes to erased flash, from the address `at` on.
    pub fn writer(&mut self, at: u32, limit: u32) -> Writer<'_, F> {
        self.buffer.fill(ERASED);
        Writer { flash: self, at, filled: 0, length: 0, limit, checksum: 0, result: Ok(()) }
    }
}

/// Writes numbers.
pub(super) struct Writer<'f, F: NorFlash> {
    /// Its buffer is erased behind what is filled.
    flash: &'f mut Buffered<F>,
    /// The address of the buffer's first byte.
    at: u32,
    filled: usize,
    /// The bytes so far.
    length: u32,
    /// The bytes for which there is space.
    limit: u32,
    /// The CRC-32 of what has passed the buffer.
    checksum: u32,
    result: Result<(), F::Error>,
}

impl<F: NorFlash> Writer<'_, F> {
    /// Adds the lowest `size` bytes of a word. What is behind the limit is only counted.
    pub fn put(&mut self, word: u64, size: usize) {
        self.length = self.length.saturating_add(size as u32);
        if self.length > self.limit {
            return;
        }
        for byte in first(&word.to_le_bytes(), size) {
            if let Some(slot) = at_mut(&mut self.flash.buffer, self.filled) {
                *slot = *byte;
            }
            self.filled = self.filled.saturating_add(1);
            if self.filled >= F::PIECE {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        let padded = round_up(self.filled as u32, F::UNIT);
        if self.result.is_ok() && padded > 0 {
            self.result = self.flash.driver.write(self.at, first(&self.flash.buffer, padded as usize));
        }
        self.checksum = crc32(self.checksum, first(&self.flash.buffer, self.filled));
        (self.at, self.filled) = (self.at.saturating_add(padded), 0);
        self.flash.buffer.fill(ERASED);
    }

    /// Writes what is in the buffer. Returns the checksum and the number of all bytes.
    pub fn finish(mut self) -> Result<(u32, u32), F::Error> {
        self.flush();
        self.result.map(|()| (self.checksum, self.length))
    }
}

impl<F: NorFlash> Parts<1, 0> for Writer<'_, F> {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, _: &'static str, [part]: [&P; 1], []: [&mut P; 0]) {
        part.visit(|_, values| {
            for value in values {
                self.put(value.to_bits(), size_of::<T>());
            }
        });
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        _: &'static str,
        [part]: [&[U; N]; 1],
        []: [&mut [U; N]; 0],
    ) {
        for number in part {
            self.put(number.to_word(), U::DTYPE.bytes());
        }
    }

    fn group<V: Persist>(&mut self, _: &'static str, read: [&V; 1], write: [&mut V; 0]) {
        V::walk(read, write, self);
    }
}

/// Reads numbers from flash.
pub(super) struct Reader<'f, F: NorFlash> {
    flash: &'f mut Buffered<F>,
    /// The address of what comes after the buffer.
    at: u32,
    /// The bytes that come after the buffer.
    left: u32,
    filled: usize,
    /// How much of the buffer was taken.
    taken: usize,
    /// The CRC-32 of what has passed the buffer.
    checksum: u32,
    result: Result<(), F::Error>,
}

impl<F: NorFlash> Reader<'_, F> {
    /// The next number of `size` bytes; `None` at the end and after an error.
    pub fn word(&mut self, size: usize) -> Option<u64> {
        let mut bytes = [0; 8];
        for slot in bytes.iter_mut().take(size) {
            if self.taken >= self.filled {
                self.refill()?;
            }
            *slot = at(&self.flash.buffer, self.taken)?;
            self.taken = self.taken.saturating_add(1);
        }
        Some(u64::from_le_bytes(bytes))
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.word(4).map(|word| word as u32)
    }

    fn refill(&mut self) -> Option<()> {
        if self.left == 0 || self.result.is_err() {
            return None;
        }
        let length = self.left.min(F::PIECE as u32);
        let padded = round_up(length, F::UNIT);
        self.result = self.flash.driver.read(self.at, head_mut(&mut self.flash.buffer, padded as usize));
        (self.filled, self.taken) = (if self.result.is_ok() { length as usize } else { 0 }, 0);
        self.checksum = crc32(self.checksum, first(&self.flash.buffer, self.filled));
        (self.at, self.left) = (self.at.saturating_add(padded), self.left.saturating_sub(length));
        self.result.is_ok().then_some(())
    }

    /// Reads what is left. Returns the checksum of all bytes.
    pub fn finish(mut self) -> Result<u32, F::Error> {
        while self.refill().is_some() {}
        self.result.map(|()| self.checksum)
    }

    /// Whether all bytes are as in erased flash.
    pub fn finds_erased(mut self) -> Result<bool, F::Error> {
        let mut erased = true;
        while let Some(byte) = self.word(1) {
            erased &= byte == u64::from(ERASED);
        }
        self.result.map(|()| erased)
    }
}

impl<F: NorFlash> Parts<0, 1> for Reader<'_, F> {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, _: &'static str, []: [&P; 0], [part]: [&mut P; 1]) {
        part.visit_mut(|_, values| {
            for value in values {
                if let Some(word) = self.word(size_of::<T>()) {
                    *value = T::from_bits(word);
                }
            }
        });
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        _: &'static str,
        []: [&[U; N]; 0],
        [part]: [&mut [U; N]; 1],
    ) {
        for number in part {
            if let Some(word) = self.word(U::DTYPE.bytes()) {
                *number = U::from_word(word);
            }
        }
    }

    fn group<V: Persist>(&mut self, _: &'static str, read: [&V; 0], write: [&mut V; 1]) {
        V::walk(read, write, self);
    }
}
