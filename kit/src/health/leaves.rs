//! The layers of a network in order, from its schema.

use stackprop::Schema;

/// A layer that is not made of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leaf {
    /// The name of its type.
    pub name: &'static str,
    /// The name of its activation, or nothing.
    pub activation: &'static str,
    /// No other layer with weights is between it and the outputs of the network.
    pub last: bool,
    /// It is the last layer with weights in layers around which something is added, where weights often start at 0.
    pub ends_residual: bool,
    /// It reads the input of the network, and nothing else does.
    pub first: bool,
}

impl Leaf {
    pub fn is_dense(&self) -> bool {
        self.name == "Dense"
    }

    /// Normalises what it reads.
    pub fn normalizes(&self) -> bool {
        ["Standardize", "BatchNorm", "LayerNorm", "RmsNorm"].contains(&self.name)
    }

    /// The least and the largest output of the activation, if there are such.
    pub fn range(&self) -> (Option<f64>, Option<f64>) {
        match self.activation {
            "Sigmoid" | "HardSigmoid" | "Softmax" => (Some(0.0), Some(1.0)),
            "Tanh" | "HardTanh" => (Some(-1.0), Some(1.0)),
            "Relu" | "Softplus" => (Some(0.0), None),
            _ => (None, None),
        }
    }

    /// Whether sigma' is less than 1 % of its largest value, where the output is `a`.
    pub fn is_saturated(&self, a: f64) -> bool {
        match self.activation {
            "Sigmoid" => a * (1.0 - a) < 0.0025,
            "Tanh" => 1.0 - a * a < 0.01,
            "HardSigmoid" => a <= 0.0 || a >= 1.0,
            "HardTanh" => a.abs() >= 1.0,
            _ => false,
        }
    }
}

/// The leaves, in the order of their numbers.
pub(super) fn of(schema: &Schema) -> Vec<Leaf> {
    let mut leaves = vec![];
    add(schema, Place { last: true, ends_residual: false, first: true }, &mut leaves);
    leaves
}

#[derive(Clone, Copy)]
struct Place {
    last: bool,
    ends_residual: bool,
    first: bool,
}

fn add(schema: &Schema, place: Place, leaves: &mut Vec<Leaf>) {
    let Place { last, ends_residual, first } = place;
    match *schema {
        Schema::Leaf { name, activation, .. } => {
            // "Identity" is no activation.
            let activation = if activation == "Identity" { "" } else { activation };
            leaves.push(Leaf { name, activation, last, ends_residual, first });
        }
        Schema::Chain(lower, upper) => {
            let above = has_weights(upper);
            let below = Place { last: last && !above, ends_residual: ends_residual && !above, first };
            add(lower, below, leaves);
            add(upper, Place { first: false, ..place }, leaves);
        }
        Schema::Nested(inner) => add(inner, Place { last, ends_residual: true, first: false }, leaves),
        Schema::Branches(one, other) => {
            add(one, Place { first: false, ..place }, leaves);
            add(other, Place { first: false, ..place }, leaves);
        }
        _ => {}
    }
}

fn has_weights(schema: &Schema) -> bool {
    match *schema {
        Schema::Leaf { fields, .. } => fields.iter().any(|field| field.role == stackprop::Role::Weight),
        Schema::Chain(one, other) | Schema::Branches(one, other) => has_weights(one) || has_weights(other),
        Schema::Nested(inner) => has_weights(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackprop::{
        Chain, Dense, Dropout, LayerNorm, Network, Parallel, Parameters, Relu, Residual, Softmax,
    };

    #[test]
    fn places_of_layers() {
        type Block = Residual<Chain![LayerNorm<4>, Dense<4, 4, Relu>, Dense<4, 4>, Dropout<10>]>;
        type Net = Network<
            4,
            Chain![Dense<4, 4>, Block, Parallel<Dense<4, 1>, Chain![Dense<4, 2>, Dense<2, 2, Softmax>]>],
        >;
        let leaves = of(&<Net as Parameters<f32>>::SCHEMA);
        let names: Vec<_> = leaves.iter().map(|leaf| leaf.name).collect();
        assert_eq!(names, ["Dense", "LayerNorm", "Dense", "Dense", "Dropout", "Dense", "Dense", "Dense"]);
        let numbers = |is: fn(&Leaf) -> bool| -> Vec<usize> {
            (0..leaves.len()).filter(|&i| is(&leaves[i]) && leaves[i].is_dense()).collect()
        };
        assert_eq!(numbers(|leaf| leaf.first), [0]);
        assert_eq!(numbers(|leaf| leaf.last), [5, 7]);
        assert_eq!(numbers(|leaf| leaf.ends_residual), [3]);
        assert_eq!(leaves[2].activation, "Relu");
        assert_eq!(leaves[7].range(), (Some(0.0), Some(1.0)));
    }
}
