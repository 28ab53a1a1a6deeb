//! Each metric against scikit-learn, in f64 and in f32: `cargo test --test metrics -- --nocapture` prints the largest
//! differences.
//!
//! `tools/golden_metrics.py` writes `tests/data/metrics.txt`; the data is made here and there by the same formula. Every
//! metric is filled at once, and also merged from parts.

use stackprop::metrics::{
    Accuracy, BinaryConfusion, BinnedScores, BrierScore, Calibration, ClassScores, ConfusionMatrix, Mae,
    MaxError, MeanError, PearsonCorrelation, R2Score, Rmse, Scores, TopK, above, argmax_class,
};

mod scikit_learn;
mod tolerances;

use scikit_learn::{Case, Number, OfClass, Table, fill};

/// `count` as the table's scalar.
fn scalars<T: Number>(counts: impl IntoIterator<Item = u32>) -> impl Iterator<Item = T> {
    counts.into_iter().map(|count| T::from_u64(count.into()))
}

fn classes<T: Number, const N: usize>(table: &mut Table, seed: usize) -> (Case, Vec<OfClass<T, N>>) {
    let (case, samples) = (Case::read(format!("classes {seed} {N}")), scikit_learn::classes::<T, N>(seed));
    let accuracies = fill(&samples, |m: &mut Accuracy<T>, s| m.add(&s.outputs, s.class), Accuracy::merge);
    for accuracy in accuracies {
        table.compare("Accuracy::value", &case, "accuracy", [accuracy.value()]);
    }
    let predicted = samples.iter().filter_map(|s| argmax_class(&s.outputs));
    let mut counts = [0; N];
    predicted.for_each(|class| counts[class.index()] += 1);
    table.compare_all::<T>("argmax_class", &case, "predicted", scalars(counts));
    let matrices = fill(
        &samples,
        |m: &mut ConfusionMatrix<N, T>, s| m.add(s.class, argmax_class(&s.outputs)),
        ConfusionMatrix::merge,
    );
    for matrix in matrices {
        confusion(table, &case, &matrix);
    }
    let briers =
        fill(&samples, |m: &mut BrierScore<T>, s| m.add(&s.probabilities, s.class), BrierScore::merge);
    for brier in briers {
        table.compare("BrierScore::value", &case, "brier", [brier.value().unwrap()]);
    }
    let calibrations =
        fill(&samples, |m: &mut Calibration<10, T>, s| m.add(&s.probabilities, s.class), Calibration::merge);
    for metric in calibrations {
        calibration(table, &case, &metric);
    }
    (case, samples)
}

fn confusion<T: Number, const N: usize>(table: &mut Table, case: &Case, matrix: &ConfusionMatrix<N, T>) {
    let counts = scalars(matrix.counts().as_flattened().iter().copied());
    table.compare_all::<T>("ConfusionMatrix::counts", case, "counts", counts);
    let unclassified = scalars(*matrix.unclassified());
    table.compare_all::<T>("ConfusionMatrix::unclassified", case, "unclassified", unclassified);
    table.compare("ConfusionMatrix::accuracy", case, "accuracy", [matrix.accuracy()]);
    let balanced = matrix.balanced_accuracy();
    table.compare("ConfusionMatrix::balanced_accuracy", case, "balanced_accuracy", [balanced]);
    table.compare("ConfusionMatrix::cohen_kappa", case, "cohen_kappa", [matrix.cohen_kappa()]);
    let matthews = matrix.matthews_correlation();
    table.compare("ConfusionMatrix::matthews_correlation", case, "matthews_correlation", [matthews]);
    table.compare("ConfusionMatrix::precision", case, "precision", matrix.precision().iter());
    table.compare("ConfusionMatrix::recall", case, "recall", matrix.recall().iter());
    table.compare("ConfusionMatrix::f1", case, "f1", matrix.f1().iter());
    class_scores(table, case, "precision", matrix.precision());
    class_scores(table, case, "recall", matrix.recall());
    class_scores(table, case, "f1", matrix.f1());
}

fn class_scores<T: Number, const N: usize>(
    table: &mut Table,
    case: &Case,
    name: &str,
    scores: ClassScores<'_, N, T>,
) {
    let of = (0..N).map(|k| scores.of(stackprop::Class::new(k).unwrap()));
    table.compare("ClassScores::of", case, name, of);
    table.compare("ClassScores::iter", case, name, scores.iter());
    let key = |average: &str| format!("{name}/{average}");
    table.compare("ClassScores::macro_average", case, &key("macro"), [scores.macro_average()]);
    table.compare("ClassScores::micro_average", case, &key("micro"), [scores.micro_average()]);
    for undefined in [0, 1] {
        let with = scores.zero_division(T::from_usize(undefined));
        let average = [with.macro_average()];
        table.compare("ClassScores::zero_division", case, &key(&format!("macro/{undefined}")), average);
        // Where no class has an undefined score, nothing needs to be said about it.
        let average = scores.weighted_average();
        let all_defined = scores.iter().all(|score| score.is_some());
        assert!(average.is_some() || !all_defined);
        let average = [average.filter(|_| all_defined).or(with.weighted_average())];
        table.compare("ClassScores::weighted_average", case, &key(&format!("weighted/{undefined}")), average);
    }
}

fn calibration<T: Number, const BINS: usize>(
    table: &mut Table,
    case: &Case,
    calibration: &Calibration<BINS, T>,
) {
    let curve = calibration.curve().unwrap();
    let (frequencies, probabilities): (Vec<_>, Vec<_>) =
        curve.bins().map(|bin| (bin.frequency, bin.probability)).unzip();
    table.compare_all("CalibrationBin", case, "calibration/frequency", frequencies);
    table.compare_all("CalibrationCurve::bins", case, "calibration/probability", probabilities);
    let expected = curve.expected_calibration_error();
    table.compare("CalibrationCurve::expected_calibration_error", case, "calibration/expected", [expected]);
    let maximum = curve.maximum_calibration_error();
    table.compare("CalibrationCurve::maximum_calibration_error", case, "calibration/maximum", [maximum]);
}

fn top_k<T: Number, const N: usize, const K: usize>(
    table: &mut Table,
    (case, samples): &(Case, Vec<OfClass<T, N>>),
) {
    let tops = fill(samples, |m: &mut TopK<K, T>, s| m.add(&s.outputs, s.class), TopK::merge);
    for top in tops {
        table.compare("TopK::value", case, &format!("top_{K}"), [top.value()]);
    }
}

fn binary<T: Number>(table: &mut Table, seed: usize, levels: usize, tenths: usize) {
    let case = Case::read(format!("binary {seed} {levels} {tenths}"));
    let samples = scikit_learn::binary::<T>(seed, levels, tenths);
    let half = T::from_f64(0.5);
    let positives = samples.iter().filter(|(score, _)| above(*score, half) == Some(true)).count();
    table.compare_all("above", &case, "predicted", [T::from_usize(positives)]);
    let confusions = fill(
        &samples,
        |m: &mut BinaryConfusion<T>, &(score, positive)| m.add(positive, above(score, half)),
        BinaryConfusion::merge,
    );
    for m in confusions {
        let rows = [
            ("BinaryConfusion::true_negatives", "true_negatives", m.true_negatives()),
            ("BinaryConfusion::false_positives", "false_positives", m.false_positives()),
            ("BinaryConfusion::false_negatives", "false_negatives", m.false_negatives()),
            ("BinaryConfusion::true_positives", "true_positives", m.true_positives()),
        ];
        for (row, key, count) in rows {
            table.compare_all::<T>(row, &case, key, scalars([count]));
        }
        table.compare("BinaryConfusion::accuracy", &case, "accuracy", [m.accuracy()]);
        let balanced = m.balanced_accuracy();
        table.compare("BinaryConfusion::balanced_accuracy", &case, "balanced_accuracy", [balanced]);
        table.compare("BinaryConfusion::precision", &case, "precision", [m.precision()]);
        table.compare("BinaryConfusion::recall", &case, "recall", [m.recall()]);
        table.compare("BinaryConfusion::specificity", &case, "specificity", [m.specificity()]);
        table.compare("BinaryConfusion::f1", &case, "f1", [m.f1()]);
    }
    let briers = fill(&samples, |m: &mut BrierScore<T>, &(p, y)| m.add_probability(p, y), BrierScore::merge);
    for brier in briers {
        table.compare("BrierScore::value", &case, "brier", [brier.value().unwrap()]);
    }
    let calibrations =
        fill(&samples, |m: &mut Calibration<16, T>, &(p, y)| m.add_probability(p, y), Calibration::merge);
    for metric in calibrations {
        calibration(table, &case, &metric);
    }
    ranking(table, &case, &samples);
}

fn ranking<T: Number>(table: &mut Table, case: &Case, samples: &[(T, bool)]) {
    let all = fill(samples, |m: &mut Scores<200, T>, &(score, y)| m.add(score, y), Scores::merge);
    for mut scores in all {
        let ranking = scores.rank().unwrap();
        table.compare("Ranking::roc_auc", case, "roc_auc", [ranking.roc_auc()]);
        let average = ranking.average_precision();
        table.compare("Ranking::average_precision", case, "average_precision", [average]);
    }
    let all = fill(samples, |m: &mut BinnedScores<16, T>, &(score, y)| m.add(score, y), BinnedScores::merge);
    for scores in all {
        let ranking = scores.rank().unwrap();
        table.compare("BinnedRanking::roc_auc", case, "binned/roc_auc", [ranking.roc_auc()]);
        let average = ranking.average_precision();
        table.compare("BinnedRanking::average_precision", case, "binned/average_precision", [average]);
        let error = ranking.roc_auc_error();
        table.compare("BinnedRanking::roc_auc_error", case, "binned/roc_auc/error", [error]);
        let error = ranking.average_precision_error();
        table.compare(
            "BinnedRanking::average_precision_error",
            case,
            "binned/average_precision/error",
            [error],
        );
    }
}

fn numbers<T: Number>(table: &mut Table, seed: usize) {
    let (case, samples) = (Case::read(format!("numbers {seed}")), scikit_learn::numbers::<T>(seed));
    let all = fill(&samples, |m: &mut R2Score<3, T>, (a, y)| m.add(a, y), R2Score::merge);
    for r2 in all {
        table.compare("R2Score::outputs", &case, "r2", r2.outputs());
        table.compare("R2Score::average", &case, "r2/average", [r2.average()]);
    }
    let all = fill(&samples, |m: &mut Rmse<3, T>, (a, y)| m.add(a, y), |m, o| m.merge(o));
    for rmse in all {
        table.compare_all("Rmse::outputs", &case, "rmse", rmse.outputs().unwrap());
        table.compare("Rmse::average", &case, "rmse/average", [rmse.average()]);
    }
    let all = fill(&samples, |m: &mut Mae<3, T>, (a, y)| m.add(a, y), |m, o| m.merge(o));
    for mae in all {
        table.compare_all("Mae::outputs", &case, "mae", mae.outputs().unwrap());
        table.compare("Mae::average", &case, "mae/average", [mae.average()]);
    }
    let all = fill(&samples, |m: &mut MeanError<3, T>, (a, y)| m.add(a, y), |m, o| m.merge(o));
    for bias in all {
        table.compare_all("MeanError::outputs", &case, "bias", bias.outputs().unwrap());
        table.compare("MeanError::average", &case, "bias/average", [bias.average()]);
    }
    let all = fill(&samples, |m: &mut MaxError<3, T>, (a, y)| m.add(a, y), |m, o| m.merge(o));
    for max in all {
        table.compare_all("MaxError::outputs", &case, "max", max.outputs().unwrap());
        let largest = case.get("max").iter().copied().fold(0.0, f64::max);
        assert_eq!(max.largest().map(T::to_f64), Some(largest));
        table.note::<T>("MaxError::largest", 0.0);
    }
    let all = fill(&samples, |m: &mut PearsonCorrelation<3, T>, (a, y)| m.add(a, y), |m, o| m.merge(o));
    for pearson in all {
        table.compare("PearsonCorrelation::outputs", &case, "pearson", pearson.outputs());
    }
}

/// `N: K K ...;`, the numbers of classes, and of outputs that a class may be among.
macro_rules! classes {
    ($t:ident, $table:ident, $($n:literal: $($k:literal)*;)*) => {$(
        for seed in 1..=3 {
            let data = classes::<$t, $n>(&mut $table, seed);
            $(top_k::<$t, $n, $k>(&mut $table, &data);)*
        }
    )*};
}

macro_rules! all {
    ($($t:ident)*) => {{
        let mut table = Table::default();
        $(
            classes!($t, table, 2: 1; 3: 1 2; 4: 1 2 3; 5: 1 2 3; 6: 1 2 3; 7: 1 2 3; 8: 1 2 3; 9: 1 2 3; 10: 1 2 3;);
            let cases = [(1, 8, 5), (2, 64, 1), (3, 1024, 9), (4, 1024, 5), (5, 2, 3), (6, 64, 0), (7, 64, 10)];
            for (seed, levels, tenths) in cases {
                binary::<$t>(&mut table, seed, levels, tenths);
            }
            for seed in 1..=3 {
                numbers::<$t>(&mut table, seed);
            }
        )*
        table
    }};
}

#[test]
fn as_scikit_learn() {
    all!(f64 f32).print();
}
