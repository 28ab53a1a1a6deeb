//! Losses and metrics over the epochs.

use super::axis::{Axis, Scale};
use super::color::BLACK;
use super::curve::{Curve, check};
use super::error::PictureError;
use super::legend::{self, Key};
use super::panel::{Hidden, Panel};
use super::picture::{Area, Picture};
use super::style::{self, Marker};
use super::ticks::number;

/// The losses of training and validation over the epochs, and metrics in a second panel below.
///
/// With the feature `fit`, `LearningCurves::from(&history)` has what a run of `Fit` recorded. The best epoch is marked. Losses that
/// are NaN or infinite are marked on top of the panel, and those that a logarithmic scale cannot show, at its bottom.
///
/// ```
/// use stackprop_kit::pictures::{LearningCurves, Scale};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("curves.svg");
/// let (train, validation) = ([0.9_f32, 0.4, 0.2, 0.1], [1.0_f32, 0.6, 0.5, 0.7]);
/// let accuracy = [0.5_f32, 0.75, 0.8, 0.78];
/// let curves = LearningCurves {
///     title: "digits".into(),
///     train: (&train).into(),
///     validation: (&validation).into(),
///     metrics: vec![("validation accuracy".into(), (&accuracy).into())],
///     scale: Scale::Logarithmic,
///     ..LearningCurves::default()
/// };
/// assert_eq!(curves.best(), Some((3.0, 0.5)));
/// curves.draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningCurves {
    /// The title; empty for none.
    pub title: String,
    /// The training losses.
    pub train: Curve,
    /// The validation losses; without points, there are none.
    pub validation: Curve,
    /// Metrics with their names, in a panel of their own.
    pub metrics: Vec<(String, Curve)>,
    /// How losses lie on their axis.
    pub scale: Scale,
    /// The epoch that is marked as the best; `None` for that with the lowest loss.
    pub best_epoch: Option<u64>,
}

const WIDTH: f32 = 760.0;

impl LearningCurves {
    /// The best epoch and its validation loss, or its training loss if there is no validation.
    ///
    /// It is [`best_epoch`](Self::best_epoch), or else that with the lowest loss, the first one of equals. `None` if it has no
    /// loss, or if no loss is a finite number.
    #[must_use]
    pub fn best(&self) -> Option<(f64, f64)> {
        let curve = if self.validation.is_empty() { &self.train } else { &self.validation };
        let mut points = curve.points.iter().copied();
        match self.best_epoch {
            Some(epoch) => points.find(|point| point.0 == epoch as f64),
            None => points
                .filter(|point| point.1.is_finite())
                .reduce(|best, point| if point.1 < best.1 { point } else { best }),
        }
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] if there are no losses, or a metric has no values. [`PictureError::Value`] if an epoch is not
    /// finite, or the best epoch is none of those with a loss.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        self.check()?;
        let height = if self.metrics.is_empty() { 440.0 } else { 720.0 };
        let mut picture = Picture::new(WIDTH, height, &self.title);
        let top = picture.write_title();
        if self.metrics.is_empty() {
            let panel = self.losses(&mut picture, top, height);
            self.draw_losses(&mut picture, &panel);
            return Ok(picture);
        }
        let middle = top + (height - top) * 0.55;
        let losses = self.losses(&mut picture, top, middle);
        let metrics = self.metrics(&mut picture, middle, height);
        let left = losses.area.x.max(metrics.area.x);
        self.draw_losses(&mut picture, &losses.with_left(left));
        self.draw_metrics(&mut picture, &metrics.with_left(left));
        Ok(picture)
    }

    fn check(&self) -> Result<(), PictureError> {
        let losses = [&self.train, &self.validation];
        if losses.iter().all(|curve| curve.is_empty()) {
            return Err(PictureError::empty("the loss"));
        }
        if let Some((name, _)) = self.metrics.iter().find(|(_, curve)| curve.is_empty()) {
            return Err(PictureError::empty(format!("the metric `{name}`")));
        }
        let best = self.best_epoch.map(|epoch| epoch as f64);
        check("the best epoch", best.into_iter(), "one with a loss", |_| self.best().is_some())?;
        let metrics = self.metrics.iter().map(|(_, curve)| curve);
        losses.into_iter().chain(metrics).try_for_each(|curve| curve.check_x("an epoch"))
    }

    /// The panel of the losses, with the legend above it.
    fn losses(&self, picture: &mut Picture, top: f32, bottom: f32) -> Panel {
        let named = [("training", &self.train), ("validation", &self.validation)];
        let mut keys: Vec<Key> = (0..)
            .zip(named)
            .filter(|(_, (_, curve))| !curve.is_empty())
            .map(|(index, (name, _))| Key::curve(name, index))
            .collect();
        if let Some((epoch, loss)) = self.best() {
            let of = if self.validation.is_empty() { "training" } else { "validation" };
            let loss = number(loss);
            keys.push(Key::ring(match self.best_epoch {
                Some(epoch) => format!("best epoch: {epoch}, {of} loss {loss}"),
                None => format!("lowest {of} loss: {loss}, epoch {epoch}"),
            }));
        }
        let values: Vec<f64> = self.train.ys().chain(self.validation.ys()).collect();
        let y = Axis::scaled("loss", values.iter().copied(), self.scale);
        self.panel(picture, (top, bottom), keys, y, &values)
    }

    /// The panel of the metrics, with the legend above it.
    fn metrics(&self, picture: &mut Picture, top: f32, bottom: f32) -> Panel {
        let keys = (2..).zip(&self.metrics).map(|(index, (name, _))| Key::curve(name, index)).collect();
        let values: Vec<f64> = self.metrics.iter().flat_map(|(_, curve)| curve.ys()).collect();
        let y =
            Axis::over(if self.metrics.len() == 1 { "metric" } else { "metrics" }, values.iter().copied());
        self.panel(picture, (top, bottom), keys, y, &values)
    }

    fn panel(
        &self,
        picture: &mut Picture,
        span: (f32, f32),
        keys: Vec<Key>,
        y: Axis,
        values: &[f64],
    ) -> Panel {
        let keys: Vec<Key> = keys.into_iter().chain(Key::hidden(Hidden::of(&y, values))).collect();
        let top = legend::draw(picture, Area::new(24.0, span.0, WIDTH - 48.0, 0.0), &keys);
        let metrics = self.metrics.iter().map(|(_, curve)| curve);
        let epochs = [&self.train, &self.validation].into_iter().chain(metrics).flat_map(Curve::xs);
        Panel::new(Area::new(10.0, top, WIDTH - 20.0, span.1 - top), Axis::whole("epoch", epochs), y)
    }

    fn draw_losses(&self, picture: &mut Picture, panel: &Panel) {
        self.draw_axes(picture, panel);
        for (index, curve) in [&self.train, &self.validation].into_iter().enumerate() {
            panel.draw_curve(picture, curve, style::line(index), style::marker(index).0);
        }
        if let Some(at) = self.best().and_then(|best| panel.at_or_edge(best)) {
            Marker::Ring.draw(picture, at, 7.0, BLACK);
        }
    }

    fn draw_metrics(&self, picture: &mut Picture, panel: &Panel) {
        self.draw_axes(picture, panel);
        for (index, (_, curve)) in (2..).zip(&self.metrics) {
            panel.draw_curve(picture, curve, style::line(index), style::marker(index).0);
        }
    }

    fn draw_axes(&self, picture: &mut Picture, panel: &Panel) {
        panel.draw_grid(picture);
        panel.draw_frame(picture);
        if let Some((epoch, _)) = self.best() {
            panel.draw_vertical(picture, epoch);
        }
    }
}
