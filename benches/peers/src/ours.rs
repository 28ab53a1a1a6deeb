//! stackprop. Shapes are types here, so each workload names its own.

use std::hint::black_box;

use stackprop::{
    Adam, Aligned, Chain, Class, Dense, Layer, LossOf, MeanSquaredError, Network, Optimizer, Parameters,
    Quadratic, Relu, Role, Samples, Sgd, Sigmoid, SoftmaxCrossEntropy, Tanh, Train, Trainer, Zero,
};

use crate::run::{Error, Run};
use crate::workload::Workload;

type I1 = Chain![Dense<2, 3, Sigmoid>, Dense<3, 1, Sigmoid>];
type I2 = Chain![Dense<13, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 4>];
type I3 = Chain![Dense<784, 30, Sigmoid>, Dense<30, 10, Sigmoid>];
type I4 = Chain![Dense<784, 128, Relu>, Dense<128, 10>];
type I5 = Chain![Dense<1, 8, Tanh>, Dense<8, 8, Tanh>, Dense<8, 1>];
type B2 = Chain![Dense<784, 512, Relu>, Dense<512, 512, Relu>, Dense<512, 10>];

/// Prepares a workload.
pub fn prepare(workload: &Workload) -> Result<Box<dyn Run>, Error> {
    let learning_rate = workload.training.map_or(0.0, |training| training.learning_rate);
    let adam = Adam { learning_rate, ..Adam::default() };
    let class = |k: usize| Class::<10>::new(workload.classes()[k]).expect("below 10");
    let values = |k: usize| rows::<4>(&workload.targets())[k];
    Ok(match workload.name.as_str() {
        "I1" => Box::new(Single::<2, I1>::new(workload)),
        "I2" => Box::new(Single::<13, I2>::new(workload)),
        "I3" => Box::new(Single::<784, I3>::new(workload)),
        "I4" => Box::new(Single::<784, I4>::new(workload)),
        "I5" => Box::new(Single::<1, I5>::new(workload)),
        "B1" => Box::new(Batch::<784, 10, 256, I4>::new(workload)),
        "B2" => Box::new(Batch::<784, 10, 256, B2>::new(workload)),
        "T1" => Box::new(Training::<784, 10, 10, I3, _, _, _>::new(
            workload,
            Sgd { learning_rate },
            Quadratic,
            class,
        )),
        "T2" => {
            Box::new(Training::<784, 10, 32, I4, _, _, _>::new(workload, adam, SoftmaxCrossEntropy, class))
        }
        "T3" => Box::new(Training::<13, 4, 64, I2, _, _, _>::new(workload, adam, MeanSquaredError, values)),
        "T4" => Box::new(Training::<784, 10, 256, B2, _, _, _>::new(
            workload,
            Sgd { learning_rate },
            SoftmaxCrossEntropy,
            class,
        )),
        name => return Err(format!("no workload {name}").into()),
    })
}

/// Inference of one input at a time.
struct Single<const IN: usize, L> {
    network: Box<Aligned<Network<IN, L>>>,
    inputs: Vec<[f32; IN]>,
}

impl<const IN: usize, L: Layer<[f32; IN], Output: AsRef<[f32]>> + Parameters<f32> + Zero> Single<IN, L> {
    fn new(workload: &Workload) -> Self {
        Self { network: network(workload), inputs: rows(&workload.inputs()) }
    }
}

impl<const IN: usize, L: Layer<[f32; IN], Output: AsRef<[f32]>>> Run for Single<IN, L> {
    fn pass(&mut self) -> Result<(), Error> {
        for input in &self.inputs {
            black_box(self.network.predict(black_box(input)));
        }
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        Ok(self.inputs.iter().flat_map(|input| self.network.predict(input).as_ref().to_vec()).collect())
    }
}

/// Inference of `B` inputs at once.
struct Batch<const IN: usize, const OUT: usize, const B: usize, L> {
    network: Box<Aligned<Network<IN, L>>>,
    inputs: Vec<[f32; IN]>,
    outputs: Vec<[f32; OUT]>,
}

impl<const IN: usize, const OUT: usize, const B: usize, L> Batch<IN, OUT, B, L>
where
    L: Layer<[f32; IN], Output = [f32; OUT]> + Parameters<f32> + Zero,
{
    fn new(workload: &Workload) -> Self {
        Self { network: network(workload), inputs: rows(&workload.inputs()), outputs: vec![[0.0; OUT]; B] }
    }
}

impl<const IN: usize, const OUT: usize, const B: usize, L> Run for Batch<IN, OUT, B, L>
where
    L: Layer<[f32; IN], Output = [f32; OUT]>,
{
    fn pass(&mut self) -> Result<(), Error> {
        let inputs: &[_; B] = self.inputs.as_slice().try_into()?;
        self.network.predict_batch(black_box(inputs), self.outputs.as_mut_slice().try_into()?);
        black_box(&self.outputs);
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        self.pass()?;
        Ok(self.outputs.as_flattened().to_vec())
    }
}

/// Training with mini-batches of `B`.
struct Training<const IN: usize, const OUT: usize, const B: usize, L, O, C, Y>
where
    L: Train<[f32; IN], Output = [f32; OUT]> + Zero,
    O: Optimizer<f32>,
{
    network: Box<Aligned<Network<IN, L>>>,
    trainer: Box<Trainer<Network<IN, L>, O, B>>,
    optimizer: O,
    loss: C,
    inputs: Vec<[f32; IN]>,
    targets: Vec<Y>,
}

impl<const IN: usize, const OUT: usize, const B: usize, L, O, C, Y> Training<IN, OUT, B, L, O, C, Y>
where
    L: Train<[f32; IN], Output = [f32; OUT]> + Zero,
    O: Optimizer<f32>,
    C: LossOf<Network<IN, L>, Y>,
{
    fn new(workload: &Workload, optimizer: O, loss: C, target: impl Fn(usize) -> Y) -> Self {
        let inputs = rows(&workload.inputs());
        Self {
            network: network(workload),
            trainer: Trainer::boxed(),
            optimizer,
            loss,
            targets: (0..inputs.len()).map(target).collect(),
            inputs,
        }
    }

    fn step(&mut self) -> Result<f32, Error> {
        let samples = Samples::new(black_box(&self.inputs), &self.targets)?;
        Ok(self.trainer.step(&mut self.network, &self.optimizer, &self.loss, &samples)?)
    }
}

impl<const IN: usize, const OUT: usize, const B: usize, L, O, C, Y> Run for Training<IN, OUT, B, L, O, C, Y>
where
    L: Train<[f32; IN], Output = [f32; OUT]> + Zero,
    O: Optimizer<f32>,
    C: LossOf<Network<IN, L>, Y>,
{
    fn pass(&mut self) -> Result<(), Error> {
        black_box(self.step()?);
        Ok(())
    }

    fn observe(&mut self) -> Result<Vec<f32>, Error> {
        Ok(vec![self.step()?])
    }
}

/// A network with the workload's parameters.
fn network<const IN: usize, L: Parameters<f32> + Zero>(workload: &Workload) -> Box<Aligned<Network<IN, L>>> {
    let layers = workload.layers();
    let mut network = Aligned::<Network<IN, L>>::boxed();
    network.visit_mut(|block, values| {
        let layer = &layers[block.layer];
        values.copy_from_slice(match block.role {
            Role::Weight => &layer.weight,
            _ => &layer.bias,
        });
    });
    network
}

/// `[rows][N]`
fn rows<const N: usize>(values: &[f32]) -> Vec<[f32; N]> {
    values.as_chunks().0.to_vec()
}
