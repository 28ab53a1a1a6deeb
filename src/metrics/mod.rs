//! Metrics of a network on a data set: accuracy, F1, ROC-AUC, R2, calibration and others, without a heap.
//!
//! A metric is a value that is filled sample by sample and then asked. It starts empty, can be filled from any number of
//! data sets, merged with another of its type, and reset:
//!
//! ```
//! use stackprop::metrics::{ConfusionMatrix, argmax_class};
//! use stackprop::{Class, Dense, Network, Workspace};
//!
//! type Net = Network<1, Dense<1, 2>>;
//! let network: Net = Network::new(Dense::from_parameters([[-1.0, 1.0]], [0.0, 0.0]));
//! let class = |index| Class::<2>::new(index).unwrap();
//! let data = [([-3.0], class(0)), ([2.0], class(1)), ([1.0], class(0))];
//!
//! let mut confusion = ConfusionMatrix::<2>::new();
//! Workspace::<Net, 16>::zeros()
//!     .evaluate(&network, &data, |logits, class| confusion.add(*class, argmax_class(logits)))?;
//! assert_eq!(confusion.f1().macro_average(), Some(2.0 / 3.0));
//! # Ok::<(), stackprop::Fault>(())
//! ```
//!
//! | metric | of | answers |
//! |---|---|---|
//! | [`Accuracy`] | classes | the fraction that is right |
//! | [`TopK`] | classes | the fraction whose class is among the `K` largest outputs |
//! | [`ConfusionMatrix`] | classes | accuracy, balanced accuracy, Cohen's kappa, Matthews correlation; [`ClassScores`]: precision, recall, F1 of each class, and their macro, micro and weighted averages |
//! | [`BinaryConfusion`] | one output and a threshold | precision, recall, specificity, F1, and the above |
//! | [`Scores`] | one output | [`Ranking`]: ROC-AUC and average precision, exact, of up to `N` samples |
//! | [`BinnedScores`] | one probability | [`BinnedRanking`]: the same from counts in bins, with a bound of the error |
//! | [`Calibration`] | probabilities | [`CalibrationCurve`]: its bins ([`CalibrationBin`]), expected and maximum calibration error |
//! | [`BrierScore`] | probabilities | the mean squared error of probabilities |
//! | [`R2Score`] | numbers | the coefficient of determination |
//! | [`Rmse`], [`Mae`], [`MeanError`], [`MaxError`] | numbers | the root mean squared, mean absolute, mean, and largest error |
//! | [`PearsonCorrelation`] | numbers | the correlation of outputs and targets |
//!
//! The average of a loss, such as the log loss, is [`Workspace::loss`](crate::Workspace::loss). (A [`Mae`] is the
//! metric, [`MeanAbsoluteError`](crate::MeanAbsoluteError) the loss.)
//!
//! **Undefined answers are `None`**: without samples, or where a denominator is 0. The docs of each method say when, and
//! what scikit-learn answers instead.
//!
//! **A NaN is never silently right.** For a classifier, a sample with a NaN among its outputs has no predicted class
//! ([`argmax_class`], [`above`]), is counted, and is wrong. Errors of numbers are NaN then. Rankings and probabilities
//! cannot have one: asking answers [`MetricError`], which names the first such sample.
//!
//! **Memory.** Every metric is [`Zero`](crate::Zero), has a `const fn new`, and can be a `static`; a large one is made on
//! the heap by [`Zero::boxed`](crate::Zero::boxed).
//!
//! **Numbers.** `T` is `f32` unless something else is given. No answer in `f32` uses `f64` arithmetic. Counts are
//! integers, and sums over the samples are compensated: their rounding errors do not grow with the number of samples up
//! to millions, where a plain `f32` sum would have stopped growing. Answers depend on the order of the samples at most
//! in their last bits, and not on the tile.

mod accuracy;
mod agreement;
mod binary;
mod binned_ranking;
mod binned_scores;
mod bins;
mod brier_score;
mod calibration;
mod class_scores;
mod confusion;
mod confusion_table;
mod decision;
mod errors;
mod heap_sort;
mod metric;
mod moments;
mod pearson;
mod probabilities;
mod r2_score;
mod ranking;
mod regression;
mod scores;
mod sum;

pub use accuracy::{Accuracy, TopK};
pub use binary::BinaryConfusion;
pub use binned_ranking::BinnedRanking;
pub use binned_scores::BinnedScores;
pub use brier_score::BrierScore;
pub use calibration::{Calibration, CalibrationBin, CalibrationCurve};
pub use class_scores::ClassScores;
pub use confusion::ConfusionMatrix;
pub use decision::{above, argmax_class};
pub use metric::MetricError;
pub use pearson::PearsonCorrelation;
pub use r2_score::R2Score;
pub use ranking::Ranking;
pub use regression::{Mae, MaxError, MeanError, Rmse};
pub use scores::Scores;
