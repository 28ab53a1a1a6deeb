//! The four equations of backpropagation, checked by hand: a network whose activations are fractions, two exercises of
//! Nielsen's *Neural Networks and Deep Learning*, chapter 2, and user-defined activations.
//!
//! Matrices have this crate's layout, `w[i][o]`, and are transposes of the literature's `w_jk`.

use stackprop::activation::{Activation, Elementwise, KeepA, KeepZ};
use stackprop::math::Elementary;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Chain, Dense, Gradients, Identity, Loss, Model, Network, Parameters, Quadratic, Scalar, Sgd, Sigmoid,
    Tanh, Trainer, Workspace, Zero, init, layers,
};

mod tolerances;

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(error <= tolerance * scale, "{what}: {found:e}, not {expected:e}");
    }
}

fn assert_by_hand(what: &str, found: &[f64], expected: &[f64]) {
    assert_close(what, found, expected, tolerances::BY_HAND);
}

fn flat(parameters: &impl Parameters<f64>) -> Vec<f64> {
    let mut all = Vec::new();
    parameters.visit(|_, values| all.extend_from_slice(values));
    all
}

/// A network with weights and biases in (-1, 1).
fn random<N: Model<Scalar = f64>>(seed: u64) -> N {
    let mut network = N::ZERO;
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(seed);
    network.visit_mut(|_, values| values.fill_with(|| 2.0 * f64::random(rng) - 1.0));
    network
}

/// Quadratic loss of one sample, forward pass only.
fn loss<N, const OUT: usize>(network: &N, x: &N::Input, y: &[f64; OUT]) -> f64
where
    N: Model<Scalar = f64, Output = [f64; OUT]>,
{
    let mut workspace = Workspace::<N, 1>::zeros();
    let pass = workspace.forward(network, std::slice::from_ref(x)).unwrap();
    Quadratic.evaluate(&pass.outputs()[0], y, &mut [0.0; OUT])
}

/// Gradient of one sample by backpropagation, and dC/dx.
fn backpropagation<N, const OUT: usize>(network: &N, x: &N::Input, y: &[f64; OUT]) -> (Gradients<N>, N::Input)
where
    N: Model<Scalar = f64, Output = [f64; OUT]>,
{
    let mut workspace = Workspace::<N, 1>::zeros();
    let mut gradients = Gradients::zeros();
    let mut pass = workspace.forward(network, std::slice::from_ref(x)).unwrap();
    let mut da = [[0.0; OUT]];
    Quadratic.evaluate(&pass.outputs()[0], y, &mut da[0]);
    let mut dx = [N::Input::ZERO];
    pass.backward(&da, &mut gradients, Some(&mut dx)).unwrap();
    (gradients, dx[0])
}

/// Backpropagation against central differences in all parameters and inputs.
#[cfg(feature = "alloc")]
fn assert_differences_agree<N, const IN: usize, const OUT: usize>(seed: u64, x: [f64; IN], y: [f64; OUT])
where
    N: Model<Scalar = f64, Input = [f64; IN], Output = [f64; OUT]>,
{
    let report = stackprop::check_gradients(&mut random::<N>(seed), &Quadratic, &[(x, y)]).unwrap();
    assert!(report.worst() < tolerances::CHECK, "{report}");
}

/// A 2-2-1 network of sigmoid neurons with the quadratic loss, computed by hand. Since `s(ln p/q) = p / (p + q)`,
/// weights that are logarithms give activations that are fractions.
///
/// ```text
/// x = (1, 2), y = 0
/// first layer    w = [[ ln 3,  ln 2],     z1 = ln 3 + 2 ln 2 - 2 ln 2 = ln 3      a1 = 3/4   s'(z1) = 3/16
///                     [ ln 2, -ln 2]]     z2 = ln 2 - 2 ln 2 + 0 = -ln 2          a2 = 1/3   s'(z2) = 2/9
///                b = (-2 ln 2, 0)
/// second layer   v = [[4], [-3]]          z  = 4 (3/4) - 3 (1/3) + ln 2 - 2 = ln 2   a = 2/3   s'(z) = 2/9
///                c = (ln 2 - 2)
/// C = 1/2 (2/3)^2 = 2/9
/// ```
mod by_hand {
    use super::*;

    type Net = Network<2, Chain![Dense<2, 2, Sigmoid, f64>, Dense<2, 1, Sigmoid, f64>], f64>;

    const X: [f64; 2] = [1.0, 2.0];
    const Y: [f64; 1] = [0.0];

    fn logarithms() -> (f64, f64) {
        (2_f64.ln(), 3_f64.ln())
    }

    fn network() -> Net {
        let (ln2, ln3) = logarithms();
        Network::new(layers![
            Dense::from_parameters([[ln3, ln2], [ln2, -ln2]], [-2.0 * ln2, 0.0]),
            Dense::from_parameters([[4.0], [-3.0]], [ln2 - 2.0]),
        ])
    }

    #[test]
    fn forward() {
        let network = network();
        let hidden = Network::new(network.layers.0.clone()).predict(&X);
        assert_by_hand("a of the first layer", &hidden, &[3.0 / 4.0, 1.0 / 3.0]);
        assert_by_hand("a of the second layer", &network.predict(&X), &[2.0 / 3.0]);
        assert_by_hand("C", &[loss(&network, &X, &Y)], &[2.0 / 9.0]);
    }

    /// BP1: `delta = (a - y) s'(z) = 2/3 * 2/9 = 4/27`; BP3: `dC/dc = delta`.
    #[test]
    fn bp1_and_bp3() {
        let (gradients, _) = backpropagation(&network(), &X, &Y);
        assert_by_hand("dC/dc", &gradients.of.layers.1.bias, &[4.0 / 27.0]);
    }

    /// BP2: `delta1 = 4 (4/27) (3/16) = 1/9`, `delta2 = -3 (4/27) (2/9) = -8/81`; BP3: `dC/db = (delta1, delta2)`.
    #[test]
    fn bp2_and_bp3() {
        let (gradients, _) = backpropagation(&network(), &X, &Y);
        let delta = [1.0 / 9.0, -8.0 / 81.0];
        assert_by_hand("dC/db", &gradients.of.layers.0.bias, &delta);
    }

    /// BP4: `dC/dv_i = a_i delta`: `3/4 * 4/27 = 1/9` and `1/3 * 4/27 = 4/81`;
    /// `dC/dw_io = x_i delta_o`: the first row is `(1/9, -8/81)`, the second row is twice that.
    #[test]
    fn bp4() {
        let (gradients, _) = backpropagation(&network(), &X, &Y);
        let (first, second) = &gradients.of.layers;
        assert_by_hand("dC/dv", second.weight.as_flattened(), &[1.0 / 9.0, 4.0 / 81.0]);
        let expected = [1.0 / 9.0, -8.0 / 81.0, 2.0 / 9.0, -16.0 / 81.0];
        assert_by_hand("dC/dw", first.weight.as_flattened(), &expected);
    }

    /// The first factor of BP2, below the first layer: `dC/dx_i = sum_o w_io delta_o`, so
    /// `dC/dx1 = ln 3 / 9 - 8 ln 2 / 81`, `dC/dx2 = ln 2 / 9 + 8 ln 2 / 81 = 17 ln 2 / 81`.
    #[test]
    fn input_gradient() {
        let (ln2, ln3) = logarithms();
        let (_, dx) = backpropagation(&network(), &X, &Y);
        let expected = [ln3 / 9.0 - 8.0 * ln2 / 81.0, 17.0 * ln2 / 81.0];
        assert_by_hand("dC/dx", &dx, &expected);
    }

    /// One step with learning rate 27 subtracts 27 times the gradient:
    ///
    /// ```text
    /// v = (4 - 27/9, -3 - 27 * 4/81) = (1, -13/3)                 c = ln 2 - 2 - 27 * 4/27 = ln 2 - 6
    /// w = [[ln 3 - 27/9, ln 2 + 27 * 8/81],   = [[ln 3 - 3,  ln 2 + 8/3],
    ///      [ln 2 - 2 * 27/9, -ln 2 + 27 * 16/81]]   [ln 2 - 6, -ln 2 + 16/3]]
    /// b = (-2 ln 2 - 27/9, 27 * 8/81) = (-2 ln 2 - 3, 8/3)
    /// ```
    #[test]
    fn step() {
        let (ln2, ln3) = logarithms();
        let mut network = network();
        let sgd = Sgd { learning_rate: 27.0 };
        let loss =
            Trainer::<Net, Sgd<f64>, 1>::zeros().step(&mut network, &sgd, &Quadratic, &[(X, Y)]).unwrap();
        assert_by_hand("C", &[loss], &[2.0 / 9.0]);
        let (first, second) = &network.layers;
        let w = [ln3 - 3.0, ln2 + 8.0 / 3.0, ln2 - 6.0, -ln2 + 16.0 / 3.0];
        assert_by_hand("w", first.weight.as_flattened(), &w);
        assert_by_hand("b", &first.bias, &[-2.0 * ln2 - 3.0, 8.0 / 3.0]);
        assert_by_hand("v", second.weight.as_flattened(), &[1.0, -13.0 / 3.0]);
        assert_by_hand("c", &second.bias, &[ln2 - 6.0]);
    }

    /// A batch of this sample and of one with target `y = 2/3`, whose gradient is 0: loss and gradient are halved.
    #[test]
    fn average() {
        let mut gradients = Gradients::zeros();
        let right = network().predict(&X);
        let loss = Workspace::<Net, 2>::zeros()
            .gradient(&network(), &Quadratic, &[(X, Y), (X, right)], &mut gradients)
            .unwrap();
        assert_by_hand("C", &[loss], &[1.0 / 9.0]);
        assert_by_hand("dC/dc", &gradients.of.layers.1.bias, &[2.0 / 27.0]);
        assert_by_hand("dC/db", &gradients.of.layers.0.bias, &[1.0 / 18.0, -4.0 / 81.0]);
    }
}

/// Nielsen, chapter 2, "Backpropagation with a single modified neuron": one neuron computes `f(z)` instead of
/// `sigma(z)`. Only this neuron's `sigma'` in BP1 or BP2 changes, to `f'(z)`.
mod modified_neuron {
    use super::*;

    /// Sigmoid neurons, but neuron `K` computes `f(z) = z^2 / 2 + z`, with `f'(z) = z + 1`.
    struct SigmoidBut<const K: usize>;

    fn value<T: Scalar>(z: T, modified: bool) -> T {
        if modified { z * z * T::from_f64(0.5) + z } else { Elementary::sigmoid(z) }
    }

    fn derivative<T: Scalar>(z: T, modified: bool) -> T {
        if modified {
            z + T::ONE
        } else {
            let a = Elementary::sigmoid(z);
            a * (T::ONE - a)
        }
    }

    impl<const K: usize> Activation for SigmoidBut<K> {
        type Keeps = KeepZ;
        type Range = stackprop::range::Real;

        fn forward<T: Scalar, const N: usize>(rows: &mut [[T; N]]) {
            for row in rows {
                for (j, z) in row.iter_mut().enumerate() {
                    *z = value(*z, j == K);
                }
            }
        }

        fn backward<T: Scalar, const N: usize>(kept: &[[T; N]], delta: &mut [[T; N]]) {
            for (delta, z) in delta.iter_mut().zip(kept) {
                for (j, (delta, &z)) in delta.iter_mut().zip(z).enumerate() {
                    *delta *= derivative(z, j == K);
                }
            }
        }
    }

    /// One modified neuron in the middle layer and one in the last.
    type Net = Network<
        3,
        Chain![
            Dense<3, 4, Sigmoid, f64>,
            Dense<4, 5, SigmoidBut<2>, f64>,
            Dense<5, 2, SigmoidBut<0>, f64>,
        ],
        f64,
    >;
    const X: [f64; 3] = [0.5, -1.5, 2.0];
    const Y: [f64; 2] = [0.25, 1.0];

    #[test]
    #[cfg(feature = "alloc")]
    fn against_differences() {
        for seed in 1..=5 {
            assert_differences_agree::<Net, _, _>(seed, X, Y);
        }
    }

    /// `z_o = b_o + sum_i x_i w_io`
    fn affine<const I: usize, const O: usize, A>(layer: &Dense<I, O, A, f64>, x: &[f64; I]) -> [f64; O] {
        std::array::from_fn(|o| layer.bias[o] + (0..I).map(|i| x[i] * layer.weight[i][o]).sum::<f64>())
    }

    /// BP2: `delta_i = (sum_o w_io delta_o) sigma'(z_i)`, where `slope` is `sigma'(z)`.
    fn bp2<const I: usize, const O: usize, A>(
        above: &Dense<I, O, A, f64>,
        delta: &[f64; O],
        slope: [f64; I],
    ) -> [f64; I] {
        std::array::from_fn(|i| (0..O).map(|o| above.weight[i][o] * delta[o]).sum::<f64>() * slope[i])
    }

    /// The layer's gradient must be that of BP3 and BP4.
    fn assert_bp3_bp4<const I: usize, const O: usize, A>(
        gradient: &Dense<I, O, A, f64>,
        x: &[f64; I],
        delta: &[f64; O],
    ) {
        assert_close("BP3", &gradient.bias, delta, tolerances::SAME_SUM_F64);
        let products: Vec<_> = x.iter().flat_map(|x| delta.map(|d| x * d)).collect();
        assert_close("BP4", gradient.weight.as_flattened(), &products, tolerances::SAME_SUM_F64);
    }

    #[test]
    fn against_the_equations() {
        for seed in 1..=5 {
            let network: Net = random(seed);
            let (l1, (l2, l3)) = &network.layers;
            let z1 = affine(l1, &X);
            let a1 = z1.map(|z| value(z, false));
            let z2 = affine(l2, &a1);
            let a2: [f64; 5] = std::array::from_fn(|j| value(z2[j], j == 2));
            let z3 = affine(l3, &a2);
            let a3: [f64; 2] = std::array::from_fn(|j| value(z3[j], j == 0));
            assert_close("a", &network.predict(&X), &a3, tolerances::SAME_SUM_F64);

            let delta3 = std::array::from_fn(|j| (a3[j] - Y[j]) * derivative(z3[j], j == 0)); // BP1
            let delta2 = bp2(l3, &delta3, std::array::from_fn(|j| derivative(z2[j], j == 2)));
            let delta1 = bp2(l2, &delta2, z1.map(|z| derivative(z, false)));
            let (gradients, dx) = backpropagation(&network, &X, &Y);
            let (g1, (g2, g3)) = &gradients.of.layers;
            assert_bp3_bp4(g3, &a2, &delta3);
            assert_bp3_bp4(g2, &a1, &delta2);
            assert_bp3_bp4(g1, &X, &delta1);
            let expected = bp2(l1, &delta1, [1.0; 3]);
            assert_close("dC/dx", &dx, &expected, tolerances::SAME_SUM_F64);
        }
    }

    /// Without the modified neurons, the same parameters have a different gradient, so the test above can fail.
    #[test]
    fn the_modification_matters() {
        type Plain = Network<
            3,
            Chain![Dense<3, 4, Sigmoid, f64>, Dense<4, 5, Sigmoid, f64>, Dense<5, 2, Sigmoid, f64>],
            f64,
        >;
        let (modified, _) = backpropagation(&random::<Net>(1), &X, &Y);
        let (plain, _) = backpropagation(&random::<Plain>(1), &X, &Y);
        let difference =
            flat(&modified.of).iter().zip(flat(&plain.of)).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        assert!(difference > 0.1, "{difference}");
    }
}

/// Nielsen, chapter 2, "Backpropagation with linear neurons": `sigma(z) = z`, `sigma' = 1`. Then
/// `delta^l = W^{l+1}^T ... W^L^T (a - y)`, a product of transposed matrices. In this crate's layout,
/// `delta = w delta_above`.
mod linear_neurons {
    use super::*;

    type Net = Network<
        4,
        Chain![
            Dense<4, 3, Identity, f64>,
            Dense<3, 5, Identity, f64>,
            Dense<5, 2, Identity, f64>,
        ],
        f64,
    >;

    /// `a b`
    fn product<const M: usize, const K: usize, const N: usize>(
        a: &[[f64; K]; M],
        b: &[[f64; N]; K],
    ) -> [[f64; N]; M] {
        std::array::from_fn(|m| std::array::from_fn(|n| (0..K).map(|k| a[m][k] * b[k][n]).sum()))
    }

    fn transposed<const M: usize, const N: usize>(a: &[[f64; N]; M]) -> [[f64; M]; N] {
        std::array::from_fn(|n| std::array::from_fn(|m| a[m][n]))
    }

    #[test]
    fn delta_is_a_product_of_transposed_matrices() {
        let (x, y) = ([[1.0, -0.5, 2.0, 0.25]], [[0.5, -1.0]]);
        for seed in 1..=5 {
            let mut network: Net = random(seed);
            network.layers.0.bias.fill(0.0);
            network.layers.1.0.bias.fill(0.0);
            network.layers.1.1.bias.fill(0.0);
            let (l1, (l2, l3)) = &network.layers;
            let (w1, w2, w3) = (&l1.weight, &l2.weight, &l3.weight);

            // The network itself is the product of its matrices: a = x w1 w2 w3.
            let a = product(&x, &product(w1, &product(w2, w3)));
            assert_close("a", &network.predict(&x[0]), &a[0], tolerances::SAME_SUM_F64);

            let delta3 = [std::array::from_fn(|j| a[0][j] - y[0][j])];
            let delta2 = product(&delta3, &transposed(w3));
            let delta1 = product(&delta3, &product(&transposed(w3), &transposed(w2)));
            let dx_expected = product(&delta3, &transposed(&product(w1, &product(w2, w3))));

            let (gradients, dx) = backpropagation(&network, &x[0], &y[0]);
            let (g1, (g2, g3)) = &gradients.of.layers;
            let close = |what, found: &[f64], expected: &[f64]| {
                assert_close(what, found, expected, tolerances::SAME_SUM_F64);
            };
            close("delta3", &g3.bias, &delta3[0]);
            close("delta2", &g2.bias, &delta2[0]);
            close("delta1", &g1.bias, &delta1[0]);
            close("dC/dx", &dx, &dx_expected[0]);
            // BP4 for the middle layer: (x w1)^T delta2
            let dw2 = product(&transposed(&product(&x, w1)), &delta2);
            close("dC/dw2", g2.weight.as_flattened(), dw2.as_flattened());
        }
    }
}

/// User-defined activations.
mod user_defined {
    use super::*;

    /// Softsign: `a = z / (1 + |z|)`, and since `1 - |a| = 1 / (1 + |z|)`, `sigma' = (1 - |a|)^2`.
    struct Softsign;

    impl Elementwise for Softsign {
        type Keeps = KeepA;
        type Range = stackprop::range::Real;

        fn value<T: Scalar>(z: T) -> T {
            z / (T::ONE + z.abs())
        }

        fn derivative<T: Scalar>(a: T) -> T {
            (T::ONE - a.abs()) * (T::ONE - a.abs())
        }
    }

    /// `a = e^(-z^2)`, `sigma' = -2 z a`: `a` is not monotone, so `sigma'` is a function of `z`.
    struct Bell;

    impl Elementwise for Bell {
        type Keeps = KeepZ;
        type Range = stackprop::range::Real;

        fn value<T: Scalar>(z: T) -> T {
            Elementary::exp(-z * z)
        }

        fn derivative<T: Scalar>(z: T) -> T {
            -(z + z) * Elementary::exp(-z * z)
        }
    }

    type Net = Network<2, Chain![Dense<2, 4, Softsign, f64>, Dense<4, 3, Bell, f64>], f64>;

    // z = 3 and -3/2: 3/4 and -3/5; e^(-z^2) with z^2 = ln 2 is 1/2.
    #[test]
    fn values_by_hand() {
        let softsign = Dense::<1, 2, Softsign, f64>::from_parameters([[3.0, -1.5]], [0.0; 2]);
        assert_by_hand("softsign", &Network::new(softsign).predict(&[1.0]), &[0.75, -0.6]);
        let root = 2_f64.ln().sqrt();
        let bell = Dense::<1, 2, Bell, f64>::from_parameters([[root, -root]], [0.0; 2]);
        assert_by_hand("bell", &Network::new(bell).predict(&[1.0]), &[0.5, 0.5]);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn against_differences() {
        for seed in 1..=5 {
            assert_differences_agree::<Net, _, _>(seed, [0.75, -1.25], [0.5, 0.0, 1.0]);
        }
    }

    /// The check can fail: it finds a derivative that lacks a factor.
    #[test]
    #[cfg(feature = "alloc")]
    #[should_panic(expected = "relative error 5.0e-1")]
    fn a_wrong_derivative_is_found() {
        struct Wrong;
        impl Elementwise for Wrong {
            type Keeps = KeepZ;
            type Range = stackprop::range::Real;
            fn value<T: Scalar>(z: T) -> T {
                z * z
            }
            fn derivative<T: Scalar>(z: T) -> T {
                z
            }
        }
        type Net = Network<2, Chain![Dense<2, 3, Wrong, f64>, Dense<3, 1, Identity, f64>], f64>;
        assert_differences_agree::<Net, _, _>(1, [0.75, -1.25], [0.5]);
    }

    /// User-defined activations train like any others: the loss of a small regression falls.
    #[test]
    fn training() {
        let mut network: Net = Network::zeros();
        network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(3));
        let data = [([0.0, 1.0], [0.1, 0.9, 0.5]), ([1.0, 0.0], [0.9, 0.1, 0.5])];
        let mut trainer = Trainer::<Net, Sgd<f64>, 2>::zeros();
        let mut step = || {
            let sgd = Sgd { learning_rate: 0.2 };
            trainer.step(&mut network, &sgd, &Quadratic, &data).unwrap()
        };
        let first = step();
        let last = (0..300).map(|_| step()).last().unwrap();
        assert!(last < 0.1 * first, "{first} -> {last}");
    }
}

/// Training does not compute dC/dx below the first layer. A caller can request it, which changes no bit of the other
/// gradients.
#[test]
fn input_gradient_is_optional() {
    type Net = Network<3, Chain![Dense<3, 4, Tanh, f64>, Dense<4, 2, Sigmoid, f64>], f64>;
    let network: Net = random(1);
    let (x, y) = ([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], [[1.0, 0.0], [0.0, 1.0]]);

    let mut trained = Gradients::zeros();
    let mut workspace = Workspace::<Net, 2>::zeros();
    let data = stackprop::Samples::from_arrays(&x, &y);
    workspace.gradient(&network, &Quadratic, &data, &mut trained).unwrap();

    let mut da = [[0.0; 2]; 2];
    let mut pass = workspace.forward(&network, &x).unwrap();
    for ((a, y), da) in pass.outputs().iter().zip(&y).zip(&mut da) {
        Quadratic.evaluate(a, y, da);
        *da = da.map(|d| 0.5 * d);
    }
    let (mut without, mut with, mut dx) = (Gradients::zeros(), Gradients::zeros(), [[f64::NAN; 3]; 2]);
    pass.backward(&da, &mut without, None).unwrap();
    pass.backward(&da, &mut with, Some(&mut dx)).unwrap();
    assert_eq!(trained.of.checksum(), without.of.checksum());
    assert_eq!(trained.of.checksum(), with.of.checksum());
    assert_ne!(trained.of.checksum(), Net::zeros().checksum());

    // dC/dx = w delta, where delta is the bias gradient of the single sample.
    for sample in 0..2 {
        let (alone, dx_alone) = backpropagation(&network, &x[sample], &y[sample]);
        let delta = alone.of.layers.0.bias;
        let expected = network.layers.0.weight.map(|w| w.iter().zip(&delta).map(|(w, d)| w * d).sum());
        let expected: [f64; 3] = expected;
        assert_close("dC/dx", &dx_alone, &expected, tolerances::SAME_SUM_F64);
        assert_close("dC/dx / 2", &dx[sample], &expected.map(|d| 0.5 * d), tolerances::SAME_SUM_F64);
    }
}
