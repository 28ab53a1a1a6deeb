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
