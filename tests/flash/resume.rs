//! A run goes on with the same bits.

use stackprop::checkpoint::flash::Slots;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, BatchNorm, Chain, Dense, Dropout, Identity, InPlaceTrainer, Momentum, Network, Persist, Quadratic,
    Scalar, Sgd, Tanh, Trainer, init,
};

use super::Bits;
use super::simulated::Flash;

/// Dropout depends on the seed and the counts of epochs and steps; the statistics of the normalisation are not trained.
type Net<T> =
    Network<3, Chain![BatchNorm<3, 1000, T>, Dense<3, 5, Tanh, T>, Dropout<20>, Dense<5, 2, Identity, T>], T>;

/// The steps of an epoch.
const EPOCH: usize = 5;

/// A mini-batch of three samples.
fn batch<T: Scalar>(step: usize) -> [([T; 3], [T; 2]); 3] {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(step as u64);
    std::array::from_fn(|_| ([(); 3].map(|()| T::random(rng)), [(); 2].map(|()| T::random(rng))))
}

fn bits(value: &impl Persist) -> Vec<u64> {
    let mut bits = Bits(vec![]);
    Persist::walk([value], [], &mut bits);
    bits.0
}

/// Trains 16 steps, with a checkpoint after 7; loads it into other values, and makes the last 9 steps again.
macro_rules! goes_on {
    ($($name:ident: $T:ident, $optimizer:expr, $Saved:ty => $Loaded:ty;)*) => {$(
        #[test]
        fn $name() {
            macro_rules! train {
                ($steps:expr, $network:ident, $trainer:ident) => {
                    for step in $steps {
                        let data = batch::<$T>(step);
                        data.iter().for_each(|(input, _)| _ = $network.observe(input));
                        $trainer.step(&mut $network, &$optimizer, &Quadratic, &data).unwrap();
                        if step % EPOCH == EPOCH - 1 {
                            $trainer.end_epoch();
                        }
                    }
                };
            }
            let (mut network, mut trainer) = (Net::<$T>::zeros(), <$Saved>::zeros());
            network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
            trainer.seed = 77;
            train!(0..7, network, trainer);

            let bytes = Slots::<Flash<4, 8, 256>>::bytes_for::<$T, Net<$T>, $Saved, ()>();
            let mut flash = Flash::<4, 8, 256>::new(2 * bytes as usize / 256);
            Slots::new(&mut flash, 0, bytes).unwrap().save(&network, &trainer, &()).unwrap();
            train!(7..16, network, trainer);

            let (mut resumed, mut other) = (Net::<$T>::zeros(), <$Loaded>::zeros());
            let mut slots = Slots::new(flash, 0, bytes).unwrap();
            assert!(slots.load(&mut resumed, &mut other, &mut ()).unwrap().is_some());
            train!(7..16, resumed, other);
            assert_eq!(bits(&resumed), bits(&network));
            assert_eq!(bits(&other), bits(&trainer));
            assert_eq!((other.epochs(), other.steps()), (3, 16));
        }
    )*};
}

goes_on! {
    sgd: f32, Sgd { learning_rate: 0.1 }, Trainer<Net<f32>, Sgd, 2> => Trainer<Net<f32>, Sgd, 2>;
    momentum: f32, Momentum::<f32>::default(),
        Trainer<Net<f32>, Momentum, 2> => Trainer<Net<f32>, Momentum, 2>;
    adam: f32, Adam::<f32>::default(), Trainer<Net<f32>, Adam, 2> => Trainer<Net<f32>, Adam, 2>;
    sgd_in_place: f32, Sgd { learning_rate: 0.1 },
        InPlaceTrainer<Net<f32>, Sgd, 3> => InPlaceTrainer<Net<f32>, Sgd, 3>;
    momentum_in_place: f32, Momentum::<f32>::default(),
        InPlaceTrainer<Net<f32>, Momentum, 3> => InPlaceTrainer<Net<f32>, Momentum, 3>;
    adam_in_place: f32, Adam::<f32>::default(),
        InPlaceTrainer<Net<f32>, Adam, 3> => InPlaceTrainer<Net<f32>, Adam, 3>;
    // Another tile, the other trainer, the other scalar.
    adam_of_another_tile: f32, Adam::<f32>::default(),
        Trainer<Net<f32>, Adam, 2> => Trainer<Net<f32>, Adam, 7>;
    adam_of_the_other_trainer: f32, Adam::<f32>::default(),
        Trainer<Net<f32>, Adam, 2> => InPlaceTrainer<Net<f32>, Adam, 4>;
    adam_f64: f64, Adam::<f64>::default(), Trainer<Net<f64>, Adam<f64>, 2> => Trainer<Net<f64>, Adam<f64>, 2>;
    sgd_in_place_f64: f64, Sgd { learning_rate: 0.1 },
        InPlaceTrainer<Net<f64>, Sgd<f64>, 3> => InPlaceTrainer<Net<f64>, Sgd<f64>, 3>;
}
