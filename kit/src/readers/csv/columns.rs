//! The choice of columns.

use std::ops::{Range, RangeInclusive};

use super::error::CsvProblem;
use crate::readers::error::ColumnName;

/// A column of a CSV file: `"petal_length"`, or an index from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Column {
    /// The column with this name in the header.
    Name(String),
    /// The column with this index, from 0.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Column::Name(name.into())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Column::Name(name)
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Column::Index(index)
    }
}

/// Columns of a CSV file, in order: `["length", "width"]`, `[0, 3]`, `0..4`, or a single [`Column`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Columns {
    /// All columns that are not targets.
    Others,
    /// These columns.
    These(Vec<Column>),
}

impl<C: Into<Column>, const N: usize> From<[C; N]> for Columns {
    fn from(columns: [C; N]) -> Self {
        Columns::These(columns.into_iter().map(Into::into).collect())
    }
}

impl<C: Into<Column>> From<Vec<C>> for Columns {
    fn from(columns: Vec<C>) -> Self {
        Columns::These(columns.into_iter().map(Into::into).collect())
    }
}

impl From<Range<usize>> for Columns {
    fn from(indices: Range<usize>) -> Self {
        Columns::These(indices.map(Column::Index).collect())
    }
}

impl From<RangeInclusive<usize>> for Columns {
    fn from(indices: RangeInclusive<usize>) -> Self {
        Columns::These(indices.map(Column::Index).collect())
    }
}

impl From<&str> for Columns {
    fn from(name: &str) -> Self {
        [name].into()
    }
}

impl From<usize> for Columns {
    fn from(index: usize) -> Self {
        [index].into()
    }
}

/// The columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The number of columns.
    pub width: usize,
    /// Their names, if the file has a header.
    pub names: Option<Vec<String>>,
    /// The line of the header, or of the first row.
    pub line: u64,
}

impl Header {
    /// The index of a column.
    pub fn find(&self, column: &Column) -> Result<usize, CsvProblem> {
        match (column, &self.names) {
            (Column::Index(index), _) if *index < self.width => Ok(*index),
            (Column::Index(index), _) => Err(CsvProblem::NoIndex { index: *index, columns: self.width }),
            (Column::Name(name), None) => Err(CsvProblem::NoHeader { name: name.clone() }),
            (Column::Name(name), Some(names)) => {
                let mut found = (0..).zip(names).filter(|(_, other)| *other == name).map(|(index, _)| index);
                match (found.next(), found.next()) {
                    (Some(index), None) => Ok(index),
                    (Some(first), Some(second)) => {
                        Err(CsvProblem::Ambiguous { name: name.clone(), first, second })
                    }
                    (None, _) => Err(CsvProblem::NoColumn { name: name.clone(), columns: names.clone() }),
                }
            }
        }
    }

    /// The indices of columns, of which none is `taken`.
    pub fn resolve(&self, columns: &Columns, taken: &[usize]) -> Result<Vec<usize>, CsvProblem> {
        let columns = match columns {
            Columns::Others => return Ok((0..self.width).filter(|index| !taken.contains(index)).collect()),
            Columns::These(columns) => columns,
        };
        let mut indices = vec![];
        let mut free = vec![true; self.width];
        taken.iter().filter_map(|index| free.get_mut(*index).map(|free| *free = false)).for_each(drop);
        for column in columns {
            let index = self.find(column)?;
            match free.get_mut(index) {
                Some(free) if *free => *free = false,
                _ => return Err(CsvProblem::ChosenTwice(self.name(index))),
            }
            indices.push(index);
        }
        Ok(indices)
    }

    /// A column for messages.
    pub fn name(&self, index: usize) -> ColumnName {
        let name = self.names.as_ref().and_then(|names| names.get(index));
        ColumnName { index, name: name.cloned() }
    }

    /// Columns for messages: their names, or their numbers if there is no header.
    pub fn list(&self, indices: &[usize]) -> Vec<String> {
        let text = |index: &usize| {
            let ColumnName { index, name } = self.name(*index);
            name.unwrap_or_else(|| format!("column {}", index + 1))
        };
        indices.iter().map(text).collect()
    }

    /// The names of columns; none without a header.
    pub fn names_of(&self, indices: &[usize]) -> Vec<String> {
        if self.names.is_some() { self.list(indices) } else { vec![] }
    }
}
