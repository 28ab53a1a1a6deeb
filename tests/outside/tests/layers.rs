//! Layers from outside the crate can be checked, trained and used in inference like those of the crate. The tests are
//! small because Miri runs them as well.

#![forbid(unsafe_code)]

use outside::{Normalize, Scale};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dense, InPlaceTrainer, Model, Network, Parameters, Quadratic, Scalar, Sgd, Tanh, Trainer,
    Workspace, check_gradients, layers,
};

type Net<T> = Network<2, Chain![Scale<2, T>, Dense<2, 3, Tanh, T>, Normalize<3, T>, Dense<3, 1, Tanh, T>], T>;
type Data<T, const IN: usize, const OUT: usize> = [([T; IN], [T; OUT]); 3];

/// Parameters, inputs and targets in (-1, 1).
fn random<N, T, const IN: usize, const OUT: usize>() -> (N, Data<T, IN, OUT>)
where
    N: Model<Scalar = T, Input = [T; IN], Output = [T; OUT]>,
    T: Scalar,
{
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(5);
    let mut number = || T::random(&mut rng) + T::random(&mut rng) - T::ONE;
    let mut network = N::ZERO;
    network.visit_mut(|_, values| values.fill_with(&mut number));
    let data =
        std::array::from_fn(|_| (std::array::from_fn(|_| number()), std::array::from_fn(|_| number())));
    (network, data)
}

fn check<N, const IN: usize, const OUT: usize>()
where
    N: Model<Scalar = f64, Input = [f64; IN], Output = [f64; OUT]>,
{
    let (mut network, data) = random::<N, f64, IN, OUT>();
    let report = check_gradients(&mut network, &Quadratic, &data).unwrap();
    assert!(report.worst() < 1e-8, "{report:#}");
    assert_eq!(report.derivatives().len(), N::PARAMETERS + data.len() * IN);
}

/// Each layer on its own, and both among others.
#[test]
fn gradients() {
    check::<Network<2, Scale<2, f64>, f64>, _, _>();
    check::<Network<2, Normalize<2, f64>, f64>, _, _>();
    check::<Net<f64>, _, _>();
}

/// The hash of the network after three steps on all samples, and the loss before each step.
fn train<T: Scalar, const B: usize>(in_place: bool) -> (u64, Vec<f64>) {
    let (mut network, data) = random::<Net<T>, T, 2, 1>();
    let adam = Adam { learning_rate: T::from_f64(0.01), ..Adam::default() };
    let mut trainer = Trainer::<Net<T>, Adam<T>, B>::zeros();
    let mut in_place_trainer = InPlaceTrainer::<Net<T>, Adam<T>, B>::zeros();
    let losses = (0..3).map(|_| {
        let loss = if in_place {
            in_place_trainer.step(&mut network, &adam, &Quadratic, &data)
        } else {
            trainer.step(&mut network, &adam, &Quadratic, &data)
        };
        loss.unwrap().to_f64()
    });
    let losses: Vec<_> = losses.collect();
    assert!(losses.is_sorted_by(|before, after| before > after), "{losses:?}");
    (network.checksum(), losses)
}

/// Both trainers, with tiles that split the three samples in every way, make the same steps, bit for bit.
#[test]
fn training() {
    fn of_scalar<T: Scalar>() {
        let expected = train::<T, 1>(false);
        assert_eq!(train::<T, 2>(false), expected);
        assert_eq!(train::<T, 3>(false), expected);
        assert_eq!(train::<T, 5>(false), expected);
        // An in-place trainer's tile is a whole mini-batch.
        assert_eq!(train::<T, 3>(true), expected);
        assert_eq!(train::<T, 5>(true), expected);
    }
    of_scalar::<f32>();
    of_scalar::<f64>();
}

/// Inference of one sample, inference of many, and the forward pass of training give the same bits.
#[test]
fn inference() {
    fn of_scalar<T: Scalar>() {
        let (network, data) = random::<Net<T>, T, 2, 1>();
        let inputs = data.map(|(input, _)| input);
        let outputs = inputs.each_ref().map(|input| network.predict(input));

        let mut batch = [[T::ZERO]; 3];
        network.predict_batch(&inputs, &mut batch);
        assert_eq!(batch, outputs);
        let mut workspace = Workspace::<Net<T>, 3>::zeros();
        assert_eq!(workspace.forward(&network, &inputs).unwrap().outputs(), outputs);
    }
    of_scalar::<f32>();
    of_scalar::<f64>();
}

/// Inference with parameters in read-only memory, and a step computed by hand: `dC/dy = 11 - 10 = 1`, so
/// `dC/dgain = x`.
#[test]
fn by_hand() {
    type Line = Network<2, Chain![Scale<2>, Dense<2, 1>]>;
    static LINE: Line =
        Network::new(layers![Scale { gain: [1.0, 2.0] }, Dense::from_parameters([[1.0], [1.0]], [0.0]),]);
    assert_eq!(LINE.predict(&[3.0, 4.0]), [11.0]);

    let mut line = Line::zeros();
    line.copy_from(&LINE);
    let mut trainer = InPlaceTrainer::<Line, Sgd, 1>::zeros();
    trainer.step(&mut line, &Sgd { learning_rate: 0.5 }, &Quadratic, &[([3.0, 4.0], [10.0])]).unwrap();
    assert_eq!(line.layers.0.gain, [1.0 - 0.5 * 3.0, 2.0 - 0.5 * 4.0]);

    let normalize = Network::new(Normalize::<2, f64> { bias: [1.0, 0.0] });
    let [a, b] = normalize.predict(&[3e4, -4e4]);
    assert!((a - 1.6).abs() < 1e-9 && (b + 0.8).abs() < 1e-9);
}
