"""A network of stackprop in a safetensors file, for keras_to_safetensors.py and sklearn_to_safetensors.py.

Tensors have the layout and the names of PyTorch's `nn.Sequential`: weights are `[out, in]`, `2.weight` belongs to module 2,
and an activation is a module of its own. The metadata `stackprop.type` is the type of the network. Needs numpy only.
"""

import json
import math
import re
import struct

import numpy

NORM_EPSILON = 1e-5  # of stackprop's BatchNorm and LayerNorm
STANDARDIZE_EPSILON = 1e-8  # of stackprop's Standardize
UNKNOWN_COUNT = 1000  # samples behind statistics that came without their number


class NotRepresentable(Exception):
    """What stackprop has no layer for."""


class Sequential:
    """Layers, from the first to the last. Each is a type, and the tensors of its module."""

    def __init__(self, inputs):
        self.inputs, self.width = inputs, inputs
        self.layers = []  # ["Dense", outputs, activation, tensors] and the like
        self.notes = []

    def dense(self, weight, bias, name="a dense layer"):
        """`weight` is `[in, out]`."""
        if len(weight) != self.width:
            raise NotRepresentable(f"{name} takes {len(weight)} numbers, but the layer before it returns {self.width}")
        self.layers.append(
            {"layer": "Dense", "width": self.width, "activation": None, "weight": weight.T, "bias": bias}
        )
        self.width = weight.shape[1]

    def activation(self, text, name="an activation"):
        """`text` is stackprop's type, such as `LeakyRelu<200>`; None is the identity."""
        if text is None:
            return
        last = self.layers[-1] if self.layers else None
        if last is None or last["layer"] != "Dense" or last["activation"]:
            # An activation belongs to a dense layer. One that changes nothing takes it.
            self.notes.append(
                f"{name} does not follow a dense layer: added Dense<{self.width}, {self.width}, {text}>, an identity"
            )
            self.dense(numpy.eye(self.width), numpy.zeros(self.width))
        self.layers[-1]["activation"] = text

    def batch_norm(self, gain, shift, mean, variance, epsilon, name="a batch normalisation"):
        """Directly after a dense layer, it becomes a part of that layer, so that an activation can follow. Elsewhere it is
        a layer, which has a fixed epsilon: the difference goes into the variance."""
        last = self.layers[-1] if self.layers else None
        if last is not None and last["layer"] == "Dense" and last["activation"] is None:
            scale = gain / numpy.sqrt(variance + epsilon)
            last["weight"] = last["weight"] * scale[:, None]
            last["bias"] = (last["bias"] - mean) * scale + shift
            self.notes.append(f"{name} is a part of the dense layer before it")
            return
        variance = self.moved(variance + epsilon, NORM_EPSILON, name)
        tensors = {"weight": gain, "bias": shift, "running_mean": mean, "running_var": variance}
        self.layers.append({"layer": "BatchNorm", "width": self.width, "count": UNKNOWN_COUNT} | tensors)
        if epsilon != NORM_EPSILON:
            self.notes.append(f"{name}: {epsilon:g} - {NORM_EPSILON:g} added to the variance, for stackprop's epsilon")

    def standardize(self, mean, deviation, count=UNKNOWN_COUNT, name="a normalisation"):
        """`(x - mean) / deviation`"""
        variance = self.moved(deviation**2, STANDARDIZE_EPSILON, name)
        self.layers.append(
            {"layer": "Standardize", "width": self.width, "count": count, "mean": mean, "variance": variance}
        )

    def layer_norm(self, gain, shift, epsilon, name="a layer normalisation"):
        if epsilon != NORM_EPSILON:
            needed = f"stackprop's LayerNorm has {NORM_EPSILON:g}"
            raise NotRepresentable(f"{name} has an epsilon of {epsilon:g}, and {needed}: train it with that")
        self.layers.append({"layer": "LayerNorm", "width": self.width, "weight": gain, "bias": shift})

    def p_relu(self, slopes, name="a PReLU"):
        if len(slopes) not in (1, self.width):
            raise NotRepresentable(f"{name} has {len(slopes)} slopes, and PRelu<{self.width}> has 1 or {self.width}")
        self.layers.append({"layer": "PRelu", "width": self.width, "weight": slopes})

    @staticmethod
    def moved(variance, epsilon, name):
        """The variance to which adding `epsilon` gives `variance`."""
        small = numpy.flatnonzero(variance < epsilon)
        if small.size:
            found = f"the variance of number {small[0]} is {variance[small[0]]:.3g}"
            raise NotRepresentable(
                f"{name}: {found}, and stackprop adds {epsilon:g}; leave out an input that is constant"
            )
        return variance - epsilon

    def type_text(self):
        """The type, such as `Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>`."""
        texts = []
        for layer in self.layers:
            arguments = [str(layer["width"])]
            if layer["layer"] == "Dense":
                arguments += [str(len(layer["bias"]))] + ([layer["activation"]] if layer["activation"] else [])
            elif layer["layer"] == "PRelu" and len(layer["weight"]) > 1:
                arguments.append(str(len(layer["weight"])))
            texts.append(f"{layer['layer']}<{', '.join(arguments)}>")
        chain = texts[0] if len(texts) == 1 else f"Chain![{', '.join(texts)}]"
        return f"Network<{self.inputs}, {chain}>"

    def tensors(self):
        """The tensors by their names."""
        tensors, module = {}, 0
        for layer in self.layers:
            for key, value in layer.items():
                if isinstance(value, numpy.ndarray):
                    tensors[f"{module}.{key}"] = value.astype("<f4")
            if "count" in layer:
                tensors[f"{module}.num_batches_tracked"] = numpy.array(layer["count"], dtype="<i8")
            module += 2 if layer.get("activation") else 1
        return tensors

    def write(self, path, more=None):
        """Writes the file; `more` is more metadata."""
        if not self.layers:
            raise NotRepresentable("the model has no layer")
        tensors = self.tensors()
        for name, tensor in tensors.items():
            if not numpy.isfinite(tensor).all():
                raise NotRepresentable(f"tensor `{name}` has numbers that are not finite in f32")
        metadata = {"format": "pt", "stackprop.type": self.type_text()} | (more or {})
        write_safetensors(path, tensors, metadata)


def write_safetensors(path, tensors, metadata):
    """The length of the header (u64), the header (JSON), and the tensors one after the other, all little-endian."""
    header, data = {"__metadata__": metadata}, b""
    # Numbers of 8 bytes first, so that all are aligned.
    for name, tensor in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        start, data = len(data), data + tensor.tobytes()
        dtype = {"<f4": "F32", "<i8": "I64"}[tensor.dtype.str]
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    """The tensors and the metadata of a file."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        dtype = {"F32": "<f4", "I64": "<i8"}[entry["dtype"]]
        tensors[name] = numpy.frombuffer(data[start:end], dtype=dtype).reshape(entry["shape"])
    return tensors, metadata


ACTIVATIONS = {
    "Relu": lambda z: numpy.maximum(z, 0),
    "LeakyRelu": lambda z, permille=10: numpy.where(z > 0, z, permille / 1000 * z),
    "HardSigmoid": lambda z: numpy.clip(z + 3, 0, 6) / 6,
    "HardTanh": lambda z: numpy.clip(z, -1, 1),
    "Sigmoid": lambda z: 0.5 * (1 + numpy.tanh(0.5 * z)),
    "Tanh": numpy.tanh,
    "Elu": lambda z, permille=1000: numpy.where(z > 0, z, permille / 1000 * numpy.expm1(numpy.minimum(z, 0))),
    "Selu": lambda z: 1.0507009873554805 * numpy.where(z > 0, z, 1.6732632423543772 * numpy.expm1(numpy.minimum(z, 0))),
    "Softplus": lambda z: numpy.logaddexp(z, 0),
    "Silu": lambda z: z * 0.5 * (1 + numpy.tanh(0.5 * z)),
    "Gelu": lambda z: z * 0.5 * numpy.vectorize(math.erfc)(-z / math.sqrt(2)),
    "GeluTanh": lambda z: z * 0.5 * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
    "Softmax": lambda z: (e := numpy.exp(z - z.max(axis=1, keepdims=True))) / e.sum(axis=1, keepdims=True),
}


def evaluate(path, x):
    """The outputs of a file in f64, `[n][inputs] -> [n][outputs]`, from nothing but its tensors and its type."""
    tensors, metadata = read_safetensors(path)
    tensors = {name: tensor.astype(float) for name, tensor in tensors.items()}
    text = metadata["stackprop.type"]
    layer = r"(Dense|BatchNorm|Standardize|LayerNorm|PRelu)<[\d, ]*(?:(\w+?)(?:<(\d+)>)?)?>"
    module = 0
    for kind, activation, parameter in re.findall(layer, text):
        weight, bias = tensors.get(f"{module}.weight"), tensors.get(f"{module}.bias")
        if kind == "Dense":
            x = x @ weight.T + bias
        elif kind == "BatchNorm":
            deviation = numpy.sqrt(tensors[f"{module}.running_var"] + NORM_EPSILON)
            x = weight * (x - tensors[f"{module}.running_mean"]) / deviation + bias
        elif kind == "Standardize":
            x = (x - tensors[f"{module}.mean"]) / numpy.sqrt(tensors[f"{module}.variance"] + STANDARDIZE_EPSILON)
        elif kind == "LayerNorm":
            centred = x - x.mean(axis=1, keepdims=True)
            x = weight * centred / numpy.sqrt((centred**2).mean(axis=1, keepdims=True) + NORM_EPSILON) + bias
        elif kind == "PRelu":
            x = numpy.where(x > 0, x, weight * x)
        module += 1
        if activation:
            x = ACTIVATIONS[activation](x, *([int(parameter)] if parameter else []))
            module += 1
    return x


def check(path, x, expected, framework):
    """Compares the file with the framework's outputs; returns whether they agree."""
    difference = numpy.abs(evaluate(path, x.astype(float)) - expected).max() / numpy.abs(expected).max()
    print(f"largest difference to {framework} at {len(x)} inputs: {difference:.1e} of the largest output")
    return bool(difference <= 1e-5)


def thousandths(number, name):
    """A slope as stackprop's type has it."""
    permille = round(number * 1000)
    if permille < 0 or abs(permille / 1000 - number) > 1e-7:
        raise NotRepresentable(f"{name} has a slope of {number:g}, and stackprop has whole thousandths")
    return permille
