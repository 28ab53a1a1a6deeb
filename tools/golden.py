"""Writes the reference values of `tests/golden.rs`: outputs, losses, gradients and ten training steps by PyTorch.

Usage: python3 tools/golden.py > tests/data/golden.txt        (needs torch and numpy)

Each case is written twice, computed in f64 and in f32. A line is a key and its values. Matrices are in PyTorch's
layout, weights `[out, in]`. Values are the shortest decimals that read back as the same float.

Functions that PyTorch lacks are composed of its own, so that autograd differentiates them. They follow this crate's
conventions (see src/loss/mod.rs): a loss is the mean over the samples of the loss that the table there defines for
one sample.
"""

import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

SAMPLES = 6
STEPS = 10


def probabilities(y):
    """Rows of positive numbers that add up to 1."""
    return y / y.sum(dim=1, keepdim=True)


# name: (the loss of a batch of outputs and targets, the kind of target)
LOSSES = {
    "quadratic": (lambda a, y: 0.5 * (a - y).square().sum() / len(a), "values"),
    "half_mean_squared_error": (lambda a, y: 0.5 * nn.MSELoss()(a, y), "values"),
    "mean_squared_error": (nn.MSELoss(), "values"),
    "softmax_cross_entropy": (nn.CrossEntropyLoss(), "class"),
    "softmax_cross_entropy_soft": (nn.CrossEntropyLoss(), "probabilities"),
    "sigmoid_cross_entropy": (lambda z, y: nn.BCEWithLogitsLoss(reduction="sum")(z, y) / len(z), "bits"),
    "negative_log_likelihood": (lambda a, y: nn.NLLLoss()(a.log(), y), "class"),
}

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
    # Not F.hardsigmoid, whose derivative in f64 is 1/6 rounded to f32, 0.1666666716 (in PyTorch 2.15).
    "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),
    "hard_tanh": F.hardtanh,
    "softmax": lambda z: F.softmax(z, dim=1),
}

# name: (the widths, the activations, the loss)
CASES = {
    "sigmoid_quadratic": ([2, 2, 1], ["sigmoid", "sigmoid"], "quadratic"),
    "tanh_relu": ([5, 7, 4, 3], ["tanh", "relu", "identity"], "softmax_cross_entropy"),
    "relu_tanh": ([5, 7, 4, 3], ["relu", "tanh", "identity"], "softmax_cross_entropy_soft"),
    "gelu_silu": ([3, 5, 4, 2], ["gelu", "silu", "identity"], "mean_squared_error"),
    "gelu_tanh_softplus": ([3, 4, 5, 2], ["gelu_tanh", "softplus", "identity"], "half_mean_squared_error"),
    "selu_elu": ([4, 3, 5, 3], ["selu", "elu", "identity"], "softmax_cross_entropy"),
    "leaky_relu_bce": ([3, 6, 4], ["leaky_relu", "identity"], "sigmoid_cross_entropy"),
    "sigmoid_bce": ([4, 5, 3], ["sigmoid", "identity"], "sigmoid_cross_entropy"),
    "tanh_likelihood": ([3, 5, 4], ["tanh", "softmax"], "negative_log_likelihood"),
    "hard": ([3, 4, 4, 2], ["hard_tanh", "hard_sigmoid", "tanh"], "quadratic"),
    "softmax_inside": ([3, 4, 2], ["softmax", "identity"], "mean_squared_error"),
    "linear": ([6, 1], ["identity"], "mean_squared_error"),
}

OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
}


def build(widths, dtype, state=None):
    """The layers without their activations, so that `state_dict` has the keys 0.weight, 0.bias, 1.weight, ..."""
    layers = nn.Sequential(*(nn.Linear(i, o, dtype=dtype) for i, o in zip(widths, widths[1:])))
    if state:
        layers.load_state_dict(state)
    return layers


def forward(layers, activations, x):
    for layer, activation in zip(layers, activations):
        x = ACTIVATIONS[activation](layer(x))
    return x


def line(key, values):
    if isinstance(values, torch.Tensor):
        values = values.detach().flatten().numpy()
    print(key, *(str(v) for v in values))


def draw_target(kind, outputs, generator):
    y = torch.rand(SAMPLES, outputs, generator=generator, dtype=torch.float32)
    match kind:
        case "values":
            return 2 * y - 1
        case "bits":
            return y
        case "probabilities":
            return probabilities(y + 0.1)
        case "class":
            return torch.randint(outputs, (SAMPLES,), generator=generator)


def write(name, dtype):
    widths, activations, loss_name = CASES[name]
    criterion, kind = LOSSES[loss_name]
    # Drawn as f32 for both, so that the two cases start from the same numbers.
    generator = torch.Generator().manual_seed(20 + list(CASES).index(name))
    x = torch.randn(SAMPLES, widths[0], generator=generator).to(dtype)
    y = draw_target(kind, widths[-1], generator)
    if y.is_floating_point():
        y = y.to(dtype)
        if kind == "probabilities" and dtype == torch.float64:
            y = probabilities(y)
    start = build(widths, torch.float32)
    for p in start.parameters():
        with torch.no_grad():
            p.copy_(torch.randn(p.shape, generator=generator) / (p.shape[-1] ** 0.5 if p.dim() > 1 else 2))
    start = {key: value.to(dtype) for key, value in start.state_dict().items()}

    line("case", [name, str(dtype).removeprefix("torch.float")])
    line("inputs", x)
    line("targets", y)
    for key, value in start.items():
        line(f"start/{key}", value)

    layers = build(widths, dtype, start)
    x.requires_grad_()
    outputs = forward(layers, activations, x)
    loss = criterion(outputs, y)
    loss.backward()
    line("outputs", outputs)
    line("loss", loss.reshape(1))
    for key, parameter in layers.named_parameters():
        line(f"gradient/{key}", parameter.grad)
    line("gradient/inputs", x.grad)
    x.requires_grad_(False)

    for optimiser_name, optimiser in OPTIMISERS.items():
        layers = build(widths, dtype, start)
        optimiser = optimiser(layers.parameters())
        losses = []
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss = criterion(forward(layers, activations, x), y)
            losses.append(loss.detach().numpy()[()])
            loss.backward()
            optimiser.step()
        line(f"{optimiser_name}/losses", losses)
        for key, value in layers.state_dict().items():
            line(f"{optimiser_name}/{key}", value)


def main():
    torch.set_num_threads(1)
    print("# Written by tools/golden.py; do not edit.")
    print(f"# Python {sys.version.split()[0]}, PyTorch {torch.__version__}, NumPy {numpy.__version__}")
    for name in CASES:
        for dtype in (torch.float64, torch.float32):
            write(name, dtype)


if __name__ == "__main__":
    main()
