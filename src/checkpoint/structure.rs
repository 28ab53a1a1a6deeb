//! A network's structure as a text, which tells the user how two differ.

use core::mem::replace;

use super::load::CheckpointError;
use crate::schema::Schema;
use crate::text::{Label, Text};
use crate::weights::Shape;

/// What separates layers.
const SEPARATOR: &str = "; ";

/// The pieces of the text.
pub(super) fn layers(schema: &Schema) -> impl Iterator<Item = Text<47>> {
    let layers = (0..usize::MAX).map_while(|index| schema.layer(index));
    let mut separator = Text::EMPTY;
    layers.flat_map(move |layer| [replace(&mut separator, Text::EMPTY.with(SEPARATOR)), layer])
}

/// The fingerprint as the metadata have it.
pub(super) const fn fingerprint(schema: &Schema) -> Text<16> {
    Text::EMPTY.with_hex(schema.fingerprint(), 16)
}

/// Where a network's structure differs from the one in the checkpoint.
pub(super) fn difference(schema: &Schema, mut text: &str) -> CheckpointError {
    let mut layer = 0_usize;
    loop {
        let (found, rest) = split_layer(text);
        let needed = schema.layer(layer).unwrap_or(Text::EMPTY);
        let (found, needed) = (Label::of(found), Label::of(needed.as_str()));
        if found != needed {
            return CheckpointError::AnotherLayer { layer, found, needed };
        }
        if found.as_str().is_empty() {
            return CheckpointError::Nesting;
        }
        (text, layer) = (rest, layer.saturating_add(1));
    }
}

/// The first layer of a text, and the others. (`split_once` has a panic path.)
fn split_layer(text: &str) -> (&str, &str) {
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(others) = rest.strip_prefix(SEPARATOR) {
            let length = text.len().saturating_sub(rest.len());
            return (text.get(..length).unwrap_or_default(), others);
        }
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    (text, "")
}

impl Schema {
    /// Layer `index` as a text, such as `Dense [4, 8] [8] Relu`: its name, the shapes of its parameters, its activation.
    /// Layers of a `Residual` are `inner Dense ...`, those of a `Parallel` are `branch Dense ...`.
    pub(super) const fn layer(&self, index: usize) -> Option<Text<47>> {
        let mut passed = index;
        self.find_layer(&mut passed, "")
    }

    /// `kind` is what the layer is inside of.
    const fn find_layer(&self, passed: &mut usize, kind: &'static str) -> Option<Text<47>> {
        match self {
            Schema::Leaf { name, activation, fields, .. } => {
                let Some(left) = passed.checked_sub(1) else {
                    let (mut text, mut fields) = (Text::EMPTY.with(kind).with(name), *fields);
                    while let [field, others @ ..] = fields {
                        if let Some(shape) = Shape::of(field.shape) {
                            text = text.with(" ").with_shape(&shape);
                        }
                        fields = others;
                    }
                    return Some(if activation.is_empty() { text } else { text.with(" ").with(activation) });
                };
                *passed = left;
                None
            }
            Schema::Chain(first, second) => match first.find_layer(passed, kind) {
                Some(found) => Some(found),
                None => second.find_layer(passed, kind),
            },
            Schema::Nested(inner) => inner.find_layer(passed, "inner "),
            Schema::Branches(first, second) => match first.find_layer(passed, "branch ") {
                Some(found) => Some(found),
                None => second.find_layer(passed, "branch "),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chain;
    use crate::activation::LeakyRelu;
    use crate::layer::{BatchNorm, Dense, Residual};
    use crate::params::Parameters;
    use std::string::{String, ToString};
    use std::vec::Vec;

    #[test]
    fn layers_have_texts() {
        type Net = Chain![BatchNorm<3>, Residual<Dense<3, 3, LeakyRelu<200>>>, Dense<3, 1>];
        let schema = <Net as Parameters<f32>>::SCHEMA;
        let texts: Vec<_> =
            (0..4).map_while(|index| schema.layer(index)).map(|text| text.to_string()).collect();
        let text: String = layers(&schema).map(|piece| piece.to_string()).collect();
        assert_eq!(text, texts.join("; "));
        assert_eq!(
            texts,
            [
                "BatchNorm [3] [3] [3] [3] [1]",
                "inner Dense [3, 3] [3] LeakyRelu<200>",
                "Dense [3, 1] [1] Identity"
            ]
        );
    }
}
