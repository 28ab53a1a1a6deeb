"""Prints the coefficients of `src/math/gelu.rs` as Rust constants, with their approximation error.

Usage, from anywhere: python3 tools/gelu_coefficients.py   (needs mpmath; takes half a minute)

The function is `R(a) = e^(a^2/2) Q(a)`, where `Q` is the upper tail of the normal distribution, on `0 <= a <= limit`. It is
approximated by the `N(a) / D(a)` with the smallest maximum relative error. This file has its own Remez exchange,
because Sollya's supports only polynomials. `D` is then rounded to the type. `N` is fitted to the rounded `D` and
rounded one coefficient at a time; the remaining coefficients are fitted again each time. `N(0) = 1/2` and `D(0) = 1`
are exact, so that results for tiny arguments are exact.
"""

import struct

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60
# The nodes are distributed in the variable t = a / (a + SPREAD) = 1 - SPREAD / (a + SPREAD).
SPREAD = mpf(4)


def ratio(a):
    """`R(a)`."""
    return mpmath.erfc(a / mpmath.sqrt(2)) * mpmath.exp(a * a / 2) / 2


def evaluate(coefficients, a):
    """The value of the polynomial; coefficients start with the lowest power."""
    return mpmath.polyval(coefficients[::-1], a)


def spread(limit, count):
    """Points in `[0, limit]`, denser at both ends and towards 0."""
    last = limit / (limit + SPREAD)
    points = [last * (1 - mpmath.cos(mpmath.pi * i / (count - 1))) / 2 for i in range(count)]
    return [SPREAD * t / (1 - t) for t in points]


def extrema(error, limit, count):
    """The arguments of the largest error in each run of one sign, at most `count` of them, and the largest error of all."""
    grid = spread(limit, 60 * count)
    errors = [error(a) for a in grid]
    runs = []
    for i, e in enumerate(errors):
        if runs and (e > 0) == (errors[runs[-1]] > 0):
            if abs(e) > abs(errors[runs[-1]]):
                runs[-1] = i
        else:
            runs.append(i)
    while len(runs) > count:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    return [grid[i] for i in runs], max(map(abs, errors))


def rational(degree, limit):
    """`N` of this degree and `D` of one degree more, with `D(0) = 1`: the relative error oscillates between equal extremes.

    Also returns the largest relative error.
    """
    n, d = degree, degree + 1
    count = n + d + 2
    nodes = spread(limit, count)
    level, denominator = mpf(0), [mpf(1)]
    for _ in range(30):
        for _ in range(8):
            # N(a) - R(a) D(a) = (+-level) R(a) D(a), where D on the right is that of the previous iteration.
            system, right = mpmath.matrix(count, count), mpmath.matrix(count, 1)
            for i, a in enumerate(nodes):
                r = ratio(a)
                for j in range(n + 1):
                    system[i, j] = a**j
                for j in range(1, d + 1):
                    system[i, n + j] = -r * a**j
                system[i, count - 1] = -((-1) ** i) * r * evaluate(denominator, a)
                right[i] = r
            solution = mpmath.lu_solve(system, right)
            numerator = [solution[j] for j in range(n + 1)]
            denominator = [mpf(1), *(solution[n + j] for j in range(1, d + 1))]
            settled = abs(solution[count - 1] - level) < abs(level) * mpf(10) ** -8
            level = solution[count - 1]
            if settled:
                break
        nodes, largest = extrema(lambda a: evaluate(numerator, a) / (evaluate(denominator, a) * ratio(a)) - 1, limit, count)
        if len(nodes) < count or largest < abs(level) * 1.001:
            break
    return numerator, denominator, largest


def fit(degree, denominator, limit, fixed):
    """The best `N` for this `D`, with `fixed` as its first coefficients."""
    free = degree + 1 - len(fixed)
    count = free + 1
    nodes = spread(limit, count + 2)[1:-1]
    coefficients, largest = fixed, None
    for _ in range(20):
        system, right = mpmath.matrix(count, count), mpmath.matrix(count, 1)
        for i, a in enumerate(nodes):
            goal = ratio(a) * evaluate(denominator, a)
            for j in range(free):
                system[i, j] = a ** (len(fixed) + j) / goal
            system[i, free] = -((-1) ** i)
            right[i] = 1 - evaluate(fixed, a) / goal
        solution = mpmath.lu_solve(system, right)
        coefficients = [*fixed, *(solution[j] for j in range(free))]
        nodes, largest = extrema(
            lambda a, c=coefficients: evaluate(c, a) / (evaluate(denominator, a) * ratio(a)) - 1, limit, count
        )
        if len(nodes) < count or largest < abs(solution[free]) * 1.01:
            break
    return coefficients


def rounded(x, kind):
    """The nearest number of the type."""
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0] if kind == "f32" else float(x))


def literal(x, kind):
    """The shortest decimal that reads back as exactly these bits."""
    if kind == "f64":
        return repr(float(x))
    return next(repr(float(text)) for digits in range(1, 10) if rounded(text := f"{float(x):.{digits}g}", kind) == x)


def derive(kind, degree, limit):
    """`N` and `D` for a type, and their largest relative error."""
    numerator, denominator, _ = rational(degree, mpf(limit))
    denominator = [rounded(c, kind) for c in denominator]
    numerator = [mpf(1) / 2]
    while len(numerator) <= degree:
        numerator.append(rounded(fit(degree, denominator, mpf(limit), numerator)[len(numerator)], kind))
    _, largest = extrema(
        lambda a: evaluate(numerator, a) / (evaluate(denominator, a) * ratio(a)) - 1, mpf(limit), 2 * degree
    )
    return numerator, denominator, largest


TYPES = (("f32", 4, 15), ("f64", 10, 39))


def arrays():
    """Name, type and coefficients of each array."""
    for kind, degree, limit in TYPES:
        numerator, denominator, _ = derive(kind, degree, limit)
        yield "N", kind, numerator
        yield "D", kind, denominator


def main():
    """Prints the constants."""
    for kind, degree, limit in TYPES:
        numerator, denominator, largest = derive(kind, degree, limit)
        print(f"// error 2^{float(mpmath.log(largest, 2)):.1f}")
        for name, coefficients in (("N", numerator), ("D", denominator)):
            print(f"const {name}_{kind.upper()}: [{kind}; {len(coefficients)}] = [")
            for c in coefficients:
                print(f"    {literal(c, kind)},")
            print("];")


if __name__ == "__main__":
    main()
