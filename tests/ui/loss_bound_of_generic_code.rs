//! The bound for generic code is `LossOf`.
use stackprop::{Dataset, Loss, Model, Sgd, StepError, Trainer};

fn train<N: Model<Scalar = f32>, C: Loss<N::Output, D::Target>, D: Dataset<Input = N::Input>>(
    network: &mut N,
    loss: &C,
    data: &D,
) -> Result<f32, StepError> {
    Trainer::<N, Sgd, 4>::zeros().step(network, &Sgd::default(), loss, data)
}

fn main() {}
