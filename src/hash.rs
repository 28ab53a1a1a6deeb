//! The hash FNV-1a with 64 bits.

/// A hash of the bytes so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fnv(pub u64);

impl Fnv {
    /// The hash of no bytes.
    pub const START: Self = Self(0xcbf2_9ce4_8422_2325);

    /// The same with more bytes.
    pub const fn with(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        while let [byte, others @ ..] = rest {
            self.0 = (self.0 ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
            rest = others;
        }
        self
    }

    /// The same with a number, as 8 little-endian bytes.
    pub const fn with_number(self, number: u64) -> Self {
        self.with(&number.to_le_bytes())
    }

    /// The same with a text and its end.
    pub const fn with_text(self, text: &str) -> Self {
        self.with(text.as_bytes()).with(&[0xff])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the list of test vectors of the hash's authors (Fowler, Noll, Vo).
    #[test]
    fn published_values() {
        assert_eq!(Fnv::START.with(b"a").0, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Fnv::START.with(b"foo").with(b"bar").0, 0x8594_4171_f739_67e8);
    }
}
