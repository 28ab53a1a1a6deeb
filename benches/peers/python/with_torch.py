"""PyTorch, eager, with the default settings of its optimisers."""

import os

import torch
from torch import nn
from torch.nn import functional

VERSION = f"torch {torch.__version__}"
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}

torch.set_num_threads(int(os.environ["PEERS_THREADS"]))


def prepare(workload, **adam):
    """`adam`: further settings of Adam."""
    model = nn.Sequential()
    for (weight, bias), activation in zip(workload.layers(), workload.activations):
        linear = nn.Linear(*weight.shape)
        linear.weight.data = torch.from_numpy(weight.T.copy())
        linear.bias.data = torch.from_numpy(bias)
        model.append(linear)
        if activation != "identity":
            model.append(ACTIVATIONS[activation]())
    batches = [torch.from_numpy(batch) for batch in workload.batches()]
    return training(workload, model, batches[0], adam) if workload.training else inference(model, batches)


def inference(model, batches):
    @torch.inference_mode()
    def run(passes):
        for _ in range(passes):
            for batch in batches:
                model(batch)

    @torch.inference_mode()
    def observe():
        return torch.cat([model(batch) for batch in batches]).flatten().tolist()

    return run, observe


def training(workload, model, inputs, adam):
    settings = workload.training
    rate = settings["learning_rate"]
    optimizer = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), lr=rate),
        "adam": lambda: torch.optim.Adam(model.parameters(), lr=rate, **adam),
    }[settings["optimizer"]]()
    targets = torch.from_numpy(workload.targets())
    classes = torch.from_numpy(workload.classes())
    loss_of = {
        "quadratic": lambda outputs: functional.mse_loss(outputs, targets, reduction="sum") * (0.5 / workload.batch),
        "mean_squared_error": lambda outputs: functional.mse_loss(outputs, targets),
        "softmax_cross_entropy": lambda outputs: functional.cross_entropy(outputs, classes),
    }[settings["loss"]]

    def step():
        optimizer.zero_grad()
        loss = loss_of(model(inputs))
        loss.backward()
        optimizer.step()
        return loss

    def run(passes):
        for _ in range(passes):
            step()

    return run, lambda: [step().item()]
