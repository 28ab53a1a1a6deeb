//! Random numbers.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// In [-1, 1).
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// An input of a network: usual, large, tiny, special, or any bits at all.
    pub fn input(&mut self, sample: usize) -> f32 {
        const SPECIAL: [f32; 12] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            1e-45,
            -1e-42,
            f32::MIN_POSITIVE,
            f32::MAX,
            f32::MIN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
        ];
        match sample % 8 {
            0..=2 => 3.0 * self.unit(),
            3 => 100.0 * self.unit(),
            4 => 1e-38 * self.unit(),
            5 => 1e30 * self.unit(),
            6 if self.below(4) == 0 => SPECIAL[self.below(SPECIAL.len())],
            6 => self.unit(),
            _ => f32::from_bits(self.bits() as u32),
        }
    }
}
