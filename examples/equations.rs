//! The four equations of backpropagation as plain loops, compared with the library and with central differences; then
//! the time that backpropagation saves (Nielsen, chapter 2).
//!
//! ```text
//! 2 inputs -> 3 sigmoid neurons -> 2 sigmoid neurons -> quadratic loss C = 1/2 sum_j (a_j - y_j)^2
//! ```
//!
//! Run it with `cargo run --release --example equations`. First it prints every z, a and delta and every element of
//! dC/dW and dC/db of that network, which is small enough to follow with a pencil, and checks them. Then, for growing
//! networks of P parameters, it compares the time of one gradient by backpropagation (one forward pass, one backward
//! pass) with that of one by central differences (2 P forward passes). The differences and the timing are in
//! `common/differences.rs`.

use std::array::from_fn;
use std::process::ExitCode;

use clap::Parser;
use stackprop::{Dense, Gradients, Network, Parameters, Quadratic, Role, Workspace, layers};

mod common;
use common::cli::{self, Out};
use common::differences::{SigmoidNet, central_differences, compare_loss};

/// Shows the four equations of backpropagation, and the time that backpropagation saves.
#[derive(Parser)]
struct Args;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(_: Args, out: &mut Out) -> cli::Outcome {
    equations(out)?;
    writeln!(out, "\n  network     parameters  backpropagation  central differences  ratio")?;
    compare_loss::<2, 3, 2>(out)?;
    compare_loss::<8, 16, 4>(out)?;
    compare_loss::<32, 32, 10>(out)?;
    compare_loss::<64, 64, 10>(out)?;
    compare_loss::<128, 128, 10>(out)?;
    Ok(())
}

fn equations(out: &mut Out) -> cli::Outcome {
    // w[k][j] connects neuron k of the previous layer to neuron j.
    let (w1, b1) = ([[0.5, -0.4, 0.2], [0.3, 0.8, -0.6]], [0.1, -0.2, 0.05]);
    let (w2, b2) = ([[0.7, -0.3], [-0.5, 0.9], [0.2, 0.4]], [0.0, 0.1]);
    let network: SigmoidNet<2, 3, 2> =
        Network::new(layers![Dense::from_parameters(w1, b1), Dense::from_parameters(w2, b2)]);
    let (x, y) = ([1.0, -0.5], [1.0, 0.0]);

    let (z1, a1) = feed_forward(&w1, &b1, &x);
    let (z2, a2) = feed_forward(&w2, &b2, &a1);
    writeln!(out, "z1     = {z1:8.5?}\na1     = {a1:8.5?}\nz2     = {z2:8.5?}\na2     = {a2:8.5?}")?;

    let delta2: [f64; 2] = from_fn(|j| (a2[j] - y[j]) * sigma_prime(z2[j]));
    writeln!(out, "delta2 = {delta2:8.5?}  BP1: dC/da2 (.) sigma'(z2)")?;
    let delta1: [f64; 3] = from_fn(|k| {
        let from_above: f64 = (0..2).map(|j| w2[k][j] * delta2[j]).sum();
        from_above * sigma_prime(z1[k])
    });
    writeln!(out, "delta1 = {delta1:8.5?}  BP2: (W2^T delta2) (.) sigma'(z1)")?;

    // BP4, then BP3 for each layer, in the order of `Parameters::visit`.
    let outer = |a: &[f64], delta: &[f64]| -> Vec<f64> {
        a.iter().flat_map(|a| delta.iter().map(move |d| a * d)).collect()
    };
    let by_hand = [outer(&x, &delta1), delta1.into(), outer(&a1, &delta2), delta2.into()].concat();

    let mut gradients = Gradients::zeros();
    Workspace::<_, 1>::zeros().gradient(&network, &Quadratic, &[(x, y)], &mut gradients)?;
    let mut by_library = vec![];
    gradients.of.visit(|block, values| {
        for (n, &value) in values.iter().enumerate() {
            let (layer, k, j) = (block.layer + 1, n / block.fan_out, n % block.fan_out);
            let name = match block.role {
                Role::Weight => format!("BP4 dC/dW{layer}[{k}][{j}]"),
                _ => format!("BP3 dC/db{layer}[{n}]   "),
            };
            by_library.push((name, value));
        }
    });

    let differences = central_differences(&network, &x, &y);
    writeln!(out, "\n             by hand       library       central difference")?;
    let mut agree = true;
    for (((name, library), hand), difference) in by_library.iter().zip(by_hand).zip(differences) {
        writeln!(out, "{name}  {hand:13.10}  {library:13.10}  {difference:13.10}")?;
        agree &= (hand - library).abs() < 1e-14 && (difference - library).abs() < 1e-10;
    }
    cli::ensure(agree, "the three do NOT agree")?;
    writeln!(out, "all three agree")?;
    Ok(())
}

fn sigma(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn sigma_prime(z: f64) -> f64 {
    sigma(z) * (1.0 - sigma(z))
}

/// z_j = sum_k w_jk a_k + b_j, and sigma(z_j)
fn feed_forward<const K: usize, const J: usize>(
    w: &[[f64; J]; K],
    b: &[f64; J],
    a: &[f64; K],
) -> ([f64; J], [f64; J]) {
    let z = from_fn(|j| b[j] + (0..K).map(|k| w[k][j] * a[k]).sum::<f64>());
    (z, z.map(sigma))
}
