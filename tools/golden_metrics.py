"""Writes the reference values of `tests/metrics.rs`: the metrics of scikit-learn on random data.

Usage: python3 tools/golden_metrics.py > tests/data/metrics.txt        (needs scikit-learn 1.9 and numpy)

The data is made from a linear congruential generator, in integers, and the test makes the same: only metrics are in the
file. All numbers are integers divided by powers of two, so they are exact in f32. A line is a key and its values; NaN is
an undefined value, for which the crate's answer is `None`.
"""

import warnings

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")  # of undefined values

SAMPLES = 200


class Draws:
    """Knuth's MMIX generator, of which the upper 31 bits are used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n


def line(key, *values):
    print(key, *(repr(float(x)) for x in values))


def case(*names):
    print("case", *names)


def calibration(key, occurred, probability, bins):
    """The bins that scikit-learn finds, and the two errors that follow from them."""
    frequency, mean = calibration_curve(occurred, probability, pos_label=1, n_bins=bins)
    # The bins of calibration_curve, which does not return their sizes.
    sizes = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probability), minlength=bins)
    sizes = sizes[sizes > 0]
    errors = np.abs(frequency - mean)
    line(f"{key}/frequency", *frequency)
    line(f"{key}/probability", *mean)
    line(f"{key}/expected", (sizes * errors).sum() / len(occurred))
    line(f"{key}/maximum", errors.max())


def classes(seed, n):
    """`n` classes of which the first are more frequent. Seed 2 has NaN in its outputs; seed 3 has no samples of the last
    class, which is never predicted either."""
    draws, truth, outputs, probabilities = Draws(100 * n + seed), [], [], []
    for _ in range(SAMPLES):
        y = min(draws.below(n), draws.below(n))
        if seed == 3 and y == n - 1:
            y = 0
        z = [float(draws.below(16) + 6 * (k == y)) for k in range(n)]
        place, rare = draws.below(n), draws.below(11)
        if seed == 2 and rare == 0:
            z[place] = np.nan
        if seed == 3:
            z[n - 1] = -1.0
        bonus = 64 * (draws.below(3) > 0)
        weights = [1 + draws.below(64) + bonus * (k == y) for k in range(n)]
        p = [1024 * w // sum(weights) for w in weights]
        p[n - 1] += 1024 - sum(p)
        truth.append(y)
        outputs.append(z)
        probabilities.append([k / 1024 for k in p])
    y, z, p = np.array(truth), np.array(outputs), np.array(probabilities)
    predicted = np.where(np.isnan(z).any(axis=1), -1, z.argmax(axis=1))
    case("classes", seed, n)
    line("counts", *metrics.confusion_matrix(y, predicted, labels=range(n)).ravel())
    line("unclassified", *np.bincount(y[predicted < 0], minlength=n))
    line("predicted", *np.bincount(predicted[predicted >= 0], minlength=n))
    line("accuracy", metrics.accuracy_score(y, predicted))
    line("balanced_accuracy", metrics.balanced_accuracy_score(y, predicted))
    line("cohen_kappa", metrics.cohen_kappa_score(y, predicted))
    # scikit-learn answers 0 where the coefficient is undefined.
    defined = min(len(set(y)), len(set(predicted))) > 1
    line("matthews_correlation", metrics.matthews_corrcoef(y, predicted) if defined else np.nan)
    scores = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}
    for name, score in scores.items():
        of = lambda average, undefined: score(
            y, predicted, labels=range(n), average=average, zero_division=undefined
        )
        each = of(None, np.nan)
        line(name, *each)
        line(f"{name}/macro", each.mean())
        line(f"{name}/micro", of("micro", np.nan))
        for undefined in (0.0, 1.0):
            line(f"{name}/macro/{undefined:.0f}", of("macro", undefined))
            line(f"{name}/weighted/{undefined:.0f}", of("weighted", undefined))
    valid = ~np.isnan(z).any(axis=1)
    for k in range(1, min(n, 4)):
        # A NaN is no hit. More than two classes are reversed, because scikit-learn puts the larger index first among
        # equal outputs; of two classes, it takes one score, and class 0 if it is 0.
        right, score = (n - 1 - y, z[:, ::-1]) if n > 2 else (y, z[:, 1] - z[:, 0])
        hits = metrics.top_k_accuracy_score(right[valid], score[valid], k=k, labels=range(n), normalize=False)
        line(f"top_{k}", hits / SAMPLES)
    line("brier", metrics.brier_score_loss(y, p, labels=range(n), scale_by_half=False))
    calibration("calibration", p.argmax(axis=1) == y, p.max(axis=1), 10)


def binary(seed, levels, tenths):
    """One output, of so many levels, of which `tenths` of ten are positive."""
    draws, labels, scores = Draws(seed), [], []
    for _ in range(SAMPLES):
        positive = draws.below(10) < tenths
        score = draws.below(levels) * (1024 // levels)
        if positive:
            score = (score + 1024) // 2 if draws.below(3) > 0 else score
        labels.append(int(positive))
        scores.append(score)
    y, s = np.array(labels), np.array(scores)
    p, predicted = s / 1024, s > 512
    case("binary", seed, levels, tenths)
    counts = metrics.confusion_matrix(y, predicted, labels=[0, 1]).ravel()
    for key, count in zip(("true_negatives", "false_positives", "false_negatives", "true_positives"), counts):
        line(key, count)
    line("predicted", predicted.sum())
    line("accuracy", metrics.accuracy_score(y, predicted))
    line("balanced_accuracy", metrics.balanced_accuracy_score(y, predicted))
    line("precision", metrics.precision_score(y, predicted, zero_division=np.nan))
    line("recall", metrics.recall_score(y, predicted, zero_division=np.nan))
    line("specificity", metrics.recall_score(y, predicted, pos_label=0, zero_division=np.nan))
    line("f1", metrics.f1_score(y, predicted, zero_division=np.nan))
    line("brier", metrics.brier_score_loss(y, p, labels=[0, 1]))
    calibration("calibration", y, p, 16)
    both = 0 < y.sum() < len(y)
    roc_auc = lambda s: metrics.roc_auc_score(y, s) if both else np.nan
    # scikit-learn answers 0 without positives.
    average_precision = lambda s: metrics.average_precision_score(y, s) if y.any() else np.nan
    line("roc_auc", roc_auc(p))
    line("average_precision", average_precision(p))
    bins = np.maximum(-(-s // 64) - 1, 0)
    line("binned/roc_auc", roc_auc(bins))
    line("binned/average_precision", average_precision(bins))
    # The worst orders of each bin: the positives first, with equal scores, or last, each with its own.
    best, worst = 2 * bins + y, bins - y * (0.1 + 0.0001 * np.arange(len(y)))
    for name, metric in (("roc_auc", roc_auc), ("average_precision", average_precision)):
        line(f"binned/{name}/error", max(metric(best) - metric(bins), metric(bins) - metric(worst)))


def numbers(seed):
    """Three outputs near 0, 1000 and 131040. The first target of seed 3 is constant."""
    draws, targets, outputs = Draws(seed), [], []
    for _ in range(SAMPLES):
        y = [64 * mean + draws.below(1024) for mean in (0, 1000, 131040)]
        if seed == 3:
            y[0] = 7
        a = [y[0] + draws.below(256) - 100, y[1] + draws.below(4096) - 2048, 64 * 131040 + 512 - (y[2] - 64 * 131040) // 2 + draws.below(99)]
        targets.append(y)
        outputs.append(a)
    y, a = np.array(targets) / 64, np.array(outputs) / 64
    constant = (y == y[0]).all(axis=0)
    r2 = np.where(constant, np.nan, metrics.r2_score(y, a, multioutput="raw_values"))
    case("numbers", seed)
    line("r2", *r2)
    line("r2/average", np.nan if constant.any() else metrics.r2_score(y, a))
    errors = {"rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error}
    for name, error in errors.items():
        line(name, *error(y, a, multioutput="raw_values"))
        line(f"{name}/average", error(y, a))
    # These three are of numpy: scikit-learn has no bias, and subtracts large squares for a correlation.
    line("bias", *(a - y).mean(axis=0))
    line("bias/average", (a - y).mean())
    line("max", *(metrics.max_error(y[:, k], a[:, k]) for k in range(3)))
    line("pearson", *(np.corrcoef(a[:, k], y[:, k])[0, 1] for k in range(3)))


for seed in (1, 2, 3):
    for n in range(2, 11):
        classes(seed, n)
for seed, levels, tenths in ((1, 8, 5), (2, 64, 1), (3, 1024, 9), (4, 1024, 5), (5, 2, 3), (6, 64, 0), (7, 64, 10)):
    binary(seed, levels, tenths)
for seed in (1, 2, 3):
    numbers(seed)
