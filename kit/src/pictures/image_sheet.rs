//! Sheets of grey images, such as the inputs and outputs of an autoencoder.

use super::axis::{bounds, widened};
use super::color::{Color, FRAME, MUTED, NOT_FINITE};
use super::error::PictureError;
use super::legend::{self, Key};
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::text::{self, LABEL, TICK};
use super::ticks::number;

/// Rows of grey images, one below the other: the inputs of an autoencoder, and its outputs.
///
/// ```
/// use stackprop_kit::pictures::ImageSheet;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("reconstructions.png");
/// let inputs = [[0.0_f32, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]];
/// let outputs = [[0.1_f32, 0.9, 0.8, 0.2], [0.7, 0.2, 0.1, 0.9]];
/// let sheet = ImageSheet::new(2, 2).row("input", &inputs).row("output", &outputs);
/// sheet.draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSheet {
    /// The title; empty for none.
    pub title: String,
    /// How many pixels each image is wide and high.
    pub size: (usize, usize),
    /// The images of each row, with its name. The pixels of an image are in the order of reading.
    pub rows: Vec<(String, Vec<Vec<f64>>)>,
    /// The values that are black and white; `None` for the least and the largest value. Values beyond them are drawn as black
    /// or white, and counted below the images.
    pub range: Option<[f64; 2]>,
    /// How many images stand side by side; the rest goes below, again row by row.
    pub columns: usize,
}

const LONGEST_NAME: f32 = 160.0;
const MOST_IMAGES: usize = 2000;
const LARGEST_SIDE: usize = 1024;
const GAP: f32 = 6.0;

impl ImageSheet {
    /// No images yet, ten side by side.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self { title: String::new(), size: (width, height), rows: vec![], range: None, columns: 10 }
    }

    /// The sheet with one more row.
    #[must_use]
    pub fn row<R: AsRef<[T]>, T: Copy + Into<f64>>(mut self, name: impl Into<String>, images: &[R]) -> Self {
        let images = images.iter().map(|image| image.as_ref().iter().map(|&pixel| pixel.into()).collect());
        self.rows.push((name.into(), images.collect()));
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] without images, or with images or columns of size 0. [`PictureError::Length`] if a row has
    /// another number of images than the first, or an image of pixels than its size says. [`PictureError::Value`] if the range
    /// is not one. [`PictureError::TooMany`] with more than 2000 images, or larger ones than 1024 pixels.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        let count = self.check()?;
        let pixels = self.rows.iter().flat_map(|(_, images)| images).flatten().copied();
        let finite = bounds(pixels.clone().filter(|pixel| pixel.is_finite())).unwrap_or((0.0, 1.0));
        let (black, white) =
            self.range.map_or_else(|| widened(finite.0, finite.1), |[black, white]| (black, white));
        let names = self.rows.iter().map(|(name, _)| text::fitted(name, LABEL, LONGEST_NAME));
        let names: Vec<String> = names.collect();
        let left =
            16.0 + text::widest(&names, LABEL).ceil() + if names.concat().is_empty() { 0.0 } else { 10.0 };
        let (width, height) = self.image_size();
        let columns = count.min(self.columns);
        let right = left + columns as f32 * (width + GAP) + 12.0;
        let mut picture = Picture::new(right.max(300.0), 0.0, &self.title);
        let mut y = picture.write_title();
        for from in (0..count).step_by(self.columns) {
            for ((_, images), name) in self.rows.iter().zip(&names) {
                picture.text_beside(left - 10.0, y + height / 2.0, name, Lettering::new(LABEL, Anchor::End));
                for (column, image) in images.iter().skip(from).take(self.columns).enumerate() {
                    let area = Area::new(left + column as f32 * (width + GAP), y, width, height);
                    self.draw_image(&mut picture, area, image, [black, white]);
                }
                y += height + GAP;
            }
            y += GAP * 2.0;
        }
        self.write_notes(&mut picture, y, pixels, [black, white]);
        Ok(picture)
    }

    /// Returns how many images a row has.
    fn check(&self) -> Result<usize, PictureError> {
        let (width, height) = self.size;
        let count = self.rows.first().map_or(0, |(_, images)| images.len());
        if count == 0 || width == 0 || height == 0 || self.columns == 0 {
            return Err(PictureError::empty("the sheet of images"));
        }
        let limits = [
            ("images", count * self.rows.len(), MOST_IMAGES),
            ("pixels of a side", width.max(height), LARGEST_SIDE),
        ];
        for (what, found, most) in limits {
            if found > most {
                return Err(PictureError::TooMany { what, found, most });
            }
        }
        for (name, images) in &self.rows {
            let length = |what, expected, found| Err(PictureError::Length { what, expected, found });
            if images.len() != count {
                return length(format!("the row `{name}`"), count, images.len());
            }
            if let Some((index, image)) =
                images.iter().enumerate().find(|(_, image)| image.len() != width * height)
            {
                return length(format!("image {index} of the row `{name}`"), width * height, image.len());
            }
        }
        match self.range {
            Some([black, white]) if !(black < white && (white - black).is_finite()) => {
                Err(PictureError::Value {
                    what: "the range",
                    index: 1,
                    value: white,
                    must_be: "above its start",
                })
            }
            _ => Ok(count),
        }
    }

    /// The size in the picture: an integer times that in pixels, and about 64 if it is smaller.
    fn image_size(&self) -> (f32, f32) {
        let times = (72 / self.size.0.max(self.size.1)).max(1);
        ((self.size.0 * times) as f32, (self.size.1 * times) as f32)
    }

    fn draw_image(&self, picture: &mut Picture, area: Area, image: &[f64], range: [f64; 2]) {
        picture.image(area, self.size.0, image.iter().map(|pixel| grey(*pixel, range)).collect());
        picture.rectangle(area, None, Some(Line::solid(FRAME, 0.5)));
    }

    /// Writes what black and white are, and what has no grey.
    fn write_notes(&self, picture: &mut Picture, y: f32, pixels: impl Iterator<Item = f64>, range: [f64; 2]) {
        let (mut not_finite, mut beyond) = (0, 0);
        for pixel in pixels {
            not_finite += usize::from(!pixel.is_finite());
            beyond += usize::from(pixel.is_finite() && !(range[0]..=range[1]).contains(&pixel));
        }
        let mut note = format!("black {}, white {}", number(range[0]), number(range[1]));
        if beyond > 0 {
            note += &format!(", {beyond} pixels beyond");
        }
        let note = text::fitted(&note, TICK, picture.width - 32.0);
        picture.text(16.0, y + 8.0, &note, Lettering::new(TICK, Anchor::Start).colored(MUTED));
        let keys = (not_finite > 0).then(|| Key::fill(format!("NaN or infinite ({not_finite})"), NOT_FINITE));
        let keys: Vec<Key> = keys.into_iter().collect();
        let bottom = legend::draw(picture, Area::new(16.0, y + 16.0, picture.width - 32.0, 0.0), &keys);
        picture.height = (bottom + 8.0).ceil();
    }
}

fn grey(pixel: f64, [black, white]: [f64; 2]) -> Color {
    if !pixel.is_finite() {
        return NOT_FINITE;
    }
    let part = (pixel / 2.0 - black / 2.0) / (white / 2.0 - black / 2.0);
    [(part.clamp(0.0, 1.0) * 255.0).round() as u8; 3]
}
