//! What tensors are called.

use core::fmt;

use super::safetensors;
use crate::schema::{Field, Located, Path, Role};
use crate::slices::at;
use crate::text::Text;

/// The names of the layers with parameters in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names<'n> {
    /// Those of PyTorch's `nn.Sequential`: the number of the module.
    Sequential,
    /// These, one for each layer with parameters, in order. An empty name stands for a `state_dict` of the layer alone.
    Given(&'n [&'n str]),
}

impl<'n, const N: usize> From<&'n [&'n str; N]> for Names<'n> {
    fn from(names: &'n [&'n str; N]) -> Self {
        Names::Given(names)
    }
}

/// The name of a tensor, cut if it is longer than 47 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TensorName(Text<47>);

impl TensorName {
    pub(super) const fn of(name: &str) -> Self {
        Self(Text::EMPTY.with(name))
    }

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The pieces of a tensor's name: the layer's, a dot, the field's.
pub(super) struct Key<'n> {
    given: Option<&'n str>,
    numbers: Text<96>,
    field: &'static str,
}

impl<'n> Key<'n> {
    pub const fn new(names: Names<'n>, located: &Located) -> Self {
        let given = match names {
            Names::Sequential => None,
            Names::Given(names) => match at(names, located.named) {
                Some(name) => Some(name),
                None => Some(""), // the number of names was checked
            },
        };
        Self { given, numbers: numbers(&located.path), field: field_name(&located.field) }
    }

    pub const fn pieces(&self) -> [&str; 3] {
        let layer = match self.given {
            Some(given) => given,
            None => self.numbers.as_str(),
        };
        [layer, if layer.is_empty() { "" } else { "." }, self.field]
    }

    pub const fn name(&self) -> TensorName {
        let [layer, dot, field] = self.pieces();
        TensorName(Text::EMPTY.with(layer).with(dot).with(field))
    }
}

const fn numbers(path: &Path) -> Text<96> {
    let (mut text, mut rest) = (Text::EMPTY, path.numbers());
    while let [number, others @ ..] = rest {
        text = text.with_number(*number as u64);
        if !others.is_empty() {
            text = text.with(".");
        }
        rest = others;
    }
    text
}

/// PyTorch's name of a field.
const fn field_name(field: &Field) -> &'static str {
    match field.role {
        Role::Count => "num_batches_tracked",
        _ => field.name,
    }
}

/// The first of two equal names.
pub(super) const fn same_name(names: &[&str]) -> Option<usize> {
    let (mut index, mut rest) = (0_usize, names);
    while let [name, others @ ..] = rest {
        let mut later = others;
        while let [other, others @ ..] = later {
            if safetensors::equal(name.as_bytes(), other.as_bytes()) {
                return Some(index);
            }
            later = others;
        }
        index = index.saturating_add(1);
        rest = others;
    }
    None
}
