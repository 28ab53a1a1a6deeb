//! Pearson's chi-square test.

/// Pearson's statistic: the sum of `(count - expected)^2 / expected` over cells of equal probability.
pub fn chi_square(counts: impl ExactSizeIterator<Item = u32>, total: usize) -> f64 {
    let expected = total as f64 / counts.len() as f64;
    // For cells of equal probability, even 0.25 is enough (Koehler, Larntz 1980).
    assert!(expected >= 1.0, "too few draws for chi-square: {expected} in a cell");
    counts.map(|n| (f64::from(n) - expected).powi(2) / expected).sum()
}

/// How many standard deviations a chi-square statistic is from its mean, by Wilson and Hilferty (1931): the cube root
/// of `x / df` is nearly normal with mean `1 - 2/(9 df)` and variance `2/(9 df)`.
pub fn deviations(chi_square: f64, df: usize) -> f64 {
    let df = df as f64;
    let variance = 2.0 / (9.0 * df);
    ((chi_square / df).cbrt() - (1.0 - variance)) / variance.sqrt()
}

/// The quantile 1 - 1e-6 of the normal distribution.
pub const MOST: f64 = 4.753;
