//! Accuracy, and top-k accuracy.

use core::marker::PhantomData;

use super::decision::argmax_class;
use super::metric::{is_nan, metric, ratio};
use crate::loss::Class;
use crate::scalar::Scalar;

/// How many samples were classified, and how many of them correctly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hits {
    hits: u64,
    samples: u64,
}

crate::zero::zero_struct!([] Hits { hits, samples });

impl Hits {
    fn add(&mut self, hit: bool) {
        self.hits = self.hits.saturating_add(hit.into());
        self.samples = self.samples.saturating_add(1);
    }

    fn merge(&mut self, other: &Self) {
        self.hits = self.hits.saturating_add(other.hits);
        self.samples = self.samples.saturating_add(other.samples);
    }
}

/// The fraction of samples whose largest output is that of the right class: `hits / samples`, in [0, 1].
///
/// If several outputs are equally large, the one with the smallest index is the prediction ([`argmax_class`]). A sample
/// with an output that is NaN is counted, and is wrong. As `sklearn.metrics.accuracy_score`.
///
/// For two classes and *one* output, see [`BinaryConfusion`](super::BinaryConfusion); for classes of different sizes,
/// [`ConfusionMatrix::balanced_accuracy`](super::ConfusionMatrix::balanced_accuracy).
///
/// ```
/// use stackprop::metrics::Accuracy;
/// use stackprop::{Class, Dense, Network, Workspace};
///
/// type Net = Network<1, Dense<1, 2>>;
/// let network: Net = Network::new(Dense::from_parameters([[-1.0, 1.0]], [0.0, 0.0]));
/// let class = |index| Class::<2>::new(index).unwrap();
/// let data = [([-3.0], class(0)), ([2.0], class(1)), ([1.0], class(0))];
///
/// let mut accuracy = Accuracy::new();
/// Workspace::<Net, 16>::zeros().evaluate(&network, &data, |logits, class| accuracy.add(logits, *class))?;
/// assert_eq!(accuracy.value(), Some(2.0 / 3.0));
/// # Ok::<(), stackprop::Fault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy<T = f32> {
    counts: Hits,
    scalar: PhantomData<T>,
}

metric! { [T: Scalar] Accuracy<T> { counts, scalar } }

impl<T: Scalar> Accuracy<T> {
    /// Adds a sample: its outputs, logits or probabilities `[N]`, and its class.
    pub fn add<const N: usize>(&mut self, outputs: &[T; N], class: Class<N>) {
        self.counts.add(argmax_class(outputs) == Some(class));
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
    }

    /// The accuracy; `None` without samples, for which scikit-learn raises an error.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        ratio(self.counts.hits, self.counts.samples)
    }

    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.counts.samples
    }
}

/// The fraction of samples whose right class is among the `K` largest outputs: `hits / samples`, in [0, 1].
///
/// Among equal outputs, the one with the smaller index comes first, so `TopK<1>` is [`Accuracy`]. The right class `c`
/// is therefore a hit if `|{j: z_j > z_c}| + |{j < c: z_j = z_c}| < K`. A sample with an output that is NaN is counted,
/// and is no hit.
///
/// As `sklearn.metrics.top_k_accuracy_score`, except that scikit-learn puts the *larger* index first among equal
/// outputs.
///
/// `K` must be at least 1 and less than the number of classes, which is checked when code is generated.
///
/// ```
/// use stackprop::Class;
/// use stackprop::metrics::TopK;
///
/// let mut top = TopK::<2>::new();
/// top.add(&[0.5, 0.2, 0.3], Class::new(2).unwrap()); // the second largest
/// top.add(&[0.5, 0.2, 0.3], Class::new(1).unwrap());
/// top.add(&[0.4, 0.4, 0.4], Class::new(1).unwrap()); // classes 0 and 1 come first
/// assert_eq!(top.value(), Some(2.0 / 3.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopK<const K: usize, T = f32> {
    counts: Hits,
    scalar: PhantomData<T>,
}

metric! { [T: Scalar, const K: usize] TopK<K, T> { counts, scalar } asserts NOT_EMPTY }

impl<const K: usize, T> TopK<K, T> {
    const NOT_EMPTY: () =
        assert!(K > 0, "the right class is never among 0 outputs: `TopK<1>` is the smallest");
}

impl<const K: usize, T: Scalar> TopK<K, T> {
    /// Adds a sample: its outputs, logits or probabilities `[N]`, and its class.
    pub fn add<const N: usize>(&mut self, outputs: &[T; N], class: Class<N>) {
        const { assert!(K < N, "each class is among the K largest of N outputs unless K < N: use a smaller K") }
        let (class, output) = (class.index(), outputs.get(class.index()).copied());
        let before =
            (0..N).zip(outputs).filter(|&(j, z)| Some(*z) > output || (j < class && Some(*z) == output));
        // (Not `count`: it has a panic path where overflow is checked.)
        let rank = before.fold(0, |rank: usize, _| rank.saturating_add(1));
        self.counts.add(rank < K && !outputs.iter().any(|&z| is_nan(z)));
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
    }

    /// The top-k accuracy; `None` without samples.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        ratio(self.counts.hits, self.counts.samples)
    }

    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.counts.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class<const N: usize>(index: usize) -> Class<N> {
        Class::new(index).unwrap()
    }

    #[test]
    fn accuracy_by_hand() {
        let mut accuracy = Accuracy::<f64>::new();
        assert_eq!(accuracy.value(), None);
        accuracy.add(&[1.0, 2.0], class(1));
        accuracy.add(&[1.0, 1.0], class(1)); // the first of two equal outputs is the prediction
        accuracy.add(&[1.0, 1.0], class(0));
        accuracy.add(&[2.0, -1.0], class(0));
        assert_eq!((accuracy.value(), accuracy.samples()), (Some(0.75), 4));
        accuracy.merge(&accuracy.clone());
        assert_eq!((accuracy.value(), accuracy.samples()), (Some(0.75), 8));
        accuracy.reset();
        assert_eq!(accuracy, Accuracy::default());
    }

    /// Wherever the NaN is, and whatever the class.
    #[test]
    fn a_nan_is_wrong() {
        let (mut accuracy, mut top) = (Accuracy::new(), TopK::<2>::new());
        for place in 0..3 {
            for right in 0..3 {
                let mut outputs = [1.0_f32, 3.0, 2.0];
                outputs[place] = f32::NAN;
                accuracy.add(&outputs, class(right));
                top.add(&outputs, class(right));
            }
        }
        assert_eq!((accuracy.value(), top.value()), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn top_1_is_the_accuracy() {
        let (mut accuracy, mut top) = (Accuracy::<f32>::new(), TopK::<1>::new());
        for i in 0..81 {
            let outputs = [(i % 3) as f32, (i / 3 % 3) as f32, (i / 9 % 3) as f32];
            accuracy.add(&outputs, class(i / 27));
            top.add(&outputs, class(i / 27));
        }
        assert_eq!(accuracy.value(), top.value());
        assert_eq!(top.value(), Some(27.0 / 81.0)); // each of the 27 outputs once with each class
    }

    #[test]
    fn top_k_by_hand() {
        let mut top = TopK::<3, f64>::new();
        assert_eq!(top.value(), None);
        let outputs = [0.0, 5.0, 1.0, 5.0, 0.0, f64::NEG_INFINITY]; // in order: 1, 3, 2, 0, 4, 5
        for (right, hits) in [(1, 1.0), (3, 1.0), (2, 1.0), (0, 0.0), (4, 0.0), (5, 0.0)] {
            top.reset();
            top.add(&outputs, class(right));
            assert_eq!(top.value(), Some(hits), "{right}");
        }
    }
}
