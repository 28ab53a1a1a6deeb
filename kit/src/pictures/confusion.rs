//! The confusion matrix as a heat map.

use super::axis::Axis;
use super::color::{Color, FRAME, INK, MUTED, WHITE, blues, ink_on};
use super::color_bar;
use super::error::PictureError;
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::text::{self, LABEL, SMALL, TICK};

/// A confusion matrix as a heat map: a row for each true class, a column for each predicted one.
///
/// A cell has its count and, if that is not 0, the percentage of its row, which is also its colour. The cells of a class without
/// samples are grey. With more than 30 classes, cells have colours only.
///
/// ```
/// use stackprop_kit::pictures::ConfusionHeatMap;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("confusion.png");
/// // `counts[truth][predicted]`, as of `stackprop::metrics::ConfusionMatrix::counts`.
/// let counts = [[48_u32, 2], [5, 45]];
/// ConfusionHeatMap::new(&counts, ["cat", "dog"]).draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfusionHeatMap {
    /// The title; empty for none.
    pub title: String,
    /// How many samples of a class were predicted as which class: `counts[truth][predicted]`.
    pub counts: Vec<Vec<u64>>,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// How many samples of each class were predicted as none, in a column of their own; empty for no such column.
    pub unclassified: Vec<u64>,
}

/// More classes have no numbers in their cells.
const WITH_NUMBERS: usize = 30;
const MOST_CLASSES: usize = 200;
/// The cells of a class without samples.
const NO_SAMPLES: Color = [222; 3];
const LONGEST_NAME: f32 = 200.0;

impl ConfusionHeatMap {
    /// These counts of these classes, without a title.
    pub fn new<R: AsRef<[T]>, T: Copy + Into<u64>>(
        counts: &[R],
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            counts: counts
                .iter()
                .map(|row| row.as_ref().iter().map(|&count| count.into()).collect())
                .collect(),
            classes: classes.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] without classes, [`PictureError::Length`] if a row, the names or `unclassified` have another
    /// length, [`PictureError::TooMany`] with more than 200 classes.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        self.check()?;
        let layout = Layout::new(self);
        let mut picture = Picture::new(layout.width(), layout.height(), &self.title);
        picture.write_title();
        for (row, counts) in self.rows().iter().enumerate() {
            let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
            for (column, &count) in counts.iter().enumerate() {
                layout.draw_cell(&mut picture, layout.cell(row, column), count, total);
            }
        }
        layout.draw_names(&mut picture);
        let bar =
            Area::new(layout.cells.right() + 24.0, layout.cells.y, 16.0, layout.cells.height.min(240.0));
        color_bar::draw(&mut picture, bar, &Axis::new("% of the true class", 0.0, 100.0), blues);
        Ok(picture)
    }

    fn check(&self) -> Result<(), PictureError> {
        let expected = self.counts.len();
        if expected == 0 {
            return Err(PictureError::empty("the confusion matrix"));
        }
        if expected > MOST_CLASSES {
            return Err(PictureError::TooMany { what: "classes", found: expected, most: MOST_CLASSES });
        }
        let length = |what: String, found: usize| match found == expected {
            true => Ok(()),
            false => Err(PictureError::Length { what, expected, found }),
        };
        length("the list of class names".into(), self.classes.len())?;
        for (row, counts) in self.counts.iter().enumerate() {
            length(format!("row {row} of the confusion matrix"), counts.len())?;
        }
        if !self.unclassified.is_empty() {
            length("the column of unclassified samples".into(), self.unclassified.len())?;
        }
        Ok(())
    }

    /// The counts of each row, with those of unclassified samples.
    fn rows(&self) -> Vec<Vec<u64>> {
        let mut rows = self.counts.clone();
        for (row, count) in rows.iter_mut().zip(&self.unclassified) {
            row.push(*count);
        }
        rows
    }
}

/// Where everything is.
struct Layout {
    cells: Area,
    cell: f32,
    with_numbers: bool,
    rows: Vec<String>,
    columns: Vec<String>,
    columns_upwards: bool,
}

impl Layout {
    fn new(matrix: &ConfusionHeatMap) -> Self {
        let with_numbers = matrix.classes.len() <= WITH_NUMBERS;
        let counts = matrix.rows().concat().into_iter().map(|count| count.to_string());
        // "100.0 %" in small letters takes 40.
        let cell = if with_numbers { (text::widest(counts, LABEL) + 14.0).max(54.0).ceil() } else { 15.0 };
        let rows: Vec<String> =
            matrix.classes.iter().map(|name| text::fitted(name, TICK, LONGEST_NAME)).collect();
        let mut columns = rows.clone();
        if !matrix.unclassified.is_empty() {
            columns.push("none".into());
        }
        let left = 44.0 + text::widest(&rows, TICK).ceil() + 8.0;
        let top = if matrix.title.is_empty() { 16.0 } else { 46.0 };
        // Few cells are wider, or there is no room for the title and the label of the axis.
        let cell = if with_numbers { cell.max((160.0 / columns.len() as f32).floor()) } else { cell };
        let columns_upwards = text::widest(&columns, TICK) > cell - 6.0;
        let size = [columns.len(), rows.len()].map(|count| count as f32 * cell);
        let cells = Area::new(left, top, size[0], size[1]);
        Self { cells, cell, with_numbers, rows, columns, columns_upwards }
    }

    fn width(&self) -> f32 {
        self.cells.right() + 108.0
    }

    fn height(&self) -> f32 {
        self.cells.bottom() + self.below() + 30.0
    }

    /// The height of the names below.
    fn below(&self) -> f32 {
        if self.columns_upwards { text::widest(&self.columns, TICK) + 10.0 } else { 22.0 }
    }

    fn cell(&self, row: usize, column: usize) -> Area {
        let [x, y] = [column, row].map(|index| index as f32 * self.cell);
        Area::new(self.cells.x + x, self.cells.y + y, self.cell, self.cell)
    }

    fn draw_cell(&self, picture: &mut Picture, area: Area, count: u64, total: u128) {
        let part = count as f64 / total as f64;
        let color = if total == 0 { NO_SAMPLES } else { blues(part) };
        let edge = Line::solid(WHITE, if self.with_numbers { 1.0 } else { 0.5 });
        picture.rectangle(area, Some(color), Some(edge));
        if !self.with_numbers {
            return;
        }
        let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
        let ink = if count == 0 { MUTED } else { ink_on(color) };
        let lettering = |size| Lettering::new(size, Anchor::Middle).colored(ink);
        if count == 0 {
            picture.text_beside(x, y, "0", lettering(LABEL));
        } else {
            picture.text_beside(x, y - 8.0, &count.to_string(), lettering(LABEL));
            picture.text_beside(x, y + 9.0, &percent(part), lettering(SMALL));
        }
    }

    fn draw_names(&self, picture: &mut Picture) {
        let cells = self.cells;
        picture.rectangle(cells, None, Some(Line::solid(FRAME, 1.0)));
        for (row, name) in self.rows.iter().enumerate() {
            let y = self.cell(row, 0).y + self.cell / 2.0;
            picture.text_beside(cells.x - 8.0, y, name, Lettering::new(TICK, Anchor::End));
        }
        for (column, name) in self.columns.iter().enumerate() {
            let x = self.cell(0, column).x + self.cell / 2.0;
            if self.columns_upwards {
                picture.text_upwards(x, cells.bottom() + 8.0, name, Lettering::new(TICK, Anchor::End));
            } else {
                picture.text(x, cells.bottom() + 17.0, name, Lettering::new(TICK, Anchor::Middle));
            }
        }
        let lettering = Lettering::new(LABEL, Anchor::Middle).colored(INK);
        picture.text_upwards(24.0, cells.y + cells.height / 2.0, "true class", lettering);
        let y = cells.bottom() + self.below() + 16.0;
        picture.text(cells.x + cells.width / 2.0, y, "predicted class", lettering);
    }
}

/// A part as a percentage; "100 %" and "0 %" are exact.
fn percent(part: f64) -> String {
    let percent = part * 100.0;
    match percent {
        100.0 => "100 %".into(),
        _ if percent >= 99.95 => "> 99.9 %".into(),
        _ if percent < 0.05 => "< 0.1 %".into(),
        _ => format!("{percent:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rounded_percentages_are_not_all_or_nothing() {
        let texts = [1.0, 0.99951, 0.9994, 0.5, 0.001, 0.0001].map(percent);
        assert_eq!(texts, ["100 %", "> 99.9 %", "99.9 %", "50.0 %", "0.1 %", "< 0.1 %"]);
    }
}
