//! The elementwise operators of ONNX, by their definitions.

use std::rc::Rc;

use rten_onnx::onnx::NodeProto;

use super::expression::Operation;
use super::graph::{attribute, float, operator};

/// A function of one number.
pub fn one(function: impl Fn(f64) -> f64 + 'static) -> Operation {
    Operation::Function(Rc::new(move |x| if let [x] = x { function(*x) } else { f64::NAN }))
}

/// A function of two numbers.
fn two(function: impl Fn(f64, f64) -> f64 + 'static) -> Operation {
    Operation::Function(Rc::new(move |x| if let [a, b] = x { function(*a, *b) } else { f64::NAN }))
}

/// A condition on two numbers: 1 or 0.
fn condition(condition: impl Fn(&f64, &f64) -> bool + 'static) -> Operation {
    two(move |a, b| f64::from(condition(&a, &b)))
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `1 / (1 + e^-x)`
pub fn logistic() -> Operation {
    one(sigmoid)
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn elu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

fn gelu(x: f64) -> f64 {
    0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

fn gelu_tanh(x: f64) -> f64 {
    0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
}

/// The function of a node, or `None` if its operator is not elementwise.
pub fn of(node: &NodeProto) -> Option<Operation> {
    let alpha = |default| float(node, "alpha", default);
    Some(match operator(node) {
        "Add" => Operation::Add,
        "Sub" => Operation::Sub,
        "Mul" => Operation::Mul,
        "Div" => Operation::Div,
        "Pow" => two(f64::powf),
        "Max" => Operation::Function(Rc::new(|x| x.iter().copied().fold(f64::NEG_INFINITY, f64::max))),
        "Min" => Operation::Function(Rc::new(|x| x.iter().copied().fold(f64::INFINITY, f64::min))),
        "Greater" => condition(f64::gt),
        "GreaterOrEqual" => condition(f64::ge),
        "Less" => condition(f64::lt),
        "LessOrEqual" => condition(f64::le),
        "Where" => Operation::Function(Rc::new(|x| match x {
            [condition, a, b] => {
                if *condition != 0.0 {
                    *a
                } else {
                    *b
                }
            }
            _ => f64::NAN,
        })),
        "PRelu" => two(|x, slope| if x < 0.0 { slope * x } else { x }),
        "Neg" => one(|x| -x),
        "Abs" => one(f64::abs),
        "Exp" => one(f64::exp),
        "Log" => one(f64::ln),
        "Sqrt" => one(f64::sqrt),
        "Reciprocal" => one(f64::recip),
        "Erf" => one(libm::erf),
        "Erfc" => one(libm::erfc),
        "Relu" => one(|x| x.max(0.0)),
        "Sigmoid" => one(sigmoid),
        "Tanh" => one(f64::tanh),
        "Softplus" => one(softplus),
        "Softsign" => one(|x| x / (1.0 + x.abs())),
        "Mish" => one(|x| x * softplus(x).tanh()),
        "HardSwish" => one(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "Gelu" => {
            let approximate = attribute(node, "approximate").and_then(|a| a.s.as_deref());
            if approximate == Some("tanh") { one(gelu_tanh) } else { one(gelu) }
        }
        "LeakyRelu" => {
            let slope = alpha(0.01);
            one(move |x| if x > 0.0 { x } else { slope * x })
        }
        "ThresholdedRelu" => {
            let threshold = alpha(1.0);
            one(move |x| if x > threshold { x } else { 0.0 })
        }
        "Elu" => {
            let alpha = alpha(1.0);
            one(move |x| elu(x, alpha))
        }
        "Celu" => {
            let alpha = alpha(1.0);
            one(move |x| x.max(0.0) + elu(x.min(0.0) / alpha, alpha))
        }
        "Selu" => {
            // The defaults of the operator, in f32.
            let (alpha, gamma) =
                (alpha(1.673_263_192_176_818_8), float(node, "gamma", 1.050_701_022_148_132_3));
            one(move |x| gamma * elu(x, alpha))
        }
        "Swish" => {
            let alpha = alpha(1.0);
            one(move |x| x * sigmoid(alpha * x))
        }
        "HardSigmoid" => {
            let (alpha, beta) = (alpha(0.2), float(node, "beta", 0.5));
            one(move |x| (alpha * x + beta).clamp(0.0, 1.0))
        }
        _ => return None,
    })
}
