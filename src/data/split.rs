//! A data set in parts: for training, validation, test.

use super::{DataError, Dataset, Part};

/// The counts of parts in proportion to `ratio`: `floor(samples ratio_p / sum)` for each, and the rest, one by one, to the
/// first parts, as PyTorch's `random_split` does. Integers, so that nothing is rounded.
pub(super) fn counts_of<const P: usize>(samples: usize, ratio: [u32; P]) -> Result<[usize; P], DataError> {
    let sum = ratio.iter().try_fold(0_u32, |sum, &share| sum.checked_add(share));
    let sum = sum.filter(|&sum| sum > 0).ok_or(DataError::Ratio)?;
    // samples = whole sum + rest: no product overflows, as `rest share` has at most 64 bits.
    let samples_wide = samples as u64;
    let whole = samples_wide.checked_div(sum.into()).unwrap_or(0);
    let rest = samples_wide.wrapping_sub(whole.wrapping_mul(sum.into()));
    let mut counts = ratio.map(|share| {
        let share = u64::from(share);
        let partial = rest.wrapping_mul(share).checked_div(sum.into()).unwrap_or(0);
        whole.wrapping_mul(share).wrapping_add(partial) as usize
    });
    let mut left = samples.wrapping_sub(counts.iter().fold(0, |sum: usize, count| sum.wrapping_add(*count)));
    // There are fewer than `P` left, and a part without a share gets none.
    for (count, _) in counts.iter_mut().zip(&ratio).filter(|(_, share)| **share > 0) {
        let one = left.min(1);
        *count = count.saturating_add(one);
        left = left.saturating_sub(one);
    }
    for ((part, count), share) in (0..P).zip(&counts).zip(&ratio) {
        if *share > 0 && *count == 0 {
            return Err(DataError::EmptyPart { part, samples });
        }
    }
    Ok(counts)
}

/// Parts of these sizes, one after the other.
pub(super) fn parts<D: Dataset + Copy, const P: usize>(
    data: D,
    counts: [usize; P],
) -> Result<[Part<D>; P], DataError> {
    let samples = data.len();
    let sum = counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count));
    if sum != Some(samples) {
        return Err(DataError::Counts { sum: sum.unwrap_or(usize::MAX), samples });
    }
    let mut first = 0_usize;
    Ok(counts.map(|count| {
        let part = Part::new(data, first, count);
        first = first.saturating_add(count);
        part
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    // floor(10 * 7/10, 10 * 2/10, 10 * 1/10); floor(11 * ...) = 7, 2, 1 and one left; floor(13 * ...) = 9, 2, 1 and one left;
    // torch.utils.data.random_split gives the same lengths.
    #[test]
    fn counts_of_a_ratio() {
        assert_eq!(counts_of(10, [7, 2, 1]), Ok([7, 2, 1]));
        assert_eq!(counts_of(11, [7, 2, 1]), Ok([8, 2, 1]));
        assert_eq!(counts_of(19, [7, 2, 1]), Ok([14, 4, 1])); // 13.3, 3.8, 1.9
        assert_eq!(counts_of(5, [1, 0, 1]), Ok([3, 0, 2]));
        assert_eq!(counts_of(7, [1]), Ok([7]));
        assert_eq!(counts_of(3, [8, 1, 1]), Err(DataError::EmptyPart { part: 1, samples: 3 })); // 3, 0, 0
        assert_eq!(counts_of(0, [1, 1]), Err(DataError::EmptyPart { part: 0, samples: 0 }));
        for ratio in [[0, 0], [u32::MAX, 1]] {
            assert_eq!(counts_of(9, ratio), Err(DataError::Ratio));
        }
        assert_eq!(counts_of(9, []), Err(DataError::Ratio));
        // 2^63 + 2^62 and 2^62 - 1, exactly: the quotient of (2^64 - 1) by 4 is 2^62 - 1/4.
        #[cfg(target_pointer_width = "64")]
        assert_eq!(counts_of(usize::MAX, [3, 1]), Ok([(1 << 63) + (1 << 62), (1 << 62) - 1]));
    }

    #[test]
    fn counts_must_add_up() {
        let data = [([0], ()); 5];
        let error = data.split_counts([2, 2]).unwrap_err();
        assert_eq!(error, DataError::Counts { sum: 4, samples: 5 });
        assert!(std::format!("{error}").contains("add up to 4, but there are 5 samples"));
        assert!(data.split_counts([usize::MAX, 6]).is_err());
        assert_eq!(data.split_counts([2, 0, 3]).unwrap().map(|part| part.len()), [2, 0, 3]);
    }
}
