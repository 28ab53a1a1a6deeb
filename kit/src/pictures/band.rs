//! A function with its uncertainty.

use super::axis::Axis;
use super::color::{BLACK, BLUE, Color, VERMILLION};
use super::curve::{Curve, check};
use super::error::PictureError;
use super::legend::{self, Key};
use super::panel::{Hidden, Panel};
use super::picture::{Area, Line, Picture};
use super::style::Marker;
use super::ticks::number;

/// A predicted function: its mean, a band of standard deviations around it, and data points.
///
/// ```
/// use stackprop_kit::pictures::{Band, Curve};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("band.svg");
/// let xs = (0..100).map(|i| f64::from(i) / 10.0);
/// let band = Band {
///     title: "regression".into(),
///     deviations: xs.clone().map(|x| 0.1 + 0.05 * x).collect(),
///     data: Curve::new([(1.0, 0.8), (4.0, -0.7), (8.0, 1.1)]),
///     ..Band::new(Curve::new(xs.map(|x| (x, x.sin()))))
/// };
/// band.draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The title; empty for none.
    pub title: String,
    /// The names of the axes.
    pub labels: [String; 2],
    /// The mean, with rising `x`.
    pub mean: Curve,
    /// The standard deviation at each point of the mean; empty for no band.
    pub deviations: Vec<f64>,
    /// How many standard deviations the band has on each side.
    pub width: f64,
    /// Data points.
    pub data: Curve,
    /// The true function, if it is known; without points, it is not.
    pub truth: Curve,
}

const SIZE: (f32, f32) = (760.0, 460.0);
const TRUTH: Line = Line { color: VERMILLION, width: 1.6, dashes: &[6.0, 3.0] };
const MEAN: Line = Line::solid(BLUE, 2.0);

/// Blue, three quarters of it white.
const LIGHT_BLUE: Color = [184, 215, 234];

impl Band {
    /// This mean, with a band of two standard deviations once they are there.
    #[must_use]
    pub fn new(mean: Curve) -> Self {
        let (data, truth) = (Curve::default(), Curve::default());
        let labels = ["x".into(), "y".into()];
        Self { title: String::new(), labels, mean, deviations: vec![], width: 2.0, data, truth }
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] without a mean. [`PictureError::Length`] if there are not as many deviations as points.
    /// [`PictureError::Value`] if an `x` is not finite or less than the one before it, or a deviation or the width negative.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        self.check()?;
        let mut picture = Picture::new(SIZE.0, SIZE.1, &self.title);
        let top = picture.write_title();
        let curves = [&self.mean, &self.data, &self.truth];
        let values: Vec<f64> = curves.into_iter().flat_map(Curve::ys).collect();
        let edges = self.edges();
        let all = values.iter().copied().chain(edges.iter().flat_map(|(_, low, high)| [*low, *high]));
        let x = Axis::over(&self.labels[0], curves.into_iter().flat_map(Curve::xs));
        let y = Axis::over(&self.labels[1], all);
        let deviations = self.deviations.iter().copied().filter(|deviation| !deviation.is_finite());
        let hidden = Hidden::of(&y, &values.iter().copied().chain(deviations).collect::<Vec<_>>());
        let keys: Vec<Key> = self.keys().into_iter().chain(Key::hidden(hidden)).collect();
        let top = legend::draw(&mut picture, Area::new(24.0, top, SIZE.0 - 48.0, 0.0), &keys);
        let panel = Panel::new(Area::new(10.0, top, SIZE.0 - 20.0, SIZE.1 - top), x, y);
        draw_band(&mut picture, &panel, &edges);
        panel.draw_grid(&mut picture);
        panel.draw_frame(&mut picture);
        panel.draw_line(&mut picture, &self.truth, TRUTH);
        panel.draw_line(&mut picture, &self.mean, MEAN);
        for at in self.data.points.iter().filter_map(|point| panel.at(*point)) {
            Marker::Circle.draw(&mut picture, at, 3.6, BLACK);
        }
        panel.mark_hidden(&mut picture, &self.data, BLACK);
        panel.mark_hidden(&mut picture, &self.truth, VERMILLION);
        panel.mark_hidden(&mut picture, &self.mean, BLUE);
        panel.mark_hidden(&mut picture, &Curve::new(edges.iter().map(|edge| (edge.0, edge.2))), BLUE);
        Ok(picture)
    }

    fn check(&self) -> Result<(), PictureError> {
        if self.mean.is_empty() {
            return Err(PictureError::empty("the mean"));
        }
        let (expected, found) = (self.mean.points.len(), self.deviations.len());
        if found != 0 && found != expected {
            return Err(PictureError::Length { what: "the list of deviations".into(), expected, found });
        }
        for curve in [&self.mean, &self.data, &self.truth] {
            curve.check_x("an x")?;
        }
        for curve in [&self.mean, &self.truth] {
            let mut before = f64::NEG_INFINITY;
            let rises = |x: f64| -> bool { std::mem::replace(&mut before, x) <= x };
            check("an x of a function", curve.xs(), "at least the one before it", rises)?;
        }
        check("a standard deviation", self.deviations.iter().copied(), "at least 0", |deviation| {
            deviation.is_nan() || deviation >= 0.0
        })?;
        check("the width of the band", [self.width].into_iter(), "finite and at least 0", |width| {
            width.is_finite() && width >= 0.0
        })
    }

    /// The band: `x`, and where it begins and ends.
    fn edges(&self) -> Vec<(f64, f64, f64)> {
        let points = self.mean.points.iter().zip(&self.deviations);
        points
            .map(|(&(x, y), deviation)| (x, y - self.width * deviation, y + self.width * deviation))
            .collect()
    }

    fn keys(&self) -> Vec<Key> {
        let band = if self.width == 1.0 {
            "± 1 standard deviation".into()
        } else {
            format!("± {} standard deviations", number(self.width))
        };
        let mut keys = vec![Key::line("mean", MEAN)];
        keys.extend((!self.deviations.is_empty()).then(|| Key::fill(band, LIGHT_BLUE)));
        keys.extend((!self.truth.is_empty()).then(|| Key::line("true function", TRUTH)));
        keys.extend((!self.data.is_empty()).then(|| Key::marker("data", Marker::Circle, BLACK)));
        keys
    }
}

/// Draws the band where it is finite.
fn draw_band(picture: &mut Picture, panel: &Panel, edges: &[(f64, f64, f64)]) {
    let finite = |(_, low, high): &(f64, f64, f64)| low.is_finite() && high.is_finite();
    for run in edges.split(|edge| !finite(edge)) {
        let above = run.iter().filter_map(|&(x, _, high)| panel.at((x, high)));
        let below = run.iter().rev().filter_map(|&(x, low, _)| panel.at((x, low)));
        let outline: Vec<[f32; 2]> = above.chain(below).collect();
        match outline[..] {
            [high, low] => picture.segment(high, low, Line::solid(LIGHT_BLUE, 6.0)),
            _ => picture.polygon(&outline, LIGHT_BLUE),
        }
    }
}
