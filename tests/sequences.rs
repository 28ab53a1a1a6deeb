//! Layers that carry a memory from one input of a sequence to the next.

use core::slice::{from_mut, from_ref};

use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::{Kept, Kernel, Pass};
use stackprop::range::Real;
use stackprop::{
    Chain, Flatten, Frozen, Layer, Network, Parallel, Quadratic, Residual, Train, Workspace, Zero, parameters,
};

/// `y_t = x_{t-1}`, and 0 at the start of a sequence. Backward, dC/dx = 0: an output does not depend on its input.
struct Delay<const N: usize>;

parameters! {
    [const N: usize] Delay<N>, every T;
}

impl<const N: usize> Layer<[f32; N]> for Delay<N> {
    type Output = [f32; N];
    type Memory = [f32; N];
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[f32; N], [f32; N], B, I, O>;
    const MACS: usize = 0;

    fn infer<K: Kernel>(&self, _: K, memory: &mut [f32; N], inputs: &[[f32; N]], outputs: &mut [[f32; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            *y = std::mem::replace(memory, *x);
        }
    }
}

impl<const N: usize> Train<[f32; N]> for Delay<N> {
    type Cache<const B: usize> = Kept<[f32; N], (), B>;
    type Range = Real;

    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        _: &mut [f32; N],
        inputs: &[[f32; N]],
        cache: &mut Self::Cache<B>,
    ) {
        // Each row is a sequence of its own.
        for (x, y) in inputs.iter().zip(&mut cache.outputs) {
            self.infer(pass.kernel, &mut [0.0; N], from_ref(x), from_mut(y));
        }
    }

    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[f32; N]],
        _: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[f32; N]]>,
    ) {
        for dx in input_gradient.into_iter().flatten() {
            *dx = [0.0; N];
        }
    }
}

/// With `d_t = x_{t-1}` from the first layer, `p_t = (d_{t-1}, d_t)`, and `y_t = p_t + p_{t-1}`.
type Net = Network<
    1,
    Chain![Delay<1>, Parallel<Delay<1>, Residual<Delay<1>>>, Flatten<2>, Residual<Frozen<Delay<2>>>],
>;

/// By hand: the second head is `d_t + d_{t-1}`.
fn by_hand(x: &[f32], t: usize) -> [f32; 2] {
    let d = |back: usize| t.checked_sub(back).map_or(0.0, |t| x[t]);
    [d(2) + d(3), d(1) + 2.0 * d(2) + d(3)]
}

const INPUTS: [f32; 70] = {
    let mut inputs = [0.0; 70];
    let mut t = 0;
    while t < 70 {
        inputs[t] = (t * t % 17) as f32 + 1.0;
        t += 1;
    }
    inputs
};

#[test]
fn a_step_continues_the_sequence() {
    let (network, mut memory) = (Net::zeros(), Zero::ZERO);
    for (t, &x) in INPUTS.iter().enumerate() {
        assert_eq!(network.step(&mut memory, &[x]), by_hand(&INPUTS, t), "step {t}");
    }
    // Another sequence begins with a memory of zero.
    memory.set_zero();
    assert_eq!(network.step(&mut memory, &[5.0]), [0.0, 0.0]);
    assert_eq!(network.step(&mut memory, &[1.0]), [0.0, 5.0]);
}

/// The passes over independent samples: each begins with a memory of zero, whatever the tile.
#[test]
fn a_sample_is_a_sequence_of_its_own() {
    // With nothing in any memory, every delay gives zero.
    let (network, inputs) = (Net::zeros(), INPUTS.map(|x| [x]));
    let mut outputs = [[f32::NAN; 2]; 70];
    network.predict_batch(&inputs, &mut outputs);
    assert_eq!(outputs, [[0.0; 2]; 70]);
    let mut workspace = Workspace::<Net, 4>::zeros();
    assert_eq!(workspace.forward(&network, &inputs[..4]).unwrap().outputs(), [[0.0; 2]; 4]);

    // Residual layers pass their input on, so outputs differ.
    type PassedOn = Network<1, Residual<Delay<1>>>;
    let network = PassedOn::zeros();
    let mut outputs = [[f32::NAN]; 70];
    network.predict_batch(&inputs, &mut outputs);
    assert_eq!(outputs, inputs);
    outputs = [[f32::NAN]; 70];
    network.predict_many(&inputs, &mut outputs).unwrap();
    assert_eq!(outputs, inputs);
    assert_eq!(network.predict(&[3.0]), [3.0]);

    let data: Vec<_> = inputs.iter().map(|&x| (x, x)).collect();
    let mut evaluated = 0;
    Workspace::<PassedOn, 8>::zeros()
        .evaluate(&network, data.as_slice(), |output, target| {
            assert_eq!(output, target);
            evaluated += 1;
        })
        .unwrap();
    assert_eq!(evaluated, 70);
    assert_eq!(Workspace::<PassedOn, 4>::zeros().loss(&network, &Quadratic, data.as_slice()), Ok(0.0));
}
