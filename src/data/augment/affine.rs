//! Rotation, zoom and shift of an image, in one bilinear interpolation.
//!
//! Pixel `p` of the new image is the pixel at `c + R(angle) (p - c - shift) / zoom` of the old one, where `c` is the centre. Four
//! pixels around that place are interpolated: `(1 - v) ((1 - u) p00 + u p10) + v ((1 - u) p01 + u p11)`.
//!
//! The bits are the same on every target. The matrix is computed in `f64` by `+ - * /`, and the places as integers, in units of 2^-32
//! pixels, which also makes them exact sums. With `t = tan(angle / 2)`, `R` is `[[1 - t^2, -2t], [2t, 1 - t^2]] / (1 + t^2)`, a
//! rotation for every `t`, so an error of the tangent is one of the angle and nothing else. The tangent is Lambert's continued
//! fraction of 1761, cut off: `t = p / q` with `p = h (945 - 105 h^2 + h^4)`, `q = 945 - 420 h^2 + 15 h^4`, `h = angle / 2`. The error of the
//! angle is below 1e-8 degrees up to 45 degrees, 1e-5 up to 90 and 0.01 up to 180.

use super::image::{ImageOf, at, for_each_pixel};
use super::{Augment, AugmentError, SampleRng};
use crate::scalar::Scalar;
use crate::vector::Vector;

/// Rotates, zooms and shifts an image at random. What comes in from outside is `fill`. A copy of the image is made on the stack.
///
/// For handwritten digits, small changes (10 degrees, a zoom of 0.1, a shift of 2 pixels) are those that a writer makes. It is torchvision's
/// `RandomAffine` with bilinear interpolation and without shear.
///
/// ```
/// use stackprop::data::augment::{Affine, Augment};
/// use stackprop::data::SampleRng;
///
/// // No change at all: the same image, in every bit.
/// let still = Affine::<2, 3> { degrees: 0.0, zoom: 0.0, shift: 0.0, fill: 9.0 };
/// let mut image = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
/// still.augment(&mut image, &mut SampleRng::new(1, 0, 0));
/// assert_eq!(image, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine<const H: usize, const W: usize, const C: usize = 1, T = f32> {
    /// The angle is uniform in `-degrees..degrees`: from 0 to 180.
    pub degrees: T,
    /// The factor by which the image grows is uniform in `1 - zoom..1 + zoom`: at least 0 and less than 1.
    pub zoom: T,
    /// The shift in pixels, both ways, is uniform in `-shift..shift`: from 0 to 32767.
    pub shift: T,
    /// What comes in from outside.
    pub fill: T,
}

impl<X, T, const H: usize, const W: usize, const C: usize> Augment<X> for Affine<H, W, C, T>
where
    X: Vector<Scalar = T>,
    T: Scalar,
{
    const VALID: () = ImageOf::<X, H, W, C>::VALID;

    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        let mut within = |limit: T| rng.uniform(-limit.to_f64(), limit.to_f64());
        let (angle, zoom) = (within(self.degrees), 1.0 + within(self.zoom));
        let shift = [within(self.shift), within(self.shift)];
        let map = Map::new([W, H], angle, zoom, shift);
        interpolate::<X, H, W, C>(input, map, self.fill);
    }

    fn check(&self) -> Result<(), AugmentError> {
        let within = |x: T, limit: f64| x >= T::ZERO && x.to_f64() <= limit;
        AugmentError::unless(within(self.degrees, 180.0), "Affine::degrees", "from 0 to 180")?;
        let zoom = within(self.zoom, 1.0) && self.zoom < T::ONE;
        AugmentError::unless(zoom, "Affine::zoom", "at least 0 and less than 1")?;
        AugmentError::unless(within(self.shift, 32767.0), "Affine::shift", "from 0 to 32767")
    }
}

/// Where a pixel comes from, `[x, y]`, in units of 2^-32 pixels: `origin + x across + y down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Map {
    origin: [i64; 2],
    across: [i64; 2],
    down: [i64; 2],
}

impl Map {
    fn new(size: [usize; 2], degrees: f64, zoom: f64, shift: [f64; 2]) -> Self {
        let (cos, sin) = cos_sin(degrees);
        let (cos, sin) = (cos / zoom, sin / zoom);
        let [cx, cy] = size.map(|n| 0.5 * (n as f64 - 1.0));
        let (x, y) = (cx + shift[0], cy + shift[1]);
        Self {
            origin: [cx - (cos * x - sin * y), cy - (sin * x + cos * y)].map(fixed),
            across: [cos, sin].map(fixed),
            down: [-sin, cos].map(fixed),
        }
    }

    /// Column and row of the pixel that pixel `(x, y)` comes from, and how far the place is from it towards the next ones.
    #[inline(always)]
    fn place<T: Scalar>(&self, x: i64, y: i64) -> [(isize, T); 2] {
        let Self { origin: [ox, oy], across: [ax, ay], down: [dx, dy] } = *self;
        [(ox, ax, dx), (oy, ay, dy)].map(|(origin, across, down)| {
            let place = origin.wrapping_add(x.wrapping_mul(across)).wrapping_add(y.wrapping_mul(down));
            // 16 bits of the fraction are as good as a pixel's 8 or 24.
            let fraction = (place >> 16) as usize & 0xffff;
            ((place >> 32) as isize, T::from_usize(fraction) * T::from_f64(1.0 / 65536.0))
        })
    }
}

/// In units of 2^-32. (A number that is too large becomes the largest, and all its pixels are outside.)
fn fixed(x: f64) -> i64 {
    (x * 4_294_967_296.0) as i64
}

/// Cosine and sine, whose squares add up to 1 within rounding: see the module.
fn cos_sin(degrees: f64) -> (f64, f64) {
    let h = degrees * (core::f64::consts::PI / 360.0);
    let square = h * h;
    let p = h * (945.0 - square * (105.0 - square));
    let q = 945.0 - square * (420.0 - 15.0 * square);
    let (p2, q2) = (p * p, q * q);
    ((q2 - p2) / (q2 + p2), 2.0 * p * q / (q2 + p2))
}

fn interpolate<X: Vector, const H: usize, const W: usize, const C: usize>(
    image: &mut X,
    map: Map,
    fill: X::Scalar,
) {
    let from = *image;
    let from = from.as_slice().as_chunks::<C>().0;
    let fill = [fill; C];
    for_each_pixel::<X, H, W, C>(image, |x, y, pixel| {
        let [(left, u), (top, v)] = map.place::<X::Scalar>(x as i64, y as i64);
        let (right, bottom) = (left.wrapping_add(1), top.wrapping_add(1));
        let corner = |x, y| at::<_, H, W, C>(from, x, y).unwrap_or(&fill);
        let (p00, p10) = (corner(left, top), corner(right, top));
        let (p01, p11) = (corner(left, bottom), corner(right, bottom));
        let (not_u, not_v) = (X::Scalar::ONE - u, X::Scalar::ONE - v);
        for ((((new, a), b), c), d) in pixel.iter_mut().zip(p00).zip(p10).zip(p01).zip(p11) {
            *new = not_v * (not_u * *a + u * *b) + v * (not_u * *c + u * *d);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The image after a rotation, a zoom and a shift that are given.
    fn moved<const H: usize, const W: usize, const N: usize>(
        mut image: [f64; N],
        degrees: f64,
        zoom: f64,
        shift: [f64; 2],
    ) -> [f64; N] {
        interpolate::<_, H, W, 1>(&mut image, Map::new([W, H], degrees, zoom, shift), 100.0);
        image
    }

    fn close<const N: usize>(a: [f64; N], b: [f64; N], epsilon: f64) {
        for (a, b) in a.into_iter().zip(b) {
            approx::assert_abs_diff_eq!(a, b, epsilon = epsilon);
        }
    }

    const IMAGE: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // two rows

    #[test]
    fn whole_pixels_are_moved_exactly() {
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [0.0; 2]), IMAGE);
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [1.0, 0.0]), [100.0, 1.0, 2.0, 100.0, 4.0, 5.0]);
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [0.0, -1.0]), [4.0, 5.0, 6.0, 100.0, 100.0, 100.0]);
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [2000.0, 0.0]), [100.0; 6]);
    }

    // By half a pixel: the means of neighbours. By a quarter to the right: (1 + 3 * 2) / 4.
    #[test]
    fn parts_of_pixels_are_interpolated() {
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [0.5, 0.0]), [50.5, 1.5, 2.5, 52.0, 4.5, 5.5]);
        assert_eq!(moved::<2, 3, 6>(IMAGE, 0.0, 1.0, [0.0, 0.5]), [50.5, 51.0, 51.5, 2.5, 3.5, 4.5]);
        assert_eq!(moved::<1, 2, 2>([1.0, 2.0], 0.0, 1.0, [0.25, 0.0])[1], 1.75);
    }

    // The places of the fixed matrix are off by at most 2^-32 + 2^-16 of a pixel, pixels differ by up to 100, and the angle is off by 3e-9.
    #[test]
    fn a_quarter_turn_permutes() {
        let square = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let turned = moved::<3, 3, 9>(square, 90.0, 1.0, [0.0; 2]);
        close(turned, [3.0, 6.0, 9.0, 2.0, 5.0, 8.0, 1.0, 4.0, 7.0], 100.0 / 32768.0);
        let back = moved::<3, 3, 9>(square, -90.0, 1.0, [0.0; 2]);
        close(back, [7.0, 4.0, 1.0, 8.0, 5.0, 2.0, 9.0, 6.0, 3.0], 100.0 / 32768.0);
    }

    // Twice as large, around the centre at 1: places 0.5, 1, 1.5.
    #[test]
    fn zooms_around_the_centre() {
        assert_eq!(moved::<1, 3, 3>([1.0, 3.0, 9.0], 0.0, 2.0, [0.0; 2]), [2.0, 3.0, 6.0]);
    }

    // The bounds of the module's docs, in degrees.
    #[test]
    fn the_angle_is_as_accurate_as_promised() {
        for (limit, bound) in [(45.0, 1e-8), (90.0, 1e-5), (180.0, 1e-2)] {
            for step in -1000..=1000 {
                let degrees = limit * f64::from(step) / 1000.0;
                let (cos, sin) = cos_sin(degrees);
                approx::assert_abs_diff_eq!(cos * cos + sin * sin, 1.0, epsilon = 1e-15);
                let off = (sin.atan2(cos).to_degrees() - degrees).abs();
                assert!(off.min(360.0 - off) < bound, "{degrees}: {off}");
            }
        }
        assert_eq!(cos_sin(0.0), (1.0, 0.0));
    }

    #[test]
    fn settings_must_be_in_range() {
        let good = Affine::<2, 3> { degrees: 180.0, zoom: 0.5, shift: 1.0, fill: f32::NAN };
        let check = |affine: Affine<2, 3>| Augment::<[f32; 6]>::check(&affine);
        assert_eq!(check(good), Ok(()));
        for bad in [-1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(check(Affine { degrees: bad, ..good }).unwrap_err().setting, "Affine::degrees");
            assert_eq!(check(Affine { zoom: bad, ..good }).unwrap_err().setting, "Affine::zoom");
            assert_eq!(check(Affine { shift: bad, ..good }).unwrap_err().setting, "Affine::shift");
        }
        let error = check(Affine { zoom: 1.0, ..good }).unwrap_err();
        assert_eq!(std::format!("{error}"), "`Affine::zoom` must be at least 0 and less than 1");
    }
}
