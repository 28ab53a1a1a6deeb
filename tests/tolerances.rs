//! Every tolerance of the numerical tests, in one reviewed table, each with its reason.
//!
//! A test file declares `mod tolerances;` and names what it uses: `tolerances::GRADIENT`. The table's own test reads
//! the sources and fails if no test uses a tolerance.
//!
//! Bounds in ULP of the elementary functions are claims of the crate, not tolerances, and are defined beside the
//! functions.

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
    /// Backpropagation against central differences, relative to each derivative, or to [`GRADIENT_FLOOR`] times the
    /// largest derivative if that is larger.
    ///
    /// The truncation error is h^8/630 = 2e-20 (h = 1/128) times the ninth derivative, the rounding error about 2^-52 C / h:
    /// 3e-14 C (h = 1/128) or 6e-14 C (h = 1/256), divided by at least [`GRADIENT_FLOOR`] times the largest derivative.
    /// Measured: at most 4e-8, in four layers of Softmax, whose derivatives are the smallest; otherwise 1e-8.
    GRADIENT = 1e-7;

    /// Derivatives below this fraction of the largest one are compared as if they were that large, because the
    /// rounding error of the difference does not shrink with the derivative.
    GRADIENT_FLOOR = 1e-3;

    /// The gradient check on a few samples and two or three layers in `f64`. The rounding error is that of
    /// [`GRADIENT`], but the losses are below 2 and the largest derivative is above 0.1. The documentation promises
    /// this bound.
    CHECK = 1e-8;

    /// The same in `f32`, with h = 1/8: a rounding error of 2^-23 C / h = 1e-6 C, divided by 1e-3 times the largest
    /// derivative. The documentation promises this bound.
    CHECK_F32 = 1e-2;

    /// Numbers computed by hand, as fractions and logarithms, against f64: a few roundings of 1.1e-16 of numbers up
    /// to 8.
    BY_HAND = 4e-15;

    /// Two f64 computations of the same derivatives in different orders, relative to the largest derivative: chains
    /// of at most 40 additions, 40 * 1.1e-16, with a factor of 2 for the different activations below.
    SAME_SUM_F64 = 1e-14;

    /// As [`SAME_SUM_F64`], for f32: 40 * 6e-8 with a factor of 2.
    SAME_SUM_F32 = 5e-6;

    /// PyTorch in f64 against ours, relative to the largest element of the tensor: outputs, gradients, ten losses, and
    /// parameters after ten steps. Elementary functions differ by an ULP or two, products in the order of their sums.
    /// One evaluation is therefore within 2e-15. Ten steps propagate the rounding errors, most of all with Adam,
    /// whose division by sqrt(v) makes a small derivative's error as important as a large one's. Measured: 6e-15.
    PYTORCH_F64 = 1e-13;

    /// PyTorch in f32 against ours, as [`PYTORCH_F64`]. The unit in the last place is 2^29 = 5e8 times larger, which
    /// scales that bound to 5e-5. Measured: 1.1e-6, in the separate class 1.8e-6 (both after steps of Adam).
    PYTORCH_F32 = 1e-5;

    /// Learning rates in f64 against PyTorch's, each relative to itself. PyTorch's line, start + (end - start) t, ends at 4e-6
    /// times its start in a cycle, where a rounding error of the start is 1.1e-16 / 4e-6 = 3e-11. Measured: 1.8e-11 there,
    /// 2e-13 elsewhere.
    SCHEDULE_F64 = 5e-11;

    /// Learning rates in f32, as [`SCHEDULE_F64`], against rates that PyTorch computes in f64 from settings in f32. A power of
    /// a factor has half as many roundings as steps, at most: 80 * 6e-8 = 5e-6. Measured: 1.1e-6 there, 6e-7 elsewhere.
    SCHEDULE_F32 = 2e-6;
    /// PyTorch in f64 against ours, relative to the largest element of the tensor: one loss of a few outputs, and its
    /// gradient. Each is some ten operations and elementary functions of an ULP or two.
    LOSS_F64 = 2e-15;

    /// As [`LOSS_F64`], in f32, whose unit is 2^29 = 5e8 times larger.
    LOSS_F32 = 1e-6;

    /// scikit-learn's metrics against ours in f64, relative to the metric, or to 1 if that is larger: quotients of sums of 200
    /// numbers, 200 * 1.1e-16 if all roundings of such a sum have the same sign. Measured: 9e-15 (R2, whose squares are summed
    /// plainly by numpy), otherwise 5e-15.
    METRICS_F64 = 3e-14;

    /// The same in f32: our sums are compensated, so a handful of roundings of 6e-8 remain. Measured: 1.4e-7.
    METRICS_F32 = 5e-7;

    /// The number of standard errors by which a sample's mean or variance may differ: 6e-7 of a normal distribution
    /// is beyond 5, and the seeds are fixed.
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
