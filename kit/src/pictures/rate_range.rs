//! The learning-rate range test.

use super::axis::{Axis, Scale};
use super::color::BLACK;
use super::curve::{Curve, check};
use super::error::PictureError;
use super::legend::{self, Key};
use super::panel::{Hidden, Panel};
use super::picture::{Area, Picture};
use super::style::{self, Marker};
use super::ticks::number;

/// The losses of a learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017) over the
/// learning rate, which has a logarithmic axis.
///
/// ```
/// use stackprop_kit::pictures::{Curve, RateRangeTest};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("rates.svg");
/// let losses = [(1e-4, 2.3), (1e-3, 2.1), (1e-2, 1.2), (1e-1, 0.9), (1.0, 4.0)];
/// let test = RateRangeTest { chosen: Some(1e-2), ..RateRangeTest::new(Curve::new(losses)) };
/// test.draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RateRangeTest {
    /// The title; empty for none.
    pub title: String,
    /// The losses at learning rates.
    pub losses: Curve,
    /// The learning rate that was chosen, which is marked.
    pub chosen: Option<f64>,
    /// How losses lie on their axis.
    pub scale: Scale,
}

const SIZE: (f32, f32) = (760.0, 440.0);

impl RateRangeTest {
    /// These losses, without a title.
    #[must_use]
    pub fn new(losses: Curve) -> Self {
        Self { losses, ..Self::default() }
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] without losses. [`PictureError::Value`] if a learning rate is not finite or not positive.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        if self.losses.is_empty() {
            return Err(PictureError::empty("the loss"));
        }
        let rates: Vec<f64> = self.losses.xs().chain(self.chosen).collect();
        check("a learning rate", rates.iter().copied(), "finite and above 0", |rate| {
            rate.is_finite() && rate > 0.0
        })?;
        let mut picture = Picture::new(SIZE.0, SIZE.1, &self.title);
        let top = picture.write_title();
        let x = Axis::logarithmic("learning rate", rates.into_iter());
        let values: Vec<f64> = self.losses.ys().collect();
        let y = Axis::scaled("loss", values.iter().copied(), self.scale);
        let mut keys = vec![Key::curve("training", 0)];
        keys.extend(self.chosen.map(|rate| Key::ring(format!("learning rate {}", number(rate)))));
        keys.extend(Key::hidden(Hidden::of(&y, &values)));
        let top = legend::draw(&mut picture, Area::new(24.0, top, SIZE.0 - 48.0, 0.0), &keys);
        let panel = Panel::new(Area::new(10.0, top, SIZE.0 - 20.0, SIZE.1 - top), x, y);
        panel.draw_grid(&mut picture);
        panel.draw_frame(&mut picture);
        panel.draw_curve(&mut picture, &self.losses, style::line(0), style::marker(0).0);
        if let Some(rate) = self.chosen {
            panel.draw_vertical(&mut picture, rate);
            if let Some(at) = self.loss_at(rate).and_then(|loss| panel.at((rate, loss))) {
                Marker::Ring.draw(&mut picture, at, 7.0, BLACK);
            }
        }
        Ok(picture)
    }

    /// The loss at this rate, if it is one of those that were tried.
    fn loss_at(&self, rate: f64) -> Option<f64> {
        self.losses.points.iter().find(|point| point.0 == rate).map(|point| point.1)
    }
}
