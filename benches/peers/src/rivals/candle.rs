//! candle on the CPU, with its default features.

use std::hint::black_box;

use candle_core::{Device::Cpu, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer as _, ParamsAdamW, SGD, Sequential, loss, ops, seq};

use crate::run::{Error, Run};
use crate::workload::{Activation, Layer, Loss, Optimizer, Training, Workload};

/// Prepares a workload.
pub fn prepare(workload: &Workload) -> std::result::Result<Box<dyn Run>, Error> {
    let inputs = Tensor::from_vec(workload.inputs(), (workload.samples(), workload.inputs_len()), &Cpu)?;
    Ok(match workload.training {
        None => Box::new(Inference {
            model: model(workload, |values, shape| Tensor::from_vec(values, shape, &Cpu))?,
            batches: inputs.chunk(workload.samples() / workload.batch, 0)?,
        }),
        Some(training) => Box::new(Trained::new(workload, training, inputs)?),
    })
}

/// The layers; `parameter` makes each parameter from values and a shape.
fn model(
    workload: &Workload,
    mut parameter: impl FnMut(Vec<f32>, &[usize]) -> Result<Tensor>,
) -> Result<Sequential> {
    let mut model = seq();
    for layer in workload.layers() {
        let Layer { fan_in, fan_out, activation, .. } = layer;
        let weight = parameter(layer.weight_by_output(), &[fan_out, fan_in])?;
        let bias = parameter(layer.bias, &[fan_out])?;
        model = model.add(Linear::new(weight, Some(bias)));
        model = match activation {
            Activation::Identity => model,
            Activation::Relu => model.add_fn(Tensor::relu),
            Activation::Sigmoid => model.add_fn(ops::sigmoid),
            Activation::Tanh => model.add_fn(Tensor::tanh),
        };
    }
    Ok(model)
}

struct Inference {
    model: Sequential,
    batches: Vec<Tensor>,
}

impl Run for Inference {
    fn pass(&mut self) -> std::result::Result<(), Error> {
        for batch in &self.batches {
            black_box(self.model.forward(batch)?);
        }
        Ok(())
    }

    fn observe(&mut self) -> std::result::Result<Vec<f32>, Error> {
        let outputs =
            self.batches.iter().map(|batch| self.model.forward(batch)).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::cat(&outputs, 0)?.flatten_all()?.to_vec1()?)
    }
}

struct Trained {
    model: Sequential,
    optimizer: AnyOptimizer,
    loss: Loss,
    inputs: Tensor,
    /// Classes for the cross-entropy, otherwise vectors.
    targets: Tensor,
}

enum AnyOptimizer {
    Sgd(SGD),
    Adam(AdamW),
}

impl Trained {
    fn new(
        workload: &Workload,
        Training { loss, optimizer, learning_rate }: Training,
        inputs: Tensor,
    ) -> Result<Self> {
        let mut variables = vec![];
        let model = model(workload, |values, shape| {
            let variable = Var::from_vec(values, shape, &Cpu)?;
            variables.push(variable.clone());
            Ok(variable.as_tensor().clone())
        })?;
        let lr = f64::from(learning_rate);
        let optimizer = match optimizer {
            Optimizer::Sgd => AnyOptimizer::Sgd(SGD::new(variables, lr)?),
            Optimizer::Adam => {
                let parameters = ParamsAdamW { lr, weight_decay: 0.0, ..ParamsAdamW::default() };
                AnyOptimizer::Adam(AdamW::new(variables, parameters)?)
            }
        };
        let targets = match loss {
            Loss::SoftmaxCrossEntropy => {
                let classes: Vec<u32> = workload.classes().into_iter().map(|class| class as u32).collect();
                Tensor::new(classes, &Cpu)?
            }
            _ => Tensor::from_vec(workload.targets(), (workload.batch, workload.outputs_len()), &Cpu)?,
        };
        Ok(Self { model, optimizer, loss, inputs, targets })
    }

    fn step(&mut self) -> Result<Tensor> {
        let outputs = self.model.forward(&self.inputs)?;
        let loss = match self.loss {
            Loss::Quadratic => {
                let batch = outputs.dim(0)? as f64;
                ((outputs - &self.targets)?.sqr()?.sum_all()? * (0.5 / batch))?
            }
            Loss::MeanSquaredError => loss::mse(&outputs, &self.targets)?,
            Loss::SoftmaxCrossEntropy => loss::cross_entropy(&outputs, &self.targets)?,
        };
        match &mut self.optimizer {
            AnyOptimizer::Sgd(sgd) => sgd.backward_step(&loss)?,
            AnyOptimizer::Adam(adam) => adam.backward_step(&loss)?,
        }
        Ok(loss)
    }
}

impl Run for Trained {
    fn pass(&mut self) -> std::result::Result<(), Error> {
        black_box(self.step()?);
        Ok(())
    }

    fn observe(&mut self) -> std::result::Result<Vec<f32>, Error> {
        Ok(vec![self.step()?.to_scalar()?])
    }
}
