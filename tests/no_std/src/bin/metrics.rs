//! Every metric, in memory that is a `static`. Exit code 0 if the answers are right.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use core::cell::RefCell;
use core::hint::black_box;

use stackprop::metrics::{
    Accuracy, BinaryConfusion, BinnedScores, BrierScore, Calibration, ConfusionMatrix, Mae, MaxError,
    MeanError, PearsonCorrelation, R2Score, Rmse, Scores, TopK, above, argmax_class,
};
use stackprop::{Class, sigmoid, softmax};

struct Metrics {
    accuracy: Accuracy,
    top: TopK<2>,
    confusion: ConfusionMatrix<3>,
    binary: BinaryConfusion,
    scores: Scores<20>,
    binned: BinnedScores<16>,
    calibration: Calibration<15>,
    brier: BrierScore,
    r2: R2Score<2>,
    rmse: Rmse<2>,
    mae: Mae<2>,
    bias: MeanError<2>,
    max: MaxError<2>,
    pearson: PearsonCorrelation<2>,
}

/// The program has one thread.
struct Single(RefCell<Metrics>);

// SAFETY: see above.
unsafe impl Sync for Single {}

static METRICS: Single = Single(RefCell::new(Metrics {
    accuracy: Accuracy::new(),
    top: TopK::new(),
    confusion: ConfusionMatrix::new(),
    binary: BinaryConfusion::new(),
    scores: Scores::new(),
    binned: BinnedScores::new(),
    calibration: Calibration::new(),
    brier: BrierScore::new(),
    r2: R2Score::new(),
    rmse: Rmse::new(),
    mae: Mae::new(),
    bias: MeanError::new(),
    max: MaxError::new(),
    pearson: PearsonCorrelation::new(),
}));

/// Two samples of each class, of which the second of class 2 has a NaN.
fn fill(metrics: &mut Metrics) {
    for i in 0..6_u8 {
        let Some(class) = Class::<3>::new(usize::from(i % 3)) else { continue };
        let mut logits = [0.0, 1.0, 2.0];
        if let Some(logit) = logits.get_mut(class.index()) {
            *logit = if i == 5 { f32::NAN } else { 3.0 };
        }
        metrics.accuracy.add(black_box(&logits), class);
        metrics.top.add(black_box(&logits), class);
        metrics.confusion.add(class, argmax_class(&logits));
        if i != 5 {
            metrics.calibration.add(&softmax(&logits), class);
            metrics.brier.add(&softmax(&logits), class);
        }
        let (score, positive) = (black_box(f32::from(i)), i > 2);
        let [probability] = sigmoid(&[score]);
        metrics.binary.add(positive, above(score, 2.5));
        metrics.scores.add(score, positive);
        metrics.binned.add(probability, positive);
        let (output, target) = ([score, 1.0 - score], [score, 2.0 - score]);
        metrics.r2.add(&output, &target);
        metrics.rmse.add(&output, &target);
        metrics.mae.add(&output, &target);
        metrics.bias.add(&output, &target);
        metrics.max.add(&output, &target);
        metrics.pearson.add(&output, &target);
    }
}

/// Each with itself: the answers stay.
fn merge(metrics: &mut Metrics) {
    macro_rules! merge {
        ($($metric:ident)*) => {$(
            let other = metrics.$metric.clone();
            metrics.$metric.merge(&other);
        )*};
    }
    merge!(accuracy top confusion binary scores binned calibration brier r2 rmse mae bias max pearson);
}

fn close(answer: Option<f32>, expected: f32) -> bool {
    answer.is_some_and(|answer| answer - expected < 1e-6 && expected - answer < 1e-6)
}

/// Whether all answers are right.
fn classes_are_right(metrics: &Metrics) -> bool {
    let Metrics { accuracy, top, confusion, calibration, brier, .. } = metrics;
    let Ok(curve) = calibration.curve() else { return false };
    close(accuracy.value(), 5.0 / 6.0)
        && close(top.value(), 5.0 / 6.0)
        && close(confusion.accuracy(), 5.0 / 6.0)
        && close(confusion.balanced_accuracy(), 5.0 / 6.0)
        && close(confusion.cohen_kappa(), 10.0 / 13.0)
        && close(confusion.matthews_correlation(), 20.0 / 24.979_992)
        && close(confusion.f1().macro_average(), 8.0 / 9.0)
        && close(confusion.f1().micro_average(), 10.0 / 11.0)
        && close(confusion.precision().weighted_average(), 1.0)
        && curve.bins().all(|bin| bin.frequency == 1.0)
        && curve.expected_calibration_error() <= curve.maximum_calibration_error()
        && matches!(brier.value(), Ok(Some(_)))
}

fn scores_are_right(metrics: &mut Metrics) -> bool {
    let Metrics { binary, scores, binned, .. } = metrics;
    let (Ok(ranking), Ok(bins)) = (scores.rank(), binned.rank()) else { return false };
    close(binary.f1(), 1.0)
        && close(binary.specificity(), 1.0)
        && close(ranking.roc_auc(), 1.0)
        && close(ranking.average_precision(), 1.0)
        && bins.roc_auc() > Some(0.9)
        && bins.average_precision() > Some(0.9)
        && bins.roc_auc_error().is_some()
        && bins.average_precision_error().is_some()
}

fn numbers_are_right(metrics: &Metrics) -> bool {
    let Metrics { r2, rmse, mae, bias, max, pearson, .. } = metrics;
    let ([first, _], [_, second]) = (r2.outputs(), pearson.outputs());
    close(first, 1.0)
        && close(second, 1.0)
        && r2.average().is_some()
        && close(rmse.average(), 0.5)
        && close(mae.average(), 0.5)
        && close(bias.average(), -0.5)
        && close(max.largest(), 1.0)
}

fn are_right(metrics: &mut Metrics) -> bool {
    classes_are_right(metrics) && scores_are_right(metrics) && numbers_are_right(metrics)
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let Ok(mut metrics) = METRICS.0.try_borrow_mut() else { return 100 };
    fill(&mut metrics);
    if !are_right(&mut metrics) {
        return 1;
    }
    merge(&mut metrics);
    if are_right(&mut metrics) { 0 } else { 2 }
}
