//! Short texts that are made in a `const fn`, without a heap.

use core::fmt;

use crate::slices::{at, at_mut, first};

/// Text of up to `N` bytes, at most 255; what is longer is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Text<N> {
    pub const EMPTY: Self = Self { bytes: [0; N], len: 0 };

    pub const fn with(mut self, text: &str) -> Self {
        let mut rest = text.as_bytes();
        while let [byte, others @ ..] = rest {
            let Some(slot) = at_mut(&mut self.bytes, self.len as usize) else { break };
            *slot = *byte;
            self.len = self.len.saturating_add(1);
            rest = others;
        }
        // A character that did not fit is left out.
        if let [0x80..0xc0, ..] = rest {
            while let Some(0x80..0xc0) = at(&self.bytes, self.len.wrapping_sub(1) as usize) {
                self.len = self.len.saturating_sub(1);
            }
            self.len = self.len.saturating_sub(1);
        }
        self
    }

    pub const fn with_number(self, number: u64) -> Self {
        let this = if number >= 10 { self.with_number(number / 10) } else { self };
        let digit = [b'0'.wrapping_add((number % 10) as u8)];
        match core::str::from_utf8(&digit) {
            Ok(digit) => this.with(digit),
            Err(_) => this,
        }
    }

    /// The last so many hexadecimal digits of a number.
    pub const fn with_hex(mut self, number: u64, digits: usize) -> Self {
        let mut left = digits as u32;
        while let Some(lower) = left.checked_sub(1) {
            left = lower;
            let digit = (number.wrapping_shr(left.saturating_mul(4)) & 15) as u8;
            let digit = [if digit < 10 { b'0' } else { b'a' - 10 }.wrapping_add(digit)];
            if let Ok(digit) = core::str::from_utf8(&digit) {
                self = self.with(digit);
            }
        }
        self
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(first(&self.bytes, self.len as usize)) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl<const N: usize> AsRef<str> for Text<N> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// A short text from a file, such as the name of a tensor, cut if it is longer than 47 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Label(Text<47>);

impl Label {
    pub(crate) const fn of(text: &str) -> Self {
        Self(Text::EMPTY.with(text))
    }

    pub(crate) const fn with(self, text: &str) -> Self {
        Self(self.0.with(text))
    }

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // "ä" has two bytes.
    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(Text::<3>::EMPTY.with("abcd").as_str(), "abc");
        assert_eq!(Text::<3>::EMPTY.with("ab\u{e4}").as_str(), "ab");
    }

    #[test]
    fn numbers() {
        assert_eq!(Text::<20>::EMPTY.with_number(u64::MAX).as_str(), "18446744073709551615");
        assert_eq!(Text::<16>::EMPTY.with_hex(u64::MAX, 16).as_str(), "ffffffffffffffff");
        assert_eq!(Text::<16>::EMPTY.with_hex(0x0123_4567_89ab_cdef, 16).as_str(), "0123456789abcdef");
        assert_eq!(Text::<16>::EMPTY.with_hex(0x0a0b, 8).as_str(), "00000a0b");
    }
}
