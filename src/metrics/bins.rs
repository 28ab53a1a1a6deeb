//! Bins of equal width over [0, 1].

use crate::scalar::Scalar;

/// The bin of a probability: `b` for `b / bins < p <= (b + 1) / bins`, and 0 for 0.
///
/// The limits are the quotients rounded to `T`. A search by halves needs no conversion to an integer, and cannot
/// disagree with the limits, as a rounded product `p * bins` can.
pub(super) fn bin_of<T: Scalar>(p: T, bins: usize) -> usize {
    let (mut low, mut high) = (0, bins);
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        if p > T::from_usize(middle) / T::from_usize(bins) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_belong_to_the_bin_below() {
        for bins in [1, 2, 3, 10, 15, 100, 1000] {
            assert_eq!(
                (bin_of(0.0, bins), bin_of(1.0, bins), bin_of(f32::MIN_POSITIVE, bins)),
                (0, bins - 1, 0)
            );
            for b in 1..bins {
                let limit = b as f32 / bins as f32;
                assert_eq!(bin_of(limit, bins), b - 1);
                assert_eq!(bin_of(limit.next_up(), bins), b);
                let limit = b as f64 / bins as f64;
                assert_eq!((bin_of(limit, bins), bin_of(limit.next_up(), bins)), (b - 1, b));
            }
        }
    }
}
