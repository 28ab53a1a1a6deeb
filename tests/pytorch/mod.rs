//! Reads reference values computed by PyTorch, and compares with them.
#![allow(dead_code, reason = "a test file uses a part of this")]

use std::collections::HashMap;
use std::fmt::Debug;
use std::str::FromStr;

use stackprop::{Block, Class, Model, Parameters, Role, Scalar, Vector};

use crate::tolerances;

/// A scalar that can be parsed, and its tolerance.
pub trait Number: Scalar + FromStr<Err: Debug> {
    const TOLERANCE: f64;
}

impl Number for f32 {
    const TOLERANCE: f64 = tolerances::PYTORCH_F32;
}

impl Number for f64 {
    const TOLERANCE: f64 = tolerances::PYTORCH_F64;
}

/// The tensors of one case, by key, and the largest error so far.
pub struct Case {
    pub name: String,
    tensors: HashMap<&'static str, &'static str>,
    pub worst: f64,
}

impl Case {
    /// Reads the case of this name and scalar from the file's text.
    pub fn read<T: Number>(text: &'static str, name: &str) -> Self {
        let head = format!("case {name} {}", 8 * size_of::<T>());
        let tensors: HashMap<_, _> = text
            .lines()
            .skip_while(|line| *line != head)
            .skip(1)
            .take_while(|line| !line.starts_with("case "))
            .map(|line| line.split_once(' ').unwrap())
            .collect();
        assert!(!tensors.is_empty(), "there is no `{head}`");
        Case { name: head, tensors, worst: 0.0 }
    }

    /// The tensor `key`, in PyTorch's layout.
    pub fn tensor<X: FromStr<Err: Debug>>(&self, key: &str) -> Vec<X> {
        let values = self.tensors.get(key);
        let values = values.unwrap_or_else(|| panic!("{}: no {key}", self.name));
        values.split(' ').map(|x| x.parse().unwrap()).collect()
    }

    /// Compares with the tensor `key`.
    pub fn compare<T: Number>(&mut self, key: &str, found: &[T]) {
        self.compare_within(T::TOLERANCE, key, found);
    }

    /// Compares with the tensor `key`, with an error relative to its largest element.
    pub fn compare_within<T: Number>(&mut self, tolerance: f64, key: &str, found: &[T]) {
        let expected: Vec<T> = self.tensor(key);
        assert_eq!(found.len(), expected.len(), "{}: {key}", self.name);
        let scale = expected.iter().fold(0.0, |m: f64, e| m.max(e.to_f64().abs()));
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let error = (found.to_f64() - expected.to_f64()).abs();
            assert!(
                error <= tolerance * scale,
                "{}: {key}[{i}] is {found:e}, in PyTorch {expected:e}",
                self.name
            );
            if error > 0.0 {
                self.worst = self.worst.max(error / scale);
            }
        }
    }

    /// Whether the case has the tensor `key`.
    pub fn has(&self, key: &str) -> bool {
        self.tensors.contains_key(key)
    }

    /// Compares with the tensors `prefix/NAME`, in the order of the walk.
    pub fn compare_parameters<T: Number>(
        &mut self,
        prefix: &str,
        parameters: &impl Parameters<T>,
        mut name: impl FnMut(Block) -> Option<String>,
    ) {
        parameters.visit(|block, ours| {
            let key = format!("{prefix}/{}", name(block).expect("a name for each block"));
            if block.role == Role::Weight {
                self.compare(&key, &transposed(ours, block.fan_in));
            } else {
                self.compare(&key, ours);
            }
        });
    }

    /// The network that the case starts from: the tensors `start/NAME`, and 1 where PyTorch has no name.
    pub fn start<N: Model<Scalar: Number>>(&self, mut name: impl FnMut(Block) -> Option<String>) -> N {
        let mut network = N::ZERO;
        network.visit_mut(|block, ours| match name(block) {
            None => ours.fill(N::Scalar::ONE),
            Some(name) => {
                let theirs: Vec<N::Scalar> = self.tensor(&format!("start/{name}"));
                let theirs =
                    if block.role == Role::Weight { transposed(&theirs, block.fan_out) } else { theirs };
                ours.copy_from_slice(&theirs);
            }
        });
        network
    }
}

/// The transpose of a matrix of `rows` rows: weights `[IN][OUT]` in PyTorch's layout `[out, in]`, or the reverse.
pub fn transposed<T: Copy>(values: &[T], rows: usize) -> Vec<T> {
    let columns = values.len() / rows;
    (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect()
}

/// A row of a tensor, which is one sample's input or target.
pub trait Row: Sized {
    fn rows(case: &Case, key: &str) -> Vec<Self>;
}

impl<T: Number, const N: usize> Row for [T; N] {
    fn rows(case: &Case, key: &str) -> Vec<Self> {
        let numbers: Vec<T> = case.tensor(key);
        let (rows, rest) = numbers.as_chunks();
        assert!(rest.is_empty(), "{key} are no rows of {N}");
        rows.to_vec()
    }
}

impl<const N: usize> Row for Class<N> {
    fn rows(case: &Case, key: &str) -> Vec<Self> {
        let indices: Vec<usize> = case.tensor(key);
        indices.into_iter().map(|i| Class::new(i).unwrap()).collect()
    }
}

/// The numbers of rows.
pub fn flat<V: Vector>(rows: &[V]) -> Vec<V::Scalar> {
    rows.iter().flat_map(|row| row.as_slice().to_vec()).collect()
}
