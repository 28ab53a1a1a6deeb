"""Files that keras_to_safetensors.py and sklearn_to_safetensors.py write, with the outputs of the frameworks."""

import pathlib
import sys
import warnings

import keras
import numpy
import sklearn
from record import DATA, inputs, record
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.append(str(pathlib.Path(__file__).parent.parent))
import keras_to_safetensors
import sklearn_to_safetensors
from keras_models import FRAMEWORK, fitted


def of_keras():
    keras.utils.set_random_seed(6)
    layers = keras.layers
    model = fitted(
        4,
        [
            layers.Normalization(),
            layers.Dense(8, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Dense(8, activation="gelu"),
            layers.BatchNormalization(),
            layers.Dropout(0.1),
            layers.Dense(6, activation="elu"),
            layers.Dense(3, activation="softmax"),
        ],
    )
    path = DATA / "keras_converted.safetensors"
    keras_to_safetensors.convert(model).write(path)
    rows = inputs(4, seed=61, scale=2.0, shift=1.0)
    record(
        path.name,
        rows,
        keras.ops.convert_to_numpy(model(rows, training=False)),
        framework=FRAMEWORK,
        exporter="tools/keras_to_safetensors.py",
        layers="normalisation, 4-8 batch norm (1e-3) leaky relu (0.2), 8 gelu, batch norm (1e-3), 6 elu, 3 softmax",
        output="probabilities",
    )


def of_sklearn():
    rng = numpy.random.default_rng(62)
    units, offsets = [1.0, 20.0, 0.1, 3.0], [0.0, 100.0, -0.5, 7.0]
    z = rng.standard_normal((300, 4))
    settings = {"activation": "tanh", "random_state": 1, "max_iter": 60}
    model = make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(8, 6), **settings))
    model.fit(z * units + offsets, z[:, 0] * z[:, 1] > z[:, 2])
    path = DATA / "sklearn_converted.safetensors"
    network, metadata = sklearn_to_safetensors.convert(model)
    network.write(path, metadata)
    rows = (inputs(4, seed=63) * units + offsets).astype(numpy.float32)
    record(
        path.name,
        rows,
        model.predict_proba(rows.astype(float))[:, 1],
        framework=f"scikit-learn {sklearn.__version__}",
        exporter="tools/sklearn_to_safetensors.py",
        layers="standard scaler, 4-8 tanh, 6 tanh, 1 sigmoid",
        output="probabilities",
    )


def write():
    warnings.simplefilter("ignore")
    of_keras()
    of_sklearn()
