//! dfdx on the CPU. Shapes are types here, too, so each workload names its own.

use std::hint::black_box;

use dfdx::losses::{cross_entropy_with_logits_loss, mse_loss};
use dfdx::nn::modules::{Linear, ReLU, Sigmoid, Tanh};
use dfdx::optim::{Adam, Sgd};
use dfdx::prelude::{
    AdamConfig, AsArray, Backward, BuildModule, ConstShape, Cpu, Gradients, Module, ModuleMut, Optimizer,
    OwnedTape, Rank0, Rank1, Rank2, SgdConfig, Shape, SumTo, Tensor, TensorCollection, TensorFromVec, Trace,
    ZeroGrads,
};

use crate::run::{Error, Run};
use crate::workload::{Layer, Workload};

type Dense<const IN: usize, const OUT: usize> = Linear<IN, OUT, f32, Cpu>;
type I1 = ((Dense<2, 3>, Sigmoid), (Dense<3, 1>, Sigmoid));
type I2 = ((Dense<13, 64>, Tanh), (Dense<64, 64>, Tanh), Dense<64, 4>);
type I3 = ((Dense<784, 30>, Sigmoid), (Dense<30, 10>, Sigmoid));
type I4 = ((Dense<784, 128>, ReLU), Dense<128, 10>);
type I5 = ((Dense<1, 8>, Tanh), (Dense<8, 8>, Tanh), Dense<8, 1>);
type B2 = ((Dense<784, 512>, ReLU), (Dense<512, 512>, ReLU), Dense<512, 10>);

type Plain<S> = Tensor<S, f32, Cpu>;
type Taped<S> = Tensor<S, f32, Cpu, OwnedTape<f32, Cpu>>;

/// Prepares a workload.
pub fn prepare(workload: &Workload) -> Result<Box<dyn Run>, Error> {
    // Its documentation advises this for speed.
    dfdx::flush_denormals_to_zero();

    let lr = workload.training.map_or(0.0, |training| f64::from(training.learning_rate));
    let sgd = SgdConfig { lr, momentum: None, weight_decay: None };
    let adam = AdamConfig { lr, ..AdamConfig::default() };
    Ok(match workload.name.as_str() {
        "I1" => Box::new(Inference::<I1, Rank1<2>>::new(workload)),
        "I2" => Box::new(Inference::<I2, Rank1<13>>::new(workload)),
        "I3" => Box::new(Inference::<I3, Rank1<784>>::new(workload)),
        "I4" => Box::new(Inference::<I4, Rank1<784>>::new(workload)),
        "I5" => Box::new(Inference::<I5, Rank1<1>>::new(workload)),
        "B1" => Box::new(Inference::<I4, Rank2<256, 784>>::new(workload)),
        "B2" => Box::new(Inference::<B2, Rank2<256, 784>>::new(workload)),
        "T1" => Box::new(Training::<I3, Rank2<10, 784>, Rank2<10, 10>, _>::new(
            workload,
            |m| Sgd::new(m, sgd),
            quadratic,
        )),
        "T2" => Box::new(Training::<I4, Rank2<32, 784>, Rank2<32, 10>, _>::new(
            workload,
            |m| Adam::new(m, adam),
            cross_entropy_with_logits_loss,
        )),
        "T3" => Box::new(Training::<I2, Rank2<64, 13>, Rank2<64, 4>, _>::new(
            workload,
            |m| Adam::new(m, adam),
            mse_loss,
        )),
        "T4" => Box::new(Training::<B2, Rank2<256, 784>, Rank2<256, 10>, _>::new(
            workload,
            |m| Sgd::new(m, sgd),
            cross_entropy_with_logits_loss,
        )),
        name => return Err(format!("no workload {name}").into()),
    })
}

fn quadratic<const B: usize, const OUT: usize>(
    outputs: Taped<Rank2<B, OUT>>,
    targets: Plain<Rank2<B, OUT>>,
) -> Taped<Rank0> {
    (outputs - targets).square().sum() * (0.5 / B as f32)
}

struct Inference<M, S: Shape> {
    model: M,
    batches: Vec<Plain<S>>,
}

impl<M: BuildModule<Cpu, f32> + Load, S: ConstShape> Inference<M, S> {
    fn new(workload: &Workload) -> Self {
        let inputs = workload.inputs();
        let batches =
            inputs.chunks(S::NUMEL).map(|x| Cpu::default().tensor_from_vec(x.to_vec(), S::default()));
        Self { model: model(workload), batches: batches.collect() }
    }
}

impl<M, S: Shape, T: Shape> Run for Inference<M, S>
where
    M: Module<Plain<S>, Output = Plain<T>>,
{
    fn pass(&mut self) -> Result<(), Error> {
        for batch in &self.batches {
            black_box(self.model.forward(batch.clone()));
        }
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        Ok(self.batches.iter().flat_map(|batch| self.model.forward(batch.clone()).as_vec()).collect())
    }
}

struct Training<M, S: Shape, T: Shape, O> {
    model: M,
    optimizer: O,
    loss: fn(Taped<T>, Plain<T>) -> Taped<Rank0>,
    /// `None` only during a step, which moves it through the tape.
    gradients: Option<Gradients<f32, Cpu>>,
    inputs: Plain<S>,
    targets: Plain<T>,
}

impl<M, S: ConstShape, T: ConstShape, O> Training<M, S, T, O>
where
    M: BuildModule<Cpu, f32> + TensorCollection<f32, Cpu> + Load,
{
    fn new(
        workload: &Workload,
        optimizer: impl FnOnce(&M) -> O,
        loss: fn(Taped<T>, Plain<T>) -> Taped<Rank0>,
    ) -> Self {
        let model: M = model(workload);
        let cpu = Cpu::default();
        Self {
            optimizer: optimizer(&model),
            loss,
            gradients: Some(model.alloc_grads()),
            model,
            inputs: cpu.tensor_from_vec(workload.inputs(), S::default()),
            targets: cpu.tensor_from_vec(workload.targets(), T::default()),
        }
    }
}

impl<M, S: Shape, T: Shape, O> Training<M, S, T, O>
where
    M: TensorCollection<f32, Cpu> + ModuleMut<Taped<S>, Output = Taped<T>>,
    O: Optimizer<M, Cpu, f32>,
{
    fn step(&mut self) -> Result<f32, Error> {
        let gradients = self.gradients.take().ok_or("an earlier step failed")?;
        let outputs = self.model.forward_mut(self.inputs.trace(gradients));
        let loss = (self.loss)(outputs, self.targets.clone());
        let value = loss.array();
        let mut gradients = loss.backward();
        self.optimizer.update(&mut self.model, &gradients).map_err(|e| format!("{e:?}"))?;
        self.model.zero_grads(&mut gradients);
        self.gradients = Some(gradients);
        Ok(value)
    }
}

impl<M, S: Shape, T: Shape, O> Run for Training<M, S, T, O>
where
    M: TensorCollection<f32, Cpu> + ModuleMut<Taped<S>, Output = Taped<T>>,
    O: Optimizer<M, Cpu, f32>,
{
    fn pass(&mut self) -> Result<(), Error> {
        black_box(self.step()?);
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        Ok(vec![self.step()?])
    }
}

/// Loads parameters from the layers, in order.
trait Load {
    fn load(&mut self, layers: &mut impl Iterator<Item = Layer>);
}

impl<const IN: usize, const OUT: usize> Load for Dense<IN, OUT> {
    fn load(&mut self, layers: &mut impl Iterator<Item = Layer>) {
        let layer = layers.next().expect("as many layers as the model has");
        self.weight.copy_from(&layer.weight_by_output());
        self.bias.copy_from(&layer.bias);
    }
}

impl<A: Load, B: Load> Load for (A, B) {
    fn load(&mut self, layers: &mut impl Iterator<Item = Layer>) {
        self.0.load(layers);
        self.1.load(layers);
    }
}

impl<A: Load, B: Load, C: Load> Load for (A, B, C) {
    fn load(&mut self, layers: &mut impl Iterator<Item = Layer>) {
        self.0.load(layers);
        self.1.load(layers);
        self.2.load(layers);
    }
}

macro_rules! without_parameters {
    ($($activation:ty),*) => {$(
        impl Load for $activation {
            fn load(&mut self, _: &mut impl Iterator<Item = Layer>) {}
        }
    )*};
}
without_parameters!(ReLU, Sigmoid, Tanh);

fn model<M: BuildModule<Cpu, f32> + Load>(workload: &Workload) -> M {
    let mut model = M::build(&Cpu::default());
    model.load(&mut workload.layers().into_iter());
    model
}
