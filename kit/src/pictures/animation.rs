//! Pictures one after the other, as an animated PNG.

use std::path::Path;
use std::time::Duration;

use png::{BitDepth, ColorType, Encoder, EncodingError, Writer};
use tiny_skia::Pixmap;

use super::error::PictureError;
use super::picture::{Picture, ending, write};
use super::raster;

/// Frames that are shown one after the other, again and again: an animated PNG, which browsers show as they do a GIF, but with
/// all its colours.
///
/// ```
/// use std::time::Duration;
/// use stackprop_kit::pictures::{Animation, DecisionBoundary};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("training.png");
/// let samples = [([-1.0, 0.5], 0), ([1.0, -1.0], 1)];
/// let mut boundary = DecisionBoundary::new(samples, ["left", "right"]);
/// let mut animation = Animation::new(Duration::from_millis(100));
/// for epoch in 1..=3 {
///     // An epoch of training.
///     boundary.title = format!("epoch {epoch}");
///     animation.frames.push(boundary.draw_classes(|x| usize::from(x[0] * epoch as f32 > 1.0))?);
/// }
/// animation.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Animation {
    /// The frames, all of the same size.
    pub frames: Vec<Picture>,
    /// How long each frame is shown; at most 65.535 seconds.
    pub delay: Duration,
    /// How long the last frame is shown.
    pub last_delay: Duration,
    /// How many pixels a unit of length has.
    pub scale: f32,
}

/// What the format has room for.
const MOST_MILLISECONDS: usize = u16::MAX as usize;

impl Animation {
    /// No frames yet; the last one will be shown for two seconds.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self { frames: vec![], delay, last_delay: delay.max(Duration::from_secs(2)), scale: 1.0 }
    }

    /// Writes the animation in one step, to a file whose name ends with `.png` or `.apng`.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] without frames, [`PictureError::FrameSize`] if a frame has another size than the first,
    /// [`PictureError::TooMany`] if a frame has no pixel or more than 2^26, or a delay is longer than 65.535 seconds,
    /// [`PictureError::Format`] if the name ends otherwise, [`PictureError::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        let path = path.as_ref();
        if !["png", "apng"].contains(&ending(path).as_str()) {
            return Err(PictureError::Format { path: path.into(), expected: ".png or .apng" });
        }
        self.check()?;
        let failed = |error: EncodingError| PictureError::Io { path: path.into(), error: error.into() };
        let mut file = vec![];
        let mut writer = self.start(&mut file, &self.frames[0].pixels(self.scale)?).map_err(failed)?;
        for (index, frame) in self.frames.iter().enumerate() {
            let pixels = frame.pixels(self.scale)?;
            let is_last = index + 1 == self.frames.len();
            let delay = if is_last { self.last_delay } else { self.delay }.as_millis() as u16;
            writer.set_frame_delay(delay, 1000).map_err(failed)?;
            writer.write_image_data(&raster::bytes(&pixels)).map_err(failed)?;
        }
        writer.finish().map_err(failed)?;
        write(path, &file)
    }

    fn check(&self) -> Result<(), PictureError> {
        let Some(expected) = self.frames.first().map(Picture::size) else {
            return Err(PictureError::empty("the animation"));
        };
        let sizes = self.frames.iter().map(Picture::size).enumerate();
        if let Some((frame, found)) = sizes.into_iter().find(|(_, size)| *size != expected) {
            return Err(PictureError::FrameSize { frame, expected, found });
        }
        let found = self.delay.max(self.last_delay).as_millis() as usize;
        if found > MOST_MILLISECONDS {
            return Err(PictureError::TooMany { what: "milliseconds", found, most: MOST_MILLISECONDS });
        }
        Ok(())
    }

    /// The encoder of frames as large as this one.
    fn start<'a>(
        &self,
        file: &'a mut Vec<u8>,
        first: &Pixmap,
    ) -> Result<Writer<&'a mut Vec<u8>>, EncodingError> {
        let mut encoder = Encoder::new(file, first.width(), first.height());
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_animated(self.frames.len() as u32, 0)?;
        encoder.write_header()
    }
}
