//! Loops over rows, vectors and values that are written out.

/// Runs a statement for each `i` below a constant, as a copy of the statement for each of the first 16, in which `i` is a
/// literal: `each!(r < R => sums[r] = ..)`.
///
/// An array is in registers only if all its indices are constants. The compiler unrolls a loop so that they are, but only if
/// it optimises for speed: at `opt-level = "s"` none, and at 2 not those around another loop, so that all sums of a
/// block would be in memory, and a product take four times as long.
///
/// A statement should be short, and call one function that is always inlined, to which arrays are passed as references.
/// Without optimisation, each copy has a place on the stack for each of its temporary values, even if it never runs, and
/// those of functions that are inlined into one another add up: in the products of AVX-512 to more than a thread's 2 MB.
/// Functions that do a row are therefore not forced inline where debug assertions are on.
macro_rules! each {
    ($i:ident < $count:expr => $body:expr) => {
        $crate::kernel::each::each!(@ $i, $count, $body, 16, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    };
    // The first 4 only: an optimiser seldom has more numbers for each parameter.
    ($i:ident < $count:expr, mostly few => $body:expr) => {
        $crate::kernel::each::each!(@ $i, $count, $body, 4, 0 1 2 3);
    };
    (@ $i:ident, $count:expr, $body:expr, $written:literal, $($index:literal)*) => {
        $(
            if const { $count > $index } {
                let $i = $index;
                $body;
            }
        )*
        if const { $count > $written } {
            for $i in $written..$count {
                $body;
            }
        }
    };
}
pub(super) use each;
