//! Pictures as SVG 1.1, with no text, style or font that a viewer would have to know.

use std::collections::BTreeSet;
use std::fmt::Write;

use tiny_skia::{Path, PathSegment};
use ttf_parser::GlyphId;

use super::color::Color;
use super::picture::{Area, Line, Mark, Picture};
use super::{raster, text};

pub(super) fn write(picture: &Picture) -> String {
    let (width, height) = picture.size();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" \
         width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    );
    if !picture.title.is_empty() {
        line(&mut svg, format_args!("<title>{}</title>", escaped(&picture.title)));
    }
    line(&mut svg, format_args!("<defs>"));
    for glyph in used_glyphs(picture) {
        if let Some(path) = text::outline(glyph) {
            line(&mut svg, format_args!("<path id=\"g{}\" d=\"{}\"/>", glyph.0, data(&path, 4)));
        }
    }
    line(&mut svg, format_args!("</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"));
    for mark in &picture.marks {
        write_mark(&mut svg, mark);
    }
    svg.push_str("</svg>\n");
    svg
}

fn line(svg: &mut String, text: std::fmt::Arguments) {
    // Writing to a string does not fail.
    let _ = writeln!(svg, "{text}");
}

fn used_glyphs(picture: &Picture) -> BTreeSet<GlyphId> {
    let texts = picture.marks.iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text),
        _ => None,
    });
    texts.flat_map(|text| text::glyphs(text)).map(|(glyph, _)| glyph).collect()
}

fn write_mark(svg: &mut String, mark: &Mark) {
    match mark {
        Mark::Shape { path, fill, line: stroke } => {
            let fill = fill.map_or("none".into(), hex);
            let stroke = stroke.map_or(String::new(), stroked);
            line(svg, format_args!("<path d=\"{}\" fill=\"{fill}\"{stroke}/>", data(path, 2)));
        }
        Mark::Text { text, x, y, size, color, upwards } => {
            let [x, y] = [*x, *y].map(|place| short(place, 2));
            let turn = if *upwards { " rotate(-90)" } else { "" };
            let color = hex(*color);
            let label = escaped(text);
            line(
                svg,
                format_args!(
                    "<g aria-label=\"{label}\" fill=\"{color}\" transform=\"translate({x} {y}){turn} scale({size})\">"
                ),
            );
            for (glyph, from) in text::glyphs(text) {
                if text::outline(glyph).is_some() {
                    let from = short(from, 4);
                    line(svg, format_args!("<use xlink:href=\"#g{}\" x=\"{from}\"/>", glyph.0));
                }
            }
            line(svg, format_args!("</g>"));
        }
        Mark::Image { area: Area { x, y, width, height }, columns, pixels } => {
            let rows = pixels.len() / columns;
            // Not every viewer knows how to enlarge an image without blur.
            let times =
                [width / *columns as f32, height / rows as f32].map(|side| (side * 2.0).max(1.0) as usize);
            let image = base64(&raster::png_of(&enlarged(pixels, *columns, times), columns * times[0]));
            line(
                svg,
                format_args!(
                    "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
                 style=\"image-rendering:pixelated\" image-rendering=\"optimizeSpeed\" \
                 xlink:href=\"data:image/png;base64,{image}\"/>"
                ),
            );
        }
    }
}

/// The image with each pixel so many times in a row and column.
fn enlarged(pixels: &[Color], columns: usize, [across, down]: [usize; 2]) -> Vec<Color> {
    let wide = |row: &[Color]| row.iter().flat_map(|pixel| vec![*pixel; across]).collect::<Vec<_>>();
    pixels.chunks(columns).flat_map(|row| wide(row).repeat(down)).collect()
}

fn stroked(line: Line) -> String {
    let Line { color, width, dashes } = line;
    let mut text = format!(" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"", hex(color));
    if !dashes.is_empty() {
        let dashes: Vec<String> = dashes.iter().map(|length| short(*length, 2)).collect();
        text += &format!(" stroke-dasharray=\"{}\"", dashes.join(" "));
    }
    text
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The attribute `d` of a path.
fn data(path: &Path, decimals: usize) -> String {
    let mut text = String::new();
    let mut segment = |letter: &str, points: &[tiny_skia::Point]| {
        text += letter;
        let places = points.iter().flat_map(|point| [point.x, point.y]);
        text += &places.map(|place| short(place, decimals)).collect::<Vec<_>>().join(" ");
    };
    for part in path.segments() {
        match part {
            PathSegment::MoveTo(a) => segment("M", &[a]),
            PathSegment::LineTo(a) => segment("L", &[a]),
            PathSegment::QuadTo(a, b) => segment("Q", &[a, b]),
            PathSegment::CubicTo(a, b, c) => segment("C", &[a, b, c]),
            PathSegment::Close => segment("Z", &[]),
        }
    }
    text
}

/// A number without needless zeros.
fn short(number: f32, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// The text with what XML reserves as entities, and `U+FFFD` for characters that XML cannot have.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(*three.get(i).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= three.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 4648.
    #[test]
    fn base64_of_the_standard() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.0, 0.5, -0.001, 100.0, 2.345].map(|x| short(x, 2)), ["1", "0.5", "0", "100", "2.35"]);
    }

    #[test]
    fn reserved_characters() {
        assert_eq!(escaped("<a & \"b\">\n\u{1}"), "&lt;a &amp; &quot;b&quot;&gt;\u{fffd}\u{fffd}");
    }
}
