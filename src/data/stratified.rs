//! Orders of a data set in which each part has every class in proportion.

use core::borrow::Borrow;

use super::{DataError, Dataset};
use crate::loss::Class;
use crate::scalar::head_mut;
use crate::zero::Zero;

/// The class of sample `index`.
pub(super) fn class_of<D, const N: usize>(data: &D, index: usize) -> Result<usize, DataError>
where
    D: Dataset<Target = Class<N>, Input: Zero> + ?Sized,
{
    let target = data.target(index).ok_or_else(|| DataError::Missing { sample: data.source_index(index) })?;
    let class: &Class<N> = target.borrow();
    Ok(class.index())
}

/// The number of samples of each class.
pub(super) fn counts<D, const N: usize>(data: &D) -> Result<[usize; N], DataError>
where
    D: Dataset<Target = Class<N>, Input: Zero> + ?Sized,
{
    let mut counts = [0_usize; N];
    for index in 0..data.len() {
        if let Some(count) = counts.get_mut(class_of(data, index)?) {
            *count = count.saturating_add(1);
        }
    }
    Ok(counts)
}

/// Writes the indices of all samples to `order`: those of part 0, those of part 1, and so on, each part in the order of the data
/// set. `part(class, rank)` is the part of the sample that has `rank` samples of its class before it.
pub(super) fn order<'i, D, const N: usize>(
    data: &D,
    order: &'i mut [u32],
    parts: usize,
    part: impl Fn(usize, usize) -> usize,
) -> Result<&'i [u32], DataError>
where
    D: Dataset<Target = Class<N>, Input: Zero> + ?Sized,
{
    let samples = data.len();
    if order.len() < samples || u32::try_from(samples).is_err() {
        return Err(DataError::Buffer { len: order.len(), samples });
    }
    let order = head_mut(order, samples);
    let mut slots = order.iter_mut();
    // One pass for each part: a list of the ends of all parts would need memory.
    for this in 0..parts {
        let mut ranks = [0_usize; N];
        for index in 0..samples {
            let class = class_of(data, index)?;
            let Some(rank) = ranks.get_mut(class) else { continue };
            if part(class, *rank) == this
                && let Some(slot) = slots.next()
            {
                *slot = index as u32;
            }
            *rank = rank.saturating_add(1);
        }
    }
    Ok(order)
}

/// How many samples of each class each part gets, `[N][P]`: in each row, `counts` of the class; in each column, `sizes` of the
/// part; each number at most 1 from `count size / samples`.
///
/// Each number is rounded down first. What a class has left goes to the parts that lack most, at most one each. That
/// always fills all parts (Gale, Ryser 1957): the fractions fill them, so whole numbers can, and a sample that goes to
/// another part than the one that lacks most can be exchanged with one that goes there. Then classes exchange what they were given, as long as
/// that brings the numbers nearer to their fractions. With two parts, this is the method of the largest remainders, as in scikit-learn.
pub(super) fn shares<const N: usize, const P: usize>(
    counts: &[usize; N],
    sizes: &[usize; P],
    samples: usize,
) -> [[usize; P]; N] {
    let n = samples as u128;
    let product = |count: usize, size: usize| (count as u128).wrapping_mul(size as u128);
    let mut shares = counts.map(|c| sizes.map(|s| product(c, s).checked_div(n).unwrap_or(0) as usize));
    let rests = counts.map(|c| sizes.map(|s| product(c, s).checked_rem(n).unwrap_or(0) as usize));

    let mut lacks = *sizes;
    for row in &shares {
        for (lack, share) in lacks.iter_mut().zip(row) {
            *lack = lack.saturating_sub(*share);
        }
    }
    let mut extra = [[false; P]; N];
    for ((row, extra), &count) in shares.iter().zip(&mut extra).zip(counts) {
        let given = row.iter().fold(0, |sum: usize, share| sum.saturating_add(*share));
        for _ in given..count {
            let open = lacks.iter_mut().zip(&mut *extra).filter(|(_, extra)| !**extra);
            if let Some((lack, extra)) = open.reduce(|a, b| if *a.0 >= *b.0 { a } else { b }) {
                *lack = lack.saturating_sub(1);
                *extra = true;
            }
        }
    }
    while exchange(&mut extra, &rests) {}
    for (share, extra) in shares.as_flattened_mut().iter_mut().zip(extra.as_flattened()) {
        *share = share.saturating_add(usize::from(*extra));
    }
    shares
}

/// Where class `c` was given one in part `p` and none in `q`, and class `d` the reverse, they exchange if the remainders that were
/// rounded up grow. Returns whether any did. (The sum of these remainders grows each time, so there is an end.)
fn exchange<const N: usize, const P: usize>(extra: &mut [[bool; P]; N], rests: &[[usize; P]; N]) -> bool {
    let mut any = false;
    for (c, d) in (0..N).flat_map(|c| (0..N).map(move |d| (c, d))) {
        for (p, q) in (0..P).flat_map(|p| (0..P).map(move |q| (p, q))) {
            let cells = [(c, p), (d, q), (c, q), (d, p)];
            let given = cells.map(|(row, part)| extra.get(row).and_then(|row| row.get(part)).copied());
            if given != [Some(true), Some(true), Some(false), Some(false)] {
                continue;
            }
            let [now_c, now_d, then_c, then_d] = cells.map(|(row, part)| {
                rests.get(row).and_then(|row| row.get(part)).map_or(0, |rest| *rest as u128)
            });
            if then_c.wrapping_add(then_d) <= now_c.wrapping_add(now_d) {
                continue;
            }
            for (row, part) in cells {
                if let Some(given) = extra.get_mut(row).and_then(|row| row.get_mut(part)) {
                    *given = !*given;
                }
            }
            any = true;
        }
    }
    any
}

/// The part of the sample with `rank` samples of its class before it: the first go to part 0, and so on.
pub(super) fn part_of<const P: usize>(shares: Option<&[usize; P]>, rank: usize) -> usize {
    let mut end = 0_usize;
    for (part, share) in (0..P).zip(shares.into_iter().flatten()) {
        end = end.saturating_add(*share);
        if rank < end {
            return part;
        }
    }
    P
}

#[cfg(test)]
mod tests {
    use super::*;

    // 6, 3 and 1 of 10 samples, in parts of 7 and 3: 4.2 1.8, 2.1 0.9, 0.7 0.3. Rounded down: 4 1, 2 0, 0 0; parts lack 1
    // and 2. The largest remainders are 0.9 and 0.8 in the second part, 0.7 in the first.
    #[test]
    fn hand_computed() {
        assert_eq!(shares(&[6, 3, 1], &[7, 3], 10), [[4, 2], [2, 1], [1, 0]]);
        assert_eq!(shares(&[4, 4], &[4, 2, 2], 8), [[2, 1, 1]; 2]);
        assert_eq!(shares(&[0, 5], &[5, 0], 5), [[0, 0], [5, 0]]);
        assert_eq!(shares(&[0; 2], &[0; 2], 0), [[0; 2]; 2]);
    }

    #[test]
    fn rows_and_columns_add_up_and_no_share_is_off_by_more_than_one() {
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for _ in 0..3_000 {
            let most = 1 + random(40);
            let counts: [usize; 5] = core::array::from_fn(|_| random(most));
            let samples: usize = counts.iter().sum();
            let (a, b) = (random(samples + 1), random(samples + 1));
            let sizes = [a.min(b), a.abs_diff(b), samples - a.max(b)];
            let shares = shares(&counts, &sizes, samples);
            for (row, count) in shares.iter().zip(counts) {
                assert_eq!(row.iter().sum::<usize>(), count);
                for (share, size) in row.iter().zip(sizes) {
                    // |share - count size / samples| <= 1
                    assert!(
                        (share * samples).abs_diff(count * size) <= samples,
                        "{counts:?} {sizes:?} {shares:?}"
                    );
                }
            }
            for (part, size) in sizes.into_iter().enumerate() {
                assert_eq!(shares.iter().map(|row| row[part]).sum::<usize>(), size, "{counts:?} {sizes:?}");
            }
        }
    }
}
