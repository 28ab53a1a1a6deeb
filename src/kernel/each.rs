//! Loops over the rows, vectors and values of a block.

/// `each!(r < R => body)`: a loop over `r` in `0..R`, where `R` is a constant of at most 16.
///
/// The sums of a block are in registers only if each of their indices is a constant, so these loops must be unrolled. The
/// compiler does that at `opt-level = 3`. At "s" it does not, and a product would take four times as long; so there, and at
/// 2, the body is written out for each `r` (`cfg(written_out)`, from `build.rs`). It is not everywhere, because that is
/// longer to compile, and without optimisation takes more stack than a thread has.
///
/// If `R` is not a parameter of the function, it is `each!(r < R, at most 4 => body)`, because the compiler refuses an index
/// that is out of bounds even where it is not used. `each!(w < W, few => body)` is written out everywhere for `w < 4`, and
/// a loop beyond.
macro_rules! each {
    ($i:ident < $count:expr => $body:expr) => {
        #[cfg(not(written_out))]
        for $i in 0..$count {
            $body;
        }
        #[cfg(written_out)]
        $crate::kernel::each::each!(@ $i, $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    };
    ($i:ident < $count:expr, at most 4 => $body:expr) => {
        #[cfg(not(written_out))]
        for $i in 0..$count {
            $body;
        }
        #[cfg(written_out)]
        $crate::kernel::each::each!(@ $i, $count, $body, 0 1 2 3);
    };
    ($i:ident < $count:expr, few => $body:expr) => {
        $crate::kernel::each::each!(@ $i, $count, $body, 0 1 2 3);
        for $i in 4..$count {
            $body;
        }
    };
    (@ $i:ident, $count:expr, $body:expr, $($index:literal)*) => {$(
        if const { $count > $index } {
            let $i = $index;
            $body;
        }
    )*};
}
pub(super) use each;
