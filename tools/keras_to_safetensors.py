"""Writes a multi-layer perceptron of Keras 3 to a safetensors file, which stackprop loads.

    python3 tools/keras_to_safetensors.py model.keras model.safetensors
    python3 tools/keras_to_safetensors.py model.weights.h5 model.safetensors --architecture model.json
    stackprop import model.safetensors --out src/model

A `.weights.h5` has no activations: `--architecture` is what `model.to_json()` returned. Takes a `Sequential`, or a functional
model whose layers follow one another, of Dense, activations (as layers and as arguments), BatchNormalization,
Normalization, LayerNormalization (with epsilon=1e-5), PReLU, Flatten, and layers that do nothing at inference. The file has
the tensors `0.weight`, `0.bias`, ... in PyTorch's layout, and the type of the network.

Keras' BatchNormalization has an epsilon of 1e-3, and stackprop's BatchNorm always 1e-5. Directly after a Dense layer, it is
multiplied into that layer; elsewhere 1e-3 - 1e-5 is added to its variance, which gives the same numbers. Needs Python 3.10,
Keras 3 and what it runs on (KERAS_BACKEND=tensorflow, torch or jax).
"""

import argparse
import pathlib
import sys

import keras
import numpy
import sequential
from keras import layers
from sequential import NotRepresentable, thousandths

ACTIVATIONS = {
    "linear": None,
    "relu": "Relu",
    "leaky_relu": "LeakyRelu<200>",  # the slope of keras.activations.leaky_relu
    "hard_sigmoid": "HardSigmoid",
    "hard_tanh": "HardTanh",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "elu": "Elu",
    "selu": "Selu",
    "softplus": "Softplus",
    "silu": "Silu",
    "swish": "Silu",
    "gelu": "Gelu",
    "softmax": "Softmax",
}

# What does nothing at inference.
IDENTITIES = (
    layers.Dropout,
    layers.AlphaDropout,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.ActivityRegularization,
    layers.Identity,
    layers.InputLayer,
)


def array(tensor):
    """A variable or a tensor as a vector of f64."""
    return keras.ops.convert_to_numpy(tensor).astype(float).reshape(-1)


def activation(function, name):
    """The type of an activation that is an argument of a layer."""
    text = getattr(function, "__name__", type(function).__name__)
    if text == "log_softmax":
        raise NotRepresentable(f"{name}: stackprop has no log_softmax; end with softmax, or with linear for logits")
    if text not in ACTIVATIONS or getattr(keras.activations, text, None) is not function:
        raise NotRepresentable(f"{name}: stackprop has no activation {text}; it has {', '.join(sorted(ACTIVATIONS))}")
    return ACTIVATIONS[text]


def relu(layer, name):
    if layer.max_value is not None or layer.threshold:
        raise NotRepresentable(f"{name}: stackprop's Relu has no max_value and no threshold")
    return f"LeakyRelu<{thousandths(layer.negative_slope, name)}>" if layer.negative_slope else "Relu"


def add(network, layer):
    """Adds a layer of Keras to the network."""
    name = f"layer {layer.name!r} ({type(layer).__name__})"
    width = network.width
    if isinstance(layer, (layers.Flatten, *IDENTITIES)):
        return  # flattening keeps the order of the numbers
    if len(layer.input.shape) != 2:
        raise NotRepresentable(
            f"{name} takes an input of shape {layer.input.shape[1:]}, and a layer of stackprop takes a vector"
        )
    match layer:
        case layers.Dense():
            bias = array(layer.bias) if layer.use_bias else numpy.zeros(layer.units)
            network.dense(array(layer.kernel).reshape(width, layer.units), bias, name)
            network.activation(activation(layer.activation, name), name)
        case layers.BatchNormalization():
            gain = array(layer.gamma) if layer.scale else numpy.ones(width)
            shift = array(layer.beta) if layer.center else numpy.zeros(width)
            network.batch_norm(gain, shift, array(layer.moving_mean), array(layer.moving_variance), layer.epsilon, name)
        case layers.Normalization():
            if layer.invert:
                raise NotRepresentable(f"{name} is inverted, and stackprop's Standardize is not")
            mean, variance = (numpy.broadcast_to(array(x), width) for x in (layer.mean, layer.variance))
            network.standardize(mean, numpy.sqrt(variance), name=name)
        case layers.LayerNormalization():
            gain = array(layer.gamma) if layer.scale else numpy.ones(width)
            shift = array(layer.beta) if layer.center else numpy.zeros(width)
            network.layer_norm(gain, shift, layer.epsilon, name)
        case layers.PReLU():
            network.p_relu(array(layer.alpha), name)
        case layers.ReLU():
            network.activation(relu(layer, name), name)
        case layers.LeakyReLU():
            network.activation(f"LeakyRelu<{thousandths(layer.negative_slope, name)}>", name)
        case layers.ELU():
            network.activation(f"Elu<{thousandths(layer.alpha, name)}>", name)
        case layers.Softmax():
            network.activation("Softmax", name)
        case layers.Activation():
            network.activation(activation(layer.activation, name), name)
        case _:
            raise NotRepresentable(f"{name} is not a layer of a multi-layer perceptron")


def chain(model):
    """The layers of a model, in order; those of a `Sequential` inside are its own."""
    before = None
    for layer in model.layers:
        if isinstance(model, keras.Sequential) or before is None:
            pass
        elif layer.input is not before.output:
            raise NotRepresentable(
                f"layer {layer.name!r} does not take the output of {before.name!r}: the model has branches"
            )
        before = layer
        yield from chain(layer) if isinstance(layer, keras.Sequential) else [layer]


def convert(model):
    if not isinstance(model, keras.Sequential | keras.Model) or not getattr(model, "inputs", None):
        raise NotRepresentable(
            f"the model is a {type(model).__name__}, and must be a built Sequential or functional model"
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NotRepresentable(
            f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs, and must have one each"
        )
    shape = model.inputs[0].shape[1:]
    if None in shape:
        raise NotRepresentable(f"the shape of the input is {shape}, and must be known")
    network = sequential.Sequential(int(numpy.prod(shape)))
    for layer in chain(model):
        add(network, layer)
    return network


def load(path, architecture):
    if path.name.endswith(".weights.h5"):
        if architecture is None:
            raise NotRepresentable("a .weights.h5 has no activations: give --architecture, the text of model.to_json()")
        model = keras.models.model_from_json(architecture.read_text())
        model.load_weights(path)
        return model
    return keras.saving.load_model(path, compile=False)


def examples(model, count=200):
    """Inputs as a Normalization in front expects them, otherwise normal numbers."""
    x = numpy.random.default_rng(0).standard_normal((count, *model.inputs[0].shape[1:]))
    first = next(layer for layer in chain(model) if not isinstance(layer, layers.InputLayer))
    if isinstance(first, layers.Normalization):
        x = x * numpy.sqrt(array(first.variance)) + array(first.mean)
    return x.astype(numpy.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="a .keras, or a .weights.h5 with --architecture")
    parser.add_argument("out", type=pathlib.Path, help="the safetensors file to write")
    parser.add_argument("--architecture", type=pathlib.Path, help="a file with the text of model.to_json()")
    parser.add_argument("--check", action="store_true", help="compare the file with the model at 200 random inputs")
    arguments = parser.parse_args()
    try:
        model = load(arguments.model, arguments.architecture)
        network = convert(model)
        network.write(arguments.out)
    except (NotRepresentable, OSError, ValueError) as error:  # Keras has a ValueError for a file that is not a model
        sys.exit(f"{arguments.model}: {error}")
    print(network.type_text())
    for note in network.notes:
        print(f"note: {note}")
    if arguments.check:
        x = examples(model)
        expected = keras.ops.convert_to_numpy(model(x, training=False)).reshape(len(x), -1)
        if not sequential.check(arguments.out, x.reshape(len(x), -1), expected, "Keras"):
            sys.exit(f"{arguments.out}: the file does not compute what the model does")


if __name__ == "__main__":
    main()
