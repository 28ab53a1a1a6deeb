//! The picture of a range test of `health`.

use super::axis::Scale;
use super::curve::Curve;
use super::rate_range::RateRangeTest;
use crate::health::Points;

/// The losses of a range test, also smoothed, and the rate that it suggests. The losses have a logarithmic axis, because those of
/// the last steps may be very large.
impl From<&Points> for RateRangeTest {
    fn from(test: &Points) -> Self {
        Self {
            losses: Curve::new(test.points.iter().map(|point| (point.rate, point.loss))),
            smoothed: Curve::new(test.points.iter().map(|point| (point.rate, point.smoothed))),
            chosen: test.suggested(),
            scale: Scale::Logarithmic,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{End, RatePoint};

    #[test]
    fn every_loss_is_at_its_rate() {
        let point = |rate, loss, smoothed| RatePoint { rate, loss, smoothed };
        let points = vec![point(1e-3, 4.0, 4.5), point(1e-2, 2.0, 3.0), point(1e-1, 1.0, 2.0)];
        let test = RateRangeTest::from(&Points { start: 5.0, points, end: End::Completed });
        assert_eq!(test.losses.points, [(1e-3, 4.0), (1e-2, 2.0), (1e-1, 1.0)]);
        assert_eq!(test.smoothed.points, [(1e-3, 4.5), (1e-2, 3.0), (1e-1, 2.0)]);
        // A tenth of the rate with the least smoothed loss.
        assert_eq!(test.chosen, Some(1e-2));
        test.draw().unwrap();
    }
}
