//! A trainer for a user-defined layer that implements only inference.
use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::Kernel;
use stackprop::{Layer, Network, Sgd, Trainer, parameters};

struct Twice;

parameters! {
    [] Twice, f32;
}

impl Layer<[f32; 2]> for Twice {
    type Output = [f32; 2];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[f32; 2], [f32; 2], B, I, O>;
    const MACS: usize = 2;

    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[f32; 2]], outputs: &mut [[f32; 2]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            *y = x.map(|x| x + x);
        }
    }
}

fn main() {
    let _ = Trainer::<Network<2, Twice>, Sgd, 1>::zeros();
}
