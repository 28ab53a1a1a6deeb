//! What is reported for bad data, targets, rows and numbers: the cause, the place, and what has changed.

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::range::Anything;
use std::borrow::Borrow;
use std::cell::Cell;

use stackprop::{
    Adam, Chain, Class, Dataset, Dense, Fault, Gradients, Identity, InPlaceTrainer, Loss, LossOf,
    MiniBatches, Momentum, MomentumState, Network, Optimizer, Parameters, Quadratic, RowsError, Samples,
    Scalar, Sgd, SigmoidCrossEntropy, SoftmaxCrossEntropy, StepError, Tanh, Trainer, Workspace, Zero, init,
    layers,
};

type Net = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 2>]>;
type Pair = ([f32; 2], [f32; 2]);

const SGD: Sgd = Sgd { learning_rate: 0.1 };

fn generator(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

fn random_network(seed: u64) -> Net {
    let mut network = Net::zeros();
    network.init(&init::XavierNormal, &mut generator(seed));
    network
}

fn random_data(n: usize, seed: u64) -> Vec<Pair> {
    let mut rng = generator(seed);
    let mut pair = || std::array::from_fn(|_| f32::random(&mut rng));
    (0..n).map(|_| (pair(), pair())).collect()
}

/// The fault that every pass over `data` reports, with tiles of `B`. The passes must report the same fault and change
/// nothing.
fn fault_of_each_way<const B: usize, D, C>(network: &Net, loss: &C, data: &D) -> Fault
where
    D: Dataset<Input = [f32; 2]> + ?Sized,
    C: LossOf<Net, D::Target>,
{
    let mut workspace = Workspace::<Net, B>::zeros();
    let fault = workspace.loss(network, loss, data).unwrap_err();
    assert_eq!(workspace.gradient(network, loss, data, &mut Gradients::zeros()).unwrap_err(), fault);
    let mut trained = network.clone();
    let (mut trainer, start) = (Trainer::<Net, Momentum, B>::zeros(), MomentumState::<Net>::ZERO);
    let error = trainer.step(&mut trained, &Momentum::default(), loss, data).unwrap_err();
    assert_eq!(error, StepError { epoch: 0, batch: 0, cause: fault });
    assert_eq!((&trained, &trainer.state), (network, &start));
    fault
}

fn fault_of_each_tile<D, C>(network: &Net, loss: &C, data: &D) -> Fault
where
    D: Dataset<Input = [f32; 2]> + ?Sized,
    C: LossOf<Net, D::Target>,
{
    let fault = fault_of_each_way::<1, D, C>(network, loss, data);
    assert_eq!(fault_of_each_way::<2, D, C>(network, loss, data), fault);
    assert_eq!(fault_of_each_way::<4, D, C>(network, loss, data), fault);
    assert_eq!(fault_of_each_way::<6, D, C>(network, loss, data), fault);
    assert_eq!(fault_of_each_way::<16, D, C>(network, loss, data), fault);
    fault
}

// The report names the first sample at fault, with its own cause, whatever follows it in the same tile. A NaN in the
// input reaches the first layer. A target of 1e30 makes the loss infinite although the outputs are finite.
#[test]
fn the_cause_does_not_depend_on_the_tile() {
    let network = random_network(1);
    let good = random_data(9, 2);
    for first in 0..8 {
        for second in first + 1..9 {
            let (mut nan_first, mut loss_first) = (good.clone(), good.clone());
            nan_first[first].0[1] = f32::NAN;
            nan_first[second].1[0] = 1e30;
            loss_first[first].1[0] = 1e30;
            loss_first[second].0[1] = f32::NAN;
            let fault = fault_of_each_tile(&network, &Quadratic, nan_first.as_slice());
            assert_eq!(fault, Fault::Activation { layer: 0, sample: first });
            let fault = fault_of_each_tile(&network, &Quadratic, loss_first.as_slice());
            assert_eq!(fault, Fault::Loss { sample: first });
        }
    }
}

// tanh maps the infinity of sample 0 to 1, so its loss is finite. The NaN of sample 2 is the cause.
#[test]
fn an_infinity_with_loss_0_is_not_the_cause() {
    let mut network = random_network(3);
    network.layers.0.weight = [[1.0; 3], [0.5; 3]];
    let mut data = random_data(5, 4);
    data[0].0 = [f32::MAX, f32::MAX];
    data[2].0 = [f32::NAN, 0.0];
    let fault = fault_of_each_tile(&network, &Quadratic, data.as_slice());
    assert_eq!(fault, Fault::Activation { layer: 0, sample: 2 });
}

#[test]
fn a_target_that_the_loss_does_not_accept_is_named() {
    let network = random_network(5);
    let mut data = random_data(7, 6);
    for bad in [-1.0, 1.0 + f32::EPSILON, f32::NAN, f32::INFINITY] {
        data[4].1[1] = bad;
        let fault = fault_of_each_tile(&network, &SigmoidCrossEntropy, data.as_slice());
        assert_eq!(fault, Fault::Target { sample: 4 }, "{bad}");
    }
    for bad in [f32::NAN, f32::INFINITY] {
        data[4].1[1] = bad;
        let data = data.as_slice();
        assert_eq!(fault_of_each_tile(&network, &SoftmaxCrossEntropy, data), Fault::Target { sample: 4 });
        assert_eq!(fault_of_each_tile(&network, &Quadratic, data), Fault::Target { sample: 4 });
    }
    // The forward pass comes before the loss.
    data[4].0[0] = f32::NAN;
    let fault = fault_of_each_tile(&network, &SigmoidCrossEntropy, data.as_slice());
    assert_eq!(fault, Fault::Activation { layer: 0, sample: 4 });
}

/// A data set that lacks a sample below its length, and whose `contiguous` may return a wrong number of samples.
struct Gap {
    data: Vec<Pair>,
    missing: usize,
    surplus: Option<usize>,
}

impl Dataset for Gap {
    type Input = [f32; 2];
    type Target = [f32; 2];
    type TargetRef<'a> = &'a [f32; 2];

    fn len(&self) -> usize {
        self.data.len()
    }

    fn sample(&self, index: usize, input: &mut [f32; 2]) -> Option<&[f32; 2]> {
        if index == self.missing { None } else { self.data.as_slice().sample(index, input) }
    }

    fn contiguous(&self, _: usize, samples: usize) -> Option<Samples<'_, [f32; 2], [f32; 2]>> {
        const NONE: &[[f32; 2]] = &[[f32::NAN; 2]; 32];
        let n = samples.checked_add_signed(self.surplus? as isize - 1)?;
        Some(Samples::new(&NONE[..n], &NONE[..n]).unwrap())
    }
}

#[test]
fn a_missing_sample_is_an_error() {
    let network = random_network(7);
    for missing in 0..9 {
        for surplus in [None, Some(0), Some(2)] {
            let gap = Gap { data: random_data(9, 8), missing, surplus };
            let fault = fault_of_each_tile(&network, &Quadratic, &gap);
            assert_eq!(fault, Fault::MissingSample { sample: missing });
            let mut shown = 0;
            let result = Workspace::<Net, 4>::zeros().evaluate(&network, &gap, |_, _| shown += 1);
            assert_eq!((result, shown), (Err(fault), missing / 4 * 4));
        }
    }
}

// Contiguous samples of another number than requested are not used: the samples are copied one by one.
#[test]
fn contiguous_of_another_length_is_not_taken() {
    let (network, data) = (random_network(9), random_data(9, 10));
    let expected = Workspace::<Net, 4>::zeros().loss(&network, &Quadratic, data.as_slice()).unwrap();
    for surplus in [0, 2] {
        let gap = Gap { data: data.clone(), missing: usize::MAX, surplus: Some(surplus) };
        assert_eq!(Workspace::<Net, 4>::zeros().loss(&network, &Quadratic, &gap), Ok(expected));
    }
}

/// A data set that loses one sample each time `len` is called.
struct Shrinking {
    data: Vec<Pair>,
    len: Cell<usize>,
}

impl Dataset for Shrinking {
    type Input = [f32; 2];
    type Target = [f32; 2];
    type TargetRef<'a> = &'a [f32; 2];

    fn len(&self) -> usize {
        let len = self.len.get();
        self.len.set(len.saturating_sub(1));
        len
    }

    fn sample(&self, index: usize, input: &mut [f32; 2]) -> Option<&[f32; 2]> {
        if index < self.len.get() { self.data.as_slice().sample(index, input) } else { None }
    }
}

#[test]
fn a_data_set_that_shrinks_lacks_a_sample() {
    let mut network = random_network(11);
    for n in 1..7 {
        let shrinking = || Shrinking { data: random_data(9, 12), len: Cell::new(n) };
        let expected = Fault::MissingSample { sample: n - 1 };
        let mut workspace = Workspace::<Net, 2>::zeros();
        assert_eq!(workspace.loss(&network, &Quadratic, &shrinking()), Err(expected));
        let gradient = workspace.gradient(&network, &Quadratic, &shrinking(), &mut Gradients::zeros());
        assert_eq!(gradient, Err(expected));
        assert_eq!(workspace.evaluate(&network, &shrinking(), |_, _| ()), Err(expected));
        let before = network.clone();
        let error = Trainer::<Net, Sgd, 2>::zeros().step(&mut network, &SGD, &Quadratic, &shrinking());
        assert_eq!(error.map_err(|error| error.cause), Err(expected));
        assert_eq!(network, before);
        let mut in_place = InPlaceTrainer::<Net, Sgd, 8>::zeros();
        let error = in_place.step(&mut network, &SGD, &Quadratic, &shrinking());
        assert_eq!(error.map_err(|error| error.cause), Err(expected));
        assert_eq!(network, before);
    }
}

#[test]
fn mini_batches_of_a_data_set_that_shrinks_lack_a_sample() {
    let mut network = random_network(11);
    for shuffled in [false, true] {
        let data = Shrinking { data: random_data(9, 12), len: Cell::new(9) };
        let batches = if shuffled {
            MiniBatches::shuffled(&data, 2, &mut generator(1))
        } else {
            MiniBatches::in_order(&data, 2)
        };
        assert_eq!(batches.len(), 5);
        let error = Trainer::<Net, Sgd, 2>::zeros().epoch(&mut network, &SGD, &Quadratic, batches);
        assert!(matches!(error.unwrap_err().cause, Fault::MissingSample { .. }));
    }
}

// For a shuffled mini-batch, the report names the sample's index in the data set, not that in the mini-batch.
#[test]
fn a_sample_is_named_as_in_the_data_set() {
    let mut data = random_data(40, 13);
    data[17].0[0] = f32::NAN;
    let expected = Fault::Activation { layer: 0, sample: 17 };
    for tile_of_one in [true, false] {
        let (mut network, mut rng) = (random_network(14), generator(15));
        let batches = MiniBatches::shuffled(data.as_slice(), 8, &mut rng);
        let error = if tile_of_one {
            Trainer::<Net, Sgd, 1>::zeros().epoch(&mut network, &SGD, &Quadratic, batches)
        } else {
            Trainer::<Net, Sgd, 8>::zeros().epoch(&mut network, &SGD, &Quadratic, batches)
        };
        assert_eq!(error.unwrap_err().cause, expected);
        // Mini-batches of a mini-batch, which the in-place trainer splits into several steps.
        let half = MiniBatches::in_order(data.as_slice(), 20).next().unwrap();
        let parts = MiniBatches::shuffled(&half, 10, &mut rng);
        let error = InPlaceTrainer::<Net, Sgd, 3>::zeros().epoch(&mut network, &SGD, &Quadratic, parts);
        assert_eq!(error.unwrap_err().cause, expected);
        // By reference, too.
        let second = MiniBatches::in_order(data.as_slice(), 10).nth(1).unwrap();
        let error = Workspace::<Net, 4>::zeros().loss(&network, &Quadratic, &&second);
        assert_eq!(error, Err(expected));
    }
}

#[test]
fn messages() {
    let text = |cause: Fault| StepError { epoch: 3, batch: 7, cause }.to_string();
    assert_eq!(
        text(Fault::Activation { layer: 0, sample: 12 }),
        "training stopped in epoch 3, mini-batch 7: the output of layer 0 is not finite for sample 12 \
         (a NaN or an infinity in the data? a learning rate that is too high?)"
    );
    assert_eq!(
        text(Fault::Loss { sample: 12 }),
        "training stopped in epoch 3, mini-batch 7: the loss of sample 12 is not finite \
         (a target that is too large? a probability that has become 0? a learning rate that is too high?)"
    );
    assert_eq!(
        text(Fault::Target { sample: 12 }),
        "training stopped in epoch 3, mini-batch 7: the loss does not accept the target of sample 12 \
         (a NaN or an infinity? a label outside the range that the loss is defined for? \
         a setting of the loss, such as a weight, that is not valid?)"
    );
    assert_eq!(
        Fault::MissingSample { sample: 5 }.to_string(),
        "the data set has no sample 5, although its length is larger"
    );
}

#[test]
fn no_samples_no_step() {
    let mut network = Network::<1, Dense<1, 1>>::new(Dense::from_parameters([[0.1]], [0.0]));
    type Line = Network<1, Dense<1, 1>>;
    let (momentum, data) = (Momentum { learning_rate: 0.1, ..Momentum::default() }, [([1.0], [1.0])]);
    let none: [([f32; 1], [f32; 1]); 0] = [];

    let mut trainer = Trainer::<Line, Momentum, 2>::zeros();
    trainer.step(&mut network, &momentum, &Quadratic, &data).unwrap();
    let before = (network.clone(), trainer.state.clone());
    assert_eq!(trainer.step(&mut network, &momentum, &Quadratic, &none), Ok(0.0));
    assert_eq!((network.clone(), trainer.state.clone()), before);

    let mut in_place = InPlaceTrainer::<Line, Momentum, 2>::zeros();
    in_place.step(&mut network, &momentum, &Quadratic, &data).unwrap();
    let before = (network.clone(), in_place.state.clone());
    assert_eq!(in_place.step(&mut network, &momentum, &Quadratic, &none), Ok(0.0));
    assert_eq!((network, in_place.state), before);
}

#[test]
fn the_average_of_equal_losses_is_that_loss() {
    let network = random_network(16);
    let sample = random_data(1, 17)[0];
    let loss = Workspace::<Net, 1>::zeros().loss(&network, &Quadratic, &[sample]).unwrap();
    for n in 1..=200 {
        let data = vec![sample; n];
        let data = data.as_slice();
        assert_eq!(Workspace::<Net, 1>::zeros().loss(&network, &Quadratic, data), Ok(loss), "{n}");
        assert_eq!(Workspace::<Net, 16>::zeros().loss(&network, &Quadratic, data), Ok(loss), "{n}");
        let (mut copy, still) = (network.clone(), Sgd { learning_rate: 0.0 });
        let batches = MiniBatches::in_order(data, 7);
        let average = Trainer::<Net, Sgd, 4>::zeros().epoch(&mut copy, &still, &Quadratic, batches);
        assert_eq!(average, Ok(loss), "{n}");
        let average = InPlaceTrainer::<Net, Sgd, 4>::zeros().step(&mut copy, &still, &Quadratic, data);
        assert_eq!(average, Ok(loss), "{n}");
    }
}

#[test]
fn every_sample_is_evaluated_once_and_in_order() {
    let (network, data) = (random_network(18), random_data(9, 19));
    let mut seen = vec![];
    let mut workspace = Workspace::<Net, 4>::zeros();
    workspace.evaluate(&network, data.as_slice(), |output, target| seen.push((*output, *target))).unwrap();
    let expected: Vec<_> = data.iter().map(|(x, y)| (network.predict(x), *y)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn rows_are_counted() {
    let (network, mut workspace) = (random_network(18), Workspace::<Net, 4>::zeros());
    let (inputs, mut gradients) = ([[0.5, -0.5]; 5], Gradients::<Net>::zeros());
    let error = workspace.forward(&network, &inputs).unwrap_err();
    assert_eq!(error, RowsError::Tile { rows: 5, tile: 4 });
    assert_eq!(error.to_string(), "5 inputs do not fit a workspace with a tile of 4 samples");
    assert_eq!(workspace.forward(&network, &inputs[..4]).unwrap().outputs().len(), 4);
    let mut pass = workspace.forward(&network, &inputs[..3]).unwrap();
    for rows in [0, 2, 4] {
        let error = pass.backward(&[[1.0; 2]; 5][..rows], &mut gradients, None).unwrap_err();
        assert_eq!(error, RowsError::OutputGradient { rows, samples: 3 });
        let mut input_gradient = [[7.0; 2]; 5];
        let input_gradient = Some(&mut input_gradient[..rows]);
        let error = pass.backward(&[[1.0; 2]; 3], &mut gradients, input_gradient).unwrap_err();
        assert_eq!(error, RowsError::InputGradient { rows, samples: 3 });
    }
    assert_eq!(gradients.of, Net::zeros());
    assert_eq!(pass.outputs().len(), 3);
}

/// Both trainers count epochs and mini-batches in the same way.
#[test]
fn epochs_and_mini_batches_are_counted() {
    let good = random_data(2, 20);
    let mut bad = good.clone();
    bad[1].0[0] = f32::NAN;
    macro_rules! check {
        ($trainer:ty) => {
            let mut network = random_network(19);
            let mut trainer = <$trainer>::zeros();
            let mut epoch = |batches: &[&[Pair]]| {
                let batches = batches.iter().copied();
                trainer.epoch(&mut network, &SGD, &Quadratic, batches).map_err(|e| (e.epoch, e.batch))
            };
            epoch(&[good.as_slice(); 3]).unwrap();
            assert_eq!(epoch(&[&good, &good, &bad]), Err((1, 2)));
            assert_eq!(epoch(&[&good, &bad]), Err((1, 1)));
            epoch(&[good.as_slice(); 2]).unwrap();
            assert_eq!(epoch(&[&bad]), Err((2, 0)));
        };
    }
    check!(Trainer<Net, Sgd, 2>);
    check!(InPlaceTrainer<Net, Sgd, 2>);
}

/// The cause of a step's error is its `source`, so error reporters print it.
#[test]
fn a_cause_is_a_source() {
    let error = StepError { epoch: 1, batch: 2, cause: Fault::MissingSample { sample: 3 } };
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<Fault>(), Some(&error.cause));
}

#[cfg(feature = "alloc")]
#[test]
fn a_vec_is_a_data_set() {
    let data = vec![([1.0_f32], 10), ([2.0], 20)];
    let mut input = [0.0];
    assert_eq!(Dataset::len(&data), 2);
    assert_eq!(Dataset::sample(&data, 1, &mut input), Some(&20));
    assert_eq!(input, [2.0]);
    assert_eq!(Dataset::sample(&data, 2, &mut input), None);
}

/// Steps between epochs are counted from 0.
#[test]
fn a_step_after_an_epoch_is_the_first() {
    let (mut network, good) = (random_network(21), random_data(2, 22));
    let bad = [([f32::NAN; 2], [0.0; 2])];
    let (mut trainer, mut in_place) =
        (Trainer::<Net, Sgd, 2>::zeros(), InPlaceTrainer::<Net, Sgd, 2>::zeros());
    let batches = || [good.as_slice(); 3];
    trainer.epoch(&mut network, &SGD, &Quadratic, batches()).unwrap();
    in_place.epoch(&mut network, &SGD, &Quadratic, batches()).unwrap();
    for steps in 0..3 {
        let error = trainer.step(&mut network, &SGD, &Quadratic, &bad).unwrap_err();
        assert_eq!((error.epoch, error.batch), (1, steps));
        let error = in_place.step(&mut network, &SGD, &Quadratic, &bad).unwrap_err();
        assert_eq!((error.epoch, error.batch), (1, steps));
        trainer.step(&mut network, &SGD, &Quadratic, good.as_slice()).unwrap();
        in_place.step(&mut network, &SGD, &Quadratic, good.as_slice()).unwrap();
    }
}

/// `x delta` is 2^127, finite, but the sum over two such samples is not. The bound must therefore count the largest
/// input times the largest delta once for each sample, and doubled for roundings.
#[test]
fn a_sum_that_overflows_is_foreseen() {
    type Line = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
    let big = f32::from_bits((63 + 127) << 23); // 2^63
    // The second layer has weight 0, so a = 0 and delta = -y/n. Its input is x = 2^63, and y = -n * 2^63 for n samples.
    let first = Dense::from_parameters([[1.0]], [0.0]);
    for samples in [2, 3, 8] {
        let mut network: Line = Network::new((first.clone(), Dense::from_parameters([[0.0]], [0.0])));
        let before = network.clone();
        let data = vec![([big], [-big * samples as f32]); samples];
        let mut trainer = InPlaceTrainer::<Line, Sgd, 8>::zeros();
        let still = Sgd { learning_rate: 0.0 };
        let error = trainer.step(&mut network, &still, &Linear, data.as_slice()).unwrap_err();
        assert_eq!(error.cause, Fault::Gradient { layer: 1 }, "{samples}");
        assert_eq!(network, before);
    }
}

/// `C_x = -a y`, with the derivative `-y`: a loss that stays finite for large targets.
struct Linear;

impl Loss<[f32; 1], [f32; 1]> for Linear {
    type Takes = Anything;

    fn evaluate(&self, [a]: &[f32; 1], [y]: &[f32; 1], gradient: &mut [f32; 1]) -> f32 {
        *gradient = [-y];
        -a * y
    }
}

/// Contiguous mini-batches train to the same bits as mini-batches that are copied sample by sample.
#[test]
fn contiguous_mini_batches_are_the_right_samples() {
    let data = random_data(23, 23);
    let inputs: Vec<_> = data.iter().map(|(x, _)| *x).collect();
    let targets: Vec<_> = data.iter().map(|(_, y)| *y).collect();
    let samples = Samples::new(&inputs, &targets).unwrap();
    let mut networks = [random_network(24), random_network(24), random_network(24)];
    let (mut a, mut b, mut c) = (Trainer::zeros(), Trainer::zeros(), Trainer::<Net, Sgd, 8>::zeros());
    let losses = [
        a.epoch(&mut networks[0], &SGD, &Quadratic, MiniBatches::in_order(data.as_slice(), 5)),
        b.epoch(&mut networks[1], &SGD, &Quadratic, MiniBatches::in_order(&samples, 5)),
        // A tile of 8 holds a whole mini-batch of 5.
        c.epoch(&mut networks[2], &SGD, &Quadratic, MiniBatches::in_order(&samples, 5)),
    ];
    let (_, _): (&Trainer<Net, Sgd, 5>, &Trainer<Net, Sgd, 2>) = (&a, &b);
    assert_eq!(losses[0], losses[1]);
    assert_eq!(losses[0], losses[2]);
    assert_eq!(networks[0], networks[1]);
    assert_eq!(networks[0], networks[2]);
}

#[test]
fn a_mini_batch_lies_contiguous_if_it_is_in_order() {
    let inputs: [[f32; 2]; 9] = std::array::from_fn(|i| [i as f32; 2]);
    let targets: [[f32; 2]; 9] = std::array::from_fn(|i| [10.0 + i as f32; 2]);
    let samples = Samples::from_arrays(&inputs, &targets);
    let second = MiniBatches::in_order(&samples, 4).nth(1).unwrap();
    let there = second.contiguous(1, 3).unwrap();
    assert_eq!((there.inputs(), there.targets()), (&inputs[5..8], &targets[5..8]));
    assert!(second.contiguous(1, 4).is_none() && second.contiguous(5, 1).is_none());
    let last = MiniBatches::in_order(&samples, 4).nth(2).unwrap();
    assert_eq!((last.len(), last.is_empty()), (1, false));
    assert!(last.contiguous(0, 1).is_some() && last.contiguous(0, 2).is_none());
    for batch in MiniBatches::shuffled(&samples, 4, &mut generator(28)) {
        assert!(batch.contiguous(0, 1).is_none());
    }
}

/// Slices, arrays, references and vectors of pairs are the same data sets.
#[test]
fn every_form_of_a_data_set_has_the_same_samples() {
    fn is_the_same<D: Dataset<Input = [f32; 2], Target = [f32; 2]> + ?Sized>(data: &D, expected: &[Pair]) {
        assert_eq!((data.len(), data.is_empty()), (expected.len(), expected.is_empty()));
        let mut input = [f32::NAN; 2];
        for (index, (x, y)) in expected.iter().enumerate() {
            assert_eq!(data.sample(index, &mut input).as_ref().map(Borrow::borrow), Some(y));
            assert_eq!((input, data.source_index(index)), (*x, index));
        }
        assert!(data.sample(expected.len(), &mut input).is_none());
    }
    let data = random_data(3, 27);
    let array: [Pair; 3] = std::array::from_fn(|i| data[i]);
    is_the_same(data.as_slice(), &data);
    is_the_same(&array, &data);
    is_the_same(&&array, &data);
    #[cfg(feature = "alloc")]
    is_the_same(&data, &data);
    is_the_same(&data[..0], &[]);
    let samples = Samples::from_arrays(&[[1.0, 2.0]], &[[3.0, 4.0]]);
    is_the_same(&samples, &[([1.0, 2.0], [3.0, 4.0])]);
    is_the_same(&&samples, &[([1.0, 2.0], [3.0, 4.0])]);
    assert!(Dataset::contiguous(&&samples, 0, 1).is_some());
    assert!(samples.contiguous(0, 1).is_some() && samples.contiguous(0, 2).is_none());
    assert!(samples.contiguous(usize::MAX, 1).is_none());
}

/// An activation as in the documentation, which derives no traits.
struct Square;

impl stackprop::activation::Elementwise for Square {
    type Keeps = stackprop::activation::KeepZ;
    type Range = stackprop::range::Real;
    fn value<T: Scalar>(z: T) -> T {
        z * z
    }
    fn derivative<T: Scalar>(z: T) -> T {
        z + z
    }
}

#[test]
fn values_can_be_cloned_compared_and_shown_whatever_the_activation() {
    type Own = Network<2, Chain![Dense<2, 1, Square>, Dense<1, 1>]>;
    let network: Own = Network::new((
        Dense::from_parameters([[3.0], [4.5]], [-5.0]),
        Dense::from_parameters([[f32::NAN]], [f32::INFINITY]),
    ));
    assert_eq!(network.layers.0.clone(), network.layers.0);
    assert_ne!(network.layers.0, Dense::new());
    assert_eq!(
        format!("{network:?}"),
        "Network { inputs: 2, layers: (Dense<2, 1, Square> { weight: 3..=4.5, bias: -5..=-5 }, \
         Dense<1, 1, Identity> { weight: 1 not finite, bias: 1 not finite }) }"
    );
    let mixed = Dense::<1, 3, stackprop::LeakyRelu<200>>::from_parameters([[1.0, f32::NAN, -2.0]], [0.5; 3]);
    assert_eq!(
        format!("{mixed:?}"),
        "Dense<1, 3, LeakyRelu<200>> { weight: -2..=1 and 1 not finite, bias: 0.5..=0.5 }"
    );
    let mut trainer = Trainer::<Own, Adam, 4>::zeros();
    let text = format!("{trainer:?}");
    assert!(text.contains("Trainer") && text.contains("tile: 4") && text.len() < 1000, "{text}");
    trainer.state.m.layers.0.bias = [2.0];
    assert_eq!(trainer.clone().state, trainer.state);
    let mut in_place = InPlaceTrainer::<Own, Adam, 4>::zeros();
    in_place.state.clone_from(&trainer.state);
    assert_eq!(in_place.clone().state, trainer.state);
    assert!(format!("{in_place:?}").contains("InPlaceTrainer"));

    // A data set that does not implement `Debug`.
    let data = [([1.0, 2.0], Class::<2>::new(0).unwrap())];
    let gap = Gap { data: vec![], missing: 0, surplus: None };
    assert!(format!("{:?}", MiniBatches::in_order(&gap, 3)).contains("size: 3"));
    let mut workspace = Workspace::<Net, 4>::zeros();
    let network = Net::zeros();
    let pass = workspace.forward(&network, &[[1.0; 2]; 3]).unwrap();
    assert_eq!(format!("{pass:?}"), "ForwardPass { samples: 3, .. }");
    assert!(format!("{:?}", MiniBatches::in_order(&data, 3).next().unwrap()).contains("len: 1"));
    assert_eq!(
        format!("{:?}", Samples::from_arrays(&[[0.0; 784]; 2], &[[1.0]; 2])),
        "Samples { len: 2, .. }"
    );
}

/// A cloned trainer continues as the original does, and so do its counts of epochs and mini-batches.
#[test]
fn a_cloned_trainer_goes_on() {
    let (mut network, data) = (random_network(25), random_data(9, 26));
    let mut trainer = Trainer::<Net, Adam, 4>::zeros();
    let batches = || MiniBatches::in_order(data.as_slice(), 5);
    trainer.epoch(&mut network, &Adam::default(), &Quadratic, batches()).unwrap();
    let (mut clone, mut copy) = (trainer.clone(), network.clone());
    let mut overwritten = Trainer::<Net, Adam, 4>::zeros();
    overwritten.clone_from(&trainer);
    let expected = trainer.epoch(&mut network, &Adam::default(), &Quadratic, batches());
    for trainer in [&mut clone, &mut overwritten] {
        let mut copy = copy.clone();
        assert_eq!(trainer.epoch(&mut copy, &Adam::default(), &Quadratic, batches()), expected);
        assert_eq!(copy, network);
        let error = trainer.step(&mut copy, &Adam::default(), &Quadratic, &[([f32::NAN; 2], [0.0; 2])]);
        assert_eq!(error.unwrap_err().epoch, 2);
    }
    copy.copy_from(&network);
    assert_eq!(copy, network);
}

/// A layer whose walk visits a parameter and a gradient of different lengths gets a fault of its own, not "not finite".
#[test]
fn a_walk_with_unequal_lengths_is_named() {
    use stackprop::layer::scratch::{Ends, Place};
    use stackprop::layer::{Kept, Kernel, Pass};
    use stackprop::{Block, Descent, Layer, Role, Train, parameters};

    /// Its walk visits `SHOWN` of its numbers. Its gradient has two.
    struct Lame<const SHOWN: usize>([f32; 3]);
    #[derive(Debug, PartialEq)]
    struct Two {
        numbers: [f32; 2],
    }

    parameters! {
        #[allow(unsafe_code)]
        [] Two, f32;
        trained { numbers: Weight(2, 1) }
    }

    #[allow(unsafe_code)]
    // SAFETY: numbers.
    unsafe impl<const SHOWN: usize> stackprop::Zero for Lame<SHOWN> {
        const ZERO: Self = Self([0.0; 3]);
    }

    impl<const SHOWN: usize> Parameters<f32> for Lame<SHOWN> {
        const PARAMETERS: usize = SHOWN;
        const LAYERS: usize = 1;
        const SCHEMA: stackprop::Schema =
            stackprop::Schema::Leaf { modules: 1, name: "", activation: "", fields: &[] };
        type Trained = Two;

        fn walk<const R: usize, const W: usize>(
            layer: usize,
            read: [&Self; R],
            write: [&mut Self; W],
            visit: &mut impl FnMut(Block, [&[f32]; R], [&mut [f32]; W]),
        ) {
            let block = Block { layer, role: Role::Weight, fan_in: 2, fan_out: 1 };
            visit(block, read.map(|x| &x.0[..]), write.map(|x| &mut x.0[..]));
        }

        fn walk_trained<const R: usize, const W: usize>(
            layer: usize,
            parameters: &mut Self,
            read: [&Two; R],
            write: [&mut Two; W],
            visit: &mut impl FnMut(Block, &mut [f32], [&[f32]; R], [&mut [f32]; W]),
        ) {
            let block = Block { layer, role: Role::Weight, fan_in: 2, fan_out: 1 };
            let shown = &mut parameters.0[..SHOWN];
            visit(block, shown, read.map(|x| &x.numbers[..]), write.map(|x| &mut x.numbers[..]));
        }
    }

    impl<const SHOWN: usize> Layer<[f32; 1]> for Lame<SHOWN> {
        type Output = [f32; 1];
        type Memory = ();
        type Scratch<const B: usize, I: Place, O: Place> = Ends<[f32; 1], [f32; 1], B, I, O>;
        const MACS: usize = 0;

        fn infer<K: Kernel>(&self, _: K, _: &mut (), _: &[[f32; 1]], _: &mut [[f32; 1]]) {}
    }

    impl<const SHOWN: usize> Train<[f32; 1]> for Lame<SHOWN> {
        type Cache<const B: usize> = Kept<[f32; 1], (), B>;
        type Range = stackprop::range::Real;

        fn forward<K: Kernel, const B: usize>(
            &self,
            _: Pass<K>,
            _: &mut (),
            _: &[[f32; 1]],
            _: &mut Self::Cache<B>,
        ) {
        }

        fn deltas<K: Kernel, const B: usize>(
            &self,
            _: K,
            _: &[[f32; 1]],
            _: &mut Self::Cache<B>,
            _: Option<&mut [[f32; 1]]>,
        ) {
        }
    }

    fn step<const SHOWN: usize>() -> (Result<(), Fault>, [f32; 3]) {
        let mut gradients = Gradients::<Network<1, Lame<SHOWN>>>::zeros();
        gradients.of.layers.numbers = [1.0; 2];
        let mut network = Network::new(Lame([5.0; 3]));
        let result = (&gradients).descend(&mut network, [], |g: f32, [p]| [p - g]);
        (result, network.layers.0)
    }

    assert_eq!(step::<3>(), (Err(Fault::Lengths { layer: 0 }), [5.0; 3]));
    assert_eq!(step::<2>(), (Ok(()), [4.0, 4.0, 5.0]));
}

/// An optimiser returns the fault of the descent, which names the layer.
#[test]
fn faults_pass_through_an_optimizer() {
    let mut line = Network::<1, Dense<1, 1, Identity>>::zeros();
    let gradients = Gradients { of: Network::new(Dense::from_parameters([[f32::NAN]], [0.0])) };
    assert_eq!(SGD.step(&mut line, &gradients, &mut ()), Err(Fault::Update { layer: 0 }));
}

// All inputs are 0, and so is the gradient of the first layer's weight. The layer's deltas are
// 3e19 * 1.8e19 / 4 = 1.4e38 each. Their sum over four samples, the gradient of its bias, is 5.4e38: more than the
// largest f32, 3.4e38.
#[test]
fn an_overflow_of_a_bias_alone_is_one_of_the_gradient() {
    type Line = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
    let start: Line = Network::new(layers![
        Dense::from_parameters([[1.0]], [0.0]),
        Dense::from_parameters([[3e19]], [0.0]),
    ]);
    let data = [([0.0], [-1.8e19]); 4];
    let sgd = Sgd { learning_rate: 1e-30 };
    let mut network = start.clone();
    let results = [
        Trainer::<Line, Sgd, 1>::zeros().step(&mut network, &sgd, &Quadratic, &data),
        Trainer::<Line, Sgd, 4>::zeros().step(&mut network, &sgd, &Quadratic, &data),
        InPlaceTrainer::<Line, Sgd, 4>::zeros().step(&mut network, &sgd, &Quadratic, &data),
    ];
    let expected = StepError { epoch: 0, batch: 0, cause: Fault::Gradient { layer: 0 } };
    assert_eq!(results, [Err(expected); 3]);
    assert_eq!(network, start);
}

/// With a stored gradient, too, the fault names the first layer whose step was not finite.
#[test]
fn the_first_layer_whose_update_is_not_finite_is_named() {
    let network = random_network(27);
    for (infinite, named) in [([false, true], 1), ([true, true], 0), ([true, false], 0)] {
        let mut gradients = Gradients::<Net>::zeros();
        if infinite[0] {
            gradients.of.layers.0.bias[2] = f32::INFINITY;
        }
        if infinite[1] {
            gradients.of.layers.1.weight[1][0] = f32::INFINITY;
        }
        let mut network = network.clone();
        assert_eq!(SGD.step(&mut network, &gradients, &mut ()), Err(Fault::Update { layer: named }));
    }
}
