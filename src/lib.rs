#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod activation;
mod aligned;
mod budget;
mod data;
mod dense;
mod fault;
mod generator;
mod gradient;
mod in_place;
pub mod init;
mod kernel;
mod layer;
mod loss;
pub mod math;
mod mean;
mod network;
mod optim;
mod params;
mod scalar;
mod shuffle;
pub mod tape;
mod train;
mod zero;

pub use activation::{
    Elu, Gelu, GeluTanh, HardSigmoid, HardTanh, Identity, LeakyRelu, Relu, Selu, Sigmoid, Silu, Softmax,
    Softplus, Tanh,
};
pub use aligned::Aligned;
pub use budget::Budget;
pub use data::{Dataset, LengthMismatch, MiniBatch, MiniBatches, Samples};
pub use dense::{Dense, DenseCache};
pub use fault::Fault;
pub use generator::Generator;
pub use gradient::{ForwardPass, Gradients, RowsError, Workspace};
pub use in_place::InPlaceTrainer;
pub use kernel::arithmetic::MulAdd;
pub use kernel::{Kernel, Level, Numerics, level, numerics};
pub use layer::Layer;
pub use loss::{
    Class, HalfMeanSquaredError, Loss, MeanSquaredError, NegativeLogLikelihood, Quadratic,
    SigmoidCrossEntropy, SoftmaxCrossEntropy, Target,
};
pub use network::{Model, Network, TILE};
pub use optim::{Adam, AdamState, Descent, Momentum, MomentumState, Optimizer, Sgd};
pub use params::{Block, Parameters, Role};
pub use scalar::{Scalar, Vector, argmax};
pub use shuffle::Permutation;
pub use train::{StepError, Trainer};
pub use zero::Zero;

pub use rand;
