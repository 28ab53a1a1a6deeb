//! What an optimiser remembers: after a step that failed, and after the gradient became zero.

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Dense, Gradients, Momentum, Network, NonFinite, Optimizer, Parameters, Quantity, Scalar, Sgd, Zero,
};

/// 7 times 11 weights and 11 biases: whole blocks of the update, and a rest.
type Net<T> = Network<7, Dense<7, 11, stackprop::Identity, T>, T>;

/// All numbers uniform in (-1, 1).
fn random_net<T: Scalar>(rng: &mut Xoshiro128PlusPlus) -> Net<T> {
    let mut net = Net::zeros();
    net.visit_mut(|_, values| {
        for value in values {
            *value = T::from_f64(2.0) * T::random(rng) - T::ONE;
        }
    });
    net
}

mod a_failed_step {
    use super::*;

    /// The settings of `good`, each replaced in turn by what allows no step.
    fn bad_adams<T: Scalar>(good: Adam<T>) -> Vec<Adam<T>> {
        let [nan, infinity] = [f64::NAN, f64::INFINITY].map(T::from_f64);
        let beyond = [nan, infinity, T::ONE, T::from_f64(1.5), T::from_f64(-0.5)];
        let endless = [nan, infinity, -infinity];
        let mut bad = vec![Adam { epsilon: -good.epsilon, ..good }];
        bad.extend(beyond.map(|beta1| Adam { beta1, ..good }));
        bad.extend(beyond.map(|beta2| Adam { beta2, ..good }));
        bad.extend(endless.map(|learning_rate| Adam { learning_rate, ..good }));
        bad.extend(endless.map(|epsilon| Adam { epsilon, ..good }));
        bad
    }

    /// `steps` good steps, a bad one in their midst: all good ones succeed, and have the bits of those that never saw it.
    fn is_as_if_it_had_not_been<T: Scalar, O: Optimizer<T>>(good: &O, bad: &O, steps: usize)
    where
        O::State<Net<T>>: PartialEq + std::fmt::Debug + Clone,
    {
        for when in [0, 3] {
            let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
            let mut net: Net<T> = random_net(rng);
            let mut state = O::State::<Net<T>>::ZERO;
            let (mut expected, mut expected_state) = (net.clone(), state.clone());
            for step in 0..steps {
                let gradients = Gradients { of: random_net(rng) };
                if step == when {
                    let error = bad.step(&mut net, &gradients, &mut state).unwrap_err();
                    assert_eq!(error, NonFinite { layer: 0, quantity: Quantity::Update });
                }
                good.step(&mut expected, &gradients, &mut expected_state).unwrap();
                good.step(&mut net, &gradients, &mut state).unwrap();
            }
            assert_eq!(net.checksum(), expected.checksum());
            assert_eq!(state, expected_state);
        }
    }

    fn changes_nothing<T: Scalar>(steps: usize) {
        let adam = Adam::<T>::default();
        for bad in bad_adams(adam) {
            is_as_if_it_had_not_been(&adam, &bad, steps);
        }
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(T::from_f64) {
            let momentum = Momentum::<T>::default();
            is_as_if_it_had_not_been(&momentum, &Momentum { learning_rate: x, ..momentum }, steps);
            is_as_if_it_had_not_been(&momentum, &Momentum { momentum: x, ..momentum }, steps);
            is_as_if_it_had_not_been(&Sgd::<T>::default(), &Sgd { learning_rate: x }, steps);
        }
    }

    #[test]
    fn changes_nothing_in_f32() {
        changes_nothing::<f32>(1000);
    }

    #[test]
    fn changes_nothing_in_f64() {
        changes_nothing::<f64>(100);
    }

    /// Where only one parameter's result is not finite, the step of the others counts: bias corrections advance with it. So a step
    /// with good numbers then has the bits it has after two good ones, but for that parameter.
    #[test]
    fn of_one_parameter_is_a_step_of_the_others() {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(2);
        let adam = Adam::<f32>::default();
        let mut net: Net<f32> = random_net(rng);
        let mut good = net.clone();
        let (mut state, mut good_state) = (Zero::ZERO, Zero::ZERO);
        let gradients = Gradients { of: random_net::<f32>(rng) };
        let mut bad = gradients.clone();
        bad.of.layers.weight[2][3] = f32::INFINITY;
        adam.step(&mut net, &bad, &mut state).unwrap_err();
        adam.step(&mut good, &gradients, &mut good_state).unwrap();
        for (net, state) in [(&mut net, &mut state), (&mut good, &mut good_state)] {
            adam.step(net, &gradients, state).unwrap();
        }
        assert_ne!(net.layers.weight[2][3], good.layers.weight[2][3]);
        good.layers.weight[2][3] = net.layers.weight[2][3];
        assert_eq!(net.checksum(), good.checksum());
    }
}
