//! Balances a pole on a cart: reinforcement learning by policy gradient, from scratch, with an environment of its own.
//!
//! ```text
//! cart position and speed, pole angle and speed -> Dense<4, 32, Tanh> -> Dense<32, 2> -> logits of left and right
//! ```
//!
//! Run it with `cargo run --release --example cartpole`. After each update it prints the average number of steps for which the pole stayed up,
//! of at most 500, and at the end that of 100 new episodes without exploration. `target/cartpole/steps.svg` is the learning curve.
//!
//! REINFORCE (Williams 1992): an action that was followed by a higher return than usual is made more likely. The loss of a step with the
//! action `a` and the advantage `A` is `-A ln softmax(z)_a`, so its gradient is `A (softmax(z)_j - [j = a])`: `Workspace::forward` and
//! `ForwardPass::backward` take it as it is, without a `Loss`. The advantage is the discounted return, less the average over all steps, in
//! units of its deviation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use stackprop::math::Elementary;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, ClipNorm, Dense, Gradients, Network, Optimizer, Scalar, Tanh, Workspace, Zero, argmax, init,
    softmax,
};

mod common;
use common::cli::{self, Out};
use common::plot;

type Policy = Network<4, Chain![Dense<4, 32, Tanh>, Dense<32, 2>]>;
type State = [f32; 4];

/// The steps after which an episode ends in any case, and the episodes for each update.
const LONGEST: usize = 500;
const EPISODES: usize = 10;
const DISCOUNT: f32 = 0.99;

/// Learns to balance a pole.
#[derive(Parser)]
struct Args {
    /// The number of updates, each from 10 episodes
    #[arg(long, default_value_t = 120, value_parser = cli::count)]
    updates: usize,
    /// The seed of the random numbers
    #[arg(long, default_value_t = 1, value_parser = cli::seed)]
    seed: u64,
    /// The directory for the drawing
    #[arg(long, default_value = "target/cartpole")]
    out: PathBuf,
}

/// The cart: position, speed, angle of the pole in radians, its speed. (Barto, Sutton, Anderson 1983; the constants are those of CartPole-v1.)
struct Cart(State);

impl Cart {
    fn reset(rng: &mut Xoshiro128PlusPlus) -> Self {
        Self([(); 4].map(|()| 0.1 * f32::random(rng) - 0.05))
    }

    /// Pushes the cart left (0) or right (1) for 20 ms. Returns whether the pole still stands.
    fn push(&mut self, action: usize) -> bool {
        let [x, v, angle, w] = self.0;
        let force = if action == 1 { 10.0 } else { -10.0 };
        // With this crate's sine, each run has the same bits on every machine.
        let turns = angle / std::f32::consts::PI;
        let (sin, cos) = (turns.sin_pi(), (turns + 0.5).sin_pi());
        let pushed = (force + 0.05 * w * w * sin) / 1.1;
        let angular = (9.8 * sin - cos * pushed) / (0.5 * (4.0 / 3.0 - 0.1 * cos * cos / 1.1));
        let linear = pushed - 0.05 * angular * cos / 1.1;
        self.0 = [x + 0.02 * v, v + 0.02 * linear, angle + 0.02 * w, w + 0.02 * angular];
        self.0[0].abs() < 2.4 && self.0[2].abs() < 12.0_f32.to_radians()
    }
}

/// The states and actions of an episode, in which `choose` takes the actions.
fn episode(
    rng: &mut Xoshiro128PlusPlus,
    mut choose: impl FnMut(&State, &mut Xoshiro128PlusPlus) -> usize,
) -> Vec<(State, usize)> {
    let (mut cart, mut steps) = (Cart::reset(rng), vec![]);
    while steps.len() < LONGEST {
        let action = choose(&cart.0, rng);
        steps.push((cart.0, action));
        if !cart.push(action) {
            break;
        }
    }
    steps
}

/// The advantages of all steps: discounted returns with the mean 0 and the deviation 1.
fn advantages(episodes: &[Vec<(State, usize)>]) -> Vec<f32> {
    let mut returns = vec![];
    for episode in episodes {
        let mut later = 0.0;
        let of_episode = episode.iter().map(|_| {
            later = 1.0 + DISCOUNT * later;
            later
        });
        returns.extend(of_episode.collect::<Vec<_>>().into_iter().rev());
    }
    let n = returns.len() as f32;
    let mean = returns.iter().sum::<f32>() / n;
    let deviation = (returns.iter().map(|r| (r - mean) * (r - mean)).sum::<f32>() / n).sqrt();
    returns.iter().map(|r| (r - mean) / (deviation + 1e-6)).collect()
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    cli::make_directory(&args.out)?;
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(args.seed);
    let mut policy = Policy::zeros();
    policy.init(&init::XavierUniform, rng);
    let optimizer = ClipNorm::new(1.0, Adam { learning_rate: 0.02, ..Adam::default() });
    let (mut workspace, mut gradients) = (Workspace::<Policy, 64>::zeros(), Gradients::<Policy>::zeros());
    let (mut state, mut averages) = (Zero::ZERO, vec![]);

    for update in 0..args.updates {
        let explore = |state: &State, rng: &mut Xoshiro128PlusPlus| {
            let [left, _] = softmax(&policy.predict(state));
            usize::from(f32::random(rng) >= left)
        };
        let episodes = [(); EPISODES].map(|()| episode(rng, explore));
        let (steps, advantages) = (episodes.concat(), advantages(&episodes));

        let share = 1.0 / steps.len() as f32;
        gradients.set_zero();
        for (steps, advantages) in steps.chunks(64).zip(advantages.chunks(64)) {
            let inputs: Vec<State> = steps.iter().map(|step| step.0).collect();
            let mut pass = workspace.forward(&policy, &inputs)?;
            let mut output_gradient: Vec<[f32; 2]> = pass.outputs().iter().map(softmax).collect();
            for ((gradient, (_, action)), advantage) in output_gradient.iter_mut().zip(steps).zip(advantages)
            {
                gradient[*action] -= 1.0;
                *gradient = gradient.map(|g| g * advantage * share);
            }
            pass.backward(&output_gradient, &mut gradients, None)?;
        }
        optimizer.step(&mut policy, &gradients, &mut state)?;
        let average = steps.len() as f32 / EPISODES as f32;
        averages.push(average);
        if update % 10 == 9 {
            writeln!(out, "update {:3}: {average:5.1} steps", update + 1)?;
        }
    }
    let path = args.out.join("steps.svg");
    plot::save(&path, (720, 400), |area| {
        let axis = ("steps until the pole falls", 0.0..1.05 * LONGEST as f32);
        plot::curves(area, "Average of ten episodes", "update", axis, &[("", &averages)])
    })?;
    writeln!(out, "drawing: see {}", path.display())?;

    let greedy = |state: &State, _: &mut Xoshiro128PlusPlus| argmax(&policy.predict(state));
    let steps: usize = (0..100).map(|_| episode(rng, greedy).len()).sum();
    writeln!(out, "average of 100 new episodes: {:.1} of 500 steps", steps as f32 / 100.0)?;
    Ok(())
}
