//! What tensors are called.

use super::safetensors;
use crate::schema::{Field, Located, Role};
use crate::slices::at;
use crate::text::{Label, Text};

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

/// The pieces of a tensor's name: the layer's, a dot, the field's.
pub(crate) struct Key<'n> {
    given: Option<&'n str>,
    place: Text<127>,
    field: &'static str,
}

impl<'n> Key<'n> {
    /// The name of a block of parameters, which may be a part of something: `trainer.state.m.0.weight`.
    pub const fn new(part_of: Text<95>, names: Names<'n>, located: &Located) -> Self {
        let given = match names {
            Names::Sequential => None,
            Names::Given(names) => match at(names, located.named) {
                Some(name) => Some(name),
                None => Some(""), // the number of names was checked
            },
        };
        let mut place = Text::EMPTY.with(part_of.as_str());
        let mut rest = located.path.numbers();
        while let [number, others @ ..] = rest {
            place = if place.is_empty() { place } else { place.with(".") };
            place = place.with_number(*number as u64);
            rest = others;
        }
        Self { given, place, field: field_name(&located.field) }
    }

    /// The name of numbers that are a part of something; the name of the whole, if theirs is empty.
    pub const fn of_part(part_of: Text<95>, name: &'static str) -> Self {
        Self { given: None, place: Text::EMPTY.with(part_of.as_str()), field: name }
    }

    pub const fn pieces(&self) -> [&str; 3] {
        let place = match self.given {
            Some(given) => given,
            None => self.place.as_str(),
        };
        [place, if place.is_empty() || self.field.is_empty() { "" } else { "." }, self.field]
    }

    pub const fn name(&self) -> Label {
        let [place, dot, field] = self.pieces();
        Label::of(place).with(dot).with(field)
    }
}

/// The name of a part of something.
pub(crate) const fn inside(outer: Text<95>, name: &str) -> Text<95> {
    if outer.is_empty() || name.is_empty() { outer.with(name) } else { outer.with(".").with(name) }
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
