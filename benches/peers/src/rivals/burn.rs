//! burn, on two of its backends, with gradients by its autodiff.

use std::hint::black_box;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::activation::{Activation as Act, ActivationConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::run::{Error, Run};
use crate::workload::{Activation, Layer, Loss, Optimizer, Training, Workload};

/// The backend that burn recommends.
pub fn flex() -> Device {
    Device::flex()
}

/// The backend that uses the crate ndarray.
#[expect(deprecated, reason = "still released, and the one that people measured until now")]
pub fn ndarray() -> Device {
    Device::ndarray()
}

/// Prepares a workload.
pub fn prepare(workload: &Workload, device: Device) -> Result<Box<dyn Run>, Error> {
    let device = if workload.training.is_some() { device.autodiff() } else { device };
    let shape = [workload.samples(), workload.inputs_len()];
    let inputs = Tensor::from_data(TensorData::new(workload.inputs(), shape), &device);
    let model = Mlp::new(workload, &device);
    Ok(match workload.training {
        None => Box::new(Inference { model, batches: inputs.chunk(workload.samples() / workload.batch, 0) }),
        Some(training) => Box::new(Trained::new(workload, training, model, inputs, &device)),
    })
}

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
    hidden: Act,
    last: Act,
}

impl Mlp {
    fn new(workload: &Workload, device: &Device) -> Self {
        let activation = |activation| {
            match activation {
                Activation::Identity => ActivationConfig::Identity,
                Activation::Relu => ActivationConfig::Relu,
                Activation::Sigmoid => ActivationConfig::Sigmoid,
                Activation::Tanh => ActivationConfig::Tanh,
            }
            .init(device)
        };
        let linear = |Layer { fan_in, fan_out, weight, bias, .. }| Linear {
            weight: Param::from_data(TensorData::new(weight, [fan_in, fan_out]), device),
            bias: Some(Param::from_data(TensorData::new(bias, [fan_out]), device)),
        };
        Self {
            layers: workload.layers().into_iter().map(linear).collect(),
            hidden: activation(workload.hidden),
            last: activation(workload.last),
        }
    }

    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for (l, layer) in self.layers.iter().enumerate() {
            let activation = if l + 1 == self.layers.len() { &self.last } else { &self.hidden };
            x = activation.forward(layer.forward(x));
        }
        x
    }
}

struct Inference {
    model: Mlp,
    batches: Vec<Tensor<2>>,
}

impl Run for Inference {
    fn pass(&mut self) -> Result<(), Error> {
        for batch in &self.batches {
            black_box(self.model.forward(batch.clone()));
        }
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        let outputs = self.batches.iter().map(|batch| self.model.forward(batch.clone())).collect();
        floats(Tensor::cat(outputs, 0))
    }
}

struct Trained {
    /// `None` only during a step, which consumes it.
    model: Option<Mlp>,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
    loss: Loss,
    cross_entropy: CrossEntropyLoss,
    inputs: Tensor<2>,
    targets: Tensor<2>,
    classes: Tensor<1, Int>,
}

impl Trained {
    fn new(workload: &Workload, training: Training, model: Mlp, inputs: Tensor<2>, device: &Device) -> Self {
        let shape = [workload.batch, workload.outputs_len()];
        let classes: Vec<i64> = workload.classes().into_iter().map(|class| class as i64).collect();
        Self {
            model: Some(model),
            optimizer: match training.optimizer {
                Optimizer::Sgd => SgdConfig::new().init(),
                Optimizer::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
            },
            learning_rate: f64::from(training.learning_rate),
            loss: training.loss,
            cross_entropy: CrossEntropyLossConfig::new().init(device),
            inputs,
            targets: Tensor::from_data(TensorData::new(workload.targets(), shape), device),
            classes: Tensor::from_data(TensorData::new(classes, [workload.batch]), device),
        }
    }

    fn step(&mut self) -> Result<Tensor<1>, Error> {
        let model = self.model.take().ok_or("an earlier step failed")?;
        let outputs = model.forward(self.inputs.clone());
        let loss = match self.loss {
            Loss::Quadratic => {
                let batch = outputs.dims()[0] as f32;
                MseLoss::new().forward(outputs, self.targets.clone(), Reduction::Sum) * (0.5 / batch)
            }
            Loss::MeanSquaredError => MseLoss::new().forward(outputs, self.targets.clone(), Reduction::Mean),
            Loss::SoftmaxCrossEntropy => self.cross_entropy.forward(outputs, self.classes.clone()),
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(self.learning_rate, model, gradients));
        Ok(loss)
    }
}

impl Run for Trained {
    fn pass(&mut self) -> Result<(), Error> {
        black_box(self.step()?);
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        floats(self.step()?)
    }
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    tensor.into_data().try_to_vec().map_err(|e| format!("{e:?}").into())
}
