"""Writes a model with PyTorch, for `tests/weights.rs`: its weights, and its outputs for some inputs.

Usage: python3 tools/golden_weights.py            writes tests/data/pytorch_model.safetensors and .txt
       python3 tools/golden_weights.py FILE       loads a file that this crate wrote into the same model, strictly, and
                                                  compares the outputs
(needs torch, numpy and safetensors)

`WEIGHTS_OUT=FILE cargo test --test weights pytorch` writes the FILE for the second form.
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn

DATA = pathlib.Path(__file__).parent.parent / "tests" / "data"


def build():
    return nn.Sequential(
        nn.Linear(4, 6),
        nn.Tanh(),
        nn.LayerNorm(6),
        nn.Dropout(0.2),
        nn.Linear(6, 6),
        nn.GELU(),
        nn.BatchNorm1d(6),
        nn.PReLU(6),
        nn.RMSNorm(6, eps=1e-5),
        nn.Linear(6, 3),
    )


def outputs(model, inputs):
    model.eval()
    with torch.no_grad():
        return model.double()(inputs)


def main():
    generator = torch.Generator().manual_seed(7)
    inputs = torch.randn(5, 4, generator=generator, dtype=torch.float32).double()
    if len(sys.argv) > 1:
        model = build()
        model.load_state_dict(load_file(sys.argv[1]), strict=True)
        expected = torch.tensor(
            [[float(x) for x in line.split()[4:]] for line in (DATA / "pytorch_model.txt").read_text().splitlines()[1:]],
            dtype=torch.float64,
        )
        difference = (outputs(model, inputs) - expected).abs().max().item()
        print(f"loaded strictly; the largest difference of an output is {difference}")
        sys.exit(difference != 0.0)
    torch.manual_seed(3)
    model = build()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    model.train()
    for _ in range(20):  # so that the statistics of the batch norm are not those that it starts with
        model(torch.randn(16, 4, generator=generator))
    save_file(model.state_dict(), DATA / "pytorch_model.safetensors")
    with open(DATA / "pytorch_model.txt", "w") as file:
        print(f"# Written by tools/golden_weights.py with PyTorch {torch.__version__}: 4 inputs and 3 outputs", file=file)
        for x, y in zip(inputs.tolist(), outputs(model, inputs).tolist()):
            print(*x, *y, file=file)


main()
