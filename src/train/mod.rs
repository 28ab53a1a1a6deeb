//! Training: steps over mini-batches, epochs over data sets, and the error if a step cannot be made.

#[cfg(feature = "alloc")]
pub mod check;
mod early_stopping;
mod gradients;
mod in_place;
mod mean;
mod progress;
mod recovery;
mod trainer;
mod workspace;

pub use early_stopping::{Best, EarlyStopping, Verdict};
pub use gradients::{Gradients, TrainedOf};
pub use in_place::InPlaceTrainer;
pub use progress::StepError;
pub use recovery::Recovery;
pub use trainer::Trainer;
pub use workspace::{ForwardPass, Workspace};

/// The state of an optimiser `O` for a network `N`.
pub type StateOf<N, O> =
    <O as crate::optim::Optimizer<<N as crate::network::Model>::Scalar>>::State<TrainedOf<N>>;
