//! Tables with missing inputs.

use std::fmt;

use crate::readers::float::Float;
use crate::readers::table::Table;

/// Rows of which some inputs are missing; see [`Csv::read_incomplete`](super::Csv::read_incomplete).
///
/// Means and medians are those of the rows that are named, which should be the training part. Otherwise the training part
/// would know something of the test part.
///
/// ```
/// use stackprop_kit::readers::{Csv, Table, Values};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("rooms.csv");
/// std::fs::write(&path, "area,doors,price\n20,2,100\n,1,120\n40,?,130\n99,,140\n")?;
/// let csv = Csv::new(&path).missing(["?"]);
/// let rows = csv.read_incomplete::<2, f32, _>(&Values::<1>::new("price"))?;
/// assert_eq!(rows.gaps().collect::<Vec<_>>(), [(1, 0), (2, 1), (3, 1)]);
///
/// let means = rows.means(0..3)?; // of the training part
/// assert_eq!(means, [30.0, 1.5]);
/// let data = rows.fill(&means)?;
/// assert_eq!(data.inputs(), [[20.0, 2.0], [30.0, 1.0], [40.0, 1.5], [99.0, 1.5]]);
/// // The same for another file: `csv.fill(means)`.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Incomplete<const IN: usize, Y, T = f32> {
    /// NaN where an input is missing.
    table: Table<IN, Y, T>,
}

/// There is no number to fill the gaps of an input with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// An input is missing in all of these rows.
    #[error("input {input}{} is missing in all rows of the training part", named(name))]
    AllMissing {
        /// The input.
        input: usize,
        /// The name of its column.
        name: Option<String>,
    },
    /// There are fewer rows.
    #[error("there is no row {row}: the file has {rows}")]
    NoRow {
        /// The row, from 0.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// A number to fill gaps with is infinite or NaN.
    #[error("the number to fill the gaps of input {input} with is not finite")]
    NotFinite {
        /// The input.
        input: usize,
    },
    /// The sum of the numbers is infinite.
    #[error("the mean of input {input}{} is too large for a number", named(name))]
    Overflow {
        /// The input.
        input: usize,
        /// The name of its column.
        name: Option<String>,
    },
}

fn named(name: &Option<String>) -> String {
    name.as_ref().map(|name| format!(" ({name:?})")).unwrap_or_default()
}

impl<const IN: usize, Y, T> fmt::Debug for Incomplete<IN, Y, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incomplete").field("len", &self.table.targets().len()).finish_non_exhaustive()
    }
}

impl<const IN: usize, Y, T: Float> Incomplete<IN, Y, T> {
    pub(super) fn new(table: Table<IN, Y, T>) -> Self {
        Self { table }
    }

    /// The missing inputs, each with its row and its input, from 0.
    pub fn gaps(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let rows = self.table.inputs().iter().enumerate();
        rows.flat_map(|(row, inputs)| {
            inputs.iter().enumerate().filter(|(_, x)| !x.is_finite()).map(move |(input, _)| (row, input))
        })
    }

    /// The targets.
    #[must_use]
    pub fn targets(&self) -> &[Y] {
        self.table.targets()
    }

    /// The mean of each input over those of these rows that have it.
    ///
    /// # Errors
    ///
    /// [`FillError`] if an input is missing in all of them, or if a row is not there.
    pub fn means(&self, rows: impl IntoIterator<Item = usize>) -> Result<[T; IN], FillError> {
        self.of_each_input(rows, |numbers| {
            let sum: f64 = numbers.iter().sum();
            sum / numbers.len() as f64
        })
    }

    /// The median of each input over those of these rows that have it: of an even number, the mean of the middle two.
    ///
    /// # Errors
    ///
    /// As [`means`](Incomplete::means).
    pub fn medians(&self, rows: impl IntoIterator<Item = usize>) -> Result<[T; IN], FillError> {
        self.of_each_input(rows, |numbers| {
            numbers.sort_by(f64::total_cmp);
            let at = |index: usize| numbers.get(index).copied().unwrap_or(f64::NAN);
            let half = numbers.len() / 2;
            if numbers.len() % 2 == 1 { at(half) } else { at(half - 1) / 2.0 + at(half) / 2.0 }
        })
    }

    fn of_each_input(
        &self,
        rows: impl IntoIterator<Item = usize>,
        mut of: impl FnMut(&mut [f64]) -> f64,
    ) -> Result<[T; IN], FillError> {
        let mut columns = vec![vec![]; IN];
        for row in rows {
            let missing = || FillError::NoRow { row, rows: self.table.inputs().len() };
            let inputs = self.table.inputs().get(row).ok_or_else(missing)?;
            for (column, x) in columns.iter_mut().zip(inputs).filter(|(_, x)| x.is_finite()) {
                column.push(x.to_f64());
            }
        }
        let mut values = [T::ZERO; IN];
        for (input, (value, column)) in values.iter_mut().zip(&mut columns).enumerate() {
            let name = || self.table.name(input).map(String::from);
            if column.is_empty() {
                return Err(FillError::AllMissing { input, name: name() });
            }
            *value = T::from_f64(of(column));
            if !value.is_finite() {
                return Err(FillError::Overflow { input, name: name() });
            }
        }
        Ok(values)
    }

    /// Fills the gaps with these numbers, one for each input.
    ///
    /// # Errors
    ///
    /// [`FillError::NotFinite`] if one of them is infinite or NaN.
    pub fn fill(mut self, values: &[T; IN]) -> Result<Table<IN, Y, T>, FillError> {
        if let Some(input) = values.iter().position(|value| !value.is_finite()) {
            return Err(FillError::NotFinite { input });
        }
        for row in self.table.inputs_mut().as_chunks_mut::<IN>().0 {
            for (x, value) in row.iter_mut().zip(values).filter(|(x, _)| !x.is_finite()) {
                *x = *value;
            }
        }
        Ok(self.table)
    }
}
