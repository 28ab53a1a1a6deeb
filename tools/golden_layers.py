"""Writes reference values for layers without a weight matrix and for composed layers: outputs and gradients by PyTorch.

Usage: python3 tools/golden_layers.py > tests/data/layers.txt        (needs torch and numpy)

The format is that of tools/golden.py. Each case is written twice, computed in f64 and in f32. A line is a key and its
values, which are the shortest decimals that read back as the same float. Matrices are in PyTorch's layout, weights
`[out, in]`, and parameters have the names of PyTorch's `state_dict`.

Only a case that trains has a loss. The gradients are those of the sum of `upstream * outputs`, so that `upstream` is
the derivative of the loss with respect to the outputs. They are sums over the samples, not means. Batch normalisation
is that of inference, with constant mean and variance.
"""

import copy
import sys

import numpy
import torch
from torch import nn

SAMPLES = 6
STEPS = 20
EPSILON = 1e-5


class Residual(nn.Sequential):
    """The input plus the output of the layers."""

    def forward(self, x):
        return x + super().forward(x)


class Dense(nn.Linear):
    """A linear layer and its activation in one module, so that the parameters have the names of a linear layer's."""

    def __init__(self, inputs, outputs, activation):
        super().__init__(inputs, outputs)
        self.activation = activation

    def forward(self, x):
        return self.activation(super().forward(x))


class Parallel(nn.ModuleList):
    """Layers with the same input, whose outputs are concatenated."""

    def forward(self, x):
        return torch.cat([layer(x) for layer in self], dim=1)


# name: (the widths of inputs and outputs, the layers)
CASES = {
    "layer_norm": (6, 6, nn.LayerNorm(6, eps=EPSILON)),
    "rms_norm": (6, 6, nn.RMSNorm(6, eps=EPSILON)),
    "batch_norm": (5, 5, nn.BatchNorm1d(5, eps=EPSILON)),
    "p_relu_one": (5, 5, nn.PReLU(1, init=0.3)),
    "p_relu_each": (5, 5, nn.PReLU(5)),
    "residual": (5, 5, Residual(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 5))),
    "parallel": (
        5,
        4,
        nn.Sequential(Parallel([Dense(5, 3, torch.tanh), Dense(5, 2, torch.sigmoid)]), nn.Linear(5, 4)),
    ),
    "frozen": (5, 3, nn.Sequential(nn.Linear(5, 6).requires_grad_(False), nn.Tanh(), nn.Linear(6, 3))),
    "stack": (
        6,
        3,
        nn.Sequential(
            nn.Linear(6, 8),
            nn.LayerNorm(8, eps=EPSILON),
            nn.Tanh(),
            Residual(nn.Linear(8, 8), nn.PReLU(1, init=0.2)),
            nn.BatchNorm1d(8, eps=EPSILON),
            nn.Linear(8, 3),
        ),
    ),
    "batch_norm_fold": (6, 5, nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5, eps=EPSILON))),
}

OPTIMISERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
}


def line(key, values):
    if isinstance(values, torch.Tensor):
        values = values.detach().flatten().numpy()
    print(key, *(str(v) for v in values))


def draw(layers, generator):
    """Draws all parameters and statistics except a shared slope, which keeps the case's value."""

    def normal(tensor, scale):
        tensor.copy_(scale * torch.randn(tensor.shape, generator=generator))

    def positive(tensor, least):
        tensor.copy_(least + torch.rand(tensor.shape, generator=generator))

    for layer in layers.modules():
        match layer:
            case nn.Linear():
                normal(layer.weight, layer.in_features**-0.5)
                normal(layer.bias, 0.5)
            case nn.LayerNorm():
                positive(layer.weight, 0.5)
                normal(layer.bias, 0.5)
            case nn.RMSNorm():
                positive(layer.weight, 0.5)
            case nn.BatchNorm1d():
                positive(layer.weight, 0.5)
                normal(layer.bias, 0.5)
                normal(layer.running_mean, 0.5)
                # With smaller variances, the steps of SGD are too long in the case that trains, which then diverges.
                positive(layer.running_var, 1)
            case nn.PReLU() if layer.num_parameters > 1:
                # Slopes of both signs, so that the sign of an output does not determine that of its input.
                normal(layer.weight, 0.5)


def fold(linear, norm):
    """Weight and bias of the linear layer that computes the same as both."""
    scale = norm.weight.double() / (norm.running_var.double() + EPSILON).sqrt()
    weight = scale[:, None] * linear.weight.double()
    bias = scale * (linear.bias.double() - norm.running_mean.double()) + norm.bias.double()
    return weight, bias


def quadratic(a, y):
    return 0.5 * (a - y).square().sum() / len(a)


def train(layers, x, y):
    for name, optimiser in OPTIMISERS.items():
        trained = copy.deepcopy(layers)
        optimiser = optimiser(trained.parameters())
        losses = []
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss = quadratic(trained(x), y)
            losses.append(loss.detach().numpy()[()])
            loss.backward()
            optimiser.step()
        assert losses[-1] < losses[0], f"{name} diverges"
        line(f"{name}/losses", losses)
        for key, value in trained.named_parameters():
            line(f"{name}/{key}", value)


def write(name, dtype):
    width, width_out, layers = CASES[name]
    # Drawn as f32 for both, so that the two cases start from the same numbers.
    generator = torch.Generator().manual_seed(50 + list(CASES).index(name))
    # The mean is not 0, so that a row's mean matters.
    x = (0.3 + torch.randn(SAMPLES, width, generator=generator)).to(dtype)
    upstream = torch.randn(SAMPLES, width_out, generator=generator).to(dtype)
    layers = copy.deepcopy(layers)
    with torch.no_grad():
        draw(layers, generator)
    layers = layers.to(dtype).eval()
    start = copy.deepcopy(layers)

    line("case", [name, str(dtype).removeprefix("torch.float")])
    line("inputs", x)
    for key, value in layers.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            line(f"start/{key}", value)

    x.requires_grad_()
    outputs = layers(x)
    outputs.backward(upstream)
    line("outputs", outputs)
    line("upstream", upstream)
    for key, parameter in layers.named_parameters():
        if parameter.requires_grad:
            line(f"gradient/{key}", parameter.grad)
    line("gradient/inputs", x.grad)
    x.requires_grad_(False)

    if name == "batch_norm_fold":
        # Computed in f64 for both.
        weight, bias = fold(*start)
        line("folded/weight", weight.to(dtype))
        line("folded/bias", bias.to(dtype))
    if name == "stack":
        targets = (2 * torch.rand(SAMPLES, width_out, generator=generator) - 1).to(dtype)
        line("targets", targets)
        train(start, x, targets)


def main():
    torch.set_num_threads(1)
    print("# Written by tools/golden_layers.py; do not edit.")
    print(f"# Python {sys.version.split()[0]}, PyTorch {torch.__version__}, NumPy {numpy.__version__}")
    for name in CASES:
        for dtype in (torch.float64, torch.float32):
            write(name, dtype)


main()
