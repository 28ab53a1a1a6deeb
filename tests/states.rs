//! The state of an optimiser after a failed step, and after the gradient has become zero.

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::schedule::{Exponential, StepDecay};
use stackprop::{
    Accumulated, Adadelta, Adagrad, Adam, AdamW, AmsGrad, Averaged, CenteredRmsProp, ClipNorm, ClipValue,
    DecoupledDecay, Dense, Fault, Gradients, L1, L2, LayerRates, Lion, MaxNorm, Momentum, NAdam, Nesterov,
    Network, Optimizer, Parameters, Parts, Persist, RAdam, RmsProp, Rprop, Scalar, Scheduled, Sgd, Zero,
};

/// 7 times 11 weights and 11 biases: whole blocks of the update and a remainder.
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

    /// The settings of `good`, with each setting in turn replaced by values that allow no step.
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

    /// Makes `steps` good steps with a bad one among them. All good steps succeed, with the same bits as without the
    /// bad one.
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
                    assert_eq!(error, Fault::Update { layer: 0 });
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

    /// Each setting in turn is replaced by values that allow no step.
    macro_rules! bad_settings {
        ($T:ident: $($good:expr, { $($field:ident: [$($bad:expr),*]),* };)*) => {$($($(
            let good = $good;
            let mut bad = good;
            bad.$field = T::from_f64($bad);
            is_as_if_it_had_not_been::<$T, _>(&good, &bad, 10);
        )*)*)*};
    }

    const NAN: f64 = f64::NAN;
    const INFINITY: f64 = f64::INFINITY;

    #[rustfmt::skip]
    fn of_others_change_nothing<T: Scalar>() {
        bad_settings! { T:
            Nesterov::default(), { learning_rate: [NAN, INFINITY], momentum: [NAN, INFINITY] };
            Momentum::default(), { dampening: [NAN, INFINITY] };
            RmsProp::default(), {
                learning_rate: [NAN, INFINITY], smoothing: [NAN, INFINITY, 1.0, -0.5], epsilon: [NAN, INFINITY, -1e-8]
            };
            CenteredRmsProp::default(), {
                learning_rate: [NAN, INFINITY], smoothing: [NAN, INFINITY, 1.0, -0.5], epsilon: [NAN, INFINITY, -1e-8],
                momentum: [NAN, INFINITY]
            };
            AdamW::default(), {
                learning_rate: [NAN, INFINITY], beta1: [NAN, 1.0], beta2: [NAN, 1.0], epsilon: [NAN, INFINITY, -1e-8],
                weight_decay: [NAN, INFINITY, -0.1]
            };
            AmsGrad::default(), {
                learning_rate: [NAN, INFINITY], beta1: [NAN, 1.0], beta2: [NAN, 1.0], epsilon: [NAN, INFINITY, -1e-8]
            };
            NAdam::default(), {
                learning_rate: [NAN, INFINITY], beta1: [NAN, 1.0], beta2: [NAN, 1.0], epsilon: [NAN, INFINITY, -1e-8],
                momentum_decay: [NAN, -0.1]
            };
            RAdam::default(), {
                learning_rate: [NAN, INFINITY], beta1: [NAN, 1.0], beta2: [NAN, 1.0], epsilon: [NAN, INFINITY, -1e-8]
            };
            Adagrad::default(), {
                learning_rate: [NAN, INFINITY], learning_rate_decay: [NAN, -0.1], initial_accumulator: [NAN, -0.1],
                epsilon: [NAN, INFINITY, -1e-8]
            };
            Adadelta::default(), {
                learning_rate: [NAN, INFINITY], rho: [NAN, INFINITY, 1.0, -0.5], epsilon: [NAN, INFINITY, 0.0, -1e-8]
            };
            Rprop::default(), {
                learning_rate: [NAN, 0.0, -1.0], shrink: [NAN, 0.0, 1.0], grow: [NAN, 1.0], shortest: [NAN, 0.0, 51.0],
                longest: [NAN, INFINITY, 1e-7]
            };
            Lion::default(), {
                learning_rate: [NAN, INFINITY], beta1: [NAN, INFINITY, 1.0, -0.5], beta2: [NAN, INFINITY, 1.0, -0.5]
            };
            ClipValue::new(T::ONE, Adam::default()), { limit: [NAN, -1.0] };
            ClipNorm::new(T::ONE, Adam::default()), { limit: [NAN, 0.0, -1.0] };
            L2::new(T::ONE, Adam::default()), { lambda: [NAN, INFINITY, -1.0] };
            L1::new(T::ONE, Adam::default()), { lambda: [NAN, INFINITY, -1.0] };
            DecoupledDecay::new(T::ONE, Lion::default()), { weight_decay: [NAN, INFINITY, -1.0] };
            MaxNorm::new(T::ONE, Adam::default()), { limit: [NAN, 0.0, -1.0] };
        }
        for factor in [NAN, INFINITY].map(T::from_f64) {
            let good = Scheduled::<_, _, T>::new(StepDecay { every: 1, factor: T::ONE }, Adam::default());
            let bad = Scheduled::new(StepDecay { every: 1, factor }, Adam { learning_rate: factor, ..good.optimizer });
            is_as_if_it_had_not_been::<T, _>(&good, &bad, 10);
            let good = LayerRates::new([T::ONE], Adam::default());
            is_as_if_it_had_not_been::<T, _>(&good, &LayerRates { factors: [factor], ..good }, 10);
        }
        for decay in [NAN, INFINITY, 1.0, -0.5].map(T::from_f64) {
            let good = Averaged::ema(T::QUARTER, Adam::default());
            is_as_if_it_had_not_been::<T, _>(&good, &Averaged { decay: Some(decay), ..good }, 10);
        }
        let good = Accumulated::<_, T>::new(2, Adam::default());
        is_as_if_it_had_not_been::<T, _>(&good, &Accumulated::new(0, Adam::default()), 10);
    }

    #[test]
    fn of_other_optimizers_changes_nothing() {
        of_others_change_nothing::<f32>();
        of_others_change_nothing::<f64>();
    }

    #[test]
    fn changes_nothing_in_f32() {
        changes_nothing::<f32>(1000);
    }

    #[test]
    fn changes_nothing_in_f64() {
        changes_nothing::<f64>(100);
    }

    /// If only one parameter's result is not finite, the others make their step, and the bias corrections advance.
    /// The next good step therefore gives all other parameters the bits that they have after two good steps.
    #[test]
    fn of_one_parameter_is_a_step_of_the_others() {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(2);
        let adam = Adam::<f32>::default();
        let mut net: Net<f32> = random_net(rng);
        let mut good = net.clone();
        let (mut state, mut good_state) = (Zero::ZERO, Zero::ZERO);
        let gradients = Gradients::<Net<f32>> { of: random_net(rng) };
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

mod when_the_gradient_becomes_zero {
    use super::*;

    /// The number of steps until a moment of `start` is below the smallest normal number:
    /// ln(start / smallest) / -ln(beta). The roundings, of half an ULP each, change it by far less than one step.
    fn steps_to_subnormal<T: Scalar>(start: f64, beta: T) -> usize {
        ((start / T::MIN_POSITIVE.to_f64()).ln() / -beta.to_f64().ln()).ceil() as usize
    }

    /// Subnormal numbers are cleared after every 64th step.
    const CLEARING: usize = 64;

    fn largest<T: Scalar>(state: &Net<T>) -> f64 {
        let mut largest = 0.0_f64;
        state.visit(|_, values| largest = largest.max(T::largest(values).to_f64()));
        largest
    }

    /// Makes one step along a gradient, then steps along 0. Shortly before the computed step, `moment` of the state
    /// still has a normal number. After the next clearing it is exactly 0.
    fn ends_at<T: Scalar, O: Optimizer<T>>(optimizer: &O, moment: fn(&O::State<Net<T>>) -> &Net<T>, beta: T) {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(3);
        let mut net: Net<T> = random_net(rng);
        let mut state = O::State::<Net<T>>::ZERO;
        optimizer.step(&mut net, &Gradients { of: random_net(rng) }, &mut state).unwrap();
        let steps = steps_to_subnormal(largest(moment(&state)), beta);
        let zero = Gradients { of: Net::<T>::ZERO };
        for _ in 0..steps - 2 {
            optimizer.step(&mut net, &zero, &mut state).unwrap();
        }
        assert!(largest(moment(&state)) >= T::MIN_POSITIVE.to_f64());
        for _ in 0..2 + CLEARING {
            optimizer.step(&mut net, &zero, &mut state).unwrap();
        }
        assert_eq!(moment(&state).checksum(), Net::<T>::ZERO.checksum(), "{:e}", largest(moment(&state)));
    }

    fn all<T: Scalar>() {
        for mu in [0.5, 0.9, 0.99].map(T::from_f64) {
            ends_at(&Momentum { momentum: mu, ..Momentum::default() }, |state| &state.velocity, mu);
            ends_at(&Adam { beta1: mu, ..Adam::default() }, |state| &state.m, mu);
            // Without epsilon, too, where 0 / 0 would not be finite.
            let adam = Adam { beta1: T::from_f64(0.5), beta2: mu, epsilon: T::ZERO, ..Adam::default() };
            ends_at(&adam, |state| &state.v, mu);
        }
    }

    fn others<T: Scalar>() {
        let mu = T::from_f64(0.9);
        ends_at(&Nesterov { momentum: mu, ..Nesterov::default() }, |state| &state.velocity, mu);
        ends_at(&RmsProp { smoothing: mu, ..RmsProp::default() }, |state| &state.v, mu);
        ends_at(&RmsProp { smoothing: mu, epsilon: T::ZERO, ..RmsProp::default() }, |state| &state.v, mu);
        let centered =
            CenteredRmsProp { smoothing: mu, momentum: T::from_f64(0.95), ..CenteredRmsProp::default() };
        ends_at(&centered, |state| &state.m, mu);
        ends_at(&CenteredRmsProp { epsilon: T::ZERO, ..centered }, |state| &state.v, mu);
        ends_at(&AdamW { beta1: mu, ..AdamW::default() }, |state| &state.m, mu);
        ends_at(&AmsGrad { beta1: mu, ..AmsGrad::default() }, |state| &state.m, mu);
        ends_at(&AmsGrad { beta1: T::QUARTER, beta2: mu, ..AmsGrad::default() }, |state| &state.v, mu);
        ends_at(&NAdam { beta1: mu, ..NAdam::default() }, |state| &state.m, mu);
        ends_at(&NAdam { beta2: mu, epsilon: T::ZERO, ..NAdam::default() }, |state| &state.v, mu);
        ends_at(&RAdam { beta1: mu, ..RAdam::default() }, |state| &state.m, mu);
        ends_at(&RAdam { beta2: mu, epsilon: T::ZERO, ..RAdam::default() }, |state| &state.v, mu);
        ends_at(&Adadelta { rho: mu, ..Adadelta::default() }, |state| &state.v, mu);
        ends_at(&Adadelta { rho: mu, ..Adadelta::default() }, |state| &state.u, mu);
        ends_at(&Lion { beta2: mu, ..Lion::default() }, |state| &state.m, mu);
    }

    #[test]
    fn the_states_of_others_end_at_zero() {
        others::<f32>();
        others::<f64>();
    }

    #[test]
    fn state_ends_at_zero_in_f32() {
        all::<f32>();
    }

    #[test]
    fn state_ends_at_zero_in_f64() {
        all::<f64>();
    }

    /// `v` with the default beta2 takes 80,000 steps in `f32`. Without clearing, rounding to nearest would stop its
    /// decay at 500 times the smallest subnormal number.
    #[test]
    fn slow_averages_end_at_zero() {
        let adam = Adam::<f32>::default();
        ends_at(&adam, |state| &state.v, adam.beta2);
    }

    /// And not sooner, which would change the bits.
    #[test]
    fn subnormal_numbers_are_cleared_after_every_64th_step() {
        let (mut net, mut state) = (Net::<f32>::ZERO, stackprop::MomentumState::<Net<f32>>::ZERO);
        let momentum = Momentum { momentum: 1.0, ..Momentum::default() };
        let zero = Gradients { of: Net::<f32>::ZERO };
        state.velocity.layers.bias[1] = f32::MIN_POSITIVE; // the smallest normal number, which stays
        for step in 1..=2 * CLEARING {
            state.velocity.layers.bias[0] = 1e-40;
            momentum.step(&mut net, &zero, &mut state).unwrap();
            let left = if step.is_multiple_of(CLEARING) { 0.0 } else { 1e-40 };
            assert_eq!(state.velocity.layers.bias[..2], [left, f32::MIN_POSITIVE], "step {step}");
        }
    }

    /// 80 steps, one of which clears. If all numbers are normal or 0, the bits are those of the formulas.
    #[test]
    fn normal_numbers_are_as_they_were() {
        fn check<T: Scalar>() {
            let rng = &mut Xoshiro128PlusPlus::seed_from_u64(4);
            let (adam, momentum) = (Adam::<T>::default(), Momentum::<T>::default());
            let [mut with_adam, mut with_momentum] = [Net::<T>::ZERO, Net::<T>::ZERO];
            let (mut adam_state, mut momentum_state) = (Zero::ZERO, Zero::ZERO);
            // The state of the first weight.
            let (one, [mut m, mut v, mut c1, mut c2, mut velocity]) = (T::ONE, [T::ZERO; 5]);
            let (mut p, mut q) = (T::ZERO, T::ZERO);
            for _ in 0..80 {
                let gradients = Gradients { of: random_net::<T>(rng) };
                adam.step(&mut with_adam, &gradients, &mut adam_state).unwrap();
                momentum.step(&mut with_momentum, &gradients, &mut momentum_state).unwrap();
                let g = gradients.of.layers.weight[0][0];
                c1 = adam.beta1 * c1 + (one - adam.beta1);
                c2 = adam.beta2 * c2 + (one - adam.beta2);
                m = adam.beta1 * m + (one - adam.beta1) * g;
                v = adam.beta2 * v + (one - adam.beta2) * (g * g);
                let root = stackprop::math::MulAdd::sqrt(c2);
                p -= adam.learning_rate * root / c1 * m
                    / (stackprop::math::MulAdd::sqrt(v) + adam.epsilon * root);
                velocity = momentum.momentum * velocity + g;
                q -= momentum.learning_rate * velocity;
            }
            let first = |net: &Net<T>| net.layers.weight[0][0];
            assert_eq!([p, m, v], [&with_adam, &adam_state.m, &adam_state.v].map(first));
            assert_eq!([q, velocity], [&with_momentum, &momentum_state.velocity].map(first));
        }
        check::<f32>();
        check::<f64>();
    }

    /// With an epsilon of 0, a parameter whose gradient has always been 0 keeps its value, and a tiny gradient makes
    /// no step longer than (1 - beta1) / sqrt(1 - beta2) = 3.2 learning rates, Adam's own bound for a gradient that
    /// occurs once.
    #[test]
    fn without_epsilon() {
        fn check<T: Scalar>(tiny: f64) {
            let adam = Adam { learning_rate: T::ONE, epsilon: T::ZERO, ..Adam::<T>::default() };
            let mut net = Net::<T>::ZERO;
            let mut gradients = Gradients::<Net<T>>::zeros();
            for (k, g) in gradients.of.layers.bias.iter_mut().enumerate().skip(1) {
                *g = T::from_f64(tiny * 4_f64.powi(k as i32));
            }
            let mut state = Zero::ZERO;
            for _ in 0..200 {
                let before = net.clone();
                adam.step(&mut net, &gradients, &mut state).unwrap();
                assert_eq!(net.layers.weight, [[T::ZERO; 11]; 7]);
                assert_eq!(net.layers.bias[0], T::ZERO);
                for (now, before) in net.layers.bias.into_iter().zip(before.layers.bias) {
                    assert!((now - before).abs().to_f64() < 3.2, "{before} to {now}");
                }
            }
        }
        check::<f32>(1e-21);
        check::<f64>(1e-156);
    }

    /// The square of such a gradient is 0. In place of an epsilon, sqrt(smallest / (1 - beta2)) is added to its root,
    /// where smallest is the smallest normal number. The first step by hand: c1 = 1 - beta1, c2 = 1 - beta2, m = c1 g,
    /// so p = -sqrt(c2) / c1 m / sqrt(smallest / c2) = -c2 g / sqrt(smallest).
    #[test]
    fn the_least_epsilon() {
        let adam = Adam { learning_rate: 1.0, epsilon: 0.0, ..Adam::<f32>::default() };
        let (mut net, mut state) = (Net::<f32>::ZERO, Zero::ZERO);
        let mut gradients = Gradients::<Net<f32>>::zeros();
        gradients.of.layers.bias[3] = 1e-25;
        adam.step(&mut net, &gradients, &mut state).unwrap();
        let expected = -(1.0 - f64::from(adam.beta2)) * 1e-25 / f64::from(f32::MIN_POSITIVE).sqrt();
        approx::assert_relative_eq!(f64::from(net.layers.bias[3]), expected, max_relative = 1e-5);
    }
}

mod hostile_numbers {
    use super::*;

    /// Whether all parameters and numbers are finite.
    struct Finite(bool);

    impl<const R: usize, const W: usize> Parts<R, W> for Finite {
        fn parameters<T: Scalar, P: Parameters<T>>(
            &mut self,
            _: &'static str,
            read: [&P; R],
            _: [&mut P; W],
        ) {
            for values in read {
                values.visit(|_, values| self.0 &= values.iter().all(|x| x.is_finite()));
            }
        }

        fn numbers<U: stackprop::Number, const N: usize>(
            &mut self,
            _: &'static str,
            _: [&[U; N]; R],
            _: [&mut [U; N]; W],
        ) {
        }

        fn group<V: Persist>(&mut self, _: &'static str, read: [&V; R], write: [&mut V; W]) {
            V::walk(read, write, self);
        }
    }

    /// Any finite number, with equal probability for each exponent; often 0, or one that it is easy to be wrong about.
    fn finite(rng: &mut Xoshiro128PlusPlus) -> f32 {
        use stackprop::rand::Rng;
        match rng.next_u32() % 8 {
            0 => 0.0,
            1 => [f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45, 1.0, -1.0][rng.next_u32() as usize % 6],
            _ => loop {
                let x = f32::from_bits(rng.next_u32());
                if x.is_finite() {
                    return x;
                }
            },
        }
    }

    /// Numbers up to `largest`, and instead of larger ones 1.
    fn fill(net: &mut Net<f32>, largest: f32, rng: &mut Xoshiro128PlusPlus) {
        let mut number = || Some(finite(rng)).filter(|x| x.abs() <= largest).unwrap_or(1.0);
        net.visit_mut(|_, values: &mut [f32]| values.fill_with(&mut number));
    }

    /// Whatever the gradients and parameters are, no parameter and no state ever becomes infinite or NaN.
    fn stay_finite<O: Optimizer<f32, State<Net<f32>>: Persist>>(optimizer: impl Fn(f32, f32) -> O) {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(5);
        let mut state = O::State::<Net<f32>>::ZERO;
        let (mut net, mut gradients) = (Net::<f32>::zeros(), Gradients::<Net<f32>>::zeros());
        let (mut failed, steps) = (0, 500);
        for step in 0..steps {
            if step % 20 == 0 {
                fill(&mut net, f32::MAX, rng);
                state.set_zero();
            }
            // The squares of most are not finite, or all are.
            fill(&mut gradients.of, if step % 3 == 0 { f32::MAX } else { 1e15 }, rng);
            let settings = if step % 4 == 0 { (finite(rng), finite(rng)) } else { (0.01, 0.5) };
            let result = optimizer(settings.0, settings.1).step(&mut net, &gradients, &mut state);
            failed += usize::from(result.is_err());
            let mut finite = Finite(true);
            Parts::<1, 0>::parameters(&mut finite, "", [&net], []);
            Persist::walk([&state], [], &mut finite);
            assert!(finite.0, "{} after step {step}", O::NAME);
        }
        assert!(failed > 0 && failed < steps, "{}: {failed}", O::NAME);
    }

    #[test]
    #[rustfmt::skip]
    fn make_no_state_infinite() {
        stay_finite(|learning_rate, _| Sgd { learning_rate });
        stay_finite(|learning_rate, momentum| Momentum { learning_rate, momentum, dampening: momentum });
        stay_finite(|learning_rate, momentum| Nesterov { learning_rate, momentum });
        stay_finite(|learning_rate, smoothing| RmsProp { learning_rate, smoothing, ..RmsProp::default() });
        stay_finite(|learning_rate, momentum| CenteredRmsProp { learning_rate, momentum, ..CenteredRmsProp::default() });
        stay_finite(|learning_rate, beta1| Adam { learning_rate, beta1, ..Adam::default() });
        stay_finite(|learning_rate, weight_decay| AdamW { learning_rate, weight_decay, ..AdamW::default() });
        stay_finite(|learning_rate, beta2| AmsGrad { learning_rate, beta2, ..AmsGrad::default() });
        stay_finite(|learning_rate, momentum_decay| NAdam { learning_rate, momentum_decay, ..NAdam::default() });
        stay_finite(|learning_rate, beta2| RAdam { learning_rate, beta2, ..RAdam::default() });
        stay_finite(|learning_rate, learning_rate_decay| Adagrad { learning_rate, learning_rate_decay, ..Adagrad::default() });
        stay_finite(|learning_rate, epsilon| Adadelta { learning_rate, epsilon, ..Adadelta::default() });
        stay_finite(|learning_rate, shrink| Rprop { learning_rate, shrink, ..Rprop::default() });
        stay_finite(|learning_rate, beta1| Lion { learning_rate, beta1, ..Lion::default() });
        stay_finite(|learning_rate, limit| ClipValue::new(limit, Sgd { learning_rate }));
        stay_finite(|learning_rate, limit| ClipNorm::new(limit, Sgd { learning_rate }));
        stay_finite(|learning_rate, lambda| L2::new(lambda, Sgd { learning_rate }));
        stay_finite(|learning_rate, lambda| L1::new(lambda, Sgd { learning_rate }));
        stay_finite(|learning_rate, lambda| DecoupledDecay::new(lambda, Sgd { learning_rate }));
        stay_finite(|learning_rate, limit| MaxNorm::new(limit, Sgd { learning_rate }));
        stay_finite(|learning_rate, factor| Scheduled::<_, _, f32>::new(Exponential { factor }, Sgd { learning_rate }));
        stay_finite(|learning_rate, factor| LayerRates::new([factor], Sgd { learning_rate }));
        stay_finite(|learning_rate, decay| Averaged::ema(decay, Sgd { learning_rate }));
        stay_finite(|learning_rate, _| Averaged::<_, f32>::polyak(Sgd { learning_rate }));
        stay_finite(|learning_rate, _| Accumulated::<_, f32>::new(2, Sgd { learning_rate }));
    }
}
