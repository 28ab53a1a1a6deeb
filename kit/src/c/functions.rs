//! The C functions that a network may need: stackprop's elementary functions and activations, operation by operation.
//!
//! Each is a translation of a file in `src/math` or `src/activation` of stackprop, which has its derivation.
//! `tests/c.rs` compares them, bit by bit.

/// A piece of C source, and the pieces that have to come before it.
pub(super) struct Function {
    needs: &'static [&'static Function],
    text: &'static str,
}

macro_rules! functions {
    ($($name:ident: $file:literal [$($need:ident),*])*) => {
        $(pub(super) static $name: Function =
            Function { needs: &[$(&$need),*], text: include_str!(concat!("functions/", $file, ".c")) };)*
    };
}

functions! {
    TO_BITS: "to_bits" []
    FROM_BITS: "from_bits" []
    FUSED: "fused" []
    AT_MOST: "at_most" []
    AT_LEAST: "at_least" []
    CONSTANTS: "constants" []
    POWER: "power" [TO_BITS, FROM_BITS]
    EXP_POLYNOMIAL: "exp_polynomial" [FUSED]
    REDUCE: "reduce" [CONSTANTS, FUSED, AT_MOST, AT_LEAST]
    EXP: "exp" [TO_BITS, FROM_BITS, REDUCE, EXP_POLYNOMIAL]
    EXP_M1: "exp_m1" [REDUCE, POWER, EXP_POLYNOMIAL]
    LN_1P: "ln_1p" [TO_BITS, FROM_BITS, CONSTANTS, FUSED]
    TANH: "tanh" [CONSTANTS, FUSED, AT_MOST, POWER]
    SIGMOID: "sigmoid" [REDUCE, POWER, EXP_POLYNOMIAL]
    GELU: "gelu" [CONSTANTS, FUSED, AT_MOST, AT_LEAST, POWER, EXP_POLYNOMIAL]
    RELU: "relu" [AT_LEAST]
    LEAKY_RELU: "leaky_relu" []
    HARD_SIGMOID: "hard_sigmoid" [AT_MOST, AT_LEAST]
    HARD_TANH: "hard_tanh" [AT_MOST, AT_LEAST]
    ELU: "elu" [EXP_M1]
    SELU: "selu" [EXP_M1]
    SOFTPLUS: "softplus" [EXP, LN_1P]
    SILU: "silu" [SIGMOID]
    GELU_TANH: "gelu_tanh" [SIGMOID]
    SOFTMAX: "softmax" [EXP]
    NORMALIZE: "normalize" []
    CHECKS: "checks" [TO_BITS, FUSED]
}

/// Functions in an order in which C accepts them, each once.
#[derive(Default)]
pub(super) struct Functions(Vec<&'static Function>);

impl Functions {
    /// Adds a function after those that it needs.
    pub(super) fn add(&mut self, function: &'static Function) {
        if self.0.iter().any(|present| std::ptr::eq(*present, function)) {
            return;
        }
        for need in function.needs {
            self.add(need);
        }
        self.0.push(function);
    }

    /// The source text of each function.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|function| function.text)
    }
}
