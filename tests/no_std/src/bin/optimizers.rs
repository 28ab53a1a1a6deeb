//! Each optimiser, and what goes around one, without `std`. Exit code 0 if each of them makes the loss smaller.
#![no_std]
#![no_main]

use core::hint::black_box;

use no_std_programs as _; // links what a host needs

use stackprop::schedule::Cosine;
use stackprop::{
    Accumulated, Adadelta, Adagrad, Adam, AdamW, AmsGrad, Averaged, CenteredRmsProp, Chain, ClipNorm,
    ClipValue, DecoupledDecay, Dense, InPlaceTrainer, L1, L2, LayerRates, Lion, MaxNorm, Momentum, NAdam,
    Nesterov, Network, Optimizer, Quadratic, RAdam, RmsProp, Rprop, Scheduled, Sgd, Tanh, Trainer,
};

type Net = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 1>]>;

const DATA: [([f32; 2], [f32; 1]); 3] = [([0.5, -1.0], [0.25]), ([-0.25, 0.75], [-0.5]), ([1.0, 0.5], [1.0])];

fn start() -> Net {
    let hidden = Dense::from_parameters([[0.5, -0.25, 0.75], [-0.5, 0.25, 1.0]], [0.0; 3]);
    Network::new((hidden, Dense::from_parameters([[0.5], [-0.75], [0.25]], [0.0])))
}

/// Whether the loss after forty steps is smaller. The settings are not known when the program is compiled.
fn trains<O: Optimizer<f32>>(optimizer: O) -> bool {
    let (mut network, mut trainer, optimizer) =
        (start(), Trainer::<Net, O, 4>::zeros(), black_box(optimizer));
    let mut loss = [f32::NAN; 40];
    for loss in &mut loss {
        let Ok(average) = trainer.step(&mut network, &optimizer, &Quadratic, &DATA) else { return false };
        *loss = average;
    }
    matches!(loss, [first, .., last] if last < first)
}

/// The same by the other trainer, whose mini-batches have one sample.
fn trains_in_place<O: Optimizer<f32>>(optimizer: O) -> bool {
    let (mut network, mut trainer) = (start(), InPlaceTrainer::<Net, O, 1>::zeros());
    let mut loss = [f32::NAN; 40];
    for loss in &mut loss {
        let Ok(average) = trainer.step(&mut network, &optimizer, &Quadratic, &DATA) else { return false };
        *loss = average;
    }
    matches!(loss, [first, .., last] if last < first)
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let (sgd, adam) = (Sgd { learning_rate: 0.1 }, Adam { learning_rate: 0.01, ..Adam::default() });
    let trained = [
        trains(sgd),
        trains(Momentum { learning_rate: 0.05, ..Momentum::default() }),
        trains(Nesterov { learning_rate: 0.05, ..Nesterov::default() }),
        trains(RmsProp::<f32>::default()),
        trains(CenteredRmsProp::<f32>::default()),
        trains(adam),
        trains(AdamW::<f32>::default()),
        trains(AmsGrad::<f32>::default()),
        trains(NAdam::<f32>::default()),
        trains(RAdam::<f32>::default()),
        trains(Adagrad::<f32>::default()),
        trains(Adadelta::<f32>::default()),
        trains(Rprop::<f32>::default()),
        trains(Lion { learning_rate: 1e-3, ..Lion::default() }),
        trains(ClipValue::new(0.5, sgd)),
        trains(ClipNorm::new(0.5, adam)),
        trains(L2::new(1e-3, sgd)),
        trains(L1::new(1e-3, sgd)),
        trains(DecoupledDecay::new(1e-3, sgd)),
        trains(MaxNorm::new(3.0, sgd)),
        trains(LayerRates::new([0.5, 1.0], sgd)),
        trains(Scheduled::<_, _, f32>::new(Cosine { steps: 40, least: 0.0 }, sgd)),
        trains(Averaged::ema(0.9, sgd)),
        trains_in_place(Accumulated::<_, f32>::new(3, ClipNorm::new(1.0, sgd))),
    ];
    i32::from(trained.contains(&false))
}
