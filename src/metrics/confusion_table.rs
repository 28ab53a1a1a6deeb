//! A confusion matrix as text.

use core::fmt;

use super::confusion::{ConfusionMatrix, sum};
use crate::scalar::Scalar;

/// A table with a row for each class and a column for each prediction, and a column `none` if there are unclassified
/// samples. A count of 0 is a dot, so that the mistakes stand out.
///
/// ```text
/// true \ predicted    0    1    2
///                0   10    1    .
///                1    .   12    .
///                2    3    .    9
/// ```
impl<const N: usize, T: Scalar> fmt::Display for ConfusionMatrix<N, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest =
            self.counts().as_flattened().iter().chain(self.unclassified()).max().copied().unwrap_or(0);
        let digits = |number: u64| number.checked_ilog10().unwrap_or(0).saturating_add(1) as usize;
        let width = digits(largest.into()).max(digits(N as u64)).max(3).saturating_add(2);
        let some_unclassified = sum(self.unclassified()) > 0;
        f.write_str("true \\ predicted")?;
        for predicted in 0..N {
            write!(f, "{predicted:>width$}")?;
        }
        if some_unclassified {
            write!(f, "{:>width$}", "none")?;
        }
        for ((truth, row), unclassified) in (0..N).zip(self.counts()).zip(self.unclassified()) {
            write!(f, "\n{truth:>16}")?;
            for count in row.iter().chain(some_unclassified.then_some(unclassified)) {
                match count {
                    0 => write!(f, "{:>width$}", ".")?,
                    _ => write!(f, "{count:>width$}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Class;
    use std::format;

    fn class<const N: usize>(index: usize) -> Class<N> {
        Class::new(index).unwrap()
    }

    fn fill<const N: usize>(matrix: &mut ConfusionMatrix<N>, counts: [[u32; N]; N]) {
        for (truth, row) in counts.into_iter().enumerate() {
            for (predicted, count) in row.into_iter().enumerate() {
                (0..count).for_each(|_| matrix.add(class(truth), class(predicted)));
            }
        }
    }

    #[test]
    fn aligned() {
        let mut matrix = ConfusionMatrix::<3>::new();
        fill(&mut matrix, [[10, 1, 0], [0, 12, 0], [3, 0, 9]]);
        assert_eq!(
            format!("{matrix}"),
            "\
true \\ predicted    0    1    2
               0   10    1    .
               1    .   12    .
               2    3    .    9"
        );
        (0..99_988).for_each(|_| matrix.add(class(1), class(1)));
        matrix.add(class(2), None);
        assert_eq!(
            format!("{matrix}"),
            "\
true \\ predicted       0       1       2    none
               0      10       1       .       .
               1       .  100000       .       .
               2       3       .       9       1"
        );
    }
}
