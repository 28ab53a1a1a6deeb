"""Writes the f64 reference table of `tests/ulp.rs`: arguments and results of the elementary functions by mpmath.

Usage: python3 tools/math_table.py > tests/data/math_f64.txt           (the committed table; needs mpmath)
       python3 tools/math_table.py 100000 > /tmp/large.txt             (that many random arguments per function;
       MATH_TABLE=/tmp/large.txt cargo test --release --test ulp f64_table -- --nocapture)

After a line with the function's name, each line has the bits of the argument, the bits of the correctly rounded
result, and the exact result minus the rounded one, in units in the last place of the result.
"""

import math
import random
import struct
import sys

import mpmath

# 53 bits for the result, 30 for the residual, and as many as `1 + x` or the cancellation in `erf` may lose.
PRECISION = 300
LN2 = math.log(2)
# Arguments around which a function's reduction or its special cases switch.
SPECIAL = {
    "exp": [-745.13, -744.4, -709.0, -708.4, 709.78, *(LN2 * (n + 0.5) for n in (-1070, -40, -2, -1, 0, 1, 7, 1000))],
    "exp_m1": [-40.0, -37.0, 709.78, *(LN2 * (n + 0.5) for n in (-40, -3, -2, -1, 0, 1, 2, 3, 50, 53, 54, 1000))],
    "ln": [1.0, 2.0**0.5, 0.5**0.5, 2.0, 0.5, 2.0**-1022],
    "ln_1p": [2.0**0.5 - 1, 0.5**0.5 - 1, 1.0, -0.5, -0.75, -1.0 + 2.0**-30, 2.0**53, 2.0**60],
    "tanh": [19.0, *(LN2 / 2 * (n + 0.5) for n in range(8))],
    "sigmoid": [-745.13, -708.4, 36.0, *(LN2 * (n + 0.5) for n in (-1000, -20, -2, -1, 0, 1, 2, 20, 50))],
    "erf": [0.5, 1.0, 2.0, 3.5, 5.0, 5.9],
    "gelu": [-38.6, -37.5, -30.0, -9.0, -0.7517915, *((2 * LN2 * (n + 0.5)) ** 0.5 for n in (0, 1, 2, 3, 10, 100, 900))],
    "sin_pi": [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 1e6 + 0.25],
}
# Ranges in which the function is neither its argument nor constant. Random arguments are also drawn uniformly from
# them.
BUSY = {
    "exp": (-745.2, 709.8), "exp_m1": (-38.0, 5.0), "ln": (0.5, 2.5), "ln_1p": (-1.0, 3.0),
    "tanh": (-3.0, 3.0), "sigmoid": (-40.0, 40.0), "erf": (-6.0, 6.0),
    "gelu": (-39.0, 9.0), "sin_pi": (-1.0, 1.0),
}


def exact(name, x):
    """The function at the float `x`, to `PRECISION` bits."""
    x = mpmath.mpf(x)
    match name:
        case "exp_m1":
            return mpmath.expm1(x)
        case "ln":
            return mpmath.log(x)
        case "ln_1p":
            return mpmath.log1p(x)
        case "sigmoid":
            return 1 / (1 + mpmath.exp(-x))
        case "sin_pi":
            return mpmath.sinpi(x)
        case "gelu":
            return x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2 if x > -100 else mpmath.mpf(0)
    return getattr(mpmath, name)(x)


def bits(x):
    """The bits of a float in hexadecimal."""
    return struct.pack(">d", x).hex()


def round_to_float(y):
    """The nearest float (ties to even), which may be subnormal or infinite, and its unit in the last place."""
    exponent = max(mpmath.frexp(y)[1] - 53, -1074) if y else -1074
    unit = mpmath.ldexp(1, exponent)
    nearest = mpmath.nint(y / unit) * unit
    if abs(nearest) >= mpmath.ldexp(1, 1024):
        return math.copysign(math.inf, nearest), unit
    return float(nearest), mpmath.ldexp(1, max(mpmath.frexp(nearest)[1] - 53, -1074) if nearest else -1074)


def arguments(name, count, rng):
    """Random arguments in each binade from 2^-60 to 2^11 (fewer in the others) and in the busy range; special arguments."""
    positive_only = name == "ln"
    spread = range(-1074, 1024, 12) if positive_only else [*range(-1074, -60, 120), *range(-60, 11), 100, 1023]
    binades = [e for e in spread for _ in range(max(1, count // 3 // len(spread)))]
    for exponent in binades:
        for sign in (1,) if positive_only else (1, -1):
            yield sign * math.ldexp(1 + rng.random(), exponent)
    for special in SPECIAL[name]:
        for x in (math.nextafter(special, -math.inf), special, math.nextafter(special, math.inf)):
            yield x
            yield x if positive_only else -x
    for _ in range(count // 3 if count > 1000 else count // 2):
        yield rng.uniform(*BUSY[name])


def main():
    """Prints the table."""
    mpmath.mp.prec = PRECISION
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("# From tools/math_table.py: bits of the argument, bits of the nearest result, the rest in ULP.")
    for name in SPECIAL:
        rng = random.Random(f"{name} {count}")
        print(name)
        for x in arguments(name, count, rng):
            if name == "ln_1p" and x <= -1 or name != "ln" and abs(x) > 1e300 and name != "ln_1p":
                continue
            if name in ("exp", "exp_m1", "sigmoid") and abs(x) > 2000:
                continue
            y = exact(name, x)
            nearest, unit = round_to_float(y)
            residual = 0.0 if math.isinf(nearest) else float((y - mpmath.mpf(nearest)) / unit)
            print(bits(x), bits(nearest), f"{residual:.5f}")


if __name__ == "__main__":
    main()
