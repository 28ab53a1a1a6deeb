//! A `state_dict` of PyTorch: its modules, told by the names and shapes of their tensors.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Display;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{Options, SafetensorsError, real_numbers};
use crate::import::Imported;
use crate::import::assemble::{Kind, Scale, Step, assemble};
use crate::model::{Activation, Layer, transpose};

/// A module with its tensors, by their fields.
struct Module<'f> {
    name: String,
    tensors: BTreeMap<String, TensorView<'f>>,
}

/// What a module is.
enum Part {
    Linear(Kind),
    Norm(Kind),
    PRelu(Kind),
}

pub fn import(file: &SafeTensors<'_>, options: &Options) -> Result<Imported, SafetensorsError> {
    let all = modules(file);
    let mut notes = vec![];
    let chosen = match &options.modules {
        Some(names) => choose(all, names, &mut notes)?,
        None => {
            notes.extend(note_of_order(&all));
            all
        }
    };
    let part = |module: &Module<'_>| module.part().map(|part| (module.label(), part));
    let parts = chosen.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let inputs = check_widths(&parts)?;
    let steps = activate(parts, options.activations.as_deref().unwrap_or_default(), &mut notes)?;
    Ok(assemble(inputs, steps, notes)?)
}

/// The modules in the order of their names.
fn modules<'f>(file: &SafeTensors<'f>) -> Vec<Module<'f>> {
    let mut modules: BTreeMap<String, BTreeMap<String, TensorView<'f>>> = BTreeMap::new();
    for (name, tensor) in file.tensors() {
        let (module, field) = name.rsplit_once('.').unwrap_or(("", &name));
        modules.entry(module.into()).or_default().insert(field.into(), tensor);
    }
    let mut modules: Vec<_> = modules.into_iter().map(|(name, tensors)| Module { name, tensors }).collect();
    modules.sort_by(|a, b| natural_order(&a.name, &b.name));
    modules
}

/// The order of names in which `net.10` comes after `net.9`.
fn natural_order(a: &str, b: &str) -> Ordering {
    fn split(text: &str) -> (&str, &str, &str) {
        let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (before, rest) = text.split_at_checked(digits).unwrap_or((text, ""));
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        (before, number, after)
    }
    let (mut a, mut b) = (a, b);
    loop {
        let ((a_text, a_number, a_rest), (b_text, b_number, b_rest)) = (split(a), split(b));
        let numbers = || {
            let (a, b) = (a_number.trim_start_matches('0'), b_number.trim_start_matches('0'));
            a.len().cmp(&b.len()).then(a.cmp(b))
        };
        let order = a_text.cmp(b_text).then_with(numbers);
        if order != Ordering::Equal || (a_rest.is_empty() && b_rest.is_empty()) {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
}

/// What to tell of modules whose order is not certain: their names differ in more than numbers.
fn note_of_order(modules: &[Module<'_>]) -> Option<String> {
    let text = |module: &Module<'_>| module.name.replace(|c: char| c.is_ascii_digit(), "");
    let differ = modules.windows(2).any(|pair| matches!(pair, [a, b] if text(a) != text(b)));
    let names = list(modules.iter().map(Module::label));
    differ.then(|| format!("took the modules in the order {names}: `--modules` gives another"))
}

fn list<S: Display>(names: impl Iterator<Item = S>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The modules of these names, in this order.
fn choose<'f>(
    mut modules: Vec<Module<'f>>,
    names: &[String],
    notes: &mut Vec<String>,
) -> Result<Vec<Module<'f>>, SafetensorsError> {
    let all = list(modules.iter().map(Module::label));
    let chosen = names
        .iter()
        .map(|name| match modules.iter().position(|module| module.name == *name) {
            Some(place) => Ok(modules.remove(place)),
            None => Err(SafetensorsError::NoModule { module: name.clone(), modules: all.clone() }),
        })
        .collect();
    if !modules.is_empty() {
        notes.push(format!("left out the modules {}", list(modules.iter().map(Module::label))));
    }
    chosen
}

impl Module<'_> {
    /// The name; of the module that has the tensors without one, the names of these.
    fn label(&self) -> String {
        match self.name.as_str() {
            "" => self.tensors.keys().map(String::as_str).collect::<Vec<_>>().join("`, `"),
            name => name.into(),
        }
    }

    fn tensor_name(&self, field: &str) -> String {
        if self.name.is_empty() { field.into() } else { format!("{}.{field}", self.name) }
    }

    fn part(&self) -> Result<Part, SafetensorsError> {
        let fields: Vec<&str> = self.tensors.keys().map(String::as_str).collect();
        let weight = self.tensors.get("weight").map(TensorView::shape);
        match (&fields[..], weight) {
            (["bias", "weight"] | ["weight"], Some(&[outputs, inputs])) => self.linear(inputs, outputs),
            (["bias", "weight"], Some(&[width])) => Ok(Part::Norm(Kind::Layer(Layer::LayerNorm {
                gain: self.vector("weight", width)?,
                shift: self.vector("bias", width)?,
            }))),
            (["weight"], Some(&[width])) => {
                Ok(Part::PRelu(Kind::Layer(Layer::PRelu { slope: self.vector("weight", width)? })))
            }
            (["mean", "num_batches_tracked", "variance"], None) => self.standardize(),
            (fields, _) if fields.contains(&"running_mean") && fields.contains(&"running_var") => {
                self.batch_norm()
            }
            _ => {
                let tensor =
                    |(field, tensor): (&String, &TensorView)| format!("`{field}` {:?}", tensor.shape());
                let tensors = self.tensors.iter().map(tensor).collect::<Vec<_>>().join(", ");
                Err(SafetensorsError::Module { module: self.name.clone(), tensors })
            }
        }
    }

    /// A tensor of this shape.
    fn values(&self, field: &str, shape: &[usize]) -> Result<Vec<f64>, SafetensorsError> {
        let name = self.tensor_name(field);
        let Some(tensor) = self.tensors.get(field) else {
            return Err(SafetensorsError::Missing { tensor: name });
        };
        if tensor.shape() != shape {
            let (found, needed) = (tensor.shape().to_vec(), shape.to_vec());
            return Err(SafetensorsError::Shape { tensor: name, found, needed });
        }
        real_numbers(&name, tensor)
    }

    fn vector(&self, field: &str, width: usize) -> Result<Vec<f64>, SafetensorsError> {
        self.values(field, &[width])
    }

    fn linear(&self, inputs: usize, outputs: usize) -> Result<Part, SafetensorsError> {
        let weights = transpose(&self.values("weight", &[outputs, inputs])?, inputs);
        // An empty matrix may have any number of outputs, which no numbers back.
        let biases = match self.tensors.contains_key("bias") {
            true => self.vector("bias", outputs)?,
            false if weights.is_empty() => vec![],
            false => vec![0.0; outputs],
        };
        Ok(Part::Linear(Kind::Affine { inputs, outputs, weights, biases }))
    }

    /// `gain (x - mean) / sqrt(variance + 1e-5) + shift`
    fn batch_norm(&self) -> Result<Part, SafetensorsError> {
        let width = self.tensors.get("running_mean").map_or(0, |tensor| tensor.shape().iter().product());
        let (mean, variance) = (self.vector("running_mean", width)?, self.vector("running_var", width)?);
        let mut scale: Vec<f64> = variance.iter().map(|v| 1.0 / (v + 1e-5).sqrt()).collect();
        if self.tensors.contains_key("weight") {
            scale.iter_mut().zip(self.vector("weight", width)?).for_each(|(s, w)| *s *= w);
        }
        let mut shift: Vec<f64> = mean.iter().zip(&scale).map(|(m, s)| -m * s).collect();
        if self.tensors.contains_key("bias") {
            shift.iter_mut().zip(self.vector("bias", width)?).for_each(|(t, b)| *t += b);
        }
        Ok(Part::Norm(Kind::Scale(Scale { scale, shift })))
    }

    fn standardize(&self) -> Result<Part, SafetensorsError> {
        let width = self.tensors.get("mean").map_or(0, |tensor| tensor.shape().iter().product());
        let count = match self.tensors.get("num_batches_tracked") {
            Some(tensor) => count(&self.tensor_name("num_batches_tracked"), tensor)?,
            None => 0,
        };
        let (mean, variance) = (self.vector("mean", width)?, self.vector("variance", width)?);
        Ok(Part::Norm(Kind::Layer(Layer::Standardize { mean, variance, count })))
    }
}

/// A number of samples: I64, without dimensions.
pub fn count(name: &str, tensor: &TensorView<'_>) -> Result<u64, SafetensorsError> {
    let integer = <[u8; 8]>::try_from(tensor.data()).map(i64::from_le_bytes);
    match (tensor.dtype(), integer) {
        (Dtype::I64, Ok(count)) => u64::try_from(count)
            .map_err(|_| SafetensorsError::NegativeCount { tensor: name.into(), found: count }),
        (found, _) => Err(SafetensorsError::Count {
            tensor: name.into(),
            found: found.to_string(),
            shape: tensor.shape().to_vec(),
        }),
    }
}

/// Checks that the widths chain, and returns the number of inputs.
fn check_widths(parts: &[(String, Part)]) -> Result<usize, SafetensorsError> {
    let mut width: Option<usize> = None;
    let mut first = None;
    for (module, part) in parts {
        let (needed, outputs) = match part {
            Part::Linear(Kind::Affine { inputs, outputs, .. }) => (*inputs, *outputs),
            Part::Norm(Kind::Scale(Scale { scale, .. })) => (scale.len(), scale.len()),
            Part::Norm(Kind::Layer(
                Layer::Standardize { mean: one, .. } | Layer::LayerNorm { gain: one, .. },
            )) => (one.len(), one.len()),
            _ => continue,
        };
        first = first.or(Some(needed));
        if let Some(found) = width.filter(|found| *found != needed) {
            let modules = list(parts.iter().map(|(name, _)| name.as_str()));
            return Err(SafetensorsError::Order { module: module.clone(), found, needed, modules });
        }
        width = Some(outputs);
    }
    match first {
        Some(inputs) if parts.iter().any(|(_, part)| matches!(part, Part::Linear(_))) => Ok(inputs),
        _ => Err(SafetensorsError::NoLayers),
    }
}

/// The activation of this name; `None` for `prelu`, which is a module.
pub fn activation(name: &str) -> Result<Option<Activation>, SafetensorsError> {
    let (plain, parameter) = match name.split_once('<') {
        Some((plain, rest)) => {
            (plain, rest.strip_suffix('>').and_then(|number| number.parse().ok()).or(Some(0)))
        }
        None => (name, None),
    };
    if plain.eq_ignore_ascii_case("prelu") {
        return Ok(None);
    }
    Activation::named(plain, parameter).map(Some).ok_or_else(|| {
        let plain = Activation::PLAIN.iter().map(|activation| activation.name());
        let known: Vec<&str> = plain.chain(["LeakyRelu<10>", "Elu<1000>", "PRelu"]).collect();
        SafetensorsError::NoActivation { name: name.into(), known: known.join(", ") }
    })
}

/// The steps of the modules, with the activation of each linear layer in its place.
fn activate(
    parts: Vec<(String, Part)>,
    names: &[String],
    notes: &mut Vec<String>,
) -> Result<Vec<Step>, SafetensorsError> {
    let linear = parts.iter().filter(|(_, part)| matches!(part, Part::Linear(_))).count();
    if names.len() != linear && names.len() + 1 != linear {
        return Err(SafetensorsError::Activations { found: names.len(), linear });
    }
    let activations: Result<Vec<_>, _> = names.iter().map(|name| activation(name)).collect();
    let mut activations = activations?.into_iter();
    let starts: Vec<usize> =
        (0..parts.len()).filter(|place| matches!(parts.get(*place), Some((_, Part::Linear(_))))).collect();
    let mut places = BTreeMap::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(parts.len());
        let given = activations.next();
        if let Some(given) = given {
            check_given(given, parts.get(*start..end).unwrap_or_default())?;
        }
        if let Some(activation) = given.flatten() {
            places.insert(place(&parts, *start, end, notes), activation);
        }
    }
    let mut steps = vec![];
    for (number, (name, part)) in parts.into_iter().enumerate() {
        if matches!(&part, Part::Norm(Kind::Scale(_))) {
            notes.push(format!(
                "`{name}` is a BatchNorm1d; its epsilon is not in the file, and is taken to be 1e-5"
            ));
        }
        let (Part::Linear(kind) | Part::Norm(kind) | Part::PRelu(kind)) = part;
        if let Kind::Layer(Layer::PRelu { slope }) = &kind {
            check_slopes(&name, slope.len(), &steps)?;
        }
        steps.push(Step { name: format!("module `{name}`"), kind });
        if let Some(activation) = places.get(&number) {
            steps.push(Step {
                name: format!("{activation} after `{name}`"),
                kind: Kind::Activation(*activation),
            });
        }
    }
    Ok(steps)
}

/// `prelu` is given for exactly the linear layers that have slopes after them, before the next linear layer.
fn check_given(given: Option<Activation>, parts: &[(String, Part)]) -> Result<(), SafetensorsError> {
    let module = parts.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let slopes = parts.iter().find(|(_, part)| matches!(part, Part::PRelu(_)));
    match (given, slopes) {
        (None, None) => Err(SafetensorsError::NoSlopes { module }),
        (Some(given), Some((slopes, _))) => {
            Err(SafetensorsError::Slopes { slopes: slopes.clone(), module, given: given.to_string() })
        }
        _ => Ok(()),
    }
}

/// The module of `start..end` after which the activation stands: where the numbers of an `nn.Sequential` have a gap, which is
/// a module without parameters, otherwise the last.
fn place(parts: &[(String, Part)], start: usize, end: usize, notes: &mut Vec<String>) -> usize {
    let last = end.saturating_sub(1).max(start);
    let name = |place: usize| parts.get(place).map(|(name, _)| name.as_str()).unwrap_or_default();
    let number = |place: usize| {
        let (parent, number) = name(place).rsplit_once('.').unwrap_or(("", name(place)));
        Some((parent.to_owned(), number.parse::<usize>().ok()?))
    };
    let has_gap = |place: &usize| match (number(*place), number(*place + 1)) {
        (Some((parent, number)), Some((next_parent, next))) => parent == next_parent && next > number + 1,
        _ => false,
    };
    let gaps: Vec<usize> = (start..end).filter(has_gap).collect();
    match gaps[..] {
        [one] => one,
        _ => {
            if last > start {
                notes.push(format!(
                    "the activation of `{}` was put after `{}`; the file does not say where it is",
                    name(start),
                    name(last)
                ));
            }
            last
        }
    }
}

/// A `PReLU` has one slope, or one for each number that it gets.
fn check_slopes(name: &str, slopes: usize, before: &[Step]) -> Result<(), SafetensorsError> {
    let width = before.iter().rev().find_map(|step| match &step.kind {
        Kind::Affine { outputs, .. } => Some(*outputs),
        _ => None,
    });
    match width {
        Some(needed) if slopes != 1 && slopes != needed => {
            let (found, needed) = (vec![slopes], vec![needed]);
            Err(SafetensorsError::Shape { tensor: format!("{name}.weight"), found, needed })
        }
        _ => Ok(()),
    }
}
