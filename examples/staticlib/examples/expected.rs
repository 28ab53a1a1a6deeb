//! Prints what the C programs must print: the bits of the outputs for some inputs.

use classifier::{CLASSIFIER_INPUTS, CLASSIFIER_OUTPUTS, classifier_predict};

fn main() {
    for sample in 0..8 {
        let input: [f32; CLASSIFIER_INPUTS] =
            std::array::from_fn(|i| ((sample * 4 + i) * 37 % 65) as f32 / 16.0 - 2.0);
        let mut output = [0.0; CLASSIFIER_OUTPUTS];
        // SAFETY: the arrays have these lengths.
        unsafe { classifier_predict(input.as_ptr(), output.as_mut_ptr()) };
        println!("{}", output.map(|a| format!("{:08x}", a.to_bits())).join(" "));
    }
}
