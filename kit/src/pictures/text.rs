//! Text as outlines of an embedded font: no font of the system is needed, and widths are known.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Sizes of text, in units of the picture.
pub(super) const TITLE: f32 = 17.0;
pub(super) const LABEL: f32 = 13.0;
pub(super) const TICK: f32 = 12.0;
pub(super) const SMALL: f32 = 10.5;

/// The height of capital letters and digits, as a part of the size.
pub(super) const CAPITAL: f32 = 0.711;

// A test parses it.
static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("font/Roboto-Regular.ttf"), 0).expect("the embedded font is whole")
});

/// The glyphs of a text, each with the distance from the start, in units of the size. A character that the font lacks is
/// a box.
pub(super) fn glyphs(text: &str) -> impl Iterator<Item = (GlyphId, f32)> {
    let mut from = 0.0;
    text.chars().map(move |character| {
        let glyph = FACE.glyph_index(character).unwrap_or_default();
        let start = from;
        from += advance(glyph);
        (glyph, start)
    })
}

fn advance(glyph: GlyphId) -> f32 {
    f32::from(FACE.glyph_hor_advance(glyph).unwrap_or(0)) / f32::from(FACE.units_per_em())
}

pub(super) fn width(text: &str, size: f32) -> f32 {
    glyphs(text).map(|(glyph, _)| advance(glyph)).sum::<f32>() * size
}

/// The largest width of these texts; 0 for none.
pub(super) fn widest<S: AsRef<str>>(texts: impl IntoIterator<Item = S>, size: f32) -> f32 {
    texts.into_iter().map(|text| width(text.as_ref(), size)).fold(0.0, f32::max)
}

/// The text, with `…` in its middle in place of what does not fit: names often differ in their ends.
pub(super) fn fitted(text: &str, size: f32, room: f32) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let characters: Vec<char> = text.chars().collect();
    let shortened = |keep: usize| -> String {
        let (start, end) = (keep.div_ceil(2), characters.len() - keep / 2);
        characters[..start].iter().chain(&['…']).chain(&characters[end..]).collect()
    };
    let keep = (1..characters.len()).rev().find(|&keep| width(&shortened(keep), size) <= room);
    shortened(keep.unwrap_or(0))
}

/// The outline of a glyph of size 1, with y downwards. `None` for a space.
pub(super) fn outline(glyph: GlyphId) -> Option<Path> {
    let mut outline = Outline { path: PathBuilder::new(), unit: 1.0 / f32::from(FACE.units_per_em()) };
    FACE.outline_glyph(glyph, &mut outline)?;
    outline.path.finish()
}

struct Outline {
    path: PathBuilder,
    unit: f32,
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(x * self.unit, -y * self.unit);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(x * self.unit, -y * self.unit);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let unit = self.unit;
        self.path.quad_to(x1 * unit, -y1 * unit, x * unit, -y * unit);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let unit = self.unit;
        self.path.cubic_to(x1 * unit, -y1 * unit, x2 * unit, -y2 * unit, x * unit, -y * unit);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_pictures_write() {
        for character in "0123456789.,:±×−…%()<≤⁰¹²³⁴⁵⁶⁷⁸⁹⁻äñςЖσµ".chars() {
            let glyph = FACE.glyph_index(character).unwrap_or_else(|| panic!("{character}"));
            assert!(outline(glyph).is_some(), "{character}");
        }
        assert!(outline(GlyphId(0)).is_some(), "the box");
    }

    #[test]
    fn digits_are_equally_wide() {
        // The advance of Roboto's digits is 1151 of 2048.
        assert_eq!(width("0123456789", 2048.0), 11510.0);
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(fitted("short", 12.0, 100.0), "short");
        let fit = fitted("a class with a very long name, the first", 12.0, 120.0);
        assert!(fit.starts_with("a cl") && fit.ends_with("irst") && fit.contains('…'), "{fit}");
        assert!(width(&fit, 12.0) <= 120.0 && width(&fit, 12.0) > 100.0);
        assert_eq!(fitted("abc", 12.0, 1.0), "…");
    }
}
