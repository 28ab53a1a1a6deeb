#!/usr/bin/env python3
"""Prints how scikit-learn splits data sets, for tests/datasets.rs.

Needs scikit-learn (`pip install scikit-learn`). Lines:

    k_fold N K: SIZE ...                   sizes of the K folds of N samples
    stratified K: LABEL ...                the classes of all samples, then for each fold
    fold: COUNT ...                        how many of each class it has
    split T: LABEL ...                     the classes of all samples, T of which are for test, then
    test: COUNT ...                        how many of each class are

usage: python3 tools/golden_splits.py > tests/data/splits.txt
"""

import random
import sys
import warnings

from sklearn.model_selection import KFold, StratifiedKFold, train_test_split


def text(numbers):
    return " ".join(str(number) for number in numbers)


def labels_of(generator, samples, classes):
    """Random labels, of which each class has at least two. Classes are numbered by their first samples, as scikit-learn does."""
    weights = [generator.choice([1, 2, 10]) for _ in range(classes)]
    labels = 2 * list(range(classes)) + generator.choices(range(classes), weights, k=samples - 2 * classes)
    generator.shuffle(labels)
    first = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return [first[label] for label in labels]


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return
    warnings.simplefilter("ignore")  # that a class has fewer samples than there are folds
    for samples, folds in [(2, 2), (5, 2), (5, 3), (10, 3), (11, 4), (100, 7), (64, 64), (101, 10), (103, 10)]:
        sizes = [len(test) for _, test in KFold(folds).split([0] * samples)]
        print(f"k_fold {samples} {folds}: {text(sizes)}")
    generator = random.Random(1)
    for samples, classes, folds in [(8, 2, 2), (9, 3, 3), (20, 3, 4), (31, 4, 5), (50, 4, 10), (57, 4, 3), (64, 4, 7)]:
        labels = labels_of(generator, samples, classes)
        print(f"stratified {folds}: {text(labels)}")
        for _, test in StratifiedKFold(folds).split([0] * samples, labels):
            print(f"fold: {text([labels[i] for i in test].count(c) for c in range(classes))}")
    for samples, classes, test_size in [(12, 2, 3), (20, 3, 5), (33, 4, 8), (40, 4, 4), (50, 3, 20), (61, 4, 13), (64, 4, 32)]:
        labels = labels_of(generator, samples, classes)
        _, test = train_test_split(labels, test_size=test_size, stratify=labels, random_state=1)
        print(f"split {test_size}: {text(labels)}")
        print(f"test: {text(test.count(c) for c in range(classes))}")


main()
