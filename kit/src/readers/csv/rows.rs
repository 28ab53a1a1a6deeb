//! The rows of a CSV file as samples.

use super::columns::Columns;
use super::error::CsvProblem;
use super::records::Records;
use super::settings::Csv;
use super::target::{CsvTarget, number};
use crate::readers::error::{FileError, Problem};
use crate::readers::float::Float;
use crate::readers::source::{Rows, Source};

/// The rows of a CSV file, for a network with `IN` inputs.
#[derive(Clone, Debug)]
pub struct CsvSource<const IN: usize, T, G> {
    csv: Csv,
    target: G,
    gaps: Gaps<T>,
}

/// What becomes of missing inputs.
#[derive(Clone, Debug)]
pub(super) enum Gaps<T> {
    /// They are errors.
    Refuse,
    /// They get these numbers, one for each input.
    Fill(Vec<T>),
    /// They become NaN, which no number of a file is.
    Keep,
}

impl<const IN: usize, T, G: Clone> CsvSource<IN, T, G> {
    pub(super) fn new(csv: &Csv, target: &G, gaps: Gaps<T>) -> Self {
        Self { csv: csv.clone(), target: target.clone(), gaps }
    }
}

impl<const IN: usize, T: Float, G: CsvTarget<T>> Source<IN> for CsvSource<IN, T, G> {
    type Scalar = T;
    type Target = G::Target;
    type Rows = CsvRows<T, G>;

    fn rows(&self) -> Result<Self::Rows, FileError> {
        let records = Records::open(&self.csv)?;
        let (inputs, targets) = self.choose(&records).map_err(|problem| records.error_of(problem.into()))?;
        let (missing, target, gaps) = (self.csv.missing.clone(), self.target.clone(), self.gaps.clone());
        Ok(CsvRows { records, inputs, targets, missing, target, gaps })
    }
}

impl<const IN: usize, T: Float, G: CsvTarget<T>> CsvSource<IN, T, G> {
    /// The indices of the inputs' and of the targets' columns.
    fn choose(&self, records: &Records) -> Result<(Vec<usize>, Vec<usize>), CsvProblem> {
        let header = &records.header;
        let targets = match self.target.columns() {
            // The inputs are then given: those that are left over.
            Columns::Others => header.resolve(&Columns::Others, &header.resolve(&self.csv.inputs, &[])?)?,
            columns => header.resolve(&columns, &[])?,
        };
        let inputs = header.resolve(&self.csv.inputs, &targets)?;
        if targets.len() != G::COLUMNS {
            return Err(CsvProblem::Targets { columns: header.list(&targets), expected: G::COLUMNS });
        }
        if inputs.len() != IN {
            return Err(CsvProblem::Inputs { columns: header.list(&inputs), expected: IN });
        }
        match &self.gaps {
            Gaps::Fill(values) if values.len() != IN => {
                Err(CsvProblem::Fill { found: values.len(), expected: IN })
            }
            Gaps::Fill(values) => match values.iter().position(|value| !value.is_finite()) {
                Some(input) => Err(CsvProblem::FillNotFinite { input, scalar: T::NAME }),
                None => Ok((inputs, targets)),
            },
            Gaps::Refuse | Gaps::Keep => Ok((inputs, targets)),
        }
    }
}

/// The rows of an open CSV file.
pub struct CsvRows<T, G> {
    records: Records,
    inputs: Vec<usize>,
    targets: Vec<usize>,
    missing: Vec<String>,
    target: G,
    gaps: Gaps<T>,
}

impl<T: Float, G: CsvTarget<T>> CsvRows<T, G> {
    /// The field in a column; `None` if the value is missing.
    fn field(&self, column: usize) -> Result<Option<&str>, FileError> {
        let cell = self.records.cell(column)?;
        Ok((!self.missing.iter().any(|marker| marker == cell)).then_some(cell))
    }

    /// The number in the column of an input.
    fn input(&self, input: usize, column: usize) -> Result<T, FileError> {
        let missing = || Err(self.records.error(Some(column), CsvProblem::Missing));
        match (self.field(column)?, &self.gaps) {
            (Some(field), _) => number(field).map_err(|problem| self.records.error(Some(column), problem)),
            (None, Gaps::Refuse) => missing(),
            (None, Gaps::Fill(values)) => values.get(input).copied().map_or_else(missing, Ok),
            (None, Gaps::Keep) => Ok(T::from_f64(f64::NAN)),
        }
    }

    fn target(&self) -> Result<G::Target, FileError> {
        let field = |column: &usize| {
            let missing = || self.records.error(Some(*column), CsvProblem::Missing);
            self.field(*column)?.ok_or_else(missing)
        };
        let fields: Vec<&str> = self.targets.iter().map(field).collect::<Result<_, _>>()?;
        let at = |(index, problem): (usize, _)| self.records.error(self.targets.get(index).copied(), problem);
        self.target.parse(&fields).map_err(at)
    }
}

impl<T: Float, G: CsvTarget<T>> Rows<T, G::Target> for CsvRows<T, G> {
    fn next_row(&mut self, inputs: &mut Vec<T>) -> Result<Option<G::Target>, FileError> {
        if !self.records.advance()? {
            return Ok(None);
        }
        for (input, column) in self.inputs.iter().enumerate() {
            inputs.push(self.input(input, *column)?);
        }
        self.target().map(Some)
    }

    fn names(&self) -> Vec<String> {
        self.records.header.names_of(&self.inputs)
    }

    fn error(&self, problem: Problem) -> FileError {
        self.records.error_of(problem)
    }
}
