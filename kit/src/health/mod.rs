//! Why a network trains badly: a report from one mini-batch, and a test of learning rates.
//!
//! [`report`] makes one forward and backward pass, asks the loss what it wants, and makes the trainer's next step on a copy. It
//! looks for what beginners (and others) get wrong, and says what to try. [`RangeTest`] finds a learning rate.
//!
//! ```
//! use stackprop::{Chain, Class, Dense, Network, Relu, Sgd, SoftmaxCrossEntropy, Trainer};
//! use stackprop_kit::health::{self, Finding};
//!
//! type Net = Network<2, Chain![Dense<2, 8, Relu>, Dense<8, 2>]>;
//! let data: Vec<_> = (0..64)
//!     .map(|i| ([(i % 8) as f32 / 4.0 - 1.0, (i / 8) as f32 / 4.0 - 1.0], Class::<2>::new(i % 2).unwrap()))
//!     .collect();
//!
//! // The network was not initialised: all weights are 0.
//! let (network, trainer) = (Net::zeros(), Trainer::<Net, Sgd, 16>::zeros());
//! let report = health::report(&trainer, &network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data)?;
//! assert!(matches!(report.findings[0], Finding::EqualWeights { layer: 0, value: 0.0 }));
//! println!("{report}");
//! # Ok::<(), stackprop_kit::health::ReportError>(())
//! ```
//!
//! # Limits
//!
//! A false alarm costs more than silence, so limits are wide, and what is judged from samples needs some:
//! [`MIN_SAMPLES`] for neurons and inputs, twice as many for targets. A healthy report does not prove that all is well.

mod advice;
mod diagnose;
mod features;
mod finding;
mod inputs;
mod layers;
mod leaves;
mod observe;
mod probe;
mod range_test;
mod step;
mod table;
mod targets;
mod words;

use std::borrow::Borrow;
use std::marker::PhantomData;

use stackprop::{Dataset, LearningRate, LossOf, Model, Parameters, StateOf, Trainer, Vector, Workspace};

pub use diagnose::MIN_SAMPLES;
pub use finding::{Finding, Severity};
pub use range_test::{End, Points, RangeTest, RatePoint};

use observe::Batch;
use probe::Probe;

/// What [`report`] has found. [`Display`](std::fmt::Display) shows the findings, each with what to try, and then a table of the layers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The number of samples of the mini-batch.
    pub samples: usize,
    /// The number of steps that the trainer had made.
    pub steps: u32,
    /// The average loss.
    pub loss: f64,
    /// The average loss of outputs that are all 0: ln(classes) for [`SoftmaxCrossEntropy`](stackprop::SoftmaxCrossEntropy). `None` if
    /// it is not finite, or the loss does not accept all targets.
    pub zero_loss: Option<f64>,
    /// The least average loss of outputs that are the same for every sample, as found by gradient descent: for a squared error that of
    /// the mean target. `None` as for `zero_loss`.
    pub constant_loss: Option<f64>,
    /// What is wrong, causes before effects: inputs, targets, weights, outputs, deltas, loss, step. After the first is mended, look
    /// again.
    pub findings: Vec<Finding>,
    /// The layers that are not made of others.
    pub layers: Vec<LayerHealth>,
}

/// What a [`Report`] tells of a layer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerHealth {
    /// Its number, as in [`Block::layer`](stackprop::Block::layer).
    pub layer: usize,
    /// The name of its type, without arguments.
    pub name: &'static str,
    /// The name of its activation; empty if there is none.
    pub activation: &'static str,
    /// The number of its outputs.
    pub outputs: usize,
    /// The mean of its outputs, over all samples.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// The share of them that is 0.
    pub zeros: f64,
    /// The share of them where `sigma'` is below 1 % of its largest value; 0 for activations that do not saturate.
    pub saturated: f64,
    /// The number of outputs that are 0 for every sample.
    pub dead: usize,
    /// The root mean square of delta (see [`LayerPass`](stackprop::LayerPass)) over samples and outputs, each of the sample's own loss.
    pub delta: f64,
    /// The Euclidean norm of the average gradient of its parameters.
    pub gradient: f64,
    /// The Euclidean norm of its weights and other parameters.
    pub weights: f64,
    /// The norm of the next step's change of its weights, divided by the norm of the weights; `None` if there is no step, or the layer
    /// has no weights other than 0.
    pub step: Option<f64>,
}

/// Why there is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The mini-batch has no samples.
    #[error("the mini-batch has no samples")]
    Empty,
    /// The data set returned no sample for an index below its length.
    #[error("the data set has no sample {sample}, although its length is larger")]
    MissingSample {
        /// The index.
        sample: usize,
    },
}

/// Looks at a network and at the step that `trainer.step(&mut network, optimizer, loss, batch)` would make, without changing anything.
///
/// A mini-batch of at least 64 samples, drawn at random, tells the most. If the trainer has made no steps yet, the loss is compared with that
/// of guessing; after 100, with that of a constant output: samples that were not trained on are better for that, as others may have been
/// learnt by heart. For an [`InPlaceTrainer`](stackprop::InPlaceTrainer), pass a new `Trainer`.
///
/// The pass is as at inference: [`Dropout`](stackprop::Dropout) drops nothing. Each layer's numbers are computed in `f64`.
///
/// # Errors
///
/// [`ReportError`] if there are no samples. What is wrong with samples is a [`Finding`].
pub fn report<N, O, C, D, const B: usize>(
    trainer: &Trainer<N, O, B>,
    network: &N,
    optimizer: &O,
    loss: &C,
    batch: &D,
) -> Result<Report, ReportError>
where
    N: Model + Clone,
    O: LearningRate<N::Scalar>,
    StateOf<N, O>: Clone,
    C: LossOf<N, D::Target>,
    D: Dataset<Input = N::Input> + ?Sized,
{
    let (inputs, targets) = read(batch)?;
    let samples = Batch { inputs, targets: targets.iter().map(Borrow::borrow).collect() };
    let leaves = leaves::of(&<N as Parameters<N::Scalar>>::SCHEMA);
    let mut workspace = Workspace::<N, { observe::TILE }>::boxed();
    let observed = observe::observe(network, &leaves, loss, &samples, &mut workspace);
    let probe = Probe { loss, targets: &samples.targets, network: PhantomData::<fn() -> N> };
    let wants = observed.refused.is_empty().then(|| targets::Wants::of(&probe)).flatten();
    let step = (observed.refused.is_empty() && observed.loss.is_finite())
        .then(|| step::step(trainer, network, optimizer, loss, batch));
    let layers = layers::table(network, &leaves, &observed, step.as_ref(), samples.inputs.len());
    let mut report = Report {
        samples: samples.inputs.len(),
        steps: trainer.steps(),
        loss: observed.loss,
        zero_loss: wants.as_ref().map(|wants| wants.zero_loss),
        constant_loss: wants.as_ref().and_then(|wants| wants.constant_loss),
        findings: vec![],
        layers,
    };
    let mut inputs = features::Features::default();
    for input in &samples.inputs {
        inputs.add(input.as_slice().iter().map(|x| stackprop::Scalar::to_f64(*x)));
    }
    let seen = diagnose::Seen {
        network,
        leaves: &leaves,
        inputs: &inputs,
        observed: &observed,
        step: step.as_ref(),
    };
    diagnose::diagnose(&seen, wants.as_ref(), &mut report);
    Ok(report)
}

/// The inputs and the targets of samples.
type Read<'d, D> = (Vec<<D as Dataset>::Input>, Vec<<D as Dataset>::TargetRef<'d>>);

fn read<D: Dataset<Input: Vector> + ?Sized>(data: &D) -> Result<Read<'_, D>, ReportError> {
    let (mut inputs, mut targets) = (vec![], vec![]);
    for sample in 0..data.len() {
        let mut input = <D::Input as stackprop::Zero>::ZERO;
        targets.push(data.sample(sample, &mut input).ok_or(ReportError::MissingSample { sample })?);
        inputs.push(input);
    }
    if inputs.is_empty() { Err(ReportError::Empty) } else { Ok((inputs, targets)) }
}
