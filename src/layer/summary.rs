//! What a network is made of, as a table.

use core::any::type_name;
use core::fmt;
use core::marker::PhantomData;

use super::Train;
use super::scratch::Outside;
use crate::params::Parameters;
use crate::vector::Vector;

/// A table of the layers of a network: number, shape, parameters, bytes, multiply-accumulates, type. It is made by
/// [`Network::summary`](crate::Network::summary), and displayed.
///
/// ```
/// use stackprop::{Chain, Dense, LayerNorm, Network, Relu, Residual};
///
/// type Block = Residual<Chain![LayerNorm<16>, Dense<16, 16, Relu>]>;
/// type Net = Network<4, Chain![Dense<4, 16>, Block, Dense<16, 2>]>;
///
/// assert_eq!(
///     Net::zeros().summary().to_string(),
///     "\
/// layer        shape  parameters   trained     bytes      MACs  type
///     0      4 -> 16          80        80       320        64  Dense<4, 16>
///           16 -> 16                                            Residual
///     1     16 -> 16          32        32       128        16    LayerNorm<16>
///     2     16 -> 16         272       272      1088       256    Dense<16, 16, Relu>
///     3      16 -> 2          34        34       136        32  Dense<16, 2>
/// total       4 -> 2         418       418      1672       368
/// inference of one sample: 192 bytes of stack for activations
/// "
/// );
/// ```
pub struct Summary<X, L> {
    types: PhantomData<fn() -> (X, L)>,
}

/// A row of a [`Summary`]: a layer, or the header of layers that one is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SummaryRow {
    /// The number of the layer, as a [`Fault`](crate::Fault) has it; `None` for a header.
    pub layer: Option<usize>,
    /// How many layers it is inside of.
    pub depth: usize,
    /// The type, with paths; for a header, a plain name such as `Residual`.
    pub name: &'static str,
    /// The numbers of one input.
    pub inputs: usize,
    /// The numbers of one output.
    pub outputs: usize,
    /// The number of parameters.
    pub parameters: usize,
    /// The number of parameters that are trained.
    pub trained: usize,
    /// The memory of the layer.
    pub bytes: usize,
    /// The multiply-accumulates of one inference.
    pub macs: usize,
}

impl SummaryRow {
    /// The row of a layer that is not made of others.
    #[must_use]
    pub fn of<X: Vector, L: Train<X>>(depth: usize, layer: usize) -> Self {
        Self { layer: Some(layer), depth, ..Self::total::<X, L>(type_name::<L>()) }
    }

    /// The header above the layers that `L` is made of.
    #[must_use]
    pub fn header<X: Vector, L: Train<X>>(name: &'static str, depth: usize) -> Self {
        Self { depth, ..Self::total::<X, L>(name) }
    }

    fn total<X: Vector, L: Train<X>>(name: &'static str) -> Self {
        Self {
            layer: None,
            depth: 0,
            name,
            inputs: X::LEN,
            outputs: L::Output::LEN,
            parameters: L::PARAMETERS,
            trained: L::Trained::PARAMETERS,
            bytes: size_of::<L>(),
            macs: L::MACS,
        }
    }
}

impl<X: Vector, L: Train<X>> Summary<X, L> {
    /// The table for these layers.
    #[must_use]
    pub const fn new() -> Self {
        Self { types: PhantomData }
    }

    /// Visits each row above the total.
    pub fn rows(&self, mut visit: impl FnMut(SummaryRow)) {
        L::describe(0, 0, &mut visit);
    }
}

impl<X: Vector, L: Train<X>> Default for Summary<X, L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<X: Vector, L: Train<X>> fmt::Debug for Summary<X, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.rows(|row| {
            list.entry(&row);
        });
        list.finish()
    }
}

impl<X: Vector, L: Train<X>> fmt::Display for Summary<X, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "layer        shape  parameters   trained     bytes      MACs  type")?;
        let mut result = Ok(());
        self.rows(|row| result = result.and_then(|()| write_row(f, &row)));
        result?;
        let total = SummaryRow::total::<X, L>("");
        write!(f, "total")?;
        write_shape(f, &total)?;
        write_numbers(f, &total)?;
        let stack = size_of::<L::Scratch<1, Outside, Outside>>();
        writeln!(f, "\ninference of one sample: {stack} bytes of stack for activations")
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, row: &SummaryRow) -> fmt::Result {
    match row.layer {
        Some(layer) => write!(f, "{layer:>5}")?,
        None => write!(f, "     ")?,
    }
    write_shape(f, row)?;
    match row.layer {
        Some(_) => write_numbers(f, row)?,
        None => write!(f, "{:42}", "")?,
    }
    writeln!(f, "  {:indent$}{}", "", ShortName(row.name), indent = row.depth.min(100) * 2)
}

/// Aligned at the outputs, as the others are at their end.
fn write_shape(f: &mut fmt::Formatter<'_>, &SummaryRow { inputs, outputs, .. }: &SummaryRow) -> fmt::Result {
    let digits = |number: usize| number.checked_ilog10().map_or(1, |digits| digits as usize + 1);
    let inputs_width = 8_usize.saturating_sub(digits(outputs));
    write!(f, " {inputs:>inputs_width$} -> {outputs}")
}

fn write_numbers(f: &mut fmt::Formatter<'_>, row: &SummaryRow) -> fmt::Result {
    let SummaryRow { parameters, trained, bytes, macs, .. } = row;
    write!(f, " {parameters:>11} {trained:>9} {bytes:>9} {macs:>9}")
}

/// The name of a type without paths.
pub(super) struct ShortName(pub &'static str);

impl fmt::Display for ShortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while !rest.is_empty() {
            let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let (path, others) = rest.split_at(rest.find(|c| !in_path(c)).unwrap_or(rest.len()));
            f.write_str(path.rsplit("::").next().unwrap_or(path))?;
            let (between, after) = others.split_at(others.find(in_path).unwrap_or(others.len()));
            f.write_str(between)?;
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Dense;
    use std::string::ToString;

    #[test]
    fn names_are_those_that_users_write() {
        for (name, short) in [
            ("stackprop::layer::dense::Dense<4, 3>", "Dense<4, 3>"),
            ("stackprop::layer::dense::Dense<4, 3, stackprop::activation::tanh::Tanh>", "Dense<4, 3, Tanh>"),
            ("a::Dense<1, 2, b::c::LeakyRelu<200>, f64>", "Dense<1, 2, LeakyRelu<200>, f64>"),
            ("stackprop::layer::dropout::Dropout<50>", "Dropout<50>"),
            ("stackprop::layer::layer_norm::LayerNorm<8, f64>", "LayerNorm<8, f64>"),
            ("my_crate::Own", "Own"),
            ("my_crate::Own<[f32; 3], (f32, a::b::C)>", "Own<[f32; 3], (f32, C)>"),
            ("", ""),
        ] {
            assert_eq!(ShortName(name).to_string(), short);
        }
    }

    #[test]
    fn columns_are_apart_however_large_the_numbers() {
        let table = Summary::<[f32; 100_000], Dense<100_000, 100_000>>::new().to_string();
        let [_, row, total, _] = table.lines().collect::<std::vec::Vec<_>>()[..] else { panic!("{table}") };
        let numbers = "10000100000 10000100000 40000400000 10000000000";
        if usize::BITS == 64 {
            assert_eq!(row, std::format!("    0 100000 -> 100000 {numbers}  Dense<100000, 100000>"));
            assert_eq!(total, std::format!("total 100000 -> 100000 {numbers}"));
        }
    }
}
