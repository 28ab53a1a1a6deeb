//! Points in order: what most pictures show.

use super::error::PictureError;

/// Points `(x, y)`, in the order in which a line joins them.
///
/// A `y` that is NaN or infinite interrupts the line, and is marked.
///
/// ```
/// use stackprop_kit::pictures::Curve;
///
/// let losses = [0.5_f32, 0.25, 0.125];
/// assert_eq!(Curve::from(&losses).points, [(1.0, 0.5), (2.0, 0.25), (3.0, 0.125)]);
///
/// // Records of every tenth epoch.
/// let records = [(10_u32, 0.5), (20, 0.25)];
/// assert_eq!(Curve::per_epoch(records).points, [(10.0, 0.5), (20.0, 0.25)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The points.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// These points.
    pub fn new(points: impl IntoIterator<Item = (impl Into<f64>, impl Into<f64>)>) -> Self {
        Self { points: points.into_iter().map(|(x, y)| (x.into(), y.into())).collect() }
    }

    /// A value for each of these epochs.
    pub fn per_epoch(values: impl IntoIterator<Item = (impl Into<u64>, impl Into<f64>)>) -> Self {
        Self::new(values.into_iter().map(|(epoch, value)| (epoch.into() as f64, value)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Every `x` must be finite; `what` has them.
    pub(super) fn check_x(&self, what: &'static str) -> Result<(), PictureError> {
        check(what, self.xs(), "finite", f64::is_finite)
    }

    pub(super) fn xs(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.0)
    }

    pub(super) fn ys(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.1)
    }
}

/// The values of epochs 1, 2, 3 and so on.
impl<T: Copy + Into<f64>> From<&[T]> for Curve {
    fn from(values: &[T]) -> Self {
        Self::per_epoch((1_u64..).zip(values.iter().copied()))
    }
}

/// The values of epochs 1, 2, 3 and so on.
impl<T: Copy + Into<f64>, const N: usize> From<&[T; N]> for Curve {
    fn from(values: &[T; N]) -> Self {
        values.as_slice().into()
    }
}

/// The values of epochs 1, 2, 3 and so on.
impl<T: Copy + Into<f64>> From<&Vec<T>> for Curve {
    fn from(values: &Vec<T>) -> Self {
        values.as_slice().into()
    }
}

/// An error for the first of these values that is not as it must be.
pub(super) fn check(
    what: &'static str,
    values: impl Iterator<Item = f64>,
    must_be: &'static str,
    mut is_right: impl FnMut(f64) -> bool,
) -> Result<(), PictureError> {
    match values.enumerate().find(|(_, value)| !is_right(*value)) {
        None => Ok(()),
        Some((index, value)) => Err(PictureError::Value { what, index, value, must_be }),
    }
}
