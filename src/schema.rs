//! The structure of a network's parameters as data: which layers, which blocks, which shapes.

use crate::hash::Fnv;
use crate::slices::{at, at_mut, first};

/// The purpose of a block of parameters.
///
/// An [initialiser](crate::init) draws only [`Weight`](Role::Weight) and [`Bias`](Role::Bias). All other parameters
/// start at [`start`](Role::start).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The weights of a product, `[IN][OUT]`, input-major.
    Weight,
    /// Added to a product, `[OUT]`.
    Bias,
    /// Multiplies a normalised number. Starts at 1.
    Gain,
    /// Added to a normalised number. Starts at 0.
    Shift,
    /// The slope of an activation below 0. Starts at 0.25, as in PyTorch.
    Slope,
    /// A mean of data, which no gradient changes. Starts at 0.
    Mean,
    /// A variance of data, which no gradient changes. Starts at 1.
    Variance,
    /// A number of samples, which no gradient changes. Starts at 0.
    Count,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Role::Weight => "weight",
            Role::Bias => "bias",
            Role::Gain => "gain",
            Role::Shift => "shift",
            Role::Slope => "slope",
            Role::Mean => "mean",
            Role::Variance => "variance",
            Role::Count => "count",
        }
    }

    /// The start value of parameters of this role, or `None` if the initialiser draws them.
    pub const fn start(self) -> Option<f64> {
        match self {
            Role::Weight | Role::Bias => None,
            Role::Shift | Role::Mean | Role::Count => Some(0.0),
            Role::Gain | Role::Variance => Some(1.0),
            Role::Slope => Some(0.25),
        }
    }
}

/// A set of [`Role`]s: which parameters a weight decay is for.
///
/// ```
/// use stackprop::{Role, Roles};
///
/// const DECAYS: Roles = Roles::WEIGHTS.with(Role::Gain);
/// assert!(DECAYS.contains(Role::Gain) && !DECAYS.contains(Role::Bias));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(u16);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);

    /// The weights of products alone, which is usual for weight decay: no biases, no parameters of normalising layers.
    pub const WEIGHTS: Self = Self::NONE.with(Role::Weight);

    /// All roles.
    pub const ALL: Self = Self(u16::MAX);

    /// These and another role.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u16)
    }

    /// These without a role.
    #[must_use]
    pub const fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u16))
    }

    /// Whether the role is one of these.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & 1 << role as u16 != 0
    }
}

/// The structure of what is made of parameters, in the order of [`Parameters::walk`](crate::Parameters::walk).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schema {
    /// One layer.
    Leaf {
        /// The number of PyTorch modules that it is, in an `nn.Sequential`: two, if it has an activation.
        modules: usize,
        /// The name of its type, without generic arguments.
        name: &'static str,
        /// The name of its activation, or nothing.
        activation: &'static str,
        /// Its blocks of parameters.
        fields: &'static [Field],
    },
    /// Layers one after the other.
    Chain(&'static Schema, &'static Schema),
    /// A module that has layers inside.
    Nested(&'static Schema),
    /// A module with two branches.
    Branches(&'static Schema, &'static Schema),
}

/// A block of parameters of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name of the field, such as `weight`.
    pub name: &'static str,
    /// The purpose of the parameters.
    pub role: Role,
    /// The lengths of the nested arrays, the outermost first: `[IN, OUT]` for the weights of a `Dense` layer.
    pub shape: &'static [usize],
}

impl Field {
    /// For [`parameters!`](crate::parameters).
    #[doc(hidden)]
    pub const fn new(name: &'static str, role: Role, shape: &'static [usize]) -> Self {
        Self { name, role, shape }
    }

    const fn hashed(&self, hash: Fnv) -> Fnv {
        let mut hash = hash.with_text(self.name).with_text(self.role.name());
        let mut shape = self.shape;
        while let [length, others @ ..] = shape {
            hash = hash.with_number(*length as u64);
            shape = others;
        }
        hash.with_text("end")
    }
}

/// Where a block of parameters is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub field: Field,
    /// The number of the layer, as in [`Block::layer`](crate::Block::layer).
    pub layer: usize,
    /// The number of layers with parameters before this one.
    pub named: usize,
    /// The place of the layer in nested `nn.Sequential`s.
    pub path: Path,
}

/// The numbers of nested modules, the outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    numbers: [usize; Path::DEPTH],
    depth: usize,
}

impl Path {
    /// How deep modules can be nested.
    pub const DEPTH: usize = 16;

    /// The first module of the outermost.
    const START: Self = Self { numbers: [0; Self::DEPTH], depth: 1 };

    pub const fn numbers(&self) -> &[usize] {
        first(&self.numbers, self.depth)
    }

    /// So many modules further on.
    const fn advanced(mut self, modules: usize) -> Self {
        if let Some(number) = at_mut(&mut self.numbers, self.depth.wrapping_sub(1)) {
            *number = number.saturating_add(modules);
        }
        self
    }

    /// Module `number` inside of this one.
    const fn inside(mut self, number: usize) -> Self {
        // (Deeper than any network: its blocks are then named alike, and no file fits.)
        if let Some(slot) = at_mut(&mut self.numbers, self.depth) {
            *slot = number;
            self.depth = self.depth.saturating_add(1);
        }
        self
    }
}

/// What a search has passed.
struct Passed {
    /// How many blocks are still to be passed.
    blocks: usize,
    layers: usize,
    named: usize,
}

impl Schema {
    /// The name of a type, without path and generic arguments. For [`parameters!`](crate::parameters).
    #[doc(hidden)]
    #[must_use]
    pub const fn type_name(of: &'static str) -> &'static str {
        let (mut name, mut end, mut rest) = (of, 0_usize, of.as_bytes());
        loop {
            match rest {
                [b':', others @ ..] => {
                    if let Some((_, after)) = name.split_at_checked(end.saturating_add(1)) {
                        (name, end, rest) = (after, 0, others);
                    } else {
                        break;
                    }
                }
                [] | [b'<' | b' ', ..] => break,
                [_, others @ ..] => (end, rest) = (end.saturating_add(1), others),
            }
        }
        match name.split_at_checked(end) {
            Some((name, _)) => name,
            None => name,
        }
    }

    /// A hash of the structure: of the order and nesting of layers, their names and activations, and the names, roles and
    /// shapes of their parameters. It is the same on every target.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.hashed(Fnv::START).0
    }

    const fn hashed(&self, hash: Fnv) -> Fnv {
        match self {
            Schema::Leaf { name, activation, fields, .. } => {
                let mut hash = hash.with_text("leaf").with_text(name).with_text(activation);
                let mut fields = *fields;
                while let [field, others @ ..] = fields {
                    hash = field.hashed(hash);
                    fields = others;
                }
                hash.with_text("end")
            }
            // Not marked: a chain of chains is the list of its layers, however they are paired.
            Schema::Chain(first, second) => second.hashed(first.hashed(hash)),
            Schema::Nested(inner) => inner.hashed(hash.with_text("nested")).with_text("end"),
            Schema::Branches(first, second) => {
                let hash = first.hashed(hash.with_text("branch")).with_text("end");
                second.hashed(hash.with_text("branch")).with_text("end")
            }
        }
    }

    /// The number of PyTorch modules, in an `nn.Sequential`.
    pub(crate) const fn modules(&self) -> usize {
        match self {
            Schema::Leaf { modules, .. } => *modules,
            Schema::Chain(first, second) => first.modules().saturating_add(second.modules()),
            Schema::Nested(_) | Schema::Branches(..) => 1,
        }
    }

    /// The number of blocks.
    pub(crate) const fn blocks(&self) -> usize {
        match self {
            Schema::Leaf { fields, .. } => fields.len(),
            Schema::Chain(first, second) | Schema::Branches(first, second) => {
                first.blocks().saturating_add(second.blocks())
            }
            Schema::Nested(inner) => inner.blocks(),
        }
    }

    /// The number of layers with parameters.
    pub(crate) const fn named(&self) -> usize {
        match self {
            Schema::Leaf { fields, .. } => !fields.is_empty() as usize,
            Schema::Chain(first, second) | Schema::Branches(first, second) => {
                first.named().saturating_add(second.named())
            }
            Schema::Nested(inner) => inner.named(),
        }
    }

    /// Block `index`, counted in the order of the walk.
    pub(crate) const fn block(&self, index: usize) -> Option<Located> {
        self.search(&mut Passed { blocks: index, layers: 0, named: 0 }, Path::START)
    }

    const fn search(&self, passed: &mut Passed, path: Path) -> Option<Located> {
        match self {
            Schema::Leaf { fields, .. } => {
                if let Some(field) = at(fields, passed.blocks) {
                    return Some(Located { field, layer: passed.layers, named: passed.named, path });
                }
                passed.blocks = passed.blocks.saturating_sub(fields.len());
                passed.layers = passed.layers.saturating_add(1);
                passed.named = passed.named.saturating_add(!fields.is_empty() as usize);
                None
            }
            Schema::Chain(first, second) => match first.search(passed, path) {
                Some(found) => Some(found),
                None => second.search(passed, path.advanced(first.modules())),
            },
            Schema::Nested(inner) => inner.search(passed, path.inside(0)),
            Schema::Branches(first, second) => match first.search(passed, first.branch(path, 0)) {
                Some(found) => Some(found),
                None => second.search(passed, second.branch(path, 1)),
            },
        }
    }

    /// The first module of a branch, which is a module itself, or an `nn.Sequential` of several.
    const fn branch(&self, path: Path, number: usize) -> Path {
        let path = path.inside(number);
        if self.modules() > 1 { path.inside(0) } else { path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chain;
    use crate::activation::{LeakyRelu, Relu, Tanh};
    use crate::layer::{BatchNorm, Dense, Frozen, Parallel, Residual};
    use crate::network::Network;
    use crate::params::Parameters;

    fn fingerprint<P: Parameters<f32>>() -> u64 {
        P::SCHEMA.fingerprint()
    }

    #[test]
    fn fingerprints_differ_where_structures_do() {
        type A = Dense<4, 4, Tanh>;
        type B = Dense<4, 4, Relu>;
        let all = [
            fingerprint::<A>(),
            fingerprint::<B>(),
            fingerprint::<Dense<4, 4, LeakyRelu>>(),
            fingerprint::<Dense<4, 4, LeakyRelu<200>>>(),
            fingerprint::<Dense<2, 4>>(),
            fingerprint::<Dense<4, 2>>(),
            fingerprint::<BatchNorm<4>>(),
            fingerprint::<(A, B)>(),
            fingerprint::<(B, A)>(),
            fingerprint::<Residual<(A, B)>>(),
            fingerprint::<(Residual<A>, Residual<B>)>(),
            fingerprint::<(Residual<A>, B)>(),
            fingerprint::<Parallel<A, B>>(),
            fingerprint::<Parallel<A, (A, B)>>(),
            fingerprint::<(Parallel<A, A>, B)>(),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| one != other), "{i}");
        }
        // The same structure, written otherwise.
        assert_eq!(fingerprint::<(A, (B, A))>(), fingerprint::<((A, B), A)>());
        assert_eq!(fingerprint::<Network<4, Chain![A, B]>>(), fingerprint::<(A, B)>());
        assert_eq!(fingerprint::<(Frozen<A>, B)>(), fingerprint::<(A, B)>());
    }

    #[test]
    fn names_of_types() {
        for (text, name) in
            [("Scale<N>", "Scale"), ("Scale < N, T >", "Scale"), ("my::Scale", "Scale"), ("", "")]
        {
            assert_eq!(Schema::type_name(text), name, "{text}");
        }
    }
}
