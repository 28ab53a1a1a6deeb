"""Outputs of models that were exported earlier: the files are in kit/tests/data, their frameworks are not asked again."""

import onnx
import onnxruntime
from record import DATA, by_onnxruntime, by_reference, inputs, record

RUNTIME = f"onnxruntime {onnxruntime.__version__}"
TORCH = {"framework": "PyTorch 2.15.0", "source": RUNTIME, "layers": "4-8 relu, 3", "output": "values"}
SKLEARN = {"framework": "scikit-learn", "exporter": "skl2onnx 1.20.0", "source": RUNTIME}


def write():
    rows = inputs(4, seed=1)
    dynamo = by_onnxruntime(DATA / "t_dynamo.onnx", rows, "linear_1")
    record("t_dynamo.onnx", rows, dynamo, exporter="torch.onnx.export(dynamo=True)", onnx_output="linear_1", **TORCH)
    record(
        "t_old.onnx",
        rows,
        by_onnxruntime(DATA / "t_old.onnx", rows, "7"),
        exporter="torch.onnx.export(dynamo=False)",
        onnx_output="7",
        **TORCH,
    )
    # Its four tensors are those of t_dynamo.onnx.
    record("tor.safetensors", rows, dynamo, exporter="state_dict", activations=["relu"], **TORCH)
    record(
        "skl_bin.onnx",
        rows,
        by_onnxruntime(DATA / "skl_bin.onnx", rows, "probabilities"),
        layers="4-8 tanh, 1 sigmoid",
        output="probabilities",
        onnx_output="probabilities",
        columns=[1],
        **SKLEARN,
    )
    record(
        "skl_cls3.onnx",
        rows,
        by_onnxruntime(DATA / "skl_cls3.onnx", rows, "output_probability"),
        layers="4-8 relu, 3 softmax",
        output="probabilities",
        onnx_output="output_probability",
        **SKLEARN,
    )
    record(
        "skl_reg.onnx",
        rows,
        by_onnxruntime(DATA / "skl_reg.onnx", rows, "variable"),
        layers="4-8 sigmoid, 1",
        output="values",
        onnx_output="variable",
        **SKLEARN,
    )
    record(
        "keras.onnx",
        rows,
        by_reference(DATA / "keras.onnx", rows, "Identity:0"),
        framework="Keras",
        exporter="tf2onnx 1.17.0",
        source=f"onnx.reference {onnx.__version__}, with math.erfc as Erfc",
        layers="4-8 relu, 8 gelu, 8 leaky relu (0.2), 3 softmax",
        output="probabilities",
        onnx_output="Identity:0",
    )
