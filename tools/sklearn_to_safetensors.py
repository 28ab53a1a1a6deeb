"""Writes a multi-layer perceptron of scikit-learn to a safetensors file, which stackprop loads.

    python3 tools/sklearn_to_safetensors.py model.joblib model.safetensors
    stackprop import model.safetensors --out src/model

Takes MLPClassifier and MLPRegressor, alone or at the end of a Pipeline with StandardScaler, MinMaxScaler or MaxAbsScaler
before it. The file has the tensors `0.weight`, `0.bias`, ... in PyTorch's layout, and the type of the network. A scaler
becomes a `Standardize` layer. A classifier returns probabilities, in the order of its `classes_`: one for each class with
`Softmax`, that of the second class with `Sigmoid` if there are two. Needs Python 3.10 and scikit-learn 1.

A pickle runs code when it is loaded: convert only files that you trust.
"""

import argparse
import json
import pathlib
import sys

import joblib
import numpy
import sequential
from sequential import NotRepresentable
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

ACTIVATIONS = {"identity": None, "logistic": "Sigmoid", "tanh": "Tanh", "relu": "Relu", "softmax": "Softmax"}


def scaler(network, step):
    """`(x - mean) / deviation`, as all of these scalers can be written."""
    zeros, ones = numpy.zeros(network.width), numpy.ones(network.width)
    name = type(step).__name__
    count = int(numpy.max(step.n_samples_seen_))
    if isinstance(step, StandardScaler):
        mean = step.mean_ if step.with_mean else zeros
        deviation = step.scale_ if step.with_std else ones
    elif isinstance(step, MinMaxScaler):
        if step.clip:
            raise NotRepresentable(f"{name} clips its inputs, and stackprop has no layer that does")
        mean, deviation = -step.min_ / step.scale_, 1 / step.scale_
    else:
        mean, deviation = zeros, step.scale_
    network.standardize(mean, deviation, count, name)


def perceptron(network, model):
    for layer, (weight, bias) in enumerate(zip(model.coefs_, model.intercepts_)):
        last = layer == len(model.coefs_) - 1
        name = model.out_activation_ if last else model.activation
        if name not in ACTIVATIONS:
            raise NotRepresentable(f"layer {layer} has the activation {name!r}, which stackprop does not have")
        network.dense(weight, bias)
        network.activation(ACTIVATIONS[name])


def convert(model):
    """The network of an estimator, and the metadata that goes with it."""
    steps = (
        [step for _, step in model.steps if step not in (None, "passthrough")]
        if isinstance(model, Pipeline)
        else [model]
    )
    *scalers, last = steps
    for step in scalers:
        if not isinstance(step, StandardScaler | MinMaxScaler | MaxAbsScaler):
            raise NotRepresentable(
                f"the pipeline has a {type(step).__name__}, and only scalers can be before the perceptron"
            )
    if not isinstance(last, MLPClassifier | MLPRegressor):
        raise NotRepresentable(f"the model is a {type(last).__name__}, and must be an MLPClassifier or an MLPRegressor")
    if not hasattr(last, "coefs_"):
        raise NotRepresentable(f"the {type(last).__name__} has not been fitted")
    network = sequential.Sequential(steps[0].n_features_in_)
    for step in scalers:
        scaler(network, step)
    perceptron(network, last)
    classes = getattr(last, "classes_", None)
    return network, {} if classes is None else {"classes": json.dumps(classes.tolist())}


def examples(model, count=200):
    """Inputs as a scaler in front expects them, otherwise normal numbers."""
    first = model.steps[0][1] if isinstance(model, Pipeline) else model
    x = numpy.random.default_rng(0).standard_normal((count, first.n_features_in_))
    return first.inverse_transform(x) if hasattr(first, "inverse_transform") else x


def outputs(model, x):
    """What the network of stackprop should return."""
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if isinstance(last, MLPRegressor):
        return model.predict(x).reshape(len(x), -1)
    probabilities = model.predict_proba(x)
    return probabilities[:, 1:] if last.n_outputs_ == 1 else probabilities


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="the file that joblib.dump or pickle.dump wrote")
    parser.add_argument("out", type=pathlib.Path, help="the safetensors file to write")
    parser.add_argument("--check", action="store_true", help="compare the file with the model at 200 random inputs")
    arguments = parser.parse_args()
    try:
        model = joblib.load(arguments.model)
    except Exception as error:  # the bytes of a file that is no pickle can raise anything
        sys.exit(f"{arguments.model}: joblib cannot load it: {error}")
    try:
        network, metadata = convert(model)
        network.write(arguments.out, metadata)
    except (NotRepresentable, OSError) as error:
        sys.exit(f"{arguments.model}: {error}")
    print(network.type_text())
    for note in network.notes:
        print(f"note: {note}")
    if arguments.check:
        x = examples(model)
        if not sequential.check(arguments.out, x, outputs(model, x), "scikit-learn"):
            sys.exit(f"{arguments.out}: the file does not compute what the model does")


if __name__ == "__main__":
    main()
