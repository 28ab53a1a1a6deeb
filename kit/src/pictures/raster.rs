//! Pictures as pixels, and pixels as PNG.

use png::{BitDepth, ColorType, Encoder};
use tiny_skia::{
    FillRule, FilterQuality, LineJoin, Paint, Pixmap, PixmapPaint, Stroke, StrokeDash, Transform,
};

use super::color::{Color, WHITE};
use super::picture::{Line, Mark, Picture};
use super::text;

/// Draws the picture, with `scale` pixels for each unit of length.
pub(super) fn draw(picture: &Picture, scale: f32, pixels: &mut Pixmap) {
    pixels.fill(solid(WHITE));
    let scaled = Transform::from_scale(scale, scale);
    for mark in &picture.marks {
        match mark {
            Mark::Shape { path, fill, line } => {
                if let Some(color) = fill {
                    pixels.fill_path(path, &paint(*color), FillRule::Winding, scaled, None);
                }
                if let Some(line) = line {
                    pixels.stroke_path(path, &paint(line.color), &stroke(line), scaled, None);
                }
            }
            Mark::Text { text, x, y, size, color, upwards } => {
                let turn = Transform::from_rotate(if *upwards { -90.0 } else { 0.0 });
                let placed = scaled.pre_translate(*x, *y).pre_concat(turn).pre_scale(*size, *size);
                for (glyph, from) in text::glyphs(text) {
                    if let Some(path) = text::outline(glyph) {
                        let placed = placed.pre_translate(from, 0.0);
                        pixels.fill_path(&path, &paint(*color), FillRule::Winding, placed, None);
                    }
                }
            }
            Mark::Image { area, columns, pixels: colors } => {
                let rows = colors.len() / columns;
                let Some(mut image) = Pixmap::new(*columns as u32, rows as u32) else { continue };
                for (pixel, color) in image.pixels_mut().iter_mut().zip(colors) {
                    *pixel = solid(*color).premultiply().to_color_u8();
                }
                let placed = scaled
                    .pre_translate(area.x, area.y)
                    .pre_scale(area.width / *columns as f32, area.height / rows as f32);
                // Pixels that are enlarged keep their edges; what is made smaller is averaged, so that thin lines stay whole.
                let shrinks = area.width * scale < *columns as f32;
                let quality = if shrinks { FilterQuality::Bilinear } else { FilterQuality::Nearest };
                let paint = PixmapPaint { quality, ..PixmapPaint::default() };
                pixels.draw_pixmap(0, 0, image.as_ref(), &paint, placed, None);
            }
        }
    }
}

fn solid([red, green, blue]: Color) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(red, green, blue, 255)
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(solid(color));
    paint
}

fn stroke(line: &Line) -> Stroke {
    let dash = StrokeDash::new(line.dashes.to_vec(), 0.0);
    Stroke { width: line.width, line_join: LineJoin::Round, dash, ..Stroke::default() }
}

/// The colours of opaque pixels, three bytes each.
pub(super) fn bytes(pixels: &Pixmap) -> Vec<u8> {
    pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect()
}

/// A PNG file of these pixels.
pub(super) fn png(pixels: &Pixmap) -> Vec<u8> {
    encoded(&bytes(pixels), pixels.width(), pixels.height())
}

/// A PNG file of an image with so many columns.
pub(super) fn png_of(pixels: &[Color], columns: usize) -> Vec<u8> {
    encoded(pixels.as_flattened(), columns as u32, (pixels.len() / columns) as u32)
}

fn encoded(bytes: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    // Memory does not refuse bytes, and there are as many as the size says.
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(bytes));
    debug_assert!(written.is_ok(), "{written:?}");
    file
}
