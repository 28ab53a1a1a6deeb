"""ONNX Runtime, on a graph of Gemm nodes and activations."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

VERSION = f"onnxruntime {onnxruntime.__version__}"
ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def prepare(workload):
    if workload.training:
        raise NotImplementedError("the package is for inference")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model(workload).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    batches = workload.batches()

    def run(passes):
        for _ in range(passes):
            for batch in batches:
                session.run(None, {"x": batch})

    def observe():
        return np.concatenate([session.run(None, {"x": batch})[0] for batch in batches]).flatten().tolist()

    return run, observe


def model(workload):
    nodes, parameters, x = [], [], "x"
    for l, ((weight, bias), activation) in enumerate(zip(workload.layers(), workload.activations)):
        parameters.append(numpy_helper.from_array(weight, f"weight{l}"))
        parameters.append(numpy_helper.from_array(bias, f"bias{l}"))
        nodes.append(helper.make_node("Gemm", [x, f"weight{l}", f"bias{l}"], [f"z{l}"]))
        x = f"z{l}"
        if activation != "identity":
            nodes.append(helper.make_node(ACTIVATIONS[activation], [x], [f"a{l}"]))
            x = f"a{l}"
    value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, [workload.batch, size])
    graph = helper.make_graph(
        nodes, "workload", [value("x", workload.sizes[0])], [value(x, workload.sizes[-1])], parameters
    )
    # Versions that runtimes of several years read.
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
