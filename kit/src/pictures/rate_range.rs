//! The learning-rate range test.

use super::axis::{Axis, Scale};
use super::color::BLACK;
use super::curve::{Curve, check};
use super::error::PictureError;
use super::legend::{self, Key};
use super::panel::{Hidden, MARK, Panel};
use super::picture::{Area, Picture};
use super::style::{self, Marker};
use super::ticks::number;

/// The losses of a learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017) over the
/// learning rate, which has a logarithmic axis.
///
/// With the feature `health`, `RateRangeTest::from(&points)` has what its `RangeTest` measured.
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
    /// Averages of the losses; without points, there are none.
    pub smoothed: Curve,
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
        let curves = [&self.losses, &self.smoothed];
        let rates: Vec<f64> = curves.into_iter().flat_map(Curve::xs).chain(self.chosen).collect();
        check("a learning rate", rates.iter().copied(), "finite and above 0", |rate| {
            rate.is_finite() && rate > 0.0
        })?;
        let mut picture = Picture::new(SIZE.0, SIZE.1, &self.title);
        let top = picture.write_title();
        let x = Axis::logarithmic("learning rate", rates.into_iter());
        let values: Vec<f64> = curves.into_iter().flat_map(Curve::ys).collect();
        let y = Axis::scaled("loss", values.iter().copied(), self.scale);
        let keys: Vec<Key> = self.keys().into_iter().chain(Key::hidden(Hidden::of(&y, &values))).collect();
        let top = legend::draw(&mut picture, Area::new(24.0, top, SIZE.0 - 48.0, 0.0), &keys);
        let panel = Panel::new(Area::new(10.0, top, SIZE.0 - 20.0, SIZE.1 - top), x, y);
        panel.draw_grid(&mut picture);
        panel.draw_frame(&mut picture);
        if let Some(rate) = self.chosen {
            panel.draw_vertical(&mut picture, rate);
        }
        for (index, curve) in curves.into_iter().enumerate() {
            panel.draw_curve(&mut picture, curve, style::line(index), style::marker(index).0);
        }
        let chosen = self.chosen.and_then(|rate| panel.at((rate, self.loss_at(rate)?)));
        if let Some(at) = chosen {
            Marker::Ring.draw(&mut picture, at, 7.0, BLACK);
        }
        Ok(picture)
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::curve("training", 0)];
        keys.extend((!self.smoothed.is_empty()).then(|| Key::curve("smoothed", 1)));
        keys.extend(self.chosen.map(|rate| Key::line(format!("learning rate {}", number(rate)), MARK)));
        keys
    }

    /// The loss at this rate, smoothed if it is known, between those of the rates around it.
    fn loss_at(&self, rate: f64) -> Option<f64> {
        let curve = if self.smoothed.is_empty() { &self.losses } else { &self.smoothed };
        curve.points.windows(2).find_map(|pair| {
            let [(low, before), (high, after)] = *pair else { return None };
            let part = if low < high { (rate / low).ln() / (high / low).ln() } else { 0.0 };
            (low <= rate && rate <= high).then_some(before + part * (after - before))
        })
    }
}
