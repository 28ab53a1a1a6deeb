"""Writes the reference values of `tests/optimizers.rs`: twenty steps of each optimiser by PyTorch.

Usage: python3 tools/golden_optimizers.py > tests/data/optimizers.txt        (needs torch and numpy)

All cases train the same network, 3-5 tanh, LayerNorm, 5-2, from the same parameters, with the mean squared error of the same
six samples, in f64 and in f32. A line is a key and its values. Matrices are in PyTorch's layout, weights `[out, in]`.

What PyTorch lacks is written here from the paper, and uses only PyTorch's arithmetic: Lion, L1, learning rates by layer as parameter
groups.
"""

import sys

import numpy
import torch
from torch import nn, optim
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from golden import line

SAMPLES = 6
STEPS = 20


class Lion(optim.Optimizer):
    """Chen et al. 2023, algorithm 2, without its weight decay."""

    def __init__(self, parameters, lr, betas):
        super().__init__(parameters, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p -= group["lr"] * (beta1 * m + (1 - beta1) * p.grad).sign()
                m.copy_(beta2 * m + (1 - beta2) * p.grad)


class Scheduled:
    """An optimiser that is followed by a step of its schedule."""

    def __init__(self, optimiser, schedule):
        self.optimiser, self.schedule = optimiser, schedule(optimiser)

    def zero_grad(self):
        self.optimiser.zero_grad()

    def step(self):
        self.optimiser.step()
        self.schedule.step()


def weights(network):
    return [network[0].weight, network[2].weight]


def others(network):
    return [network[0].bias, *network[1].parameters(), network[2].bias]


def groups(network, **options):
    """The options for the weights of products alone."""
    return [{"params": weights(network), **options}, {"params": others(network)}]


def clip_value(network):
    nn.utils.clip_grad_value_(network.parameters(), 0.05)


def clip_norm(network):
    nn.utils.clip_grad_norm_(network.parameters(), 0.25)


def add_sign(network):
    for w in weights(network):
        w.grad += 0.02 * w.detach().sign()


@torch.no_grad()
def decay(network):
    for w in weights(network):
        w *= 1 - 0.01 * 0.5


@torch.no_grad()
def renorm(network):
    for w in weights(network):
        # torch.renorm adds 1e-7 to the norm that it divides by.
        norms = w.norm(dim=1, keepdim=True)
        w.copy_(torch.where(norms > 0.5, w * (0.5 / norms), w))


def nothing(_):
    pass


def layers(network):
    rates = [0.01, 0.05, 0.1]
    return optim.SGD([{"params": layer.parameters(), "lr": lr} for layer, lr in zip(network, rates)], momentum=0.9)


# name: (the optimiser of a network, before each step, after each step)
CASES = {
    "sgd": (lambda n: optim.SGD(n.parameters(), lr=0.1), nothing, nothing),
    "momentum": (lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9), nothing, nothing),
    "dampening": (lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9, dampening=0.5), nothing, nothing),
    "nesterov": (lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9, nesterov=True), nothing, nothing),
    "rms_prop": (lambda n: optim.RMSprop(n.parameters()), nothing, nothing),
    "centered_rms_prop": (
        lambda n: optim.RMSprop(n.parameters(), lr=0.002, momentum=0.5, centered=True),
        nothing,
        nothing,
    ),
    "adam": (lambda n: optim.Adam(n.parameters(), lr=0.01), nothing, nothing),
    "adam_w": (lambda n: optim.AdamW(n.parameters(), lr=0.01, weight_decay=0.1), nothing, nothing),
    "adam_w_of_weights": (
        lambda n: optim.AdamW(groups(n, weight_decay=0.1), lr=0.01, weight_decay=0.0),
        nothing,
        nothing,
    ),
    "ams_grad": (lambda n: optim.Adam(n.parameters(), lr=0.01, betas=(0.5, 0.5), amsgrad=True), nothing, nothing),
    "ams_grad_w": (
        lambda n: optim.AdamW(n.parameters(), lr=0.01, weight_decay=0.1, amsgrad=True),
        nothing,
        nothing,
    ),
    "n_adam": (lambda n: optim.NAdam(n.parameters(), lr=0.01), nothing, nothing),
    "r_adam": (lambda n: optim.RAdam(n.parameters(), lr=0.01), nothing, nothing),
    "adagrad": (
        lambda n: optim.Adagrad(n.parameters(), lr=0.1, lr_decay=0.1, initial_accumulator_value=0.25),
        nothing,
        nothing,
    ),
    "adadelta": (lambda n: optim.Adadelta(n.parameters()), nothing, nothing),
    "rprop": (lambda n: optim.Rprop(n.parameters()), nothing, nothing),
    "lion": (lambda n: Lion(n.parameters(), lr=0.01, betas=(0.9, 0.99)), nothing, nothing),
    "decayed_lion": (lambda n: Lion(n.parameters(), lr=0.01, betas=(0.9, 0.99)), decay, nothing),
    "clip_value": (lambda n: optim.SGD(n.parameters(), lr=0.1), clip_value, nothing),
    "clip_norm": (lambda n: optim.Adam(n.parameters(), lr=0.01), clip_norm, nothing),
    "clip_norm_l2": (lambda n: optim.SGD(n.parameters(), lr=0.1, weight_decay=0.1), clip_norm, nothing),
    "l2": (lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1), nothing, nothing),
    "l2_of_weights": (lambda n: optim.Adam(groups(n, weight_decay=0.1), lr=0.01), nothing, nothing),
    "l1": (lambda n: optim.SGD(n.parameters(), lr=0.1), add_sign, nothing),
    "max_norm": (lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9), nothing, renorm),
    "layer_rates": (layers, nothing, nothing),
    "scheduled": (
        lambda n: Scheduled(
            optim.AdamW(n.parameters(), lr=0.02, weight_decay=0.1),
            lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 20),
        ),
        nothing,
        nothing,
    ),
}

# name: what PyTorch's AveragedModel takes; trained with momentum
AVERAGES = {"ema": {"multi_avg_fn": get_ema_multi_avg_fn(0.9)}, "polyak": {}}


def problem(dtype):
    """The inputs, the targets and the network at the start: drawn as f32 for both types."""
    generator = torch.Generator().manual_seed(14)
    x = torch.randn(SAMPLES, 3, generator=generator)
    y = torch.randn(SAMPLES, 2, generator=generator)
    network = nn.Sequential(nn.Linear(3, 5), nn.LayerNorm(5), nn.Linear(5, 2))
    for p in network.parameters():
        with torch.no_grad():
            p.copy_(torch.randn(p.shape, generator=generator) / 2)
    return x.to(dtype), y.to(dtype), network.to(dtype)


def forward(network, x):
    return network[2](network[1](torch.tanh(network[0](x))))


def train(dtype, optimiser, before, after):
    """Makes the steps. Yields the loss before each, and the network after it."""
    x, y, network = problem(dtype)
    # PyTorch keeps the counters of an optimiser in the default type: NAdam's product of momenta as f32, unless that is f64.
    torch.set_default_dtype(dtype)
    optimiser = optimiser(network)
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = nn.functional.mse_loss(forward(network, x), y)
        loss.backward()
        before(network)
        optimiser.step()
        after(network)
        yield loss.detach().numpy()[()], network
    torch.set_default_dtype(torch.float32)


def write(dtype):
    x, y, network = problem(dtype)
    line("case", ["all", str(dtype).removeprefix("torch.float")])
    line("inputs", x)
    line("targets", y)
    for key, value in network.state_dict().items():
        line(f"start/{key}", value)
    for name, case in CASES.items():
        steps = list(train(dtype, *case))
        line(f"{name}/losses", [loss for loss, _ in steps])
        for key, value in steps[-1][1].state_dict().items():
            line(f"{name}/{key}", value)
    for name, options in AVERAGES.items():
        average = None
        for _, network in train(dtype, *CASES["momentum"]):
            average = average or AveragedModel(network, **options)
            average.update_parameters(network)
        for key, value in average.module.state_dict().items():
            line(f"{name}/{key}", value)


def main():
    torch.set_num_threads(1)
    print("# Written by tools/golden_optimizers.py; do not edit.")
    print(f"# Python {sys.version.split()[0]}, PyTorch {torch.__version__}, NumPy {numpy.__version__}")
    for dtype in (torch.float64, torch.float32):
        write(dtype)


if __name__ == "__main__":
    main()
