"""ONNX Runtime, running a graph of Gemm nodes and activations."""

import os

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import OrtValue

VERSION = f"onnxruntime {onnxruntime.__version__}"
ACTIVATIONS = {"identity": "Identity", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def prepare(workload):
    if workload.training:
        raise NotImplementedError("its package is for inference only")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["PEERS_THREADS"])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model(workload).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    # Bound inputs and outputs cost less than arguments. The runtime owns their memory; the bindings keep it alive.
    output = OrtValue.ortvalue_from_shape_and_type((workload.batch, workload.sizes[-1]), np.float32)
    bindings = []
    for batch in workload.batches():
        value = OrtValue.ortvalue_from_shape_and_type(batch.shape, np.float32)
        value.update_inplace(batch)
        binding = session.io_binding()
        binding.bind_ortvalue_input("x", value)
        binding.bind_ortvalue_output("y", output)
        bindings.append(binding)

    def run(passes):
        for _ in range(passes):
            for binding in bindings:
                session.run_with_iobinding(binding)

    def observe():
        outputs = []
        for binding in bindings:
            session.run_with_iobinding(binding)
            outputs += output.numpy().flatten().tolist()
        return outputs

    return run, observe


def model(workload):
    nodes, parameters, x = [], [], "x"
    for l, ((weight, bias), activation) in enumerate(zip(workload.layers(), workload.activations)):
        parameters += [numpy_helper.from_array(weight, f"weight{l}"), numpy_helper.from_array(bias, f"bias{l}")]
        nodes.append(helper.make_node("Gemm", [x, f"weight{l}", f"bias{l}"], [f"z{l}"]))
        nodes.append(helper.make_node(ACTIVATIONS[activation], [f"z{l}"], [f"a{l}"]))
        x = f"a{l}"
    nodes[-1].output[0] = "y"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [workload.batch, workload.sizes[0]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [workload.batch, workload.sizes[-1]])
    graph = helper.make_graph(nodes, "workload", [x], [y], parameters)
    # Versions that runtimes of several years can read.
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
