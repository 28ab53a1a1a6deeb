//! Augmentations of images that move whole pixels: shift, flip, erase.

use super::{Augment, AugmentError, SampleRng};
use crate::scalar::Scalar;
use crate::vector::Vector;
use crate::zero::Zero;

/// Asserts that an input is an image of `H` rows of `W` pixels of `C` channels.
pub(super) struct ImageOf<X, const H: usize, const W: usize, const C: usize>(core::marker::PhantomData<X>);

impl<X: Vector, const H: usize, const W: usize, const C: usize> ImageOf<X, H, W, C> {
    pub(super) const VALID: () = {
        assert!(
            H * W * C == X::LEN,
            "an image of H rows, W columns and C channels has H W C numbers: the augmentation's H, W and C are not those of the input"
        );
        assert!(H < 1 << 15 && W < 1 << 15, "an image has less than 32768 rows and columns");
    };
}

/// Calls `each` with column, row and channels of each pixel. (`chunks_exact_mut` has a panic path.)
pub(super) fn for_each_pixel<X: Vector, const H: usize, const W: usize, const C: usize>(
    image: &mut X,
    mut each: impl FnMut(usize, usize, &mut [X::Scalar; C]),
) {
    let mut pixels = image.as_mut_slice().as_chunks_mut::<C>().0.iter_mut();
    for y in 0..H {
        for (x, pixel) in (0..W).zip(pixels.by_ref()) {
            each(x, y, pixel);
        }
    }
}

/// Each pixel `(x, y)` becomes the one at `source(x, y)`, or `fill` where there is none.
fn remap<X: Vector, const H: usize, const W: usize, const C: usize>(
    image: &mut X,
    fill: X::Scalar,
    source: impl Fn(isize, isize) -> (isize, isize),
) {
    let from = *image;
    let from = from.as_slice().as_chunks::<C>().0;
    for_each_pixel::<X, H, W, C>(image, |x, y, pixel| {
        let (x, y) = source(x as isize, y as isize);
        *pixel = at::<_, H, W, C>(from, x, y).copied().unwrap_or([fill; C]);
    });
}

/// The pixel at column `x` of row `y`, if there is one.
#[inline(always)]
pub(super) fn at<T, const H: usize, const W: usize, const C: usize>(
    image: &[[T; C]],
    x: isize,
    y: isize,
) -> Option<&[T; C]> {
    // A negative number becomes a large one.
    let (x, y) = (x as usize, y as usize);
    if x < W && y < H { image.get(y.wrapping_mul(W).wrapping_add(x)) } else { None }
}

/// Shifts an image by whole pixels, both ways uniform in `-pixels..=pixels`. A copy of the image is made on the stack.
///
/// ```
/// use stackprop::Dataset;
/// use stackprop::data::augment::Shift;
///
/// let data = [([1.0_f32; 9], 'a')].augmented(Shift::<3, 3> { pixels: 1, fill: 0.0 }, 3)?;
/// let mut image = [0.0; 9];
/// data.sample(0, &mut image);
/// assert!([9.0, 6.0, 4.0].contains(&image.iter().sum())); // of 9 pixels, up to 5 came from outside
/// # Ok::<(), stackprop::data::augment::AugmentError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift<const H: usize, const W: usize, const C: usize = 1, T = f32> {
    /// The most pixels, in each direction: less than 32768.
    pub pixels: usize,
    /// What comes in from outside.
    pub fill: T,
}

impl<X, T, const H: usize, const W: usize, const C: usize> Augment<X> for Shift<H, W, C, T>
where
    X: Vector<Scalar = T>,
    T: Scalar,
{
    const VALID: () = ImageOf::<X, H, W, C>::VALID;

    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        let range = self.pixels.saturating_mul(2).saturating_add(1);
        let [dx, dy] = [(); 2].map(|()| (rng.below(range) as isize).wrapping_sub(self.pixels as isize));
        remap::<X, H, W, C>(input, self.fill, |x, y| (x.wrapping_sub(dx), y.wrapping_sub(dy)));
    }

    fn check(&self) -> Result<(), AugmentError> {
        AugmentError::unless(self.pixels < 1 << 15, "Shift::pixels", "less than 32768")
    }
}

macro_rules! flip {
    ($(#[$doc:meta])* $name:ident, |$x:ident, $y:ident, $last_x:ident, $last_y:ident| $source:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name<const H: usize, const W: usize, const C: usize = 1>;

        impl<X: Vector, const H: usize, const W: usize, const C: usize> Augment<X> for $name<H, W, C> {
            const VALID: () = ImageOf::<X, H, W, C>::VALID;

            fn augment(&self, input: &mut X, rng: &mut SampleRng) {
                if rng.word() >> 31 == 1 {
                    remap::<X, H, W, C>(input, X::Scalar::ZERO, |$x, $y| {
                        let ($last_x, $last_y) = ((W as isize).wrapping_sub(1), (H as isize).wrapping_sub(1));
                        let _ = ($last_x, $last_y);
                        $source
                    });
                }
            }
        }
    };
}

flip! {
    /// Swaps left and right, one time in two. A copy of the image is made on the stack.
    FlipHorizontal, |x, y, last_x, last_y| (last_x.wrapping_sub(x), y)
}

flip! {
    /// Swaps top and bottom, one time in two. A copy of the image is made on the stack.
    FlipVertical, |x, y, last_x, last_y| (x, last_y.wrapping_sub(y))
}

/// Overwrites a rectangle, whose centre is a random pixel: "cutout" (DeVries, Taylor 2017). At the border, only a part of it lies in
/// the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Erase<const H: usize, const W: usize, const C: usize = 1, T = f32> {
    /// The rows of the rectangle.
    pub height: usize,
    /// Its columns.
    pub width: usize,
    /// What it is overwritten with.
    pub fill: T,
}

impl<X, T, const H: usize, const W: usize, const C: usize> Augment<X> for Erase<H, W, C, T>
where
    X: Vector<Scalar = T>,
    T: Scalar,
{
    const VALID: () = ImageOf::<X, H, W, C>::VALID;

    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        let (x, y) = (rng.below(W), rng.below(H));
        // For an even length, the pixel is the first of its second half.
        let inside = |at: usize, centre: usize, len: usize| {
            at.saturating_add(len / 2) >= centre && at.saturating_add(len / 2) < centre.saturating_add(len)
        };
        for_each_pixel::<X, H, W, C>(input, |column, row, pixel| {
            if inside(row, y, self.height) && inside(column, x, self.width) {
                *pixel = [self.fill; C];
            }
        });
    }
}
