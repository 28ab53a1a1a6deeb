//! What a row's output is compared with.

use stackprop::Class;

use super::columns::Columns;
use super::error::CsvProblem;
use super::labels::Labels;
use crate::readers::float::Float;

/// The targets in a CSV file: [`Labels`] for classifiers, [`Values`] for regression.
pub trait CsvTarget<T>: Clone + sealed::Sealed {
    /// What an output is compared with.
    type Target;

    /// The columns.
    #[doc(hidden)]
    fn columns(&self) -> Columns;

    /// How many columns there must be.
    #[doc(hidden)]
    const COLUMNS: usize;

    /// Parses the fields of these columns. An error has the index of its field.
    #[doc(hidden)]
    fn parse(&self, fields: &[&str]) -> Result<Self::Target, (usize, CsvProblem)>;
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Labels<N> {}
    impl<const OUT: usize> Sealed for super::Values<OUT> {}
}

impl<T, const N: usize> CsvTarget<T> for Labels<N> {
    type Target = Class<N>;

    fn columns(&self) -> Columns {
        Columns::These(vec![self.column.clone()])
    }

    const COLUMNS: usize = 1;

    fn parse(&self, fields: &[&str]) -> Result<Class<N>, (usize, CsvProblem)> {
        let field = fields.first().copied().unwrap_or_default();
        let unknown = || CsvProblem::Label { value: excerpt(field), labels: self.names().into() };
        self.class(field).ok_or_else(|| (0, unknown()))
    }
}

/// Columns with the `OUT` numbers that a network's outputs are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Values<const OUT: usize> {
    columns: Columns,
}

impl<const OUT: usize> Values<OUT> {
    /// These columns, in this order.
    #[must_use]
    pub fn new(columns: impl Into<Columns>) -> Self {
        Self { columns: columns.into() }
    }
}

impl<T: Float, const OUT: usize> CsvTarget<T> for Values<OUT> {
    type Target = [T; OUT];

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    const COLUMNS: usize = OUT;

    fn parse(&self, fields: &[&str]) -> Result<[T; OUT], (usize, CsvProblem)> {
        let mut values = [T::ZERO; OUT];
        for (index, (value, field)) in values.iter_mut().zip(fields).enumerate() {
            *value = number(field).map_err(|problem| (index, problem))?;
        }
        Ok(values)
    }
}

/// A finite number.
pub(super) fn number<T: Float>(field: &str) -> Result<T, CsvProblem> {
    let Ok(number) = field.parse::<T>() else {
        return Err(CsvProblem::NotANumber { value: excerpt(field) });
    };
    if number.is_finite() {
        Ok(number)
    } else if field.contains(|c: char| c.is_ascii_digit()) {
        Err(CsvProblem::TooLarge { value: excerpt(field), scalar: T::NAME })
    } else {
        Err(CsvProblem::NotFinite { value: excerpt(field) })
    }
}

/// A field for a message, or the start of a long one.
fn excerpt(field: &str) -> String {
    const MOST: usize = 60;
    match field.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", field.get(..end).unwrap_or_default()),
        None => field.to_owned(),
    }
}
