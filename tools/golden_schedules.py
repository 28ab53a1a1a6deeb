"""Writes the reference values of `tests/schedules.rs`: learning rates by `torch.optim.lr_scheduler`.

Usage: python3 tools/golden_schedules.py > tests/data/schedules.txt        (needs torch and numpy)

Each case is written twice: with settings in f64, and with settings rounded to f32. PyTorch computes rates as Python's floats,
so the rates of the latter are those of the rounded settings in f64, and are then rounded to f32. A case has the rate of each step; that
of a plateau also has the metric after each step.

Rates come from `scheduler.step()`, as a program has them, but for the cosine, which has PyTorch's closed form: near its end,
each of its recursive steps multiplies the rounding error of the step before.
"""

import math
import random
import sys
import warnings

import numpy
import torch
from torch.optim import lr_scheduler as lr

STEPS = 160
BASE = 0.3

# name: the scheduler of an optimiser, where `x` rounds a setting.
CASES = {
    "constant": lambda o, x: lr.LambdaLR(o, lambda step: 1),
    "step_decay": lambda o, x: lr.StepLR(o, 7, x(0.8)),
    "multi_step": lambda o, x: lr.MultiStepLR(o, [30, 31, 100, 31], x(0.3)),
    "exponential": lambda o, x: lr.ExponentialLR(o, x(0.97)),
    "linear": lambda o, x: lr.LinearLR(o, x(0.2), x(0.9), 120),
    "linear_to_zero": lambda o, x: lr.LinearLR(o, 1, 0, 133),
    "polynomial": lambda o, x: lr.PolynomialLR(o, 130, x(0.9)),
    "polynomial_square": lambda o, x: lr.PolynomialLR(o, 130, 2),
    "cosine": lambda o, x: lr.CosineAnnealingLR(o, 50, x(0.01)),
    "cosine_restarts": lambda o, x: lr.CosineAnnealingWarmRestarts(o, 9, 2, x(0.01)),
    "cosine_restarts_same": lambda o, x: lr.CosineAnnealingWarmRestarts(o, 13, 1, x(0.002)),
    "one_cycle": lambda o, x: one_cycle(o, x, 160, 0.3),
    "one_cycle_straight": lambda o, x: one_cycle(o, x, 155, 0.43, anneal_strategy="linear"),
    "one_cycle_three_phase": lambda o, x: one_cycle(o, x, 151, 0.37, three_phase=True),
    "one_cycle_three_straight": lambda o, x: one_cycle(o, x, 160, 0.25, three_phase=True, anneal_strategy="linear"),
    "warmup_exponential": lambda o, x: after_warmup(o, x, 20, lr.ExponentialLR(o, x(0.97))),
    "warmup_polynomial": lambda o, x: after_warmup(o, x, 31, lr.PolynomialLR(o, 100, 2)),
    "then": lambda o, x: lr.SequentialLR(o, [lr.StepLR(o, 10, x(0.5)), lr.ExponentialLR(o, x(0.9))], [45]),
}

# name: the settings of ReduceLROnPlateau, where `x` rounds a setting.
PLATEAUS = {
    "plateau_min_relative": lambda x: dict(factor=x(0.5), patience=4, threshold=x(0.015625)),
    "plateau_min_absolute": lambda x: dict(factor=x(0.7), patience=2, threshold=x(0.0625), threshold_mode="abs", cooldown=3),
    "plateau_max_relative": lambda x: dict(mode="max", factor=x(0.6), patience=2, threshold=0.0, min_lr=x(0.01)),
    "plateau_max_absolute": lambda x: dict(mode="max", factor=x(0.9), patience=1, threshold=0.0, threshold_mode="abs", cooldown=1),
}


def one_cycle(optimizer, x, steps, rise, **settings):
    start, end = x(0.04), x(4e-6)
    return lr.OneCycleLR(
        optimizer, optimizer.param_groups[0]["lr"], steps, pct_start=x(rise), cycle_momentum=False,
        div_factor=1 / start, final_div_factor=start / end, **settings,
    )  # fmt: skip


def after_warmup(optimizer, x, steps, then):
    return lr.SequentialLR(optimizer, [lr.LinearLR(optimizer, x(0.1), 1, steps), then], [steps])


def optimizer_of(base):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)


def rates(name, x):
    optimizer = optimizer_of(x(BASE))
    scheduler = CASES[name](optimizer, x)
    for step in range(STEPS):
        # PyTorch has no rate after the last step of a cycle. Ours stays.
        if name.startswith("one_cycle") and step >= scheduler.total_steps:
            return
        if name == "cosine":
            scheduler.last_epoch = step
            yield scheduler._get_closed_form_lr()[0]
            continue
        yield optimizer.param_groups[0]["lr"]
        if not (name.startswith("one_cycle") and step + 1 == scheduler.total_steps):
            optimizer.step()
            scheduler.step()


def metrics(name):
    """A curve of multiples of 1/16 that gets better ever more slowly, with ties, NaN and the worst of metrics."""
    rng = random.Random(name)
    for step in range(STEPS):
        loss = round(16 * (1 + 8 * math.exp(-step / 60) + rng.choice([0, 0, 0.25]))) / 16
        good, worst = (10 - loss, -math.inf) if "max" in name else (loss, math.inf)
        yield rng.choice([good] * 12 + [math.nan, worst])


def write_plateau(name, x):
    optimizer = optimizer_of(x(BASE))
    scheduler = lr.ReduceLROnPlateau(optimizer, eps=0, **PLATEAUS[name](x))
    rates, values = [], list(metrics(name))
    for metric in values:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    print("metrics", *values)
    return rates


def main():
    """Prints the cases."""
    warnings.simplefilter("ignore")
    for name in [*CASES, *PLATEAUS]:
        for bits, number in ((64, numpy.float64), (32, numpy.float32)):
            x = lambda value: float(number(value))  # noqa: B023, E731
            print("case", name, bits)
            values = write_plateau(name, x) if name in PLATEAUS else rates(name, x)
            print("rates", *(number(rate) for rate in values))


if __name__ == "__main__":
    sys.exit(main())
