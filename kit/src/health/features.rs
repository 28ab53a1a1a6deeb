//! The moments of numbers, each in a column of its own.

/// Mean and deviation of numbers, by Welford's method.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    count: f64,
    pub mean: f64,
    /// The sum of the squared distances from the mean.
    squares: f64,
}

impl Moments {
    pub fn add(&mut self, x: f64) {
        self.count += 1.0;
        let distance = x - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (x - self.mean);
    }

    /// The standard deviation, over n.
    pub fn deviation(&self) -> f64 {
        if self.count > 0.0 { (self.squares / self.count).sqrt() } else { 0.0 }
    }

    /// The root of the mean square.
    pub fn size(&self) -> f64 {
        self.mean.hypot(self.deviation())
    }
}

/// What is known of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub moments: Moments,
    pub least: f64,
    pub largest: f64,
}

impl Column {
    const EMPTY: Self = Self {
        moments: Moments { count: 0.0, mean: 0.0, squares: 0.0 },
        least: f64::INFINITY,
        largest: f64::NEG_INFINITY,
    };

    fn add(&mut self, x: f64) {
        self.moments.add(x);
        self.least = self.least.min(x);
        self.largest = self.largest.max(x);
    }

    pub fn range(&self) -> f64 {
        self.largest - self.least
    }

    /// The same number in each row, within the rounding of `f32`.
    pub fn is_constant(&self) -> bool {
        self.range() <= 1e-6 * self.least.abs().max(self.largest.abs())
    }
}

/// Columns of finite numbers, and how many are not finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Features {
    pub columns: Vec<Column>,
    pub rows: usize,
    pub not_finite: usize,
    /// The row and the column of the first.
    pub first_not_finite: Option<(usize, usize)>,
}

impl Features {
    pub fn add(&mut self, row: impl ExactSizeIterator<Item = f64>) {
        self.columns.resize(row.len(), Column::EMPTY);
        for (place, (column, x)) in self.columns.iter_mut().zip(row).enumerate() {
            if x.is_finite() {
                column.add(x);
            } else {
                self.not_finite += 1;
                self.first_not_finite.get_or_insert((self.rows, place));
            }
        }
        self.rows += 1;
    }

    pub fn never_change(&self) -> bool {
        self.columns.iter().all(Column::is_constant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1, 2, 6: mean 3, deviations -2, -1, 3, so the variance is 14/3; mean square (1 + 4 + 36) / 3.
    #[test]
    fn hand_computed() {
        let mut features = Features::default();
        for row in [[1.0, 5.0], [2.0, f64::NAN], [6.0, 5.0]] {
            features.add(row.into_iter());
        }
        let [one, five] = features.columns[..] else { panic!() };
        assert_eq!((one.moments.mean, one.least, one.largest, one.range()), (3.0, 1.0, 6.0, 5.0));
        assert!((one.moments.deviation() - (14.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((one.moments.size() - (41.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!(five.is_constant() && !one.is_constant());
        assert_eq!((features.not_finite, features.first_not_finite), (1, Some((1, 1))));
    }
}
