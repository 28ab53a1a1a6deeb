//! Walking over a network's parameters, in one fixed order, as flat slices.
//!
//! The order is that of the layers, and in each layer the weights (input-major: `w[0][0], w[0][1], ...`, one row
//! of OUT weights for each of the IN inputs), then the biases. Optimisers, initialisers, checksums and weight
//! files are each one function over this walk.

use crate::Scalar;

/// Whether a block of parameters holds weights or biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `[IN][OUT]`, input-major.
    Weight,
    /// `[OUT]`.
    Bias,
}

/// Which parameters a slice holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The layer's place in the network, from 0.
    pub layer: usize,
    /// Weights or biases.
    pub role: Role,
    /// The layer's number of inputs.
    pub fan_in: usize,
    /// The layer's number of outputs.
    pub fan_out: usize,
}

/// Something made of parameters: a layer, a pair of layers, a network, or the gradient or optimiser state of one.
pub trait Parameters<T: Scalar> {
    /// How many parameters.
    const PARAMETERS: usize;

    /// How many layers.
    const LAYERS: usize;

    /// Walks over the parameters of several values of this shape in lockstep, block by block in the fixed order.
    ///
    /// `visit` gets, for each block, the slices of the `R` values that are only read and of the `W` values that
    /// may be written. `first_layer` is the [`Block::layer`] of the first layer.
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    );

    /// Visits each block of parameters.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Parameters};
    ///
    /// let network = Network::new(Dense::<3, 2>::new());
    /// let mut sizes = vec![];
    /// network.visit(|block, values: &[f32]| sizes.push((block.layer, block.role, values.len())));
    /// assert_eq!(sizes.len(), 2); // 6 weights, then 2 biases
    /// assert_eq!(sizes.iter().map(|s| s.2).sum::<usize>(), 8);
    /// ```
    fn visit(&self, mut visit: impl FnMut(Block, &[T])) {
        Self::walk(0, [self], [], &mut |block, [values], []| visit(block, values));
    }

    /// Visits each block of parameters, to change them.
    fn visit_mut(&mut self, mut visit: impl FnMut(Block, &mut [T])) {
        Self::walk(0, [], [self], &mut |block, [], [values]| visit(block, values));
    }

    /// Copies all parameters of `source`, in place: a large network does not cross the stack.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Parameters};
    ///
    /// let network = Network::new(Dense::<1, 1>::from_parameters([[2.0]], [1.0]));
    /// let mut best = Network::<1, Dense<1, 1>>::zeros();
    /// best.copy_from(&network);
    /// assert_eq!(best, network);
    /// ```
    fn copy_from(&mut self, source: &Self) {
        Self::walk(0, [source], [self], &mut |_, [source], [values]| {
            for (value, source) in values.iter_mut().zip(source) {
                *value = *source;
            }
        });
    }

    /// FNV-1a hash of all parameters' bits, in the fixed order, each as little-endian bytes: equal exactly when two
    /// networks are the same bit for bit (but for collisions).
    fn checksum(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        self.visit(|_, values| {
            for value in values {
                for byte in value.to_bits().to_le_bytes().into_iter().take(size_of::<T>()) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                }
            }
        });
        hash
    }
}

impl<T: Scalar, L: Parameters<T>, M: Parameters<T>> Parameters<T> for (L, M) {
    const PARAMETERS: usize = L::PARAMETERS + M::PARAMETERS;
    const LAYERS: usize = L::LAYERS + M::LAYERS;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        mut write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        L::walk(first_layer, read.map(|p| &p.0), write.each_mut().map(|p| &mut p.0), visit);
        M::walk(first_layer.saturating_add(L::LAYERS), read.map(|p| &p.1), write.map(|p| &mut p.1), visit);
    }
}
