//! Losses in training: the average over samples with weights and without targets, networks with two heads, and what is
//! refused.

use stackprop::range::Anything;
use stackprop::{
    Class, ClassWeights, CosineEmbedding, Dense, ElementwiseLoss, Fault, Gradients, Huber, Ignoring,
    LabelSmoothing, Loss, LossOf, Network, OutputWeights, Quadratic, SampleWeights, Sgd, SigmoidCrossEntropy,
    SigmoidFocal, SmoothL1, SoftmaxCrossEntropy, SoftmaxFocal, StepError, Target, Trainer, Weighted,
    Workspace,
};

mod tolerances;

/// The outputs are the inputs, so the gradient of the bias is the average of `dC_x/da`.
type Two = Network<2, Dense<2, 2>>;

fn identity() -> Two {
    Network::new(Dense::from_parameters([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]))
}

fn average<Y: Clone, const N: usize>(
    loss: &impl LossOf<Two, Y>,
    data: &[([f32; 2], Y); N],
) -> Result<(f32, [f32; 2]), Fault> {
    let mut gradients = Gradients::<Two>::zeros();
    let average = Workspace::<Two, 2>::zeros().gradient(&identity(), loss, data, &mut gradients)?;
    Ok((average, gradients.of.layers.bias))
}

// Quadratic losses 2 and 8 with weights 3 and 1/2, and one that does not count: (6 + 4 + 0 + 0) / 4
#[test]
fn the_average_is_over_all_samples() {
    let weighted = |x, weight| ([x, 0.0], Weighted { target: [0.0, 0.0], weight });
    let data = [weighted(2.0, 3.0), weighted(4.0, 0.5), weighted(100.0, 0.0), weighted(0.0, 1.0)];
    assert_eq!(average(&SampleWeights(Quadratic), &data), Ok((2.5, [2.0, 0.0])));
    let some = |x, target| ([x, 0.0], target);
    let data = [some(2.0, Some([0.0, 0.0])), some(4.0, None), some(4.0, Some([0.0, 0.0])), some(7.0, None)];
    assert_eq!(average(&Ignoring(Quadratic), &data), Ok((2.5, [1.5, 0.0])));
    // One sample of each class at (0, 0): ln 2 each, with weights 1 and 3.
    let class = |index| ([0.0, 0.0], Class::<2>::new(index).unwrap());
    let loss = ClassWeights { weights: [1.0, 3.0], loss: SoftmaxCrossEntropy };
    let (mean, gradient) = average(&loss, &[class(0), class(1)]).unwrap();
    assert_eq!((mean, gradient), (2.0 * 2_f32.ln(), [0.5, -0.5]));
    // A mini-batch without any target has the loss 0.
    assert_eq!(average(&Ignoring(Quadratic), &[some(2.0, None)]), Ok((0.0, [0.0, 0.0])));
}

/// With the average 1, the weights are PyTorch's, which divides by their sum.
#[test]
fn weights_with_the_average_1_are_those_of_pytorch() {
    let data = [2.0, 4.0, 6.0].map(|x| ([x, 0.0], Weighted { target: [0.0, 0.0], weight: x / 4.0 }));
    let sum: f32 = data.iter().map(|(x, y)| y.weight * x[0] * x[0] / 2.0).sum();
    let weights: f32 = data.iter().map(|(_, y)| y.weight).sum();
    assert_eq!(average(&SampleWeights(Quadratic), &data).unwrap().0, sum / weights);
}

#[test]
fn what_is_refused_is_named_by_its_sample() {
    let refused = |sample| Err(Fault::Target { sample });
    for bad in [-1.0, f32::NAN, f32::INFINITY] {
        let data = [1.0, 0.0, bad].map(|weight| ([1.0, 2.0], Weighted { target: [0.0, 0.0], weight }));
        assert_eq!(average(&SampleWeights(Quadratic), &data), refused(2));
        let values = [([1.0, 2.0], [0.0, 1.0])];
        assert_eq!(average(&OutputWeights { weights: [1.0, bad], loss: Quadratic }, &values), refused(0));
        let class = [([1.0, 2.0], Class::<2>::new(0).unwrap())];
        let loss = ClassWeights { weights: [1.0, bad], loss: SoftmaxCrossEntropy };
        assert_eq!(average(&loss, &class), refused(0));
        assert_eq!(average(&Huber { delta: bad }, &values), refused(0));
        assert_eq!(average(&SmoothL1 { beta: bad }, &values), refused(0));
        assert_eq!(average(&SigmoidFocal { gamma: bad, alpha: None }, &values), refused(0));
        assert_eq!(average(&SoftmaxFocal { gamma: bad }, &class), refused(0));
        let smoothed = LabelSmoothing { smoothing: bad, loss: SoftmaxCrossEntropy };
        assert_eq!(average(&smoothed, &class), refused(0));
    }
    let data = [([1.0, 2.0], [1.0, 0.0]), ([1.0, 2.0], [0.0, 0.0])];
    assert_eq!(average(&CosineEmbedding, &data), refused(1));
}

/// A refused target changes nothing.
#[test]
fn a_refused_step_changes_nothing() {
    let (mut network, mut trainer) = (identity(), Trainer::<Two, Sgd, 1>::zeros());
    let data = [([1.0, 2.0], [0.0, 1.0])];
    let result = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Huber { delta: 0.0 }, &data);
    assert!(matches!(result, Err(StepError { cause: Fault::Target { sample: 0 }, .. })), "{result:?}");
    assert_eq!(network, identity());
}

/// An output that is NaN is the fault of its layer, even if its sample does not count.
#[test]
fn a_nan_is_not_hidden_by_a_missing_target() {
    let data = [([1.0, 2.0], Some([0.0, 0.0])), ([f32::NAN, 2.0], None)];
    let fault = Fault::Activation { layer: 0, sample: 1 };
    assert_eq!(average(&Ignoring(Quadratic), &data), Err(fault));
    let data = data.map(|(x, _)| (x, Weighted { target: [0.0, 0.0], weight: 0.0 }));
    assert_eq!(average(&SampleWeights(Quadratic), &data), Err(fault));
}

/// A user's own sum over the outputs, and the wrappers around it.
#[test]
fn the_wrappers_take_a_users_loss() {
    struct Quartic;
    impl ElementwiseLoss<f32> for Quartic {
        fn term(&self, a: f32, y: f32, factor: f32) -> (f32, f32) {
            let e = a - y;
            (e * e * e * e, factor * 4.0 * e * e * e)
        }
    }
    impl<Y: Target<[f32; N]>, const N: usize> Loss<[f32; N], Y> for Quartic {
        type Takes = Anything;

        fn evaluate(&self, output: &[f32; N], target: &Y, gradient: &mut [f32; N]) -> f32 {
            self.sum_of_terms(output, target, gradient)
        }
    }
    let weighted = || OutputWeights { weights: [1.0, 0.5], loss: Quartic };
    let x = [2.0, -1.0];
    assert_eq!(average(&weighted(), &[(x, [0.0, 0.0])]), Ok((16.5, [32.0, -2.0])));
    let loss = SampleWeights(Ignoring(ClassWeights { weights: [1.0, 4.0], loss: weighted() }));
    let target = Some(Class::<2>::new(1).unwrap());
    // errors (2, -2): 16 + 8
    let data = [(x, Weighted { target, weight: 0.5 }), (x, Weighted { target: None, weight: 2.0 })];
    assert_eq!(average(&loss, &data), Ok((24.0, [32.0, -16.0])));
}

/// The tile changes no bit of weighted losses.
#[test]
fn the_tile_changes_no_bit() {
    fn of<const B: usize>() -> (u32, [u32; 2]) {
        let data: [_; 7] = std::array::from_fn(|i| {
            let x = [0.3 * i as f32 - 1.0, 0.7 - 0.2 * i as f32];
            (x, Weighted { target: [0.25, 1.0], weight: 0.1 * i as f32 })
        });
        let mut gradients = Gradients::<Two>::zeros();
        let loss = SampleWeights(OutputWeights { weights: [0.3, 0.7], loss: SigmoidCrossEntropy });
        let mut workspace = Workspace::<Two, B>::zeros();
        let average = workspace.gradient(&identity(), &loss, &data, &mut gradients).unwrap();
        (average.to_bits(), gradients.of.layers.bias.map(f32::to_bits))
    }
    assert_eq!(of::<1>(), of::<3>());
    assert_eq!(of::<1>(), of::<7>());
}

/// Gradients of whole networks: those with two heads, whose loss is one of both outputs, and others with smooth losses.
#[test]
#[cfg(feature = "alloc")]
fn networks_have_the_gradients_of_their_losses() {
    use stackprop::{
        Chain, GaussianNegativeLogLikelihood, Identity, Model, Parallel, Samples, Tanh, check_gradients,
    };

    fn check<N: Model<Scalar = f64, Input = [f64; 2]>, Y>(loss: &impl LossOf<N, Y>, targets: [Y; 3]) {
        let mut network = N::ZERO;
        network.visit_mut(|block, values| {
            for (i, value) in values.iter_mut().enumerate() {
                *value = ((3 * i + 7 * block.layer) % 11) as f64 / 8.0 - 0.6;
            }
        });
        let inputs = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]];
        let samples = Samples::from_arrays(&inputs, &targets);
        let report = check_gradients(&mut network, loss, &samples).unwrap();
        assert!(report.worst() < tolerances::CHECK, "{report}");
    }

    type Heads = Network<
        2,
        Chain![Dense<2, 5, Tanh, f64>, Parallel<Dense<5, 2, Identity, f64>, Dense<5, 2, Identity, f64>>],
        f64,
    >;
    let values = [[0.5, -1.0], [2.0, 0.0], [-1.5, 0.75]];
    check::<Heads, _>(&GaussianNegativeLogLikelihood, values);
    check::<Heads, _>(
        &SampleWeights(GaussianNegativeLogLikelihood),
        values.map(|target| Weighted { target, weight: target[0] * target[0] }),
    );

    type Plain = Network<2, Chain![Dense<2, 5, Tanh, f64>, Dense<5, 3, Identity, f64>], f64>;
    let classes = [Class::<3>::new(2), None, Class::new(0)];
    let weighted = ClassWeights { weights: [0.5, 2.0, 1.25], loss: SoftmaxCrossEntropy };
    check::<Plain, _>(&Ignoring(LabelSmoothing { smoothing: 0.1, loss: weighted }), classes);
    let weighted = ClassWeights { weights: [0.5, 2.0, 1.25], loss: SoftmaxFocal { gamma: 1.5 } };
    check::<Plain, _>(&Ignoring(weighted), classes);
    check::<Plain, _>(&CosineEmbedding, [[1.0, 2.0, -0.5], [0.0, 1.0, 0.0], [-3.0, 0.25, 1.0]]);
}
