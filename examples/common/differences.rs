//! The gradient without backpropagation: moves each parameter up and down, takes the difference of the loss, and
//! measures how long that takes.

use std::hint::black_box;
use std::time::Instant;

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Chain, Dense, Gradients, Layer, Loss, Network, Parameters, Quadratic, Sigmoid, Workspace, init,
};

use super::cli::{Out, OutError};

/// Two layers of sigmoid neurons in `f64`, whose 53 bits make the comparison sharp.
pub type SigmoidNet<const I: usize, const H: usize, const O: usize> =
    Network<I, Chain![Dense<I, H, Sigmoid, f64>, Dense<H, O, Sigmoid, f64>], f64>;

/// How far to move a parameter, `h`. The error is about `C''' h^2 / 6` from truncation and `1e-16 C / h` from rounding
/// in `f64`; here neither is above 1e-10.
const NUDGE: f64 = 1e-5;

/// `[C(w + h) - C(w - h)] / 2h` for each parameter, in the order of [`Parameters::visit`].
pub fn central_differences<const IN: usize, const OUT: usize, L>(
    network: &Network<IN, L, f64>,
    input: &[f64; IN],
    target: &[f64; OUT],
) -> Vec<f64>
where
    L: Layer<[f64; IN], Output = [f64; OUT]> + Parameters<f64> + Clone,
{
    let mut parameters = vec![];
    network.visit(|_, values| parameters.extend_from_slice(values));
    let mut nudged = network.clone();
    let slope = |(index, &parameter)| {
        let mut loss_at = |value| {
            set(&mut nudged, index, value);
            Quadratic.evaluate(&nudged.predict(input), target, &mut [0.0; OUT])
        };
        let difference = loss_at(parameter + NUDGE) - loss_at(parameter - NUDGE);
        set(&mut nudged, index, parameter);
        difference / (2.0 * NUDGE)
    };
    parameters.iter().enumerate().map(slope).collect()
}

/// Sets one parameter, counted in the order of [`Parameters::visit`].
fn set(network: &mut impl Parameters<f64>, index: usize, value: f64) {
    let mut first = 0;
    network.visit_mut(|_, values| {
        if let Some(slot) = index.checked_sub(first).and_then(|n| values.get_mut(n)) {
            *slot = value;
        }
        first += values.len();
    });
}

/// Times one gradient of each kind and prints a line of the table.
pub fn compare_loss<const I: usize, const H: usize, const O: usize>(out: &mut Out) -> Result<(), OutError> {
    let mut network = SigmoidNet::<I, H, O>::boxed();
    network.init(&init::NielsenNormal, &mut Xoshiro128PlusPlus::seed_from_u64(1));
    let data = [([0.5; I], [0.0; O])];
    let (mut gradients, mut workspace) = (Gradients::boxed(), Workspace::<_, 1>::boxed());

    let backpropagation =
        median_seconds(21, 1000, || workspace.gradient(&*network, &Quadratic, &data, &mut *gradients));
    let differences = median_seconds(5, 1, || central_differences(&network, &data[0].0, &data[0].1));
    writeln!(
        out,
        "{I:4}-{H}-{O:<7}{:10}{:13.2} us{:18.2} us{:10.0}",
        SigmoidNet::<I, H, O>::PARAMETERS,
        1e6 * backpropagation,
        1e6 * differences,
        differences / backpropagation
    )
}

/// The median over several runs, so that an interrupted run does not count. Each run repeats the work, so that the time
/// of reading the clock does not count either.
fn median_seconds<R>(runs: usize, repeats: u32, mut work: impl FnMut() -> R) -> f64 {
    let mut seconds: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..repeats {
                black_box(work());
            }
            start.elapsed().as_secs_f64() / f64::from(repeats)
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[runs / 2]
}
