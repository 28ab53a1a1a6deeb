"""Keras, by its `model.export(format="onnx")`: with PyTorch below it, and with TensorFlow, which exports by tf2onnx.

KERAS_BACKEND says which.
"""

import os

import keras
import numpy
from keras import layers
from record import DATA, inputs, record, strip

BACKEND = os.environ["KERAS_BACKEND"]
FRAMEWORK = f"Keras {keras.__version__} ({BACKEND})"


def fitted(width, modules, learning_rate=0.01, scale=2.0, shift=1.0):
    """A classifier after some steps, so that biases are not zero and statistics are not trivial."""
    model = keras.Sequential([keras.Input((width,)), *modules])
    x = (numpy.random.default_rng(5).standard_normal((512, width)) * scale + shift).astype(numpy.float32)
    y = (numpy.digitize(x.sum(axis=1), [0.0, width * 1.5])).astype(int) % model.output_shape[1]
    for module in modules:
        if isinstance(module, layers.Normalization):
            module.adapt(x)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=model.layers[-1].activation is keras.activations.linear
    )
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    model.fit(x, y, batch_size=32, epochs=2, verbose=0)
    return model


def export(name, model, text, output="probabilities", refused=None):
    path = DATA / f"keras_{BACKEND}_{name}.onnx"
    model.export(path, format="onnx", verbose=False)
    strip(path)
    rows = inputs(model.input_shape[1], seed=31, scale=2.0, shift=1.0)
    outputs = numpy.asarray(keras.ops.convert_to_numpy(model(rows, training=False)))
    record(
        path.name,
        rows,
        outputs,
        framework=FRAMEWORK,
        exporter='model.export(format="onnx")' + (", tf2onnx" if BACKEND == "tensorflow" else ""),
        layers=text,
        output=output,
        refused=refused,
    )


def write():
    keras.utils.set_random_seed(5)
    model = fitted(
        4,
        [
            layers.Dense(8),
            layers.LeakyReLU(negative_slope=0.2),
            layers.BatchNormalization(),
            layers.Dense(8, activation=keras.activations.silu),
            layers.Dropout(0.1),
            layers.Dense(3, activation="softmax"),
        ],
    )
    export("leaky_relu", model, "4-8 leaky relu (0.2), batch norm (1e-3), 8 silu, 3 softmax")

    model = fitted(
        4,
        [
            layers.Dense(8, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(8, activation="tanh"),
            layers.Dense(3),
        ],
    )
    export("batch_norm", model, "4-8 (no bias), batch norm (1e-3), relu, 8 tanh, 3", output="logits")

    def approximate_gelu(x):
        return keras.activations.gelu(x, approximate=True)

    model = fitted(
        4,
        [
            layers.Dense(8, activation="gelu"),
            layers.Dense(8, activation=approximate_gelu),
            layers.Dense(3, activation="softmax"),
        ],
    )
    export("gelu", model, "4-8 gelu, 8 gelu tanh, 3 softmax")

    # TensorFlow's optimiser multiplies the gains of the normalisation into a factor of GELU.
    model = fitted(
        4,
        [layers.Dense(8, activation="gelu"), layers.BatchNormalization(), layers.Dense(3, activation="softmax")],
    )
    export("gelu_batch_norm", model, "4-8 gelu, batch norm (1e-3), 3 softmax")

    model = fitted(
        4,
        [
            layers.Dense(8, activation="elu"),
            layers.Dense(8, activation="selu"),
            layers.Dense(8, activation="softplus"),
            layers.Dense(8, activation="hard_sigmoid"),
            layers.Dense(8, activation="sigmoid"),
            layers.Dense(2, activation="softmax"),
        ],
        learning_rate=0.001,  # with more, the outputs have only two values
    )
    export("activations", model, "4-8 elu, 8 selu, 8 softplus, 8 hard sigmoid, 8 sigmoid, 2 softmax")

    model = fitted(4, [layers.Normalization(), layers.Dense(8, activation="relu"), layers.Dense(2)])
    refused = "mean and deviation are inputs of the graph, and not in the file" if BACKEND == "tensorflow" else None
    export("normalization", model, "normalisation, 4-8 relu, 2", output="logits", refused=refused)
