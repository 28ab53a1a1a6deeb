//! The network produces 10 logits, the target is a distribution over 9 classes.
use stackprop::{Loss, SoftmaxCrossEntropy};

fn main() {
    let mut gradient = [0.0; 10];
    SoftmaxCrossEntropy.evaluate(&[0.0; 10], &[1.0 / 9.0; 9], &mut gradient);
}
