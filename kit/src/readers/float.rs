//! The scalars that are read from files.

use std::str::FromStr;

use stackprop::Scalar;

/// `f32` or `f64`, made from the numbers of files.
pub trait Float: Scalar + FromStr {
    /// The value nearest to an integer.
    fn from_i64(n: i64) -> Self;

    /// `f32` or `f64`.
    const NAME: &'static str;
}

macro_rules! float {
    ($float:ident) => {
        impl Float for $float {
            fn from_i64(n: i64) -> Self {
                n as $float
            }

            const NAME: &'static str = stringify!($float);
        }
    };
}
float!(f32);
float!(f64);
