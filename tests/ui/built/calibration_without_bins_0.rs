//! A probability has no bin.
use stackprop::metrics::Calibration;

fn main() {
    let mut calibration = Calibration::<0>::new();
    calibration.add_probability(0.5, true);
}
