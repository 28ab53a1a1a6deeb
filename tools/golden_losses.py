"""Writes the reference values of `tests/losses.rs`: each loss and its gradient by PyTorch.

Usage: python3 tools/golden_losses.py > tests/data/losses.txt        (needs torch and numpy)

The format is that of tools/golden.py. Each case is written twice, computed in f64 and in f32. A line is a key and its
values, which are the shortest decimals that read back as the same float:

    outputs, targets     a row for each sample; an ignored class is -100
    weights              of the samples, if they have any
    losses, gradient     the loss of each sample, as the table in src/loss/mod.rs defines it, and its gradient
    pytorch, divisor     the value of PyTorch's class with its default reduction, and the number by which PyTorch
                         divides the sum of the `losses` for it; only where PyTorch has a class

Losses that PyTorch lacks are composed of its functions, so that autograd differentiates them.
"""

import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

SAMPLES = 6
OUTPUTS = 4
SAMPLE_WEIGHTS = torch.tensor([0.5, 2.0, 0.0, 1.25, 3.0, 0.75])
WEIGHTS = torch.tensor([0.5, 2.0, 1.25, 3.0])
SMOOTHING = 0.1


def mean(values):
    """The loss of each sample is the mean over its outputs."""
    return values.mean(dim=1)


def total(values):
    """The loss of each sample is the sum over its outputs."""
    return values.sum(dim=1)


def plain(function, **settings):
    """A function of PyTorch that gives a value for each output or sample."""
    return lambda a, y: function(a, y, reduction="none", **settings)


def sigmoid_focal(gamma, alpha):
    """As in torchvision 0.23, `ops/focal_loss.py`."""

    def loss(z, y):
        p = torch.sigmoid(z)
        p_t = p * y + (1 - p) * (1 - y)
        value = F.binary_cross_entropy_with_logits(z, y, reduction="none") * (1 - p_t) ** gamma
        return value if alpha is None else (alpha * y + (1 - alpha) * (1 - y)) * value

    return lambda z, y: total(loss(z, y))


def softmax_focal(gamma):
    def loss(z, y):
        l = F.cross_entropy(z, y, reduction="none")
        return (1 - (-l).exp()) ** gamma * l

    return loss


def gaussian(a, y):
    """The variance is e^s, and PyTorch's least variance so small that it has no effect."""
    return mean(F.gaussian_nll_loss(a[:, :OUTPUTS], y, a[:, OUTPUTS:].exp(), eps=1e-30, reduction="none"))


def hinge(a, y):
    return (1 - y * a).clamp(min=0)


def kl_divergence(z, y):
    return total(F.kl_div(F.log_softmax(z, dim=1), y, reduction="none"))


def of(weights, like):
    return weights.to(like.dtype)


def cross_entropy(**settings):
    def loss(z, y):
        weight = {"weight": of(settings["weight"], z)} if "weight" in settings else {}
        return F.cross_entropy(z, y, reduction="none", **{**settings, **weight})

    return loss


def classed(module, **settings):
    """PyTorch's class with its default reduction."""

    def value(a, y):
        weight = {"weight": of(settings["weight"], a)} if "weight" in settings else {}
        return module(**{**settings, **weight})(a, y)

    return value


def each_sample(a, y):
    return len(a)


def each_output(a, y):
    return a.numel()


def each_weight(a, y):
    """The weights of the classes of all samples that are not ignored."""
    return of(WEIGHTS, a)[y[y >= 0]].sum()


def each_class(a, y):
    return (y >= 0).sum()


# name: (the kind of target, the loss of each sample, PyTorch's class, by what the class divides)
CASES = {
    "quadratic": ("values", lambda a, y: 0.5 * total((a - y) ** 2)),
    "half_mean_squared_error": ("values", lambda a, y: 0.5 * mean((a - y) ** 2)),
    "mean_squared_error": ("values", lambda a, y: mean(plain(F.mse_loss)(a, y)), classed(nn.MSELoss), each_sample),
    "mean_absolute_error": ("values", lambda a, y: mean(plain(F.l1_loss)(a, y)), classed(nn.L1Loss), each_sample),
    "huber": (
        "values",
        lambda a, y: mean(plain(F.huber_loss, delta=0.75)(a, y)),
        classed(nn.HuberLoss, delta=0.75),
        each_sample,
    ),
    "smooth_l1": (
        "values",
        lambda a, y: mean(plain(F.smooth_l1_loss, beta=0.75)(a, y)),
        classed(nn.SmoothL1Loss, beta=0.75),
        each_sample,
    ),
    "log_cosh": ("values", lambda a, y: mean((a - y).cosh().log())),
    # Not F.cosine_embedding_loss, which adds 1e-12 to the squared lengths.
    "cosine_embedding": ("values", lambda a, y: 1 - F.cosine_similarity(a, y)),
    "softmax_cross_entropy": ("class", cross_entropy(), classed(nn.CrossEntropyLoss), each_sample),
    "softmax_cross_entropy_soft": ("probabilities", cross_entropy(), classed(nn.CrossEntropyLoss), each_sample),
    "kl_divergence": (
        "probabilities with a 0",
        kl_divergence,
        lambda z, y: nn.KLDivLoss(reduction="batchmean")(F.log_softmax(z, dim=1), y),
        each_sample,
    ),
    "softmax_focal": ("class", softmax_focal(2)),
    "softmax_focal_root": ("class", softmax_focal(0.5)),
    "sigmoid_cross_entropy": (
        "shares",
        lambda z, y: total(plain(F.binary_cross_entropy_with_logits)(z, y)),
        classed(nn.BCEWithLogitsLoss),
        each_output,
    ),
    "sigmoid_focal": ("bits", sigmoid_focal(2, 0.25)),
    "sigmoid_focal_without_alpha": ("bits", sigmoid_focal(1.5, None)),
    "negative_log_likelihood": (
        "class",
        lambda a, y: F.nll_loss(a.log(), y, reduction="none"),
        lambda a, y: nn.NLLLoss()(a.log(), y),
        each_sample,
    ),
    "poisson_negative_log_likelihood": (
        "counts",
        lambda a, y: mean(plain(F.poisson_nll_loss)(a, y)),
        classed(nn.PoissonNLLLoss),
        each_sample,
    ),
    "gaussian_negative_log_likelihood": (
        "values",
        gaussian,
        lambda a, y: nn.GaussianNLLLoss()(a[:, :OUTPUTS], y, a[:, OUTPUTS:].exp()),
        each_sample,
    ),
    "hinge": ("signs", lambda a, y: mean(hinge(a, y))),
    "squared_hinge": ("signs", lambda a, y: mean(hinge(a, y) ** 2)),
    "multi_margin": ("class", plain(F.multi_margin_loss), classed(nn.MultiMarginLoss), each_sample),
    "multi_margin_squared": (
        "class",
        plain(F.multi_margin_loss, p=2, margin=0.5),
        classed(nn.MultiMarginLoss, p=2, margin=0.5),
        each_sample,
    ),
    "sample_weights": ("values", lambda a, y: of(SAMPLE_WEIGHTS, a) * mean((a - y) ** 2)),
    "class_weights": (
        "class",
        cross_entropy(weight=WEIGHTS),
        classed(nn.CrossEntropyLoss, weight=WEIGHTS),
        each_weight,
    ),
    "class_weights_soft": (
        "probabilities",
        cross_entropy(weight=WEIGHTS),
        classed(nn.CrossEntropyLoss, weight=WEIGHTS),
        each_sample,
    ),
    "class_weights_multi_margin": (
        "class",
        lambda a, y: F.multi_margin_loss(a, y, weight=of(WEIGHTS, a), reduction="none"),
        classed(nn.MultiMarginLoss, weight=WEIGHTS),
        each_sample,
    ),
    "output_weights": (
        "shares",
        lambda z, y: total(plain(F.binary_cross_entropy_with_logits, weight=of(WEIGHTS, z))(z, y)),
        classed(nn.BCEWithLogitsLoss, weight=WEIGHTS),
        each_output,
    ),
    "label_smoothing": (
        "class",
        cross_entropy(label_smoothing=SMOOTHING),
        classed(nn.CrossEntropyLoss, label_smoothing=SMOOTHING),
        each_sample,
    ),
    "label_smoothing_soft": (
        "probabilities",
        cross_entropy(label_smoothing=SMOOTHING),
        classed(nn.CrossEntropyLoss, label_smoothing=SMOOTHING),
        each_sample,
    ),
    "ignoring": ("some classes", cross_entropy(), classed(nn.CrossEntropyLoss), each_class),
    "all_of_them": (
        "some classes",
        cross_entropy(label_smoothing=SMOOTHING, weight=WEIGHTS),
        classed(nn.CrossEntropyLoss, label_smoothing=SMOOTHING, weight=WEIGHTS),
        each_weight,
    ),
}


def draw_target(kind, generator):
    y = torch.rand(SAMPLES, OUTPUTS, generator=generator)
    match kind:
        case "values":
            return 4 * y - 2
        case "shares":
            return y
        case "bits":
            return (y > 0.5).float()
        case "signs":
            return torch.where(y > 0.5, 1.0, -1.0)
        case "counts":
            return (4 * y).floor()
        case "probabilities":
            return y + 0.1
        case "probabilities with a 0":
            y[:, 1] = 0
            return y
    classes = torch.randint(OUTPUTS, (SAMPLES,), generator=generator)
    if kind == "some classes":
        classes[1] = classes[4] = -100
    return classes


def line(key, values):
    if isinstance(values, torch.Tensor):
        values = values.detach().flatten().numpy()
    print(key, *(str(v) for v in values))


def write(name, dtype):
    kind, losses, *pytorch = CASES[name]
    # Drawn as f32 for both, so that the two cases start from the same numbers.
    generator = torch.Generator().manual_seed(80 + list(CASES).index(name))
    width = 2 * OUTPUTS if name.startswith("gaussian") else OUTPUTS
    a = 1.5 * torch.randn(SAMPLES, width, generator=generator)
    y = draw_target(kind, generator)
    if y.is_floating_point():
        y = y.to(dtype)
    if kind.startswith("probabilities"):
        y = y / y.sum(dim=1, keepdim=True)
    a = a.to(dtype)
    if name == "negative_log_likelihood":
        a = F.softmax(a, dim=1)

    line("case", [name, str(dtype).removeprefix("torch.float")])
    line("outputs", a)
    line("targets", y)
    if name == "sample_weights":
        line("weights", of(SAMPLE_WEIGHTS, a))
    a.requires_grad_()
    values = losses(a, y)
    assert values.shape == (SAMPLES,)
    values.sum().backward()
    line("losses", values)
    line("gradient", a.grad)
    if pytorch:
        value, divisor = pytorch
        line("pytorch", value(a, y).reshape(1))
        line("divisor", torch.as_tensor(divisor(a, y), dtype=dtype).reshape(1))


def main():
    torch.set_num_threads(1)
    print("# Written by tools/golden_losses.py; do not edit.")
    print(f"# Python {sys.version.split()[0]}, PyTorch {torch.__version__}, NumPy {numpy.__version__}")
    for name in CASES:
        for dtype in (torch.float64, torch.float32):
            write(name, dtype)


main()
