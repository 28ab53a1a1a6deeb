//! How the numbers of each layer are distributed: weights, activations, gradients.

use super::axis::{Axis, bounds, widened};
use super::color::{BLUE, INK, MUTED, VERMILLION, WHITE, mix};
use super::error::PictureError;
use super::panel::Panel;
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::text::{self, LABEL, TICK};
use super::ticks::number;

/// A histogram for each layer, of its weights, activations or gradients.
///
/// Each has a range of its own. Numbers that are NaN or infinite are counted in its heading.
///
/// ```
/// use stackprop_kit::pictures::Histograms;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("weights.svg");
/// let weights = [[0.5_f32, -0.25, 0.125], [0.0, 0.75, -0.5]];
/// let histograms = Histograms::new("weights").layer("0.weight", weights.as_flattened());
/// histograms.draw()?.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histograms {
    /// The title; empty for none.
    pub title: String,
    /// The numbers of each layer, with its name.
    pub layers: Vec<(String, Vec<f64>)>,
    /// How many bars each has; `None` for the square root of how many numbers there are, from 5 to 60.
    pub bins: Option<usize>,
}

const WIDTH: f32 = 400.0;
const HEIGHT: f32 = 250.0;
const MOST_LAYERS: usize = 100;
/// The width of a panel: a bar of one unit can still be seen.
const MOST_BINS: usize = 300;

impl Histograms {
    /// No layers yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The histograms with one more layer.
    #[must_use]
    pub fn layer<T: Copy + Into<f64>>(mut self, name: impl Into<String>, numbers: &[T]) -> Self {
        self.layers.push((name.into(), numbers.iter().map(|&number| number.into()).collect()));
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] if there is no layer, or a layer has no numbers; [`PictureError::TooMany`] with more than
    /// 100 layers or 300 bars.
    pub fn draw(&self) -> Result<Picture, PictureError> {
        if self.layers.is_empty() {
            return Err(PictureError::empty("the list of layers"));
        }
        if let Some((name, _)) = self.layers.iter().find(|(_, numbers)| numbers.is_empty()) {
            return Err(PictureError::empty(format!("the layer `{name}`")));
        }
        let counts =
            [("layers", self.layers.len(), MOST_LAYERS), ("bars", self.bins.unwrap_or(0), MOST_BINS)];
        for (what, found, most) in counts {
            if found > most {
                return Err(PictureError::TooMany { what, found, most });
            }
        }
        let columns =
            [1, 1, 2, 3, 2][self.layers.len().min(4)].max(if self.layers.len() > 4 { 3 } else { 1 });
        let rows = self.layers.len().div_ceil(columns);
        let mut picture = Picture::new(columns as f32 * WIDTH, 0.0, &self.title);
        let top = picture.write_title();
        picture.height = top + rows as f32 * HEIGHT;
        for (index, (name, numbers)) in self.layers.iter().enumerate() {
            let [x, y] = [index % columns, index / columns].map(|place| place as f32);
            self.draw_layer(&mut picture, [x * WIDTH, top + y * HEIGHT], name, numbers);
        }
        Ok(picture)
    }

    fn draw_layer(&self, picture: &mut Picture, [x, y]: [f32; 2], name: &str, numbers: &[f64]) {
        let bins = self.bins.unwrap_or(((numbers.len() as f64).sqrt() as usize).clamp(5, 60)).max(1);
        let bars = Bars::of(numbers, bins);
        let highest = bars.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let count = Axis { whole: true, ..Axis::new("count", 0.0, highest * 1.05) };
        let outer = Area::new(x + 6.0, y + 38.0, WIDTH - 12.0, HEIGHT - 40.0);
        let panel = Panel::new(outer, Axis::new("", bars.low, bars.high), count);
        panel.draw_grid(picture);
        bars.draw(picture, &panel);
        panel.draw_frame(picture);
        let middle = panel.area.x + panel.area.width / 2.0;
        let name = text::fitted(name, LABEL, WIDTH - 40.0);
        picture.text(middle, y + 18.0, &name, Lettering::new(LABEL, Anchor::Middle));
        let not_finite = numbers.iter().filter(|number| !number.is_finite()).count();
        let color = if not_finite > 0 { mix(VERMILLION, INK, 0.25) } else { MUTED };
        let summary = text::fitted(&summary(numbers, not_finite), TICK, WIDTH - 30.0);
        picture.text(middle, y + 35.0, &summary, Lettering::new(TICK, Anchor::Middle).colored(color));
    }
}

/// How many numbers there are, their mean and their standard deviation.
fn summary(numbers: &[f64], not_finite: usize) -> String {
    let finite: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
    let count = finite.len() as f64;
    let mut text = format!("n = {}", numbers.len());
    if !finite.is_empty() {
        let mean = finite.iter().map(|number| number / count).sum::<f64>();
        let variance = finite.iter().map(|number| (number - mean).powi(2) / count).sum::<f64>();
        text += &format!(", mean {}, deviation {}", number(mean), number(variance.sqrt()));
    }
    if not_finite > 0 {
        text += &format!(", {not_finite} NaN or infinite");
    }
    text
}

/// Bars of equal width between `low` and `high`, which the last one includes.
struct Bars {
    low: f64,
    high: f64,
    counts: Vec<usize>,
}

impl Bars {
    fn of(numbers: &[f64], bins: usize) -> Self {
        let finite = numbers.iter().copied().filter(|number| number.is_finite());
        let (low, high) = bounds(finite.clone()).unwrap_or((0.0, 1.0));
        let (low, high) = widened(low, high);
        let mut counts = vec![0; bins];
        for number in finite {
            let part = (number / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
            counts[((part * bins as f64) as usize).min(bins - 1)] += 1;
        }
        Self { low, high, counts }
    }

    fn draw(&self, picture: &mut Picture, panel: &Panel) {
        let area = panel.area;
        let width = area.width / self.counts.len() as f32;
        let edge = Line::solid(WHITE, (width * 0.1).min(1.0));
        for (index, &count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let Some(top) = panel.y_at(count as f64) else { continue };
            // A single number among many can still be seen.
            let height = (area.bottom() - top).max(1.0);
            let bar = Area::new(area.x + index as f32 * width, area.bottom() - height, width, height);
            picture.rectangle(bar, Some(BLUE), Some(edge));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_number_is_in_a_bar() {
        let bars = Bars::of(&[0.0, 0.1, 0.5, 0.99, 1.0, f64::NAN, f64::INFINITY], 4);
        assert_eq!((bars.low, bars.high, bars.counts), (0.0, 1.0, vec![2, 0, 1, 2]));
        assert_eq!(Bars::of(&[3.0; 7], 5).counts, [0, 0, 7, 0, 0]);
        assert_eq!(Bars::of(&[-f64::MAX, f64::MAX], 2).counts, [1, 1]);
        assert_eq!(Bars::of(&[f64::NAN], 3).counts, [0, 0, 0]);
    }

    #[test]
    fn summaries() {
        assert_eq!(summary(&[1.0, 3.0], 0), "n = 2, mean 2, deviation 1");
        assert_eq!(summary(&[f64::NAN], 1), "n = 1, 1 NaN or infinite");
    }
}
