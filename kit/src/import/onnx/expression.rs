//! Functions of one number as graphs write them, and which of stackprop's activations they are.
//!
//! Exporters write GELU in half a dozen ways, SiLU as `x * Sigmoid(x)`, softplus as `Log(Exp(x) + 1)`. None of these forms is
//! matched node by node. The operators between two layers are kept as an expression, and an expression is an activation if
//! it has that activation's values.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::recognize::{probes, recognize, recognize_row};
use crate::import::assemble::{Kind, Scale};

/// The place of an expression in [`Expressions`].
pub type Id = usize;

/// What an expression is computed from.
#[derive(Clone)]
pub enum Operand {
    Expression(Id),
    /// One number for all neurons, or one for each.
    Constant(Rc<[f64]>),
}

/// A function of its operands.
type Function = Rc<dyn Fn(&[f64]) -> f64>;

/// How an expression is computed.
#[derive(Clone)]
pub enum Operation {
    /// The output of a layer.
    Start,
    Add,
    Sub,
    Mul,
    Div,
    /// One number from all neurons: their mean, sum or maximum.
    Reduce(fn(&[f64]) -> f64),
    /// Any other function of its operands.
    Function(Function),
}

impl Operation {
    pub fn value(&self, x: &[f64]) -> f64 {
        match (self, x) {
            (Operation::Add, [a, b]) => a + b,
            (Operation::Sub, [a, b]) => a - b,
            (Operation::Mul, [a, b]) => a * b,
            (Operation::Div, [a, b]) => a / b,
            (Operation::Function(function), x) => function(x),
            _ => f64::NAN,
        }
    }
}

/// An elementwise function of the output of a layer.
pub struct Expression {
    pub operation: Operation,
    pub operands: Vec<Operand>,
    /// The layer of whose output this is a function.
    pub stem: usize,
    /// The node that computes it, for messages.
    pub node: String,
}

/// All expressions of a graph. Each one's operands come before it.
#[derive(Default)]
pub struct Expressions(Vec<Expression>);

/// How many nodes an activation may have. GELU with tanh has nine.
const MAX_NODES: usize = 40;

/// How many intermediate results with nothing beside them an activation may have. `Log(Exp(x) + 1)` has two.
const MAX_CUTS: usize = 12;

/// How many neurons an activation with constants for each may have: each is sampled at some 170 places.
const MAX_NEURONS: usize = 1 << 14;

/// How many intermediate results with nothing beside them there may be between two layers.
const MAX_STEPS: usize = 100;

/// Expressions between two cuts that are a step.
#[derive(Clone)]
struct Piece {
    /// How many steps lead from the start to its end.
    steps: usize,
    /// The number of the cut before it.
    from: usize,
    names: String,
    kinds: Vec<Kind>,
}

impl Expressions {
    pub fn push(&mut self, expression: Expression) -> Id {
        self.0.push(expression);
        self.0.len() - 1
    }

    pub fn get(&self, id: Id) -> Option<&Expression> {
        self.0.get(id)
    }

    /// The steps from the output of a layer to an expression of it: as few as possible. The error names the nodes that are no
    /// step.
    pub fn steps(&self, root: Id) -> Result<Vec<(String, Kind)>, String> {
        let cuts = self.cuts(root);
        // For each cut: the best way to reach it, if it was found.
        let mut pieces: Vec<Option<Piece>> = vec![None; cuts.len()];
        let mut end = 0;
        for to in (1..cuts.len()).take(MAX_STEPS) {
            let best = self.best_piece(&cuts, &pieces, to);
            if best.is_some() {
                end = to;
            }
            if let Some(place) = pieces.get_mut(to) {
                *place = best;
            }
        }
        if let (Some(from), Some(to)) = (cuts.get(end), cuts.get(end + 1)) {
            return Err(self.names(&self.between(*from, *to).unwrap_or_else(|| vec![*to])));
        }
        let mut reversed = vec![];
        while let Some(piece) = pieces.get_mut(end).and_then(Option::take) {
            reversed.extend(piece.kinds.into_iter().rev().map(|kind| (piece.names.clone(), kind)));
            end = piece.from;
        }
        reversed.reverse();
        Ok(reversed)
    }

    /// The last piece of the way to cut `to` that has the fewest steps.
    fn best_piece(&self, cuts: &[Id], pieces: &[Option<Piece>], to: usize) -> Option<Piece> {
        let mut best: Option<Piece> = None;
        // The shortest piece first: of `relu(2 x)`, the 2 is to be folded into the layer below.
        for from in (to.saturating_sub(MAX_CUTS)..to).rev() {
            let before = match pieces.get(from) {
                _ if from == 0 => 0,
                Some(Some(piece)) => piece.steps,
                _ => continue,
            };
            let (start, end) = (*cuts.get(from)?, *cuts.get(to)?);
            let Some(nodes) = self.between(start, end) else { break };
            let Some(kinds) = self.recognize(start, &nodes) else { continue };
            let steps = before + kinds.len();
            if best.as_ref().is_none_or(|best| steps < best.steps) {
                best = Some(Piece { steps, from, names: self.names(&nodes), kinds });
            }
        }
        best
    }

    /// The expressions through which all paths from the layer's output to `root` lead, in this order, both ends included.
    fn cuts(&self, root: Id) -> Vec<Id> {
        let (mut open, mut cuts) = (BTreeSet::from([root]), vec![]);
        while let Some(id) = open.pop_last() {
            if open.is_empty() {
                cuts.push(id);
            }
            open.extend(self.operands(id));
        }
        cuts.reverse();
        cuts
    }

    /// The expressions that `id` is computed from.
    fn operands(&self, id: Id) -> impl Iterator<Item = Id> {
        let operands = self.get(id).map(|e| &e.operands[..]).unwrap_or_default();
        operands.iter().filter_map(|operand| match operand {
            Operand::Expression(id) => Some(*id),
            Operand::Constant(_) => None,
        })
    }

    /// The expressions after `from` that `to` is computed from, and `to`, in this order; `None` if they are too many.
    fn between(&self, from: Id, to: Id) -> Option<Vec<Id>> {
        let (mut nodes, mut open) = (vec![], BTreeSet::from([to]));
        while let Some(id) = open.pop_last().filter(|id| *id > from) {
            nodes.push(id);
            open.extend(self.operands(id));
            if nodes.len() > MAX_NODES {
                return None;
            }
        }
        nodes.reverse();
        Some(nodes)
    }

    /// The names of nodes, for messages.
    fn names(&self, nodes: &[Id]) -> String {
        let mut names: Vec<&str> =
            nodes.iter().filter_map(|id| self.get(*id)).map(|expression| expression.node.as_str()).collect();
        // (A BatchNormalization is several expressions.)
        names.dedup();
        match names[..] {
            [first, .., last] if names.len() > 3 => format!("{first} to {last} ({} nodes)", names.len()),
            _ => names.join(", "),
        }
    }

    /// The steps from `from` to the last of `nodes`.
    fn recognize(&self, from: Id, nodes: &[Id]) -> Option<Vec<Kind>> {
        let reduces =
            |id: &Id| matches!(self.get(*id), Some(Expression { operation: Operation::Reduce(_), .. }));
        if nodes.iter().any(reduces) {
            return recognize_row(|row| self.evaluate(from, nodes, row));
        }
        if let Some(scale) = self.scale(from, nodes) {
            return Some(vec![Kind::Scale(scale)]);
        }
        if self.neurons(nodes) > MAX_NEURONS {
            return None;
        }
        let samples: Option<Vec<(f64, Vec<f64>)>> =
            probes().map(|x| Some((x, self.evaluate(from, nodes, &[x])?))).collect();
        recognize(&samples?)
    }

    /// For how many neurons there are constants.
    fn neurons(&self, nodes: &[Id]) -> usize {
        let operands =
            nodes.iter().filter_map(|id| self.get(*id)).flat_map(|expression| &expression.operands);
        let lengths = operands.map(|operand| match operand {
            Operand::Expression(_) => 1,
            Operand::Constant(constant) => constant.len(),
        });
        lengths.max().unwrap_or(1)
    }

    /// The values of the last of `nodes`, if `from` has the values `x`: one number for all, or one for each.
    fn evaluate(&self, from: Id, nodes: &[Id], x: &[f64]) -> Option<Vec<f64>> {
        let mut values: BTreeMap<Id, Rc<[f64]>> = BTreeMap::from([(from, x.into())]);
        for id in nodes {
            let expression = self.get(*id)?;
            let operands: Option<Vec<Rc<[f64]>>> = expression
                .operands
                .iter()
                .map(|operand| match operand {
                    Operand::Expression(id) => values.get(id).cloned(),
                    Operand::Constant(constant) => Some(Rc::clone(constant)),
                })
                .collect();
            values.insert(*id, each(&expression.operation, &operands?).into());
        }
        values.get(nodes.last()?).map(|last| last.to_vec())
    }

    /// The last of `nodes` as a scale and shift of `from`, if it is.
    fn scale(&self, from: Id, nodes: &[Id]) -> Option<Scale> {
        let mut scales = BTreeMap::from([(from, Scale { scale: vec![1.0], shift: vec![0.0] })]);
        for id in nodes {
            let expression = self.get(*id)?;
            let [a, b] = &expression.operands[..] else { return None };
            let operand = |operand: &Operand| match operand {
                Operand::Expression(id) => scales.get(id).cloned(),
                Operand::Constant(c) => Some(Scale { scale: vec![0.0], shift: c.to_vec() }),
            };
            let constant = |operand: &Operand| matches!(operand, Operand::Constant(_));
            let (first, second) = (operand(a)?, operand(b)?);
            let both = |x: &[f64], y: &[f64]| zip(&expression.operation, x, y);
            let scaled = match expression.operation {
                Operation::Add | Operation::Sub => Scale {
                    scale: both(&first.scale, &second.scale),
                    shift: both(&first.shift, &second.shift),
                },
                Operation::Mul if constant(a) => Scale {
                    scale: both(&first.shift, &second.scale),
                    shift: both(&first.shift, &second.shift),
                },
                Operation::Mul | Operation::Div if constant(b) => Scale {
                    scale: both(&first.scale, &second.shift),
                    shift: both(&first.shift, &second.shift),
                },
                _ => return None,
            };
            scales.insert(*id, scaled);
        }
        scales.remove(nodes.last()?)
    }
}

/// An operation on two vectors, of which one may be a number for all.
fn zip(operation: &Operation, a: &[f64], b: &[f64]) -> Vec<f64> {
    let length = a.len().max(b.len());
    a.iter().cycle().zip(b.iter().cycle()).take(length).map(|(a, b)| operation.value(&[*a, *b])).collect()
}

/// An operation on any number of vectors, each of which may be a number for all.
pub fn each(operation: &Operation, operands: &[Rc<[f64]>]) -> Vec<f64> {
    if let Operation::Reduce(reduce) = operation {
        return operands.iter().map(|operand| reduce(operand)).collect();
    }
    let length = operands.iter().map(|operand| operand.len()).max().unwrap_or(0);
    let mut arguments = vec![];
    (0..length)
        .map(|place| {
            arguments.clear();
            let element =
                |operand: &Rc<[f64]>| operand.get(place).or(operand.first()).copied().unwrap_or(f64::NAN);
            arguments.extend(operands.iter().map(element));
            operation.value(&arguments)
        })
        .collect()
}
