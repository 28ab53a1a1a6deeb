//! The commands, one file each: arguments, a call of the library, and what is printed.

pub mod export;
pub mod import;
pub mod inspect;
mod source;

use comfy_table::{Cell, CellAlignment, Table};

/// A table with these columns. Those whose name ends with a space are numbers.
fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(columns.iter().map(|name| Cell::new(name.trim_end())));
    for (place, name) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(place).filter(|_| name.ends_with(' ')) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A shape as PyTorch prints it.
fn shape(lengths: &[usize]) -> String {
    format!("{lengths:?}")
}
