//! Legends: what lines, colours and markers mean. They stand above the axes, where they cover nothing.

use super::color::{BLACK, Color, INK};
use super::panel::Hidden;
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::style::{self, Marker};
use super::text::{self, TICK};

/// What a legend explains.
#[derive(Clone)]
pub(super) struct Key {
    label: String,
    fill: Option<Color>,
    line: Option<Line>,
    marker: Option<(Marker, Color)>,
}

impl Key {
    fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), fill: None, line: None, marker: None }
    }

    /// The entry of the curve with this number.
    pub fn curve(name: &str, index: usize) -> Self {
        let line = style::line(index);
        Self { marker: Some((style::marker(index).0, line.color)), ..Self::line(name, line) }
    }

    pub fn line(label: impl Into<String>, line: Line) -> Self {
        Self { line: Some(line), ..Self::new(label) }
    }

    pub fn marker(label: impl Into<String>, marker: Marker, color: Color) -> Self {
        Self { marker: Some((marker, color)), ..Self::new(label) }
    }

    pub fn fill(label: impl Into<String>, color: Color) -> Self {
        Self { fill: Some(color), ..Self::new(label) }
    }

    /// The ring around a best point.
    pub fn ring(label: String) -> Self {
        Self::marker(label, Marker::Ring, BLACK)
    }

    /// What the marks at the edges mean, if there are any.
    pub fn hidden(hidden: Hidden) -> impl Iterator<Item = Self> {
        let key = |count: usize, what, marker| {
            (count > 0).then(|| Self::marker(format!("{what} ({count})"), marker, INK))
        };
        let not_finite = key(hidden.not_finite, "NaN or infinite", Marker::Cross);
        not_finite.into_iter().chain(key(hidden.not_positive, "0 or less", Marker::TriangleDown))
    }

    fn draw(&self, picture: &mut Picture, x: f32, y: f32) {
        if let Some(color) = self.fill {
            picture.rectangle(Area::new(x, y - 6.0, SWATCH, 12.0), Some(color), None);
        }
        if let Some(line) = self.line {
            picture.segment([x, y], [x + SWATCH, y], line);
        }
        if let Some((marker, color)) = self.marker {
            marker.draw(picture, [x + SWATCH / 2.0, y], 4.5, color);
        }
    }
}

const SWATCH: f32 = 30.0;
const ROW: f32 = 20.0;

/// Draws the keys from the left to the right, in as many rows as they need; returns where the legend ends.
pub(super) fn draw(picture: &mut Picture, area: Area, keys: &[Key]) -> f32 {
    let (mut x, mut y) = (area.x, area.y + ROW / 2.0);
    for key in keys {
        let label = text::fitted(&key.label, TICK, area.width - SWATCH - 6.0);
        let width = SWATCH + 6.0 + text::width(&label, TICK);
        if x + width > area.right() && x > area.x {
            (x, y) = (area.x, y + ROW);
        }
        key.draw(picture, x, y);
        picture.text_beside(x + SWATCH + 6.0, y, &label, Lettering::new(TICK, Anchor::Start));
        x += width + 20.0;
    }
    if keys.is_empty() { area.y } else { y + ROW / 2.0 }
}
