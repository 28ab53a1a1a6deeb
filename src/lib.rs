#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod activation;
mod aligned;
mod arithmetic;
mod array;
mod budget;
mod chain;
#[cfg(feature = "checkpoint")]
pub mod checkpoint;
pub mod data;
mod dtype;
mod fault;
mod generator;
mod hash;
mod improvement;
pub mod init;
mod kernel;
pub mod layer;
pub mod loss;
pub mod math;
pub mod metrics;
mod network;
mod optim;
mod params;
mod persist;
pub mod range;
mod rows_error;
mod rule;
mod scalar;
pub mod schedule;
mod schema;
mod slices;
mod text;
#[cfg(feature = "threads")]
pub mod threads;
mod train;
mod vector;
pub mod weights;
mod zero;

pub use activation::{
    Elu, Gelu, GeluTanh, HardSigmoid, HardTanh, Identity, LeakyRelu, Relu, Selu, Sigmoid, Silu, Softmax,
    Softplus, Tanh, sigmoid, softmax,
};
pub use aligned::Aligned;
#[doc(hidden)]
pub use array::map as map_array;
pub use budget::Budget;
#[doc(hidden)]
pub use chain::{ChainOfTypes, NoLayers};
pub use data::{Batches, Dataset, LengthMismatch, MiniBatch, MiniBatches, Permutation, Samples};
pub use fault::Fault;
pub use generator::Generator;
pub use improvement::{Mode, Threshold};
pub use kernel::{Level, Numerics, chains, level, numerics};
pub use layer::{
    BatchNorm, Dense, Draws, Dropout, Flatten, Frozen, Layer, LayerNorm, LayerPass, Linear, PRelu, Parallel,
    Residual, RmsNorm, Standardize, Summary, Train,
};
pub use loss::{
    Class, ClassWeights, CosineEmbedding, ElementwiseLoss, GaussianNegativeLogLikelihood,
    HalfMeanSquaredError, Hinge, Huber, Ignoring, KlDivergence, LabelSmoothing, LinearInTarget, LogCosh,
    Loss, LossOf, MeanAbsoluteError, MeanSquaredError, MultiMargin, NegativeLogLikelihood, OutputWeights,
    PoissonNegativeLogLikelihood, Quadratic, SampleWeights, SigmoidCrossEntropy, SigmoidFocal, SmoothL1,
    SoftmaxCrossEntropy, SoftmaxFocal, SquaredHinge, Target, Weighted,
};
pub use network::{Model, Network, TILE};
pub use optim::{
    Accumulated, AccumulatedState, Adadelta, AdadeltaState, Adagrad, AdagradState, Adam, AdamState, AdamW,
    Adjust, Adjusted, AmsGrad, AmsGradState, Averaged, AveragedState, CenteredRmsProp, CenteredRmsPropState,
    ClipNorm, ClipValue, DecoupledDecay, Descent, L1, L2, LayerRates, LearningRate, Lion, LionState, MaxNorm,
    Momentum, MomentumState, NAdam, NAdamState, Nesterov, Optimizer, RAdam, RAdamState, RmsProp,
    RmsPropState, Rprop, RpropState, Scheduled, ScheduledState, Sgd,
};
pub use params::{Block, Parameters, Untrained};
#[doc(hidden)]
pub use params::{Numbers, numbers_of, shape_of};
pub use persist::{Number, Parts, Persist};
pub use rows_error::RowsError;
pub use rule::Rule;
pub use scalar::{Scalar, argmax};
pub use schedule::Schedule;
pub use schema::{Field, Role, Roles, Schema};
#[cfg(feature = "alloc")]
pub use train::check::{self, GradientCheck, check_gradients};
pub use train::{
    Best, EarlyStopping, ForwardPass, Gradients, InPlaceTrainer, Recovery, StateOf, StepError, TrainedOf,
    Trainer, Verdict, Workspace,
};
pub use vector::{Joined, Vector};
pub use zero::Zero;

pub use rand;

/// The version of this crate, as in its `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
