"""Writes the reference table of `tests/tails.rs`: activations, their derivatives and the cross-entropies by mpmath.

Usage: python3 tools/tails_table.py > tests/data/tails.txt   (needs mpmath)

All arguments are f32 numbers, or beyond the range of f32's results. A line is one of

    NAME argument value
    softmax_cross_entropy class loss | logits | derivatives

with values rounded to f64 (up to 17 digits, subnormal numbers included).
"""

import mpmath
from mpmath import mpf

mpmath.mp.prec = 400


def sigmoid(z):
    return 1 / (1 + mpmath.exp(-z))


def density(z):
    return mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)


def distribution(z):
    return mpmath.erfc(-z / mpmath.sqrt(2)) / 2


# The two constants of GeluTanh, as defined.
ROOT = mpmath.sqrt(2 / mpmath.pi)
CUBIC = mpf("0.044715")


def inner(z):
    return 2 * ROOT * (z + CUBIC * z**3)


def gelu_tanh_derivative(z):
    s = sigmoid(inner(z))
    return s + z * s * (1 - s) * 2 * ROOT * (1 + 3 * CUBIC * z * z)


FUNCTIONS = {
    "gelu": (lambda z: z * distribution(z), 38),
    "gelu_derivative": (lambda z: distribution(z) + z * density(z), 38),
    "gelu_tanh": (lambda z: z * sigmoid(inner(z)), 20),
    "gelu_tanh_derivative": (gelu_tanh_derivative, 20),
    "silu": (lambda z: z * sigmoid(z), 700),
    "silu_derivative": (lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z))), 700),
    "softplus": (lambda z: mpmath.log1p(mpmath.exp(z)), 700),
    "softplus_derivative": (sigmoid, 700),
}


def arguments(last):
    """Arguments of both signs: tiny ones, then in steps of an eighth, then growing by about a tenth. All are f32 numbers."""
    x = [mpf(2) ** -120, mpf(2) ** -30, mpf(2) ** -12, mpf(1) / 64]
    x += [mpf(i) / 8 for i in range(1, 49)]
    while x[-1] < last:
        x.append(mpmath.nint(x[-1] * mpf("1.1") * 64) / 64)
    x = [a for a in x if a <= last]
    return [-a for a in reversed(x)] + x


def number(x):
    return repr(float(x))


def softmax_cross_entropy(logits, label):
    """Prints the line of these logits and this label."""
    z = [mpf(x) for x in logits]
    total = sum(mpmath.exp(x - z[label]) for x in z)
    # Minus the sum of the others, not sigma - 1: the cancellation could exceed even this precision.
    p = [mpmath.exp(x - z[label]) / total for x in z]
    others = sum(mpmath.exp(x - z[label]) for j, x in enumerate(z) if j != label)
    derivatives = [-others / total if j == label else q for j, q in enumerate(p)]
    line = " ".join(map(number, z)), " ".join(map(number, derivatives))
    print(f"softmax_cross_entropy {label} {number(mpmath.log1p(others))} | {line[0]} | {line[1]}")


def main():
    """Prints the table."""
    print("# From tools/tails_table.py.")
    for name, (function, last) in FUNCTIONS.items():
        for x in arguments(last):
            print(name, number(x), number(function(x)))
    for margin in (0, 0.5, 1, 4, 10, 15, 17, 25, 40, 80):
        for offset in (0, 0.375, -3, 1024, -65536):
            for label in range(3):
                softmax_cross_entropy([offset, offset + margin, offset - 1.5], label)
    softmax_cross_entropy([1e7, 1e7, 1e7], 1)
    softmax_cross_entropy([30, 30, -60], 2)


main()
