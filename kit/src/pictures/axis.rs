//! Axes: what they span, and where a value lies on them.

use super::ticks::{self, Tick};

/// How numbers lie on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios. Numbers that are not positive are marked at the edge.
    Logarithmic,
}

/// An axis, from `low` to `high`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub label: String,
    pub low: f64,
    pub high: f64,
    pub scale: Scale,
    /// Whether its values are integers.
    pub whole: bool,
}

impl Axis {
    /// An axis of exactly this length.
    pub fn new(label: &str, low: f64, high: f64) -> Self {
        Self { label: label.into(), low, high, scale: Scale::Linear, whole: false }
    }

    /// A linear axis that shows all these values that are finite, and a margin.
    pub fn over(label: &str, values: impl Iterator<Item = f64>) -> Self {
        match bounds(values.filter(|value| value.is_finite())) {
            None => Self::new(label, 0.0, 1.0),
            Some((low, high)) => {
                let (low, high) = widened(low, high);
                let margin = (high / 2.0 - low / 2.0) * 0.12;
                let [low, high] = [low - margin, high + margin].map(|end| end.clamp(-f64::MAX, f64::MAX));
                Self::new(label, low, high)
            }
        }
    }

    /// A logarithmic axis that shows all these values that are finite and positive, and a margin.
    pub fn logarithmic(label: &str, values: impl Iterator<Item = f64>) -> Self {
        let shown = values.filter(|value| value.is_finite() && *value > 0.0);
        let (low, high) = bounds(shown).unwrap_or((0.1, 1.0));
        let (from, to) = (low.log10(), high.log10());
        let margin = if to - from < 0.01 { 0.05 } else { (to - from) * 0.06 };
        let low = 10f64.powf(from - margin).clamp(f64::MIN_POSITIVE * f64::EPSILON, low);
        let high = 10f64.powf(to + margin).clamp(high, f64::MAX);
        // The margin of subnormal numbers may be less than their precision.
        let high = if low < high { high } else { low * 10.0 };
        Self { scale: Scale::Logarithmic, ..Self::new(label, low, high) }
    }

    /// An axis of this scale over these values.
    pub fn scaled(label: &str, values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        match scale {
            Scale::Linear => Self::over(label, values),
            Scale::Logarithmic => Self::logarithmic(label, values),
        }
    }

    /// An axis of epochs, or of other integers.
    pub fn whole(label: &str, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = bounds(values).unwrap_or((0.0, 1.0));
        let margin = if low < high { (high - low) * 0.02 } else { 0.5 };
        // Epochs from 1 on have no tick at 0.
        let start = if low >= 1.0 { (low - margin).max(0.1) } else { low - margin };
        Self { whole: true, ..Self::new(label, start, high + margin) }
    }

    /// Where the value lies, from 0 to 1; `None` if the axis cannot show it.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = match self.scale {
            // Halves, because the whole length may overflow.
            Scale::Linear => (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0),
            Scale::Logarithmic => {
                let low = self.low.log10();
                (value.log10() - low) / (self.high.log10() - low)
            }
        };
        (-1e-6..=1.0 + 1e-6).contains(&place).then_some(place)
    }

    /// At most about `most` labelled ticks, and minor ones.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        match self.scale {
            Scale::Linear => ticks::linear(self.low, self.high, most, self.whole),
            Scale::Logarithmic => ticks::logarithmic(self.low, self.high, most),
        }
    }

    /// The ticks, as many as have room: a label takes `extent(label)` of the `length` of the axis.
    pub fn spaced_ticks(&self, length: f32, extent: impl Fn(&str) -> f32) -> Vec<Tick> {
        let fits = |ticks: &[Tick]| {
            let labels = ticks.iter().filter_map(|tick| {
                let place = self.place(tick.value)? as f32 * length;
                let half = extent(tick.label.as_deref()?) / 2.0;
                Some((place - half, place + half))
            });
            let labels: Vec<(f32, f32)> = labels.collect();
            labels.windows(2).all(|pair| pair[0].1 <= pair[1].0)
        };
        let most = if self.scale == Scale::Linear { 8 } else { 12 };
        (2..=most)
            .rev()
            .map(|most| self.ticks(most))
            .find(|ticks| fits(ticks))
            .unwrap_or_else(|| self.ticks(1))
    }
}

/// The least and the largest value.
pub(super) fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |bounds, value| {
        let (low, high) = bounds.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

/// A range that is long enough for ticks: around equal or nearly equal values, a tenth of their size to both sides.
pub(super) fn widened(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high / 2.0 - low / 2.0 > (size * 1e-9).max(1e-300) {
        return (low, high);
    }
    let more = if size < 1e-299 { 1.0 } else { size * 0.1 };
    ((low - more).max(-f64::MAX), (high + more).min(f64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_and_extreme_values_have_room() {
        for value in [0.0, 0.3, -7.0, 1e-320, f64::MAX, -f64::MAX] {
            let axis = Axis::over("", [value, f64::NAN].into_iter());
            assert!(axis.low < axis.high && axis.place(value).is_some(), "{axis:?}");
            assert!(axis.ticks(6).len() >= 2, "{axis:?} {:?}", axis.ticks(6));
        }
        for value in [5e-324, 1e-3, f64::MAX] {
            let axis = Axis::logarithmic("", [value, 0.0, -1.0].into_iter());
            assert!(axis.low < axis.high && axis.place(value).is_some(), "{axis:?}");
        }
        assert!(Axis::over("", [-f64::MAX, f64::MAX].into_iter()).place(0.0) == Some(0.5));
    }

    #[test]
    fn what_an_axis_cannot_show_has_no_place() {
        let axis = Axis::new("", 0.0, 2.0);
        assert_eq!([0.0, 0.5, 2.0].map(|x| axis.place(x)), [Some(0.0), Some(0.25), Some(1.0)]);
        assert_eq!([-1.0, f64::NAN, f64::INFINITY].map(|x| axis.place(x)), [None; 3]);
        let axis = Axis { scale: Scale::Logarithmic, ..Axis::new("", 1.0, 100.0) };
        assert_eq!([1.0, 10.0, 0.0, -1.0].map(|x| axis.place(x)), [Some(0.0), Some(0.5), None, None]);
    }
}
