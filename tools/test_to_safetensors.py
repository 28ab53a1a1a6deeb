"""Tests of keras_to_safetensors.py and sklearn_to_safetensors.py: what the files compute, and what is refused.

Usage: KERAS_BACKEND=torch python3 tools/test_to_safetensors.py        (needs keras and scikit-learn)
"""

import pathlib
import tempfile
import warnings

import keras
import keras_to_safetensors as of_keras
import numpy
import sequential
import sklearn_to_safetensors as of_sklearn
from keras import layers
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

FILE = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"


def varied(*modules, shape=(4,)):
    """A model whose parameters are random, so that none of them has no effect. (Variances are positive.)"""
    model = keras.Sequential([keras.Input(shape), *modules])
    rng = numpy.random.default_rng(3)
    for variable in model.variables:
        if variable.name != "seed_generator_state" and "float" in variable.dtype:
            variable.assign(
                rng.uniform(0.2, 1.0, variable.shape)
                * (1 if "variance" in variable.name else rng.choice([-1, 1], variable.shape))
            )
    return model


def keras_agrees(type_text, *modules, shape=(4,)):
    model = varied(*modules, shape=shape)
    network = of_keras.convert(model)
    assert network.type_text() == type_text, network.type_text()
    network.write(FILE)
    x = of_keras.examples(model)
    expected = keras.ops.convert_to_numpy(model(x, training=False)).reshape(len(x), -1)
    assert sequential.check(FILE, x.reshape(len(x), -1), expected, type_text)


def sklearn_agrees(type_text, model):
    network, metadata = of_sklearn.convert(model)
    assert network.type_text() == type_text, network.type_text()
    network.write(FILE, metadata)
    x = of_sklearn.examples(model)
    assert sequential.check(FILE, x, of_sklearn.outputs(model, x), type_text)


def refused(message, convert, *arguments):
    try:
        convert(*arguments)
    except sequential.NotRepresentable as error:
        assert message in str(error), error
        print(f"refused: {error}")
    else:
        raise AssertionError(f"not refused: {message}")


def test_keras():
    keras_agrees("Network<4, Dense<4, 3>>", layers.Dense(3))
    for name, text in of_keras.ACTIVATIONS.items():
        text = f"Dense<4, 5, {text}>" if text else "Dense<4, 5>"
        keras_agrees(f"Network<4, {text}>", layers.Dense(5, activation=name))
    for layer, text in [
        (layers.ReLU(), "Relu"),
        (layers.ReLU(negative_slope=0.125), "LeakyRelu<125>"),
        (layers.LeakyReLU(), "LeakyRelu<300>"),
        (layers.ELU(0.5), "Elu<500>"),
        (layers.Softmax(), "Softmax"),
        (layers.Activation("tanh"), "Tanh"),
    ]:
        keras_agrees(f"Network<4, Dense<4, 5, {text}>>", layers.Dense(5, use_bias=False), layers.Dropout(0.5), layer)
    keras_agrees("Network<4, Chain![Dense<4, 5>, PRelu<5, 5>]>", layers.Dense(5), layers.PReLU())
    keras_agrees("Network<12, Dense<12, 5, Relu>>", layers.Flatten(), layers.Dense(5, "relu"), shape=(3, 4))
    keras_agrees("Network<4, Dense<4, 5, Relu>>", layers.Dense(5), layers.BatchNormalization(), layers.ReLU())
    keras_agrees(
        "Network<4, Chain![BatchNorm<4>, Dense<4, 5, Relu>, BatchNorm<5>, Dense<5, 5, Tanh>, Dense<5, 2>]>",
        layers.BatchNormalization(scale=False),
        layers.Dense(5, "relu"),
        layers.BatchNormalization(center=False),
        layers.Activation("tanh"),
        layers.Dense(2),
    )
    keras_agrees(
        "Network<4, Chain![Dense<4, 5, Tanh>, LayerNorm<5>, Dense<5, 2>]>",
        layers.Dense(5, "tanh"),
        layers.LayerNormalization(epsilon=1e-5),
        layers.Dense(2),
    )
    keras_agrees(
        "Network<4, Chain![Standardize<4>, Dense<4, 2>]>",
        layers.Normalization(mean=[100.0, 2.0, 3.0, -4.0], variance=[25.0, 1e-4, 4.0, 5.0]),
        layers.Dense(2),
    )
    keras_agrees(
        "Network<4, Chain![Dense<4, 3, Relu>, Dense<3, 2>]>",
        keras.Sequential([layers.Dense(3, "relu")]),
        layers.Dense(2),
    )

    for message, modules in [
        ("stackprop has no activation mish", [layers.Dense(3, activation="mish")]),
        ("stackprop has no log_softmax", [layers.Dense(3, activation="log_softmax")]),
        ("stackprop has no activation <lambda>", [layers.Dense(3, activation=lambda x: x)]),
        ("whole thousandths", [layers.Dense(3), layers.LeakyReLU(negative_slope=0.0015)]),
        ("no max_value", [layers.Dense(3), layers.ReLU(max_value=6.0)]),
        ("an epsilon of 0.001", [layers.Dense(3), layers.LayerNormalization()]),
        (
            "the variance of number 1 is 0",
            [layers.Normalization(mean=[0.0] * 4, variance=[1.0, 0.0, 1.0, 1.0]), layers.Dense(2)],
        ),
        ("(UnitNormalization) is not a layer of a multi-layer perceptron", [layers.UnitNormalization()]),
    ]:
        refused(message, of_keras.convert, keras.Sequential([keras.Input((4,)), *modules]))
    refused("takes a vector", of_keras.convert, keras.Sequential([keras.Input((3, 4)), layers.Dense(2)]))
    refused("(Conv2D)", of_keras.convert, keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3)]))
    refused("must be a built", of_keras.convert, keras.Sequential([layers.Dense(2)]))
    x = keras.Input((4,))
    hidden = layers.Dense(4)(x)
    refused("has branches", of_keras.convert, keras.Model(x, layers.Dense(2)(layers.Add()([x, hidden]))))
    refused("2 outputs", of_keras.convert, keras.Model(x, [hidden, layers.Dense(1)(x)]))


def test_sklearn():
    rng = numpy.random.default_rng(4)
    x = rng.standard_normal((200, 4)) * [1, 20, 0.1, 3] + [0, 100, -0.5, 7]
    z = x.sum(axis=1)
    two, three = z > 106, numpy.digitize(z, [95, 115])
    both = numpy.stack([two, x[:, 0] > 0], axis=1)

    def classifier(**more):
        return MLPClassifier(hidden_layer_sizes=(5,), random_state=0, max_iter=20, **more)

    def regressor(**more):
        return MLPRegressor(hidden_layer_sizes=(5, 3), random_state=0, max_iter=20, **more)

    sklearn_agrees("Network<4, Chain![Dense<4, 5, Relu>, Dense<5, 1, Sigmoid>]>", classifier().fit(x / 100, two))
    sklearn_agrees(
        "Network<4, Chain![Dense<4, 5, Tanh>, Dense<5, 3, Softmax>]>", classifier(activation="tanh").fit(x / 100, three)
    )
    sklearn_agrees("Network<4, Chain![Dense<4, 5, Relu>, Dense<5, 2, Sigmoid>]>", classifier().fit(x / 100, both))
    sklearn_agrees(
        "Network<4, Chain![Dense<4, 5>, Dense<5, 3>, Dense<3, 1>]>", regressor(activation="identity").fit(x / 100, z)
    )
    scaled = "Network<4, Chain![Standardize<4>, Dense<4, 5, Sigmoid>, Dense<5, 3, Sigmoid>, Dense<3, 2>]>"
    for scaler in (StandardScaler(), StandardScaler(with_std=False), MinMaxScaler((-1, 1)), MaxAbsScaler()):
        sklearn_agrees(scaled, make_pipeline(scaler, regressor(activation="logistic")).fit(x, x[:, :2]))

    refused("has a RobustScaler", of_sklearn.convert, make_pipeline(RobustScaler(), regressor()).fit(x, z))
    refused("clips its inputs", of_sklearn.convert, make_pipeline(MinMaxScaler(clip=True), regressor()).fit(x, z))
    refused("is a LogisticRegression", of_sklearn.convert, LogisticRegression().fit(x / 100, two))
    refused("has not been fitted", of_sklearn.convert, classifier())
    refused("'exp'", of_sklearn.convert, regressor(loss="poisson").fit(x / 100, numpy.abs(z)))


def main():
    warnings.simplefilter("ignore")
    test_keras()
    test_sklearn()
    print("all tests passed")


main()
