"""scikit-learn by skl2onnx: multi-layer perceptrons, alone and behind a scaler, and a logistic regression."""

import warnings

import numpy
import skl2onnx
import sklearn
from record import DATA, inputs, record, strip
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

FRAMEWORK = f"scikit-learn {sklearn.__version__}"


def data(seed=41):
    """[300][4] with different units, and a target of three classes."""
    rng = numpy.random.default_rng(seed)
    x = rng.standard_normal((300, 4)) * [1.0, 20.0, 0.1, 3.0] + [0.0, 100.0, -0.5, 7.0]
    z = (x - [0.0, 100.0, -0.5, 7.0]) / [1.0, 20.0, 0.1, 3.0]
    return x, z, numpy.digitize(numpy.sin(z[:, 0]) + z[:, 1] * z[:, 2], [-0.4, 0.4])


def export(name, model, rows, text, output, options=None, columns=None, several_labels=False):
    """Writes DATA / name.onnx. The outputs are probabilities, or the values of a regressor."""
    path = DATA / f"sklearn_{name}.onnx"
    graph = skl2onnx.convert_sklearn(
        model,
        name=name,
        initial_types=[("X", FloatTensorType([None, rows.shape[1]]))],
        options={id(model): options} if options else None,
    )
    path.write_bytes(graph.SerializeToString())
    strip(path)
    classifies = hasattr(model, "predict_proba")
    outputs = (model.predict_proba if classifies else model.predict)(rows.astype(numpy.float64))
    if several_labels:
        outputs = numpy.hstack([1 - outputs, outputs])  # as skl2onnx returns them
    arguments = ", ".join(f"{key}={value}" for key, value in (options or {}).items())
    record(
        path.name,
        rows,
        outputs,
        framework=FRAMEWORK,
        exporter=f"skl2onnx {skl2onnx.__version__}" + (f", {arguments}" if arguments else ""),
        layers=text,
        output=output,
        onnx_output=graph.graph.output[1 if classifies else 0].name,
        columns=columns,
    )


def write():
    warnings.simplefilter("ignore")  # of training that stopped early
    settings = {"random_state": 1, "max_iter": 60, "learning_rate_init": 0.01}
    x, z, classes = data()
    two, pairs = classes == 2, numpy.stack([classes == 1, z[:, 0] > 0], axis=1)
    plain = inputs(4, seed=42)
    raw = (inputs(4, seed=43) * [1.0, 20.0, 0.1, 3.0] + [0.0, 100.0, -0.5, 7.0]).astype(numpy.float32)

    # skl2onnx ends a classifier with ZipMap by default, which makes a dictionary of the probabilities.
    model = MLPClassifier(hidden_layer_sizes=(8,), activation="tanh", **settings).fit(z, two)
    export("binary", model, plain, "4-8 tanh, 1 sigmoid", "probabilities", columns=[1])
    export("binary_no_zipmap", model, plain, "4-8 tanh, 1 sigmoid", "probabilities", {"zipmap": False}, columns=[1])

    model = MLPClassifier(hidden_layer_sizes=(8, 6), activation="logistic", **settings).fit(z, classes)
    export("classes", model, plain, "4-8 sigmoid, 6 sigmoid, 3 softmax", "probabilities")
    export("classes_no_zipmap", model, plain, "4-8 sigmoid, 6 sigmoid, 3 softmax", "probabilities", {"zipmap": False})

    model = MLPClassifier(hidden_layer_sizes=(8,), **settings).fit(z, numpy.array(["low", "middle", "high"])[classes])
    export("named_classes", model, plain, "4-8 relu, 3 softmax", "probabilities")

    model = MLPClassifier(hidden_layer_sizes=(8,), **settings).fit(z, pairs)
    export(
        "multilabel",
        model,
        plain,
        "4-8 relu, 2 sigmoid",
        "probabilities",
        {"zipmap": False},
        columns=[2, 3],
        several_labels=True,
    )

    model = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(8, 8), **settings)).fit(
        x, z[:, 0] * z[:, 1]
    )
    export("scaled_regressor", model, raw, "standard scaler, 4-8 relu, 8 relu, 1", "values")

    model = make_pipeline(MinMaxScaler(), MLPRegressor(hidden_layer_sizes=(8,), activation="tanh", **settings)).fit(
        x, z[:, :2] ** 2
    )
    export("min_max_regressor", model, raw, "min-max scaler, 4-8 tanh, 2", "values")

    model = make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(8,), **settings)).fit(x, classes)
    export("scaled_classes", model, raw, "standard scaler, 4-8 relu, 3 softmax", "probabilities")

    model = MLPRegressor(hidden_layer_sizes=(5,), activation="identity", **settings).fit(z, z[:, 0] - z[:, 3])
    export("linear_regressor", model, plain, "4-5, 1", "values")

    # The operator is LinearClassifier of ai.onnx.ml, which holds the weights as attributes.
    model = LogisticRegression().fit(z, classes)
    export("logistic_regression", model, plain, "4-3 softmax", "probabilities", {"zipmap": False})
