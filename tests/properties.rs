//! Properties of every network, seed and batch, most of them exact to the bit, without a tolerance.
//!
//! The order contract (ARCHITECTURE.md, and the docs of `src/kernel/mod.rs`): each element of a product is one chain of
//! multiply-adds in ascending order. The properties in the first three modules follow from it. The naive loops of
//! `kernels` are that contract in code.

use std::sync::Mutex;

use stackprop::math::MulAdd;
use stackprop::rand::{Rng, SeedableRng, TryRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dataset, Dense, Elu, Fault, Gelu, Gradients, HardSigmoid, Identity, InPlaceTrainer, LossOf,
    MeanSquaredError, MiniBatches, Model, Momentum, NegativeLogLikelihood, Network, Numerics, Optimizer,
    Parameters, Quadratic, Relu, Role, Scalar, Selu, Sgd, Sigmoid, Silu, Softmax, SoftmaxCrossEntropy,
    Softplus, StepError, Tanh, Trainer, Vector, Workspace, Zero, init, numerics,
};

mod tolerances;

fn generator(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

/// Uniform in (-1, 1).
fn fill<T: Scalar>(values: &mut [T], rng: &mut Xoshiro128PlusPlus) {
    values.fill_with(|| T::from_f64(2.0) * T::random(rng) - T::ONE);
}

fn random_network<N: Model>(seed: u64) -> N {
    let mut network = N::ZERO;
    let rng = &mut generator(seed);
    network.visit_mut(|_, values| fill(values, rng));
    network
}

/// Inputs in (-1, 1), targets in (0, 1).
fn random_data<N: Model>(samples: usize, seed: u64) -> Vec<(N::Input, N::Output)> {
    let rng = &mut generator(seed);
    let sample = |_| {
        let (mut x, mut y) = (N::Input::ZERO, N::Output::ZERO);
        fill(x.as_mut_slice(), rng);
        y.as_mut_slice().fill_with(|| N::Scalar::random(rng));
        (x, y)
    };
    (0..samples).map(sample).collect()
}

fn flat<T: Scalar>(parameters: &impl Parameters<T>) -> Vec<T> {
    let mut all = Vec::new();
    parameters.visit(|_, values| all.extend_from_slice(values));
    all
}

fn bits<T: Scalar>(values: &[T]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn assert_same_bits<T: Scalar>(what: &str, found: &[T], expected: &[T]) {
    assert_eq!(bits(found), bits(expected), "{what}: {found:?}, not {expected:?}");
}

/// Networks of different depths, with every kind of activation, for the properties below.
type Classifier<T> =
    Network<5, Chain![Dense<5, 17, Tanh, T>, Dense<17, 9, Gelu, T>, Dense<9, 3, Identity, T>], T>;
type Rectifier<T> = Network<7, Chain![Dense<7, 33, Relu, T>, Dense<33, 2, Sigmoid, T>], T>;
type Single<T> = Network<3, Dense<3, 4, Softmax, T>, T>;
type Deep<T> = Network<
    2,
    Chain![
        Dense<2, 8, Softplus, T>,
        Dense<8, 3, Silu, T>,
        Dense<3, 16, Selu, T>,
        Dense<16, 5, HardSigmoid, T>,
        Dense<5, 1, Elu, T>,
    ],
    T,
>;

/// Calls `$check::<Net, _>(loss)` for each of those networks, in f32 and in f64.
macro_rules! for_each_network {
    ($check:ident) => {
        for_each_network!($check, f32);
        for_each_network!($check, f64);
    };
    ($check:ident, $t:ident) => {
        $check::<Classifier<$t>, _>(SoftmaxCrossEntropy);
        $check::<Rectifier<$t>, _>(Quadratic);
        $check::<Single<$t>, _>(NegativeLogLikelihood);
        $check::<Deep<$t>, _>(MeanSquaredError);
    };
}

/// Sizes that no tile divides, that a tile divides, and that are smaller than most tiles.
const BATCHES: [usize; 4] = [1, 7, 16, 37];

mod batches {
    use super::*;

    /// Loss and gradient of a batch, in tiles of `B`.
    fn gradient<N, C, const B: usize>(
        network: &N,
        loss: &C,
        data: &[(N::Input, N::Output)],
    ) -> (N::Scalar, Gradients<N>)
    where
        N: Model,
        C: LossOf<N, N::Output>,
    {
        let mut gradients = Gradients::zeros();
        let mut workspace = Workspace::<N, B>::zeros();
        let average = workspace.gradient(network, loss, data, &mut gradients).unwrap();
        let alone = workspace.loss(network, loss, data).unwrap();
        assert_eq!(average.to_bits(), alone.to_bits(), "with and without the gradient");
        (average, gradients)
    }

    fn tiles<N: Model, C: LossOf<N, N::Output>>(loss: C) {
        for n in BATCHES {
            let network: N = random_network(1);
            let data = random_data::<N>(n, 2);
            let (average, gradients) = gradient::<N, C, 1>(&network, &loss, &data);
            assert_ne!(gradients.of.checksum(), N::ZERO.checksum());
            macro_rules! same {
                ($($b:literal)*) => {$(
                    let (tiled_average, tiled) = gradient::<N, C, $b>(&network, &loss, &data);
                    assert_eq!(tiled_average.to_bits(), average.to_bits(), "loss, tile {}", $b);
                    let what = concat!("gradient, tile ", $b);
                    assert_same_bits(what, &flat(&tiled.of), &flat(&gradients.of));
                )*};
            }
            same!(2 3 5 8 16 64);
        }
    }

    #[test]
    fn the_tile_changes_no_bit() {
        for_each_network!(tiles);
    }

    /// `ForwardPass::backward` adds to the gradients: sample by sample, with 1/n in dC/da, it computes the batch's
    /// gradient.
    fn sample_by_sample<N: Model, C: LossOf<N, N::Output>>(loss: C) {
        for n in BATCHES {
            let network: N = random_network(3);
            let data = random_data::<N>(n, 4);
            let (_, batch) = gradient::<N, C, 8>(&network, &loss, &data);

            let per_sample = N::Scalar::ONE / N::Scalar::from_usize(n);
            let mut workspace = Workspace::<N, 1>::zeros();
            let mut sum = Gradients::zeros();
            for (x, y) in &data {
                let mut pass = workspace.forward(&network, &[*x]).unwrap();
                let a = pass.outputs()[0];
                let mut da = [N::Output::ZERO];
                loss.evaluate(&a, y, &mut da[0]);
                for d in da[0].as_mut_slice() {
                    *d *= per_sample;
                }
                pass.backward(&da, &mut sum, None).unwrap();
            }
            assert_same_bits("sum of the samples", &flat(&sum.of), &flat(&batch.of));
        }
    }

    #[test]
    fn samples_one_after_the_other_are_the_batch() {
        for_each_network!(sample_by_sample);
    }

    /// C is the average of the samples' losses, so its gradient is the average of their gradients, up to rounding.
    fn average<N: Model, C: LossOf<N, N::Output>>(loss: C) {
        let tolerance = match size_of::<N::Scalar>() {
            4 => tolerances::SAME_SUM_F32,
            _ => tolerances::SAME_SUM_F64,
        };
        for n in BATCHES {
            let network: N = random_network(5);
            let data = random_data::<N>(n, 6);
            let (of_batch, batch) = gradient::<N, C, 16>(&network, &loss, &data);
            let mut average = vec![0.0; N::PARAMETERS];
            let mut average_loss = 0.0;
            for sample in &data {
                let (of_one, one) = gradient::<N, C, 1>(&network, &loss, std::slice::from_ref(sample));
                average_loss += of_one.to_f64() / n as f64;
                for (average, g) in average.iter_mut().zip(flat(&one.of)) {
                    *average += g.to_f64() / n as f64;
                }
            }
            assert!((of_batch.to_f64() - average_loss).abs() <= tolerance * average_loss.abs());
            let largest = average.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
            for (g, average) in flat(&batch.of).iter().zip(average) {
                assert!((g.to_f64() - average).abs() <= tolerance * largest, "{g:e}, not {average:e}");
            }
        }
    }

    #[test]
    fn a_batch_is_the_average_of_its_samples() {
        for_each_network!(average);
    }

    #[test]
    fn predictions_of_a_batch_are_those_of_its_rows() {
        macro_rules! check {
            ($net:ident, $t:ident; $($b:literal)*) => {$(
                let network: $net<$t> = random_network(7);
                let data = random_data::<$net<$t>>($b, 8);
                let inputs: [<$net<$t> as Model>::Input; $b] = std::array::from_fn(|s| data[s].0);
                let mut outputs = [<$net<$t> as Model>::Output::ZERO; $b];
                network.predict_batch(&inputs, &mut outputs);
                let mut workspace = Workspace::<$net<$t>, 5>::zeros();
                for (input, output) in inputs.iter().zip(&outputs) {
                    assert_same_bits("predict", &network.predict(input), output);
                    let pass = workspace.forward(&network, &[*input]).unwrap();
                    assert_same_bits("forward", &pass.outputs()[0], output);
                    assert!(output.iter().all(|a| a.is_finite()));
                }
            )*};
        }
        macro_rules! all {
            ($($net:ident)*) => {$(
                check!($net, f32; 1 7 16 37);
                check!($net, f64; 1 7 16 37);
            )*};
        }
        all!(Classifier Rectifier Single Deep);
    }
}

/// The nesting of the pairs does not matter: `(a, (b, (c, d)))` computes the same as `((a, b), (c, d))`.
mod brackets {
    use super::*;

    /// Outputs, gradient, and parameters after five epochs.
    fn run<N>() -> [Vec<u64>; 3]
    where
        N: Model<Scalar = f32, Input = [f32; 3], Output = [f32; 2]>,
    {
        let data = random_data::<N>(11, 9);
        let mut network: N = random_network(10);
        let mut trainer = Trainer::<N, Adam, 4>::zeros();
        let inputs: Vec<_> = data.iter().map(|(x, _)| *x).collect();
        let pass = trainer.workspace.forward(&network, &inputs[..4]).unwrap();
        let outputs = pass.outputs().as_flattened().to_vec();
        let mut gradients = Gradients::zeros();
        trainer.workspace.gradient(&network, &Quadratic, data.as_slice(), &mut gradients).unwrap();
        let before = network.checksum();
        for _ in 0..5 {
            let batches = MiniBatches::in_order(data.as_slice(), 5);
            trainer.epoch(&mut network, &Adam::default(), &Quadratic, batches).unwrap();
        }
        assert_ne!(network.checksum(), before);
        [bits(&outputs), bits(&flat(&gradients.of)), bits(&flat(&network))]
    }

    type A = Dense<3, 5, Tanh>;
    type B = Dense<5, 4, Relu>;
    type C = Dense<4, 6, Gelu>;
    type D = Dense<6, 2, Sigmoid>;

    #[test]
    fn change_no_bit() {
        let expected = run::<Network<3, Chain![A, B, C, D]>>();
        assert_eq!(run::<Network<3, (A, (B, (C, D)))>>(), expected);
        assert_eq!(run::<Network<3, (((A, B), C), D)>>(), expected);
        assert_eq!(run::<Network<3, ((A, B), (C, D))>>(), expected);
        assert_eq!(run::<Network<3, ((A, (B, C)), D)>>(), expected);
        assert_eq!(run::<Network<3, (A, ((B, C), D))>>(), expected);
    }

    #[test]
    fn predictions_too() {
        type Written = Network<3, Chain![A, B, C, D]>;
        type Halved = Network<3, ((A, B), (C, D))>;
        type Left = Network<3, (((A, B), C), D)>;
        let written: Written = random_network(10);
        let halved: Halved = random_network(10);
        let left: Left = random_network(10);
        let x = [0.25, -0.5, 0.75];
        let expected = written.predict(&x);
        assert_same_bits("((a, b), (c, d))", &halved.predict(&x), &expected);
        assert_same_bits("(((a, b), c), d)", &left.predict(&x), &expected);
    }
}

/// The products agree with naive loops, bit for bit, for many shapes.
mod kernels {
    use super::*;

    /// One link of a chain, in the numerics class of this program.
    fn link<T: Scalar>(a: T, b: T, c: T) -> T {
        match numerics() {
            Numerics::Fused => MulAdd::mul_add(a, b, c),
            Numerics::Separate => a * b + c,
        }
    }

    /// The largest number of samples, and the tile of the workspace.
    const MOST: usize = 37;

    fn check<T: Scalar, const IN: usize, const OUT: usize>() {
        let rng = &mut generator((100 * IN + OUT) as u64);
        let mut network = Network::<IN, Dense<IN, OUT, Identity, T>, T>::zeros();
        network.visit_mut(|_, values| fill(values, rng));
        let layer = &network.layers;
        let (mut x, mut delta) = ([[T::ZERO; IN]; MOST], [[T::ZERO; OUT]; MOST]);
        fill(x.as_flattened_mut(), rng);
        fill(delta.as_flattened_mut(), rng);
        // Gradients continue existing chains, so these start from nonzero numbers.
        let mut start = Gradients::<Network<IN, Dense<IN, OUT, Identity, T>, T>>::zeros();
        start.of.visit_mut(|_, values| fill(values, rng));

        let z: Vec<[T; OUT]> = x
            .iter()
            .map(|x| {
                std::array::from_fn(|o| {
                    let chain = |start, first, step| {
                        (first..IN).step_by(step).fold(start, |z, i| link(x[i], layer.weight[i][o], z))
                    };
                    let zero = T::ZERO;
                    // The rule that `stackprop::chains` documents.
                    if OUT <= 16 && IN >= 8 {
                        (chain(layer.bias[o], 0, 4) + chain(zero, 1, 4))
                            + (chain(zero, 2, 4) + chain(zero, 3, 4))
                    } else {
                        chain(layer.bias[o], 0, 1)
                    }
                })
            })
            .collect();
        let dx: Vec<[T; IN]> = delta
            .iter()
            .map(|delta| {
                std::array::from_fn(|i| {
                    (0..OUT).fold(T::ZERO, |dx, o| link(delta[o], layer.weight[i][o], dx))
                })
            })
            .collect();
        let what = |product: &str, n: usize| {
            format!("{product}, {IN} -> {OUT}, {n} samples of {} bytes", size_of::<T>())
        };

        let mut workspace = Workspace::<_, MOST>::zeros();
        let mut expected = start.clone();
        let mut samples = 0;
        for n in [1, 2, 3, 6, 7, 16, MOST] {
            let mut pass = workspace.forward(&network, &x[..n]).unwrap();
            assert_same_bits(&what("forward", n), pass.outputs().as_flattened(), z[..n].as_flattened());

            // The naive chains of the first n samples, continued from those of the previous n.
            for (x, delta) in x[samples..n].iter().zip(&delta[samples..n]) {
                let dw = expected.of.layers.weight.iter_mut().zip(x);
                for (dw, &x) in dw {
                    for (dw, &delta) in dw.iter_mut().zip(delta) {
                        *dw = link(x, delta, *dw);
                    }
                }
                for (db, &delta) in expected.of.layers.bias.iter_mut().zip(delta) {
                    *db += delta;
                }
            }
            samples = n;
            let mut gradients = start.clone();
            let mut found = [[T::ZERO; IN]; MOST];
            pass.backward(&delta[..n], &mut gradients, Some(&mut found[..n])).unwrap();
            let (gradients, expected) = (&gradients.of.layers, &expected.of.layers);
            assert_same_bits(
                &what("weight gradient", n),
                gradients.weight.as_flattened(),
                expected.weight.as_flattened(),
            );
            assert_same_bits(&what("bias gradient", n), &gradients.bias, &expected.bias);
            let (found, expected) = (found[..n].as_flattened(), dx[..n].as_flattened());
            assert_same_bits(&what("input gradient", n), found, expected);
        }

        assert_same_bits(&what("predict", 1), &network.predict(&x[0]), &z[0]);
        let mut outputs = [[T::ZERO; OUT]; MOST];
        network.predict_batch(&x, &mut outputs);
        assert_same_bits(&what("predict_batch", MOST), outputs.as_flattened(), z.as_flattened());
    }

    /// Every IN with every OUT.
    macro_rules! shapes {
        ($t:ident; $($in:literal)*; $outs:tt) => { $(shapes!(@row $t $in $outs);)* };
        (@row $t:ident $in:literal [$($out:literal)*]) => { $(check::<$t, $in, $out>();)* };
    }

    macro_rules! shape_tests {
        ($($name:ident: $t:ident, [$($in:literal)*], $outs:tt;)*) => {$(
            #[test]
            fn $name() {
                shapes!($t; $($in)*; $outs);
            }
        )*};
    }

    // Below, at and above the lengths of vectors (2, 4, 8, 16) and of the tiles made of them. `src/kernel/x86_64.rs`
    // tests the blocked kernel, whose shapes are run-time numbers, with every shape up to 40.
    shape_tests! {
        inputs_f32: f32, [1 2 3 5 7 8 9 15 16 17], [3 17];
        outputs_f32: f32, [2 9], [1 2 4 5 7 8 10 15 16];
        small_f64: f64, [1 3 4 8 17], [1 3 9];
        awkward_f32: f32, [30 127], [10 31 64];
        awkward_f64: f64, [30], [10 33];
        long_f32: f32, [257], [40];
    }
}

mod mini_batches {
    use super::*;

    #[test]
    fn shuffled_covers_each_sample_once() {
        let rng = &mut generator(11);
        for n in [0, 1, 2, 5, 37, 100] {
            let data: Vec<(usize, usize)> = (0..n).map(|i| (i, 1000 + i)).collect();
            for size in [0, 1, 3, 10, 100, 1000] {
                let mut seen = vec![0; n];
                let mut sizes = vec![];
                for batch in MiniBatches::shuffled(data.as_slice(), size, rng) {
                    for index in 0..batch.len() {
                        let mut input = usize::MAX;
                        let target = *batch.sample(index, &mut input).unwrap();
                        assert_eq!(target, 1000 + input);
                        seen[input] += 1;
                    }
                    sizes.push(batch.len());
                }
                assert_eq!(seen, vec![1; n], "{n} samples in batches of {size}");
                let full = size.max(1);
                assert_eq!(sizes.len(), n.div_ceil(full));
                assert!(sizes.iter().rev().skip(1).all(|&s| s == full));
            }
        }
    }

    #[test]
    fn epochs_differ_in_their_order() {
        let data: Vec<(usize, ())> = (0..50).map(|i| (i, ())).collect();
        let order = |rng: &mut Xoshiro128PlusPlus| {
            let mut order = vec![];
            for batch in MiniBatches::shuffled(data.as_slice(), 7, rng) {
                for index in 0..batch.len() {
                    let mut input = 0;
                    batch.sample(index, &mut input);
                    order.push(input);
                }
            }
            order
        };
        let rng = &mut generator(12);
        let (first, second) = (order(rng), order(rng));
        assert_ne!(first, second);
        assert_ne!(first, (0..50).collect::<Vec<_>>());
        assert_eq!(first, order(&mut generator(12)));
    }

    fn trained<O: Optimizer<f32>>(optimizer: O, seed: u64) -> u64 {
        type Net = Classifier<f32>;
        let data = random_data::<Net>(40, 13);
        let rng = &mut generator(seed);
        let mut network = Net::zeros();
        network.init(&init::XavierNormal, rng);
        let mut trainer = Trainer::<Net, O, 8>::zeros();
        for _ in 0..5 {
            let batches = MiniBatches::shuffled(data.as_slice(), 7, rng);
            trainer.epoch(&mut network, &optimizer, &SoftmaxCrossEntropy, batches).unwrap();
        }
        network.checksum()
    }

    #[test]
    fn the_same_seed_trains_the_same_network() {
        let sgd = Sgd { learning_rate: 0.1 };
        assert_eq!(trained(sgd, 1), trained(sgd, 1));
        assert_ne!(trained(sgd, 1), trained(sgd, 2));
        let momentum = Momentum::default();
        assert_eq!(trained(momentum, 1), trained(momentum, 1));
        assert_ne!(trained(momentum, 1), trained(sgd, 1));
        let adam = Adam::default();
        assert_eq!(trained(adam, 1), trained(adam, 1));
        assert_ne!(trained(adam, 1), trained(adam, 2));
    }
}

/// Training without memory for a gradient.
mod in_place {
    use super::*;

    type Net = Classifier<f32>;

    /// With mini-batches of 7 and a tile of 8, the weights, the state and the losses are those of a [`Trainer`].
    fn same_as_trainer<O>(optimizer: O)
    where
        O: Optimizer<f32, State<Net>: PartialEq + std::fmt::Debug>,
    {
        let data = random_data::<Net>(40, 23);
        let mut networks: [Net; 2] = [random_network(24), random_network(24)];
        let [stored, in_place] = &mut networks;
        let (mut trainer, mut without) =
            (Trainer::<Net, O, 8>::zeros(), InPlaceTrainer::<Net, O, 8>::zeros());
        for _ in 0..5 {
            let batches = || MiniBatches::in_order(data.as_slice(), 7);
            let loss = trainer.epoch(stored, &optimizer, &SoftmaxCrossEntropy, batches()).unwrap();
            let same = without.epoch(in_place, &optimizer, &SoftmaxCrossEntropy, batches()).unwrap();
            assert_eq!(loss.to_bits(), same.to_bits());
        }
        assert_eq!(stored.checksum(), in_place.checksum());
        assert_eq!(trainer.state, without.state);
    }

    #[test]
    fn the_same_bits() {
        same_as_trainer(Sgd { learning_rate: 0.1 });
        same_as_trainer(Momentum::default());
        same_as_trainer(Adam::default());
    }

    #[test]
    fn a_longer_mini_batch_makes_several_steps() {
        let data = random_data::<Net>(10, 25);
        let sgd = Sgd { learning_rate: 0.1 };
        let (mut long, mut short): (Net, Net) = (random_network(26), random_network(26));
        let loss = InPlaceTrainer::<Net, Sgd, 4>::zeros()
            .step(&mut long, &sgd, &SoftmaxCrossEntropy, data.as_slice())
            .unwrap();
        let mut trainer = Trainer::<Net, Sgd, 4>::zeros();
        let losses: Vec<f32> = MiniBatches::in_order(data.as_slice(), 4)
            .map(|batch| trainer.step(&mut short, &sgd, &SoftmaxCrossEntropy, &batch).unwrap())
            .collect();
        assert_eq!(long.checksum(), short.checksum());
        assert_eq!(loss, (losses[0] * 4.0 + losses[1] * 4.0 + losses[2] * 2.0) / 10.0);
    }

    /// An input of 1e38 and a delta of 1000 in the second layer: their product is infinite.
    #[test]
    fn a_gradient_that_overflows_changes_nothing() {
        type Line = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
        let (first, second) =
            (Dense::from_parameters([[1.0]], [0.0]), Dense::from_parameters([[0.0]], [0.0]));
        let mut network: Line = Network::new((first, second));
        let before = network.checksum();
        let error = InPlaceTrainer::<Line, Adam, 1>::zeros()
            .step(&mut network, &Adam::default(), &Quadratic, &[([1e38], [1000.0])])
            .unwrap_err();
        assert_eq!(error.cause, Fault::Gradient { layer: 1 });
        assert_eq!(network.checksum(), before);
    }
}

/// A run that diverges is detected, its cause is named, and all parameters stay finite.
mod divergence {
    use super::*;

    type Net = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 2, Identity>]>;
    type Pair = ([f32; 2], [f32; 2]);

    const GOOD: Pair = ([0.5, -0.5], [1.0, 0.0]);
    const NAN: Pair = ([0.5, f32::NAN], [1.0, 0.0]);

    /// Trains with a huge learning rate until a step fails. All parameters are then finite, and a step that failed
    /// before the update has changed nothing.
    fn run_into_the_wall<N, O>(optimizer: O, data: &[(N::Input, N::Output)])
    where
        N: Model<Scalar = f32, Output = [f32; 2], Trained = N>,
        O: Optimizer<f32, State<N>: Clone + PartialEq + std::fmt::Debug>,
    {
        let mut network: N = random_network(14);
        let mut trainer = Trainer::<N, O, 4>::zeros();
        for step in 0..1000 {
            let (before, state) = (network.checksum(), trainer.state.clone());
            match trainer.step(&mut network, &optimizer, &Quadratic, data) {
                Ok(loss) => {
                    assert!(loss.is_finite());
                    assert_ne!(network.checksum(), before, "a step that does nothing never diverges");
                }
                Err(error) => {
                    assert!(flat(&network).iter().all(|p| p.is_finite()));
                    if !matches!(error.cause, Fault::Update { .. }) {
                        assert_eq!(network.checksum(), before);
                        assert_eq!(trainer.state, state);
                    }
                    assert_eq!((error.epoch, error.batch), (0, step));
                    return;
                }
            }
        }
        panic!("1000 steps did not diverge");
    }

    #[test]
    fn leaves_all_parameters_finite() {
        type Linear = Network<3, Chain![Dense<3, 4, Identity>, Dense<4, 2, Identity>]>;
        let data = random_data::<Linear>(9, 15);
        for learning_rate in [3.0, 1e10, 1e30, f32::MAX] {
            run_into_the_wall::<Linear, _>(Sgd { learning_rate }, &data);
            run_into_the_wall::<Linear, _>(Momentum { learning_rate, ..Momentum::default() }, &data);
        }
        // Adam's steps are about as long as the learning rate, however large the gradient. Lower rates take too long.
        for learning_rate in [1e15, 1e30, f32::MAX] {
            run_into_the_wall::<Linear, _>(Adam { learning_rate, ..Adam::default() }, &data);
        }
    }

    /// The optimisers on their own: a parameter whose gradient is not finite keeps its value and its state, and all
    /// others make their step, whether it is in a block of parameters that are updated together or in the remainder.
    #[test]
    fn what_would_not_be_finite_stays() {
        type Wide = Network<7, Dense<7, 11>>;

        fn check<O>(optimizer: O, state_of: impl Fn(&O::State<Wide>) -> Vec<f32>)
        where
            O: Optimizer<f32, State<Wide>: Clone>,
        {
            let mut network: Wide = random_network(16);
            let gradients = Gradients { of: random_network::<Wide>(17) };
            let mut state = O::State::<Wide>::ZERO;
            optimizer.step(&mut network, &gradients, &mut state).unwrap();
            let (mut good, mut good_state) = (network.clone(), state.clone());
            optimizer.step(&mut good, &gradients, &mut good_state).unwrap();

            let all = |network: &Wide, state: &O::State<Wide>| [flat(network), state_of(state)].concat();
            let (before, after) = (all(&network, &state), all(&good, &good_state));
            for bad in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
                for place in 0..Wide::PARAMETERS {
                    let (mut network, mut state, mut gradients) =
                        (network.clone(), state.clone(), gradients.clone());
                    let mut index = 0;
                    gradients.of.visit_mut(|_, values| {
                        if let Some(value) = values.get_mut(place.wrapping_sub(index)) {
                            *value = bad;
                        }
                        index += values.len();
                    });
                    let error = optimizer.step(&mut network, &gradients, &mut state).unwrap_err();
                    assert_eq!(error, Fault::Update { layer: 0 });

                    // The network's parameters, then as many numbers for each part of the state.
                    for (i, now) in all(&network, &state).into_iter().enumerate() {
                        let expected = if i % Wide::PARAMETERS == place { before[i] } else { after[i] };
                        assert_eq!(now, expected, "{bad} at {place}: number {i}");
                    }
                    assert_ne!(before[place], after[place]);
                }
            }
        }
        check(Sgd::default(), |()| vec![]);
        check(Momentum::default(), |state| flat(&state.velocity));
        check(Adam::default(), |state| [flat(&state.m), flat(&state.v)].concat());
    }

    fn diverge<D: Dataset<Input = [f32; 2], Target = [f32; 2]>>(network: &mut Net, batch: &D) -> StepError {
        let before = network.checksum();
        let error = Trainer::<Net, Sgd, 2>::zeros()
            .step(network, &Sgd { learning_rate: 1.0 }, &Quadratic, batch)
            .unwrap_err();
        assert_eq!(network.checksum(), before);
        error
    }

    #[test]
    fn bad_data_names_the_first_layer() {
        let mut network: Net = random_network(18);
        for bad in [f32::NAN, f32::INFINITY] {
            let mut batch = [GOOD; 5];
            batch[3].0 = [bad, bad];
            // tanh of an infinity is finite, so infinities of both signs must meet in the sum, which makes a NaN.
            network.layers.0.weight = [[1.0; 3], [-1.0; 3]];
            let error = diverge(&mut network, &batch);
            assert_eq!(error.cause, Fault::Activation { layer: 0, sample: 3 });
            assert!(error.to_string().contains("layer 0"), "{error}");
        }
    }

    #[test]
    fn an_overflow_in_the_second_layer_names_it() {
        let mut network: Net = random_network(19);
        network.layers.0.bias = [10.0; 3]; // a = 1
        network.layers.1.weight = [[f32::MAX; 2]; 3];
        let error = diverge(&mut network, &[GOOD]);
        assert_eq!(error.cause, Fault::Activation { layer: 1, sample: 0 });
    }

    #[test]
    fn an_infinite_loss_is_named() {
        let mut network: Net = random_network(20);
        let batch = [GOOD, ([0.0, 0.0], [1e30, 0.0])];
        assert_eq!(diverge(&mut network, &batch).cause, Fault::Loss { sample: 1 });

        // The target's class has probability 0: e^-200 is 0 in f32.
        type Probabilities = Network<1, Dense<1, 2, Softmax>>;
        let network: Probabilities = Network::new(Dense::from_parameters([[200.0, 0.0]], [0.0; 2]));
        let error = Workspace::<Probabilities, 1>::zeros()
            .gradient(&network, &NegativeLogLikelihood, &[([1.0], [0.0, 1.0])], &mut Gradients::zeros())
            .unwrap_err();
        assert_eq!(error, Fault::Loss { sample: 0 });
    }

    /// The loss is 1/2 1000^2, and dC/dw = x delta = 1e38 * -1000.
    #[test]
    fn an_infinite_gradient_is_named() {
        type Line = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
        let first = Dense::from_parameters([[0.0]], [0.0]);
        let second = Dense::from_parameters([[1.0]], [0.0]);
        let mut network: Line = Network::new((first, second));
        let before = network.checksum();
        let error = Trainer::<Line, Adam, 1>::zeros()
            .step(&mut network, &Adam::default(), &Quadratic, &[([1e38], [1000.0])])
            .unwrap_err();
        assert_eq!(error.cause, Fault::Gradient { layer: 0 });
        assert_eq!(network.checksum(), before);
    }

    /// With v = 0 the first layer's gradient is 0, and so is its step. The second layer's step is 1e38 * 1e3.
    #[test]
    fn an_infinite_update_is_named() {
        type Line = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
        let first = Dense::from_parameters([[1.0]], [0.0]);
        let mut network: Line = Network::new((first, Dense::new()));
        let before = network.checksum();
        let error = Trainer::<Line, Sgd, 1>::zeros()
            .step(&mut network, &Sgd { learning_rate: 1e38 }, &Quadratic, &[([1.0], [1000.0])])
            .unwrap_err();
        assert_eq!(error.cause, Fault::Update { layer: 1 });
        assert_eq!(network.checksum(), before);
    }

    fn epoch(
        trainer: &mut Trainer<Net, Sgd, 2>,
        network: &mut Net,
        batches: &[[Pair; 3]],
    ) -> Result<f32, StepError> {
        let sgd = Sgd { learning_rate: 0.1 };
        trainer.epoch(network, &sgd, &Quadratic, batches.iter().copied())
    }

    #[test]
    fn epoch_and_batch_are_named() {
        let (good, bad) = ([GOOD; 3], [GOOD, NAN, GOOD]);
        let mut network: Net = random_network(21);
        let mut trainer = Trainer::zeros();
        epoch(&mut trainer, &mut network, &[good; 4]).unwrap();
        let error = epoch(&mut trainer, &mut network, &[good, good, bad, good]).unwrap_err();
        let cause = Fault::Activation { layer: 0, sample: 1 };
        assert_eq!(error, StepError { epoch: 1, batch: 2, cause });
        let text = error.to_string();
        assert!(text.contains("epoch 1") && text.contains("mini-batch 2"), "{text}");

        // The failed epoch made two steps: the network is that after two good mini-batches.
        let mut same: Net = random_network(21);
        let mut trainer = Trainer::zeros();
        epoch(&mut trainer, &mut same, &[good; 4]).unwrap();
        epoch(&mut trainer, &mut same, &[good; 2]).unwrap();
        assert_eq!(network.checksum(), same.checksum());
    }

    /// A restarted epoch counts its mini-batches from 0, as `StepError::batch` documents.
    #[test]
    fn an_epoch_started_again_counts_from_zero() {
        let (good, bad) = ([GOOD; 3], [GOOD, NAN, GOOD]);
        let mut network: Net = random_network(22);
        let mut trainer = Trainer::zeros();
        let error = epoch(&mut trainer, &mut network, &[good, good, bad]).unwrap_err();
        assert_eq!((error.epoch, error.batch), (0, 2));
        let error = epoch(&mut trainer, &mut network, &[good, bad]).unwrap_err();
        assert_eq!((error.epoch, error.batch), (0, 1));
    }
}

/// Network and trainer can be `static`s, shared between threads behind a lock.
#[test]
fn a_static_network_and_its_trainer() {
    type Net = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;
    static NETWORK: Mutex<Net> = Mutex::new(Net::zeros());
    static TRAINER: Mutex<Trainer<Net, Adam, 4>> = Mutex::new(Trainer::zeros());

    let data = [([0.0, 1.0], [0.5]), ([1.0, 0.0], [-0.5])];
    NETWORK.lock().unwrap().init(&init::XavierUniform, &mut generator(23));
    let step = move || {
        let (mut network, mut trainer) = (NETWORK.lock().unwrap(), TRAINER.lock().unwrap());
        let adam = Adam { learning_rate: 0.01, ..Adam::default() };
        trainer.step(&mut *network, &adam, &Quadratic, &data).unwrap()
    };
    let first = step();
    let other_thread = std::thread::spawn(move || (0..200).fold(first, |_, _| step()));
    let last = other_thread.join().unwrap();
    assert!(last < 0.1 * first, "{first} -> {last}");
}

mod initialisers {
    use super::*;
    use init::Initializer;

    const FAN_IN: usize = 40;
    const FAN_OUT: usize = 60;
    const NETWORKS: usize = 60;

    /// The expected distribution of the numbers of a block.
    #[derive(Clone, Copy, Debug)]
    enum Distribution {
        /// All numbers have this value.
        Value(f64),
        /// U(low, high)
        Uniform(f64, f64),
        /// N(mean, deviation)
        Normal(f64, f64),
    }
    use Distribution::{Normal, Uniform, Value};

    /// Asserts that mean, variance and kurtosis are within `STANDARD_ERRORS` of the distribution's, and that the
    /// numbers stay within the bounds and come close to them.
    ///
    /// Standard errors of N numbers, in units of the deviation: `1/sqrt N` for the mean; `sqrt((k - 1)/N)` for the variance,
    /// where k is the kurtosis, 3 or 9/5; for the fourth moment `sqrt((m8 - k^2)/N)` with `m8 = 105` or `9`; and
    /// `1/sqrt N` for the correlation of neighbours, which is 0.
    fn check(what: &str, values: &[f64], distribution: Distribution) {
        let (mean, deviation, kurtosis, eighth) = match distribution {
            Value(value) => return assert!(values.iter().all(|&x| x == value), "{what}"),
            Uniform(low, high) => ((low + high) / 2.0, (high - low) / 12_f64.sqrt(), 1.8, 9.0),
            Normal(mean, deviation) => (mean, deviation, 3.0, 105.0),
        };
        let n = values.len() as f64;
        let standard: Vec<_> = values.iter().map(|x| (x - mean) / deviation).collect();
        let moment = |power: i32| standard.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        let neighbours = standard.windows(2).map(|x| x[0] * x[1]).sum::<f64>() / n;
        for (name, found, expected, variance) in [
            ("mean", moment(1), 0.0, 1.0),
            ("variance", moment(2), 1.0, kurtosis - 1.0),
            ("fourth moment", moment(4), kurtosis, eighth - kurtosis * kurtosis),
            ("correlation of neighbours", neighbours, 0.0, 1.0),
        ] {
            let error = (found - expected).abs() / (variance / n).sqrt();
            assert!(
                error <= tolerances::STANDARD_ERRORS,
                "{what}: {name} {found}, {error} standard errors from {expected}"
            );
        }
        if let Uniform(low, high) = distribution {
            // The probability that no number is in the outer 20/N of the range is e^-20.
            let margin = 20.0 / n * (high - low);
            let (min, max) = values.iter().fold((high, low), |(min, max), &x| (x.min(min), x.max(max)));
            let rounding = f64::from(f32::EPSILON) * (high - low);
            assert!(low - rounding <= min && min < low + margin, "{what}: {min} of {low}");
            assert!(high - margin < max && max <= high + rounding, "{what}: {max} of {high}");
        }
    }

    /// Checks many networks of two layers, so that fan-in, fan-out and the position of the layer matter.
    fn check_initializer<T: Scalar, I: Initializer<T>>(
        name: &str,
        initializer: I,
        weight: impl Fn(f64, f64) -> Distribution,
        bias: impl Fn(f64, f64) -> Distribution,
    ) {
        type Two<T> =
            Network<FAN_IN, Chain![Dense<FAN_IN, FAN_OUT, Tanh, T>, Dense<FAN_OUT, 20, Tanh, T>], T>;
        let rng = &mut generator(24);
        let mut values: [[Vec<f64>; 2]; 2] = Default::default();
        let mut network = Two::<T>::zeros();
        for _ in 0..NETWORKS {
            network.init(&initializer, rng);
            network.visit(|block, block_values| {
                let all = &mut values[block.layer][usize::from(block.role == Role::Bias)];
                all.extend(block_values.iter().map(|x| x.to_f64()));
            });
        }
        for ([weights, biases], (n, m)) in values.iter().zip([(40.0, 60.0), (60.0, 20.0)]) {
            assert_eq!(weights.len(), NETWORKS * (n * m) as usize);
            check(&format!("{name}, weights {n} -> {m}"), weights, weight(n, m));
            check(&format!("{name}, biases {n} -> {m}"), biases, bias(n, m));
        }

        let mut again = Two::<T>::zeros();
        network.init(&initializer, &mut generator(25));
        again.init(&initializer, &mut generator(25));
        assert_eq!(network.checksum(), again.checksum(), "{name}: the same seed");
        again.init(&initializer, &mut generator(26));
        let random = !matches!(weight(1.0, 1.0), Value(_));
        assert_eq!(network.checksum() != again.checksum(), random, "{name}: another seed");
    }

    fn symmetric(bound: f64) -> Distribution {
        Uniform(-bound, bound)
    }

    fn centred(deviation: f64) -> Distribution {
        Normal(0.0, deviation)
    }

    /// `name: initializer, (fan-in, fan-out) => weights, biases`, with the formulas of the literature.
    macro_rules! initializer_tests {
        ($($name:ident: $initializer:expr, ($n:ident, $m:ident) => $weight:expr, $bias:expr;)*) => {$(
            #[test]
            fn $name() {
                let weight = |$n: f64, $m: f64| { let _ = ($n, $m); $weight };
                let bias = |$n: f64, $m: f64| { let _ = ($n, $m); $bias };
                check_initializer::<f32, _>(stringify!($name), $initializer, weight, bias);
                check_initializer::<f64, _>(stringify!($name), $initializer, weight, bias);
            }
        )*};
    }

    initializer_tests! {
        zeros: init::Zeros, (n, m) => Value(0.0), Value(0.0);
        xavier_uniform: init::XavierUniform, (n, m) => symmetric((6.0 / (n + m)).sqrt()), Value(0.0);
        xavier_normal: init::XavierNormal, (n, m) => centred((2.0 / (n + m)).sqrt()), Value(0.0);
        kaiming_uniform: init::KaimingUniform, (n, m) => symmetric((6.0 / n).sqrt()), Value(0.0);
        kaiming_normal: init::KaimingNormal, (n, m) => centred((2.0 / n).sqrt()), Value(0.0);
        lecun_normal: init::LecunNormal, (n, m) => centred(n.sqrt().recip()), Value(0.0);
        nielsen_normal: init::NielsenNormal, (n, m) => centred(n.sqrt().recip()), centred(1.0);
        pytorch_linear: init::PytorchLinear, (n, m) => symmetric(n.sqrt().recip()), symmetric(n.sqrt().recip());
    }

    #[test]
    fn with_parameters() {
        let same = |distribution| move |_, _| distribution;
        check_initializer::<f32, _>("constant", init::Constant(0.5), same(Value(0.5)), same(Value(0.5)));
        let uniform = Uniform(-0.5, 1.5);
        let initializer = init::Uniform { low: -0.5_f32, high: 1.5 };
        check_initializer("uniform", initializer, same(uniform), same(uniform));
        let normal = Normal(2.0, 0.5);
        let initializer = init::Normal { mean: 2.0_f64, deviation: 0.5 };
        check_initializer("normal", initializer, same(normal), same(normal));
        let standard = Normal(0.0, 1.0);
        let initializer = init::Normal::<f32>::default();
        check_initializer("normal", initializer, same(standard), same(standard));
    }

    /// Numbers are drawn from one stream, layer by layer, weights row by row and then biases.
    #[test]
    fn draws_are_in_the_documented_order() {
        let uniform = init::Uniform { low: 0.0, high: 1.0 };
        let mut two = Network::<2, Chain![Dense<2, 3>, Dense<3, 2>]>::zeros();
        two.init(&uniform, &mut generator(27));
        let rng = &mut generator(27);
        let stream: Vec<f32> = (0..2 * 3 + 3 + 3 * 2 + 2).map(|_| f32::random(rng)).collect();
        let (first, second) = &two.layers;
        assert_same_bits("first weights", first.weight.as_flattened(), &stream[..6]);
        assert_same_bits("first biases", &first.bias, &stream[6..9]);
        assert_same_bits("second weights", second.weight.as_flattened(), &stream[9..15]);
        assert_same_bits("second biases", &second.bias, &stream[15..]);
    }

    /// A generator that always returns the largest number.
    struct Largest;

    impl TryRng for Largest {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::MAX)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::MAX)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(u8::MAX);
            Ok(())
        }
    }

    /// `Uniform` promises `[low, high)`.
    #[test]
    fn uniform_stays_below_its_upper_end() {
        fn largest<T: Scalar, R: Rng>(low: T, high: T, mut rng: R) -> T {
            let mut network = Network::<1, Dense<1, 1, Identity, T>, T>::zeros();
            network.init(&init::Uniform { low, high }, &mut rng);
            network.layers.bias[0]
        }
        for (low, high) in [(0.0, 1.0), (-1.0, 1.0), (1.0, 2.0), (100.0, 101.0)] {
            assert!(largest::<f64, _>(low, high, Largest) < high, "f64 [{low}, {high})");
            let (low, high) = (low as f32, high as f32);
            assert!(largest::<f32, _>(low, high, Largest) < high, "f32 [{low}, {high})");
        }
    }
}
