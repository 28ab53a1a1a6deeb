//! A picture: marks on a white sheet, and the files it becomes.

use std::io::Write;
use std::path::Path as FilePath;

use tiny_skia::{Path, PathBuilder, Rect};

use super::color::{Color, INK};
use super::error::PictureError;
use super::{raster, svg, text};
use crate::file::write_in_one_step;

/// A picture that was drawn, which becomes an SVG or a PNG file.
///
/// Text is drawn as outlines of an embedded font, so that a picture looks the same on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) title: String,
    pub(super) marks: Vec<Mark>,
}

/// What is drawn, from the first to the last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Shape { path: Path, fill: Option<Color>, line: Option<Line> },
    Text { text: String, x: f32, y: f32, size: f32, color: Color, upwards: bool },
    Image { area: Area, columns: usize, pixels: Vec<Color> },
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub color: Color,
    pub width: f32,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dashes: &'static [f32],
}

impl Line {
    pub const fn solid(color: Color, width: f32) -> Self {
        Self { color, width, dashes: &[] }
    }
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    pub fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    pub fn right(self) -> f32 {
        self.x + self.width
    }

    pub fn bottom(self) -> f32 {
        self.y + self.height
    }
}

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The size, the colour and the anchor of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lettering {
    pub size: f32,
    pub color: Color,
    pub anchor: Anchor,
}

impl Lettering {
    pub fn new(size: f32, anchor: Anchor) -> Self {
        Self { size, color: INK, anchor }
    }

    pub fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }
}

/// The most pixels of a file: 256 MiB of memory.
const MOST_PIXELS: usize = 1 << 26;

impl Picture {
    /// A white sheet of this size.
    pub(super) fn new(width: f32, height: f32, title: &str) -> Self {
        Self { width: width.ceil(), height: height.ceil(), title: title.into(), marks: vec![] }
    }

    /// The width and the height, in units of which a PNG file of scale 1 has one for each pixel.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// Writes the picture, in the format that the end of the file's name says: `.svg`, or `.png` with a scale of 2.
    ///
    /// The file is written in one step: it is there as a whole, or what was there before is as it was.
    ///
    /// # Errors
    ///
    /// [`PictureError::Format`] if the name ends otherwise, [`PictureError::Io`] if the file cannot be written,
    /// [`PictureError::TooMany`] if a PNG would have more than 2^26 pixels.
    pub fn save(&self, path: impl AsRef<FilePath>) -> Result<(), PictureError> {
        let path = path.as_ref();
        let bytes = match ending(path).as_str() {
            "svg" => self.svg().into_bytes(),
            "png" => self.png(2.0)?,
            _ => return Err(PictureError::Format { path: path.into(), expected: ".svg or .png" }),
        };
        write(path, &bytes)
    }

    /// The picture as the content of an SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::write(self)
    }

    /// The picture as the content of a PNG file, with `scale` pixels for each unit of length.
    ///
    /// # Errors
    ///
    /// [`PictureError::TooMany`] if it would have no pixel, or more than 2^26.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, PictureError> {
        let pixels = self.pixels(scale)?;
        Ok(raster::png(&pixels))
    }

    pub(super) fn pixels(&self, scale: f32) -> Result<tiny_skia::Pixmap, PictureError> {
        let [width, height] = [self.width, self.height].map(|length| (length * scale).round() as u32);
        let found = width as usize * height as usize;
        let too_many = PictureError::TooMany { what: "pixels", found, most: MOST_PIXELS };
        if found > MOST_PIXELS {
            return Err(too_many);
        }
        let mut pixels = tiny_skia::Pixmap::new(width, height).ok_or(too_many)?;
        raster::draw(self, scale, &mut pixels);
        Ok(pixels)
    }

    pub(super) fn shape(&mut self, path: Option<Path>, fill: Option<Color>, line: Option<Line>) {
        if let Some(path) = path {
            self.marks.push(Mark::Shape { path, fill, line });
        }
    }

    pub(super) fn rectangle(&mut self, area: Area, fill: Option<Color>, line: Option<Line>) {
        let rectangle = Rect::from_xywh(area.x, area.y, area.width, area.height);
        self.shape(rectangle.map(PathBuilder::from_rect), fill, line);
    }

    pub(super) fn segment(&mut self, from: [f32; 2], to: [f32; 2], line: Line) {
        self.polyline(&[from, to], line);
    }

    pub(super) fn polyline(&mut self, points: &[[f32; 2]], line: Line) {
        self.shape(path_through(points, false), None, Some(line));
    }

    pub(super) fn polygon(&mut self, points: &[[f32; 2]], fill: Color) {
        self.shape(path_through(points, true), Some(fill), None);
    }

    /// A text whose base line is at `y`.
    pub(super) fn text(&mut self, x: f32, y: f32, text: &str, lettering: Lettering) {
        let x = x - before(text, lettering);
        let Lettering { size, color, .. } = lettering;
        self.marks.push(Mark::Text { text: text.into(), x, y, size, color, upwards: false });
    }

    /// A text whose capital letters are centred at `y`.
    pub(super) fn text_beside(&mut self, x: f32, y: f32, text: &str, lettering: Lettering) {
        self.text(x, y + text::CAPITAL * lettering.size / 2.0, text, lettering);
    }

    /// A text that runs upwards, with capital letters centred at `x`.
    pub(super) fn text_upwards(&mut self, x: f32, y: f32, text: &str, lettering: Lettering) {
        let y = y + before(text, lettering);
        let Lettering { size, color, .. } = lettering;
        let x = x + text::CAPITAL * size / 2.0;
        self.marks.push(Mark::Text { text: text.into(), x, y, size, color, upwards: true });
    }

    pub(super) fn image(&mut self, area: Area, columns: usize, pixels: Vec<Color>) {
        self.marks.push(Mark::Image { area, columns, pixels });
    }

    /// Writes the title in the middle of the top; returns where it ends.
    pub(super) fn write_title(&mut self) -> f32 {
        if self.title.is_empty() {
            return 12.0;
        }
        let title = text::fitted(&self.title, text::TITLE, self.width - 32.0);
        self.text(self.width / 2.0, 28.0, &title, Lettering::new(text::TITLE, Anchor::Middle));
        40.0
    }
}

/// How much of a text lies before its anchor.
fn before(text: &str, lettering: Lettering) -> f32 {
    match lettering.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => text::width(text, lettering.size) / 2.0,
        Anchor::End => text::width(text, lettering.size),
    }
}

fn path_through(points: &[[f32; 2]], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, others) = points.split_first()?;
    path.move_to(first[0], first[1]);
    for point in others {
        path.line_to(point[0], point[1]);
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// The end of a file's name that says its format, in small letters.
pub(super) fn ending(path: &FilePath) -> String {
    path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase()
}

pub(super) fn write(path: &FilePath, bytes: &[u8]) -> Result<(), PictureError> {
    write_in_one_step(path, |file| file.write_all(bytes))
        .map_err(|error| PictureError::Io { path: path.into(), error })
}
