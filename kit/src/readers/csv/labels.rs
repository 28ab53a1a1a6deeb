//! The labels of classes.

use std::collections::{HashMap, HashSet};

use stackprop::Class;

use super::columns::Column;
use super::error::CsvProblem;
use super::records::Records;
use super::settings::Csv;
use crate::readers::error::FileError;

/// The labels in a column of a CSV file, which are the classes of a network.
///
/// Class `k` is the label `names()[k]`, for confusion matrices and predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels<const N: usize> {
    pub(super) column: Column,
    names: Vec<String>,
    classes: HashMap<String, Class<N>>,
}

/// In which order labels become classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelOrder {
    /// By value if all labels are integers, otherwise as text, by code points.
    Sorted,
    /// In the order of the rows.
    FirstAppearance,
}

/// Labels that are not those of `N` classes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelsError {
    /// There are more or fewer labels than classes.
    #[error("{found} labels, but there are {expected} classes")]
    Count {
        /// The number of labels.
        found: usize,
        /// The number of classes.
        expected: usize,
    },
    /// A label is there twice.
    #[error("the label {0:?} is there twice")]
    Repeated(String),
}

impl<const N: usize> Labels<N> {
    /// Labels in the order of their classes. A file with any other label is refused.
    ///
    /// # Errors
    ///
    /// [`LabelsError`] if these are not `N` different labels.
    pub fn new(
        column: impl Into<Column>,
        labels: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, LabelsError> {
        let names: Vec<String> = labels.into_iter().map(Into::into).collect();
        if names.len() != N {
            return Err(LabelsError::Count { found: names.len(), expected: N });
        }
        let mut classes = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            let class = Class::new(index).ok_or(LabelsError::Count { found: names.len(), expected: N })?;
            if classes.insert(name.clone(), class).is_some() {
                return Err(LabelsError::Repeated(name.clone()));
            }
        }
        Ok(Self { column: column.into(), names, classes })
    }

    /// The labels, in the order of their classes.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The label of a class.
    #[must_use]
    pub fn name(&self, class: Class<N>) -> &str {
        self.names.get(class.index()).map_or("", String::as_str)
    }

    /// The class of a label; `None` if it is another one.
    #[must_use]
    pub fn class(&self, label: &str) -> Option<Class<N>> {
        self.classes.get(label).copied()
    }

    /// Reads the labels in a column.
    pub(super) fn find(csv: &Csv, column: Column, order: LabelOrder) -> Result<Self, FileError> {
        let mut records = Records::open(csv)?;
        let index = records.header.find(&column).map_err(|problem| records.error_of(problem.into()))?;
        let (mut labels, mut seen) = (vec![], HashSet::new());
        // One more than there are classes is enough for the message.
        while labels.len() <= N && records.advance()? {
            let cell = records.cell(index)?;
            if csv.missing.iter().any(|marker| marker == cell) {
                return Err(records.error(Some(index), CsvProblem::Missing));
            }
            if !seen.contains(cell) {
                seen.insert(cell.to_owned());
                labels.push(cell.to_owned());
            }
        }
        if order == LabelOrder::Sorted {
            sort(&mut labels);
        }
        Self::new(column, labels.clone()).map_err(|_| {
            let column = records.header.name(index);
            records.error_of(CsvProblem::LabelCount { column, labels, classes: N }.into())
        })
    }
}

/// Sorts by value if all labels are integers, otherwise as text.
fn sort(labels: &mut [String]) {
    labels.sort();
    if labels.iter().all(|label| label.parse::<i128>().is_ok()) {
        labels.sort_by_key(|label| label.parse::<i128>().ok());
    }
}
