//! The type of a network as text: `Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>`, written and parsed.

use std::fmt;

use super::{Activation, Layer, Model};

/// Writes the type of the network. It is Rust: with the names imported from `stackprop`, it compiles.
impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network<{}, Chain![", self.inputs)?;
        let mut width = self.inputs;
        for (number, layer) in self.layers.iter().enumerate() {
            f.write_str(if number == 0 { "" } else { ", " })?;
            layer.write_type(f, width)?;
            width = layer.outputs(width);
        }
        f.write_str("]>")
    }
}

impl Layer {
    /// The type of the layer as text, given its number of inputs.
    #[must_use]
    pub fn type_text(&self, inputs: usize) -> String {
        struct Text<'a>(&'a Layer, usize);
        impl fmt::Display for Text<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write_type(f, self.1)
            }
        }
        Text(self, inputs).to_string()
    }

    fn write_type(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        match self {
            Layer::Dense { inputs, outputs, activation: Activation::Identity, .. } => {
                write!(f, "Dense<{inputs}, {outputs}>")
            }
            Layer::Dense { inputs, outputs, activation, .. } => {
                write!(f, "Dense<{inputs}, {outputs}, {activation}>")
            }
            Layer::PRelu { slope } if slope.len() > 1 => write!(f, "PRelu<{width}, {}>", slope.len()),
            _ => write!(f, "{}<{width}>", self.kind()),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Activation::LeakyRelu { permille } => write!(f, "LeakyRelu<{permille}>"),
            Activation::Elu { permille } => write!(f, "Elu<{permille}>"),
            other => f.write_str(other.name()),
        }
    }
}

impl Activation {
    /// The activations that have no parameter.
    pub(crate) const PLAIN: [Activation; 12] = [
        Activation::Identity,
        Activation::Relu,
        Activation::HardSigmoid,
        Activation::HardTanh,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Selu,
        Activation::Softplus,
        Activation::Silu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Softmax,
    ];

    /// The name of the type, such as `LeakyRelu`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Activation::Identity => "Identity",
            Activation::Relu => "Relu",
            Activation::LeakyRelu { .. } => "LeakyRelu",
            Activation::HardSigmoid => "HardSigmoid",
            Activation::HardTanh => "HardTanh",
            Activation::Sigmoid => "Sigmoid",
            Activation::Tanh => "Tanh",
            Activation::Elu { .. } => "Elu",
            Activation::Selu => "Selu",
            Activation::Softplus => "Softplus",
            Activation::Silu => "Silu",
            Activation::Gelu => "Gelu",
            Activation::GeluTanh => "GeluTanh",
            Activation::Softmax => "Softmax",
        }
    }

    /// The activation of this name, with this parameter if it is given, otherwise with stackprop's default. Upper and lower
    /// case are the same, and underscores are ignored: `leaky_relu` is `LeakyRelu`.
    #[must_use]
    pub fn named(name: &str, parameter: Option<u32>) -> Option<Self> {
        let lower = name.replace('_', "").to_lowercase();
        match (lower.as_str(), parameter) {
            ("leakyrelu", _) => Some(Activation::LeakyRelu { permille: parameter.unwrap_or(10) }),
            ("elu", _) => Some(Activation::Elu { permille: parameter.unwrap_or(1000) }),
            (_, None) => Self::PLAIN.into_iter().find(|activation| activation.name().to_lowercase() == lower),
            _ => None,
        }
    }
}

/// Why a text is not the type of a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the type: found {found}, expected {expected}")]
pub struct TypeError {
    /// The place in the text.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

/// Parses the text that [`Model`]'s `Display` writes. The parameters are zero. There are at most `limit` of them, and at
/// most as many inputs, because a network is evaluated with as many numbers, which need not be in the file.
///
/// # Errors
///
/// The first place where the text is not such a type, or where `limit` is exceeded. Whether the widths chain is for
/// [`Model::check`].
pub fn parse_type(text: &str, limit: usize) -> Result<Model, TypeError> {
    let mut parser = Parser { text, at: 0, limit };
    parser.token("Network")?;
    parser.token("<")?;
    let inputs = parser.number()?;
    if inputs > limit {
        return Err(parser.expected("fewer inputs"));
    }
    parser.token(",")?;
    parser.token("Chain!")?;
    parser.token("[")?;
    let mut layers = vec![];
    loop {
        layers.push(parser.layer()?);
        if parser.token(",").is_err() {
            break;
        }
    }
    parser.token("]")?;
    parser.token(">")?;
    if parser.rest().is_empty() { Ok(Model { inputs, layers }) } else { Err(parser.expected("the end")) }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// How many parameters may still be allocated.
    limit: usize,
}

impl<'t> Parser<'t> {
    fn rest(&mut self) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn expected(&mut self, expected: &'static str) -> TypeError {
        let found: String = self.rest().chars().take(12).collect();
        let found = if found.is_empty() { "the end".into() } else { format!("`{found}`") };
        TypeError { at: self.at, found, expected }
    }

    fn token(&mut self, token: &'static str) -> Result<(), TypeError> {
        if self.rest().starts_with(token) {
            self.at += token.len();
            Ok(())
        } else {
            Err(self.expected(token))
        }
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = rest.find(|c| !accept(c)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    fn number(&mut self) -> Result<usize, TypeError> {
        let start = self.at;
        self.take(|c| c.is_ascii_digit()).parse().map_err(|_| {
            self.at = start;
            self.expected("a number")
        })
    }

    /// `count` zeros.
    fn zeros(&mut self, count: Option<usize>) -> Result<Vec<f64>, TypeError> {
        match count.and_then(|count| Some((count, self.limit.checked_sub(count)?))) {
            Some((count, limit)) => {
                self.limit = limit;
                Ok(vec![0.0; count])
            }
            None => Err(self.expected("fewer parameters")),
        }
    }

    fn layer(&mut self) -> Result<Layer, TypeError> {
        let start = self.at;
        let name = self.take(|c| c.is_alphanumeric());
        self.token("<")?;
        let first = self.number()?;
        let layer = match name {
            "Dense" => self.dense(first)?,
            "BatchNorm" => Layer::BatchNorm {
                gain: self.zeros(Some(first))?,
                shift: self.zeros(Some(first))?,
                mean: self.zeros(Some(first))?,
                variance: self.zeros(Some(first))?,
                count: 0,
            },
            "Standardize" => Layer::Standardize {
                mean: self.zeros(Some(first))?,
                variance: self.zeros(Some(first))?,
                count: 0,
            },
            "LayerNorm" => {
                Layer::LayerNorm { gain: self.zeros(Some(first))?, shift: self.zeros(Some(first))? }
            }
            "PRelu" => {
                let slopes = if self.token(",").is_ok() { self.number()? } else { 1 };
                Layer::PRelu { slope: self.zeros(Some(slopes))? }
            }
            _ => {
                self.at = start;
                return Err(self.expected("Dense, BatchNorm, Standardize, LayerNorm or PRelu"));
            }
        };
        self.token(">")?;
        Ok(layer)
    }

    /// The rest of `Dense<4, 8, Relu`.
    fn dense(&mut self, inputs: usize) -> Result<Layer, TypeError> {
        self.token(",")?;
        let outputs = self.number()?;
        let activation = if self.token(",").is_ok() { self.activation()? } else { Activation::Identity };
        let weights = self.zeros(inputs.checked_mul(outputs))?;
        Ok(Layer::Dense { inputs, outputs, weights, biases: self.zeros(Some(outputs))?, activation })
    }

    fn activation(&mut self) -> Result<Activation, TypeError> {
        let start = self.at;
        let name = self.take(|c| c.is_alphanumeric());
        let parameter = match self.token("<") {
            Ok(()) => {
                let number = self.number()?;
                self.token(">")?;
                u32::try_from(number).ok()
            }
            Err(_) => None,
        };
        Activation::named(name, parameter).ok_or_else(|| {
            self.at = start;
            self.expected("an activation")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: &str = "Network<3, Chain![Standardize<3>, Dense<3, 4, LeakyRelu<200>>, BatchNorm<4>, PRelu<4>, \
         PRelu<4, 4>, LayerNorm<4>, Dense<4, 4, Elu<500>>, Dense<4, 2>]>";

    #[test]
    fn text_and_back() {
        let model = parse_type(EVERY, 1000).unwrap();
        model.check().unwrap();
        assert_eq!(model.to_string(), EVERY);
        for activation in Activation::PLAIN {
            assert_eq!(Activation::named(&activation.to_string(), None), Some(activation));
        }
    }

    #[test]
    fn defaults_and_spaces() {
        let model = parse_type(" Network < 1,Chain![Dense<1,1,LeakyRelu>]>", 2).unwrap();
        assert_eq!(model.to_string(), "Network<1, Chain![Dense<1, 1, LeakyRelu<10>>]>");
    }

    #[test]
    fn what_is_wrong() {
        for (text, message) in [
            ("", "at character 0 of the type: found the end, expected Network"),
            (
                "Network<1, Chain![Conv<1>]>",
                "at character 18 of the type: found `Conv<1>]>`, expected Dense, BatchNorm, Standardize, LayerNorm or PRelu",
            ),
            (
                "Network<1, Chain![Dense<1, 1, Square>]>",
                "at character 30 of the type: found `Square>]>`, expected an activation",
            ),
            ("Network<1, Chain![PRelu<1>]> x", "at character 29 of the type: found `x`, expected the end"),
        ] {
            assert_eq!(parse_type(text, 10).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_type_does_not_allocate_more_than_the_limit() {
        for text in [
            "Network<1, Chain![Dense<18446744073709551615, 2>]>",
            "Network<1, Chain![LayerNorm<6>]>",
            "Network<1, Chain![Dense<3, 3>]>",
        ] {
            assert_eq!(parse_type(text, 11).unwrap_err().expected, "fewer parameters", "{text}");
        }
        // Of any width, with one parameter.
        let text = "Network<4000000000, Chain![PRelu<4000000000>]>";
        assert_eq!(parse_type(text, 11).unwrap_err().expected, "fewer inputs");
    }
}
