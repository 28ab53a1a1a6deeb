//! What a forward and a backward pass leave in a layer, for somebody who looks.

/// The outputs and the deltas of one layer, for the samples of a tile.
///
/// [`ForwardPass::inspect`](crate::ForwardPass::inspect) shows one for each layer that is not made of others.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerPass<'a, T> {
    /// The number of the layer, as in [`Block::layer`](crate::Block::layer).
    pub layer: usize,
    /// The outputs `a`, one row after the other: `[n][OUT]`.
    pub outputs: &'a [T],
    /// delta, `[n][OUT]`: in a [`Dense`](crate::Dense) layer dC/dz, before the activation (BP1, BP2); in layers without
    /// an activation dC/d(output).
    pub deltas: &'a [T],
}

impl<'a, T> LayerPass<'a, T> {
    /// For a layer made of layers that shows them itself.
    #[must_use]
    pub const fn new(layer: usize, outputs: &'a [T], deltas: &'a [T]) -> Self {
        Self { layer, outputs, deltas }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::{Relu, Tanh};
    use crate::layer::{Dense, Dropout, Flatten, Frozen, LayerNorm, Parallel, Residual};
    use crate::network::{Model, Network};
    use crate::train::{Gradients, Workspace};
    use crate::vector::Joined;
    use std::vec::Vec;

    /// The layer, the outputs and the deltas of each layer.
    type Seen = Vec<(usize, Vec<f32>, Vec<f32>)>;

    fn inspect<N: Model<Scalar = f32>, const B: usize>(
        network: &N,
        inputs: &[N::Input; B],
        output_gradient: &[N::Output],
    ) -> (Seen, Gradients<N>, [N::Input; B]) {
        let (mut workspace, mut gradients) = (Workspace::<N, B>::zeros(), Gradients::<N>::zeros());
        let (mut input_gradient, mut seen) = (*inputs, Seen::new());
        let mut pass = workspace.forward(network, inputs).unwrap();
        pass.inspect(output_gradient, &mut gradients, &mut input_gradient, |pass: LayerPass<'_, f32>| {
            seen.push((pass.layer, pass.outputs.to_vec(), pass.deltas.to_vec()));
        })
        .unwrap();
        (seen, gradients, input_gradient)
    }

    // Two samples, x = 1 and x = -1. Layer 0: z = 2 x, a = relu(z) = 2 and 0. Layer 1: y = 3 a + 1 = 7 and 1.
    // With dC/dy = 10 and 100: delta of layer 1 is that, of layer 0 it is 3 * 10 and 0.
    #[test]
    fn hand_computed() {
        type Net = Network<1, (Dense<1, 1, Relu>, Dense<1, 1>)>;
        let layers = (Dense::from_parameters([[2.0]], [0.0]), Dense::from_parameters([[3.0]], [1.0]));
        let (seen, gradients, dx) = inspect(&Net::new(layers), &[[1.0], [-1.0]], &[[10.0], [100.0]]);
        assert_eq!(
            seen,
            [(0, [2.0, 0.0].into(), [30.0, 0.0].into()), (1, [7.0, 1.0].into(), [10.0, 100.0].into())]
        );
        // BP3, BP4: as `backward` adds them.
        assert_eq!(gradients.of.layers.0, Dense::from_parameters([[30.0]], [30.0]));
        assert_eq!(gradients.of.layers.1, Dense::from_parameters([[20.0]], [110.0]));
        assert_eq!(dx, [[60.0], [0.0]]);
    }

    // x = 1. Frozen: 2 x = 2. Residual: a = 2 + 5 * 2 = 12, its layer shows 10. Parallel: 3 a = 36 and -a = -12; Flatten.
    // Dropout passes on. Sum: y = 36 - 12 = 24. With dC/dy = 1: the last deltas are (1, 1), those of the heads 1 each,
    // dC/da = 3 - 1 = 2 (layer 1), dC/d(frozen) = 2 + 5 * 2 = 12, dC/dx = 24.
    #[test]
    fn layers_of_layers_show_theirs() {
        type Heads = Parallel<Dense<1, 1>, Dense<1, 1>>;
        type Chain =
            (Frozen<Dense<1, 1>>, (Residual<Dense<1, 1>>, (Heads, (Flatten<2>, (Dropout<50>, Dense<2, 1>)))));
        let one = |w: f32| Dense::<1, 1>::from_parameters([[w]], [0.0]);
        let head = (Flatten, (Dropout, Dense::from_parameters([[1.0], [1.0]], [0.0])));
        let chain: Chain = (Frozen(one(2.0)), (Residual(one(5.0)), (Parallel(one(3.0), one(-1.0)), head)));
        let (seen, _, dx) = inspect(&Network::<1, Chain>::new(chain), &[[1.0]], &[[1.0]]);
        assert_eq!(
            seen,
            [
                (0, [2.0].into(), [12.0].into()),
                (1, [10.0].into(), [2.0].into()),
                (2, [36.0].into(), [1.0].into()),
                (3, [-12.0].into(), [1.0].into()),
                (4, [36.0, -12.0].into(), [1.0, 1.0].into()),
                (5, [36.0, -12.0].into(), [1.0, 1.0].into()),
                (6, [24.0].into(), [1.0].into()),
            ]
        );
        assert_eq!(dx, [[24.0]]);
    }

    // Of a single sample, delta is the gradient of the bias (BP3), and so it is for the shift of a normalisation.
    #[test]
    fn deltas_are_those_of_the_gradient() {
        type Net = Network<3, (Dense<3, 4, Tanh>, (LayerNorm<4>, Dense<4, 2>))>;
        let mut network = Net::zeros();
        let mut number = 0.1_f32;
        crate::params::Parameters::visit_mut(&mut network, |_, values| {
            for value in values {
                number = 3.7 * number * (1.0 - number);
                *value = number;
            }
        });
        let (seen, gradients, _) = inspect(&network, &[[0.3, -0.7, 0.2]], &[[0.5, -2.0]]);
        let of = &gradients.of.layers;
        let biases = [&of.0.bias[..], &of.1.0.bias, &of.1.1.bias];
        assert_eq!(seen.len(), 3);
        for ((_, _, deltas), bias) in seen.iter().zip(biases) {
            assert_eq!(deltas, bias);
        }
        assert_eq!(seen[2].1, network.predict(&[0.3, -0.7, 0.2]));
    }

    // Rows of the tile that belong to no sample are not shown, and rows that do not fit are refused.
    #[test]
    fn only_the_samples_of_the_pass() {
        type Net = Network<1, Parallel<Dense<1, 1>, Dense<1, 1>>>;
        let (network, mut gradients) = (Net::zeros(), Gradients::<Net>::zeros());
        let mut workspace = Workspace::<Net, 4>::zeros();
        let mut pass = workspace.forward(&network, &[[1.0]; 3]).unwrap();
        let mut lengths = Vec::new();
        let result = pass.inspect(&[Joined([1.0], [2.0]); 3], &mut gradients, &mut [[0.0]; 3], |pass| {
            lengths.push((pass.outputs.len(), pass.deltas.len()));
        });
        assert_eq!((result, lengths), (Ok(()), [(3, 3); 2].into()));
        let result = pass.inspect(&[Joined([1.0], [2.0]); 2], &mut gradients, &mut [[0.0]; 3], |_| panic!());
        assert!(result.is_err());
    }
}
