//! Every tolerance of the numerical tests, in one reviewed table, each with its reason.
//!
//! A test file says `mod tolerances;` and names what it uses: `tolerances::GRADIENT`. The table's own test reads the
//! sources: a tolerance that nothing uses any more has to go.
//!
//! Bounds in ULP of the elementary functions are no tolerances but claims of the crate, and stand beside the functions.

/// Declares the constants and, for the test below, the list of their names and values.
macro_rules! table {
    ($($(#[$reason:meta])* $name:ident = $value:expr;)*) => {
        $(
            $(#[$reason])*
            #[allow(dead_code, reason = "a test file uses a part of the table")]
            pub const $name: f64 = $value;
        )*

        const TABLE: &[(&str, f64)] = &[$((stringify!($name), $name)),*];
    };
}

table! {
    /// Backpropagation against central differences, for each derivative, relative to it or to
    /// [`GRADIENT_FLOOR`] times the largest derivative if it is smaller than that.
    ///
    /// The truncation error is h^8/630 = 2e-20 (h = 1/128) times the ninth derivative, the rounding error about 2^-52 C / h:
    /// 3e-14 C (h = 1/128) or 6e-14 C (h = 1/256), which is divided by as little as [`GRADIENT_FLOOR`] times the largest
    /// derivative. Measured: at most 4e-8, in four layers of Softmax, whose derivatives are the smallest; else 1e-8.
    GRADIENT = 1e-7;

    /// Derivatives below this part of the largest one are compared as if they were that large: the rounding error of the
    /// difference does not shrink with the derivative.
    GRADIENT_FLOOR = 1e-3;

    /// The gradient check on a few samples and two or three layers in `f64`. Its rounding error is that of [`GRADIENT`], but losses are
    /// below 2 and the largest derivative is above 0.1. The documentation promises this bound.
    CHECK = 1e-8;

    /// The same in `f32`, with h = 1/8: rounding of 2^-23 C / h = 1e-6 C, divided by 1e-3 times the largest derivative. The
    /// documentation promises this bound.
    CHECK_F32 = 1e-2;

    /// Numbers computed by hand, as fractions and logarithms, against f64: a few roundings of 1.1e-16 on numbers up to 8.
    BY_HAND = 4e-15;

    /// Two f64 computations of the same derivatives in a different order, relative to the largest of them: chains of at most
    /// 40 additions, 40 * 1.1e-16, with a factor 2 for the differing activations below.
    SAME_SUM_F64 = 1e-14;

    /// As [`SAME_SUM_F64`], for f32: 40 * 6e-8 with a factor 2.
    SAME_SUM_F32 = 5e-6;

    /// PyTorch in f64 against ours, relative to the largest element of the tensor: outputs, gradients, ten losses, and
    /// parameters after ten steps. Elementary functions differ by an ULP or two, products in the order of their sums.
    /// One evaluation is then within 2e-15; ten steps carry rounding on, Adam most of all, whose division by
    /// sqrt(v) makes a small derivative's error as important as a large one's. Measured: 6e-15.
    PYTORCH_F64 = 1e-13;

    /// PyTorch in f32 against ours, as [`PYTORCH_F64`]. The unit in the last place is 2^29 = 5e8 times larger, which makes
    /// 5e-5 of that bound; measured is 1.1e-6, in the separate class 1.8e-6 (both after steps of Adam).
    PYTORCH_F32 = 1e-5;

    /// How many standard errors a sample's mean or variance may lie off: beyond 5 lies 6e-7 of a normal distribution, and
    /// the seeds are fixed.
    STANDARD_ERRORS = 5.0;
}

/// Each tolerance is a positive number, and some test uses it.
#[test]
fn every_tolerance_is_used() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let sources: String = std::fs::read_dir(tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { path.join("mod.rs") } else { path })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && path.exists())
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for (name, value) in TABLE {
        assert!(value.is_finite() && *value > 0.0, "{name} is {value}");
        assert!(sources.contains(&format!("tolerances::{name}")), "{name} is used by no test");
    }
}
