"""PyTorch: the same modules by both ONNX exporters, and as a `state_dict`."""

import logging
import warnings

import torch
from record import DATA, inputs, record, strip
from safetensors.torch import save_file
from torch import nn

FRAMEWORK = f"PyTorch {torch.__version__.split('+')[0]}"


def trained(model, width, steps=60, scale=1.0, shift=0.0):
    """After some steps on a regression, so that the statistics and the gains of normalising layers are not trivial."""
    torch.manual_seed(7)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        x = torch.randn(64, width) * scale + shift
        y = model(x)
        loss = ((y - torch.sin(x.sum(dim=1, keepdim=True))) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def enlarged(model, factor=3.0):
    """With larger weights than those of the initialiser, so that a softmax is not flat."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= factor
    return model.eval()


def export(name, model, rows, shape=None, layers="", output="values", **arguments):
    """Writes DATA / name.onnx. `shape` is that of a sample, if it is not a vector."""
    path = DATA / f"{name}.onnx"
    samples = torch.from_numpy(rows)
    if shape:
        samples = samples.reshape(len(rows), *shape)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = ", ".join(f"{key}={value}" for key, value in arguments.items())
        defaults = {"output_names": ["output"], "verbose": False}
        if arguments["dynamo"]:
            defaults["external_data"] = False
        torch.onnx.export(model, (samples[:1],), path, **(defaults | arguments))
        outputs = model(samples).numpy()
    strip(path)
    exporter = f"torch.onnx.export({text})"
    record(
        path.name,
        rows,
        outputs,
        framework=FRAMEWORK,
        exporter=exporter,
        layers=layers,
        output=output,
        onnx_output="output",
    )


def by_both(name, model, rows, **more):
    export(f"{name}_dynamo", model, rows, dynamo=True, **more)
    export(f"{name}_torchscript", model, rows, dynamo=False, **more)


def state_dict(name, model, rows, layers, activations, output="values"):
    path = DATA / f"{name}.safetensors"
    save_file(model.state_dict(), path, metadata={"format": "pt"})
    with torch.no_grad():
        outputs = model(torch.from_numpy(rows)).numpy()
    record(
        path.name,
        rows,
        outputs,
        framework=FRAMEWORK,
        exporter="safetensors.torch.save_file(model.state_dict())",
        layers=layers,
        output=output,
        activations=activations,
    )


class Functional(nn.Module):
    """Activations as functions, which leave no trace in a `state_dict`, and layers with names of their own."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 8)
        self.fc2 = nn.Linear(8, 6)
        self.out = nn.Linear(6, 2)

    def forward(self, x):
        x = nn.functional.silu(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return torch.softmax(self.out(x), dim=-1)


def batch_norm_gelu():
    return nn.Sequential(
        nn.Linear(6, 12),
        nn.BatchNorm1d(12),
        nn.GELU(),
        nn.Linear(12, 8),
        nn.BatchNorm1d(8, eps=1e-3),
        nn.GELU(approximate="tanh"),
        nn.Linear(8, 3),
    )


def write():
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)

    torch.manual_seed(1)
    model, rows = trained(batch_norm_gelu(), 6, scale=2.0, shift=1.0), inputs(6, seed=11, scale=2.0, shift=1.0)
    layers = "6-12 batch norm gelu, 8 batch norm (1e-3) gelu tanh, 3"
    by_both("torch_batch_norm_gelu", model, rows, layers=layers)
    # Before opset 20, ONNX has no Gelu: exporters write Erf and Tanh.
    export("torch_batch_norm_gelu_dynamo_18", model, rows, layers=layers, dynamo=True, opset_version=18)
    export("torch_batch_norm_gelu_torchscript_17", model, rows, layers=layers, dynamo=False, opset_version=17)
    # Without the optimiser, batch normalisation stays apart, and constants are nodes.
    export("torch_batch_norm_gelu_dynamo_plain", model, rows, layers=layers, dynamo=True, optimize=False)

    torch.manual_seed(2)
    model = nn.Sequential(nn.BatchNorm1d(5), nn.Linear(5, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 2))
    model, rows = trained(model, 5, scale=3.0, shift=-2.0), inputs(5, seed=12, scale=3.0, shift=-2.0)
    by_both("torch_batch_norm_first", model, rows, layers="batch norm, 5-8 relu, batch norm, 2")

    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.SiLU(),
        nn.Linear(8, 8), nn.ELU(),
        nn.Linear(8, 8), nn.ELU(0.5),
        nn.Linear(8, 8), nn.SELU(),
        nn.Linear(8, 8), nn.Softplus(),
        nn.Linear(8, 3),
    )  # fmt: skip
    layers = "4-8 silu, 8 elu, 8 elu (0.5), 8 selu, 8 softplus, 3"
    by_both("torch_smooth", trained(model, 4), inputs(4, seed=13, scale=3.0), layers=layers)

    torch.manual_seed(4)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.LeakyReLU(0.2),
        nn.Linear(8, 8), nn.Hardsigmoid(),
        nn.Linear(8, 8), nn.LeakyReLU(),
        nn.Linear(8, 8), nn.Hardtanh(),
        nn.Linear(8, 3),
    )  # fmt: skip
    layers = "4-8 leaky relu (0.2), 8 hardsigmoid, 8 leaky relu, 8 hardtanh, 3"
    by_both("torch_piecewise", trained(model, 4), inputs(4, seed=14, scale=3.0), layers=layers)

    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 3), nn.Softmax(dim=1))
    model, rows = enlarged(model), inputs(4, seed=15, scale=2.0)
    by_both("torch_softmax", model, rows, layers="4-8 tanh, 8 sigmoid, 3 softmax", output="probabilities")

    torch.manual_seed(6)
    model = nn.Sequential(nn.Linear(4, 8, bias=False), nn.Tanh(), nn.Linear(8, 3), nn.LogSoftmax(dim=1))
    model, rows = enlarged(model), inputs(4, seed=16, scale=2.0)
    layers = "4-8 tanh (no bias), 3 log-softmax"
    by_both("torch_log_softmax", model, rows, layers=layers, output="log-probabilities")

    torch.manual_seed(7)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.LayerNorm(8), nn.Dropout(0.2), nn.Linear(8, 3), nn.Sigmoid())
    model, rows = trained(model, 4), inputs(4, seed=17, scale=2.0)
    by_both("torch_layer_norm", model, rows, layers="4-8 tanh, layer norm, 3 sigmoid", output="probabilities")

    # An activation that follows no linear layer. Before opset 17, ONNX has no LayerNormalization.
    model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Tanh(), nn.Linear(8, 3), nn.Sigmoid())
    model, layers = trained(model, 4), "4-8, layer norm, tanh, 3 sigmoid"
    export("torch_layer_norm_tanh", model, rows, layers=layers, output="probabilities", dynamo=True)
    export(
        "torch_layer_norm_tanh_14",
        model,
        rows,
        layers=layers,
        output="probabilities",
        dynamo=False,
        opset_version=14,
    )

    torch.manual_seed(8)
    model = nn.Sequential(nn.Linear(4, 8), nn.PReLU(), nn.Linear(8, 8), nn.PReLU(8), nn.Linear(8, 2))
    layers = "4-8, one slope, 8, eight slopes, 2"
    by_both("torch_prelu", trained(model, 4), inputs(4, seed=18, scale=2.0), layers=layers)

    torch.manual_seed(9)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.ReLU(), nn.Linear(10, 10)).eval()
    rows = inputs(64, seed=19)
    by_both("torch_flatten", model, rows, shape=(1, 8, 8), layers="flatten 1x8x8, 64-10 relu, 10", output="logits")

    torch.manual_seed(10)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)).eval()
    rows = inputs(8, seed=20)
    batch = ({0: torch.export.Dim("batch")},)
    export("torch_external", model, rows, layers="8-16 relu, 3", dynamo=True, external_data=True)
    export("torch_dynamic_batch", model, rows, layers="8-16 relu, 3", dynamo=True, dynamic_shapes=batch)

    torch.manual_seed(1)
    model, rows = trained(batch_norm_gelu(), 6, scale=2.0, shift=1.0), inputs(6, seed=11, scale=2.0, shift=1.0)
    model[4].eps = 1e-5  # a state_dict has no epsilon, and PyTorch's default is stackprop's
    layers = "6-12 batch norm gelu, 8 batch norm gelu tanh, 3"
    state_dict("torch_state_dict", model, rows, layers, ["gelu", "gelu_tanh"])

    torch.manual_seed(11)
    state_dict(
        "torch_functional",
        enlarged(Functional()),
        inputs(4, seed=21, scale=2.0),
        "4-8 silu, 6 tanh, 2 softmax",
        ["silu", "tanh", "softmax"],
        output="probabilities",
    )
