//! How a block of parameters lies in a file: as in PyTorch.

use super::safetensors::Shape;
use crate::schema::{Field, Role};

/// Whether the file has the transpose.
const fn is_transposed(field: &Field) -> bool {
    matches!(field.role, Role::Weight) && field.shape.len() == 2
}

/// Whether it is a number of samples, an integer in the file.
pub(super) const fn is_count(field: &Field) -> bool {
    matches!((field.role, field.shape), (Role::Count, [1]))
}

/// The lengths in the file.
pub(super) fn file_lengths(field: &Field) -> impl Iterator<Item = usize> {
    let (count, turned) = (is_count(field), is_transposed(field));
    let rank = if count { 0 } else { field.shape.len() };
    let shape = field.shape;
    (0..rank).filter_map(move |i| {
        shape.get(if turned { rank.saturating_sub(i.saturating_add(1)) } else { i }).copied()
    })
}

/// The shape in the file; `None` if it has too many dimensions.
pub(super) const fn file_shape(field: &Field) -> Option<Shape> {
    match field.shape {
        &[inputs, outputs] if is_transposed(field) => Shape::of(&[outputs, inputs]),
        _ if is_count(field) => Shape::of(&[]),
        shape => Shape::of(shape),
    }
}

/// The index in the file of number `index` of a block.
pub(super) fn file_index(field: &Field, index: usize) -> usize {
    match field.shape {
        &[inputs, outputs] if is_transposed(field) => transposed(index, inputs, outputs),
        _ => index,
    }
}

/// The index in a block of number `index` of the file.
pub(super) fn own_index(field: &Field, index: usize) -> usize {
    match field.shape {
        &[inputs, outputs] if is_transposed(field) => transposed(index, outputs, inputs),
        _ => index,
    }
}

/// The index in the transpose of number `index` of a matrix.
fn transposed(index: usize, rows: usize, columns: usize) -> usize {
    let (row, column) = (index / columns.max(1), index % columns.max(1));
    column.saturating_mul(rows).saturating_add(row)
}
