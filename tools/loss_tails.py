"""Writes the reference table of `tests/loss_tails.rs`: losses and their derivatives near their limits, by mpmath.

Usage: python3 tools/loss_tails.py > tests/data/loss_tails.txt   (needs mpmath)

All arguments are f32 numbers. A line is one of these, with values rounded to f64 (up to 17 digits, subnormal numbers
included):

    log_cosh error | value derivative
    sigmoid_focal gamma margin | value derivative
    softmax_focal gamma class logits... | value derivatives...
    poisson logarithm count | value derivative
    gaussian error logarithm | value derivative_by_mean derivative_by_logarithm
    cosine a... y... | value derivatives...
"""

import struct

import mpmath
from mpmath import mpf

mpmath.mp.prec = 1000

# From tiny to beyond the range of e^x in f32.
SIZES = [mpf(2) ** -100, mpf(2) ** -40, mpf(2) ** -13, mpf(2) ** -6, 0.25, 0.75, 1, 1.25, 2, 3.5, 8, 13, 17, 30, 60, 85]


def f32(x):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def both_signs(sizes):
    return [-mpf(x) for x in reversed(sizes)] + [mpf(0)] + [mpf(x) for x in sizes]


def line(name, arguments, values):
    print(name, *(repr(float(x)) for x in arguments), "|", *(repr(float(x)) for x in values))


def log_cosh(e):
    # cosh - 1, so that the working precision is enough for tiny errors, too.
    line("log_cosh", [e], [mpmath.log1p(2 * mpmath.sinh(e / 2) ** 2), mpmath.tanh(e)])


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def sigmoid_focal(gamma, x):
    p, q, l = sigmoid(x), sigmoid(-x), mpmath.log1p(mpmath.exp(-x))
    line("sigmoid_focal", [gamma, x], [q**gamma * l, -(q**gamma) * (q + gamma * p * l)])


def softmax_focal(gamma, label, logits):
    powers = [mpmath.exp(z - logits[label]) for z in logits]
    others = sum(e for j, e in enumerate(powers) if j != label)
    p, q, l = 1 / (1 + others), others / (1 + others), mpmath.log1p(others)
    factor = q**gamma * (1 + gamma * p * l / q)
    slopes = [-q if j == label else e / (1 + others) for j, e in enumerate(powers)]
    line("softmax_focal", [gamma, label, *logits], [q**gamma * l, *(factor * g for g in slopes)])


def poisson(z, y):
    line("poisson", [z, y], [mpmath.exp(z) - y * z, mpmath.exp(z) - y])


def gaussian(e, s):
    square = e * e * mpmath.exp(-s)
    line("gaussian", [e, s], [(s + square) / 2, e * mpmath.exp(-s), (1 - square) / 2])


def cosine(a, y):
    def dot(u, v):
        return sum(p * q for p, q in zip(u, v))

    length, cos = mpmath.sqrt(dot(a, a)), dot(a, y) / mpmath.sqrt(dot(a, a) * dot(y, y))
    slopes = [(cos * p / length - q / mpmath.sqrt(dot(y, y))) / length for p, q in zip(a, y)]
    line("cosine", [*a, *y], [1 - cos, *slopes])


def main():
    print("# From tools/loss_tails.py.")
    for e in both_signs([*SIZES, 1e4, mpf(2) ** 100]):
        log_cosh(e)
    for gamma in (mpf("0.5"), mpf(1), mpf(2), mpf(5)):
        for x in both_signs(SIZES):
            sigmoid_focal(gamma, x)
        for apart in (0, 0.5, 4, 15, 17, 40, 80):
            for offset in (0, -3, 1024):
                for label in range(3):
                    softmax_focal(gamma, label, [mpf(offset), mpf(offset) + apart, mpf(offset) - 1.5])
    for z in both_signs(SIZES):
        for y in (0, 1, 1000):
            poisson(z, mpf(y))
        for e in (0, mpf(2) ** -40, 1, -3, mpf(2) ** 30):
            gaussian(mpf(e), z)
    for size in (mpf(2) ** -100, mpf(1), mpf(2) ** 100):
        for angle in (mpf(2) ** -30, mpf(2) ** -13, 0.125, 1, 1.5, 3):
            y = [f32(3), f32(-1.5), f32(0.375)]
            turned = [y[0] * mpmath.cos(angle), y[1] + mpmath.sin(angle), y[2]]
            cosine([f32(x * size) for x in turned], y)
        cosine([f32(size), f32(size), mpf(0)], [mpf(0), mpf(0), mpf(5)])
        cosine([-size, size, 2 * size], [mpf(1), mpf(-1), mpf(-2)])


main()
