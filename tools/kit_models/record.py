"""Inputs, the JSON beside a model, and the check by onnxruntime."""

import json
import math
import pathlib

import numpy
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

DATA = pathlib.Path(__file__).parent.parent.parent / "kit" / "tests" / "data"
ROWS = 8
TOLERANCE = 1e-5


def inputs(width, seed, scale=1.0, shift=0.0):
    """[8][width]: normal numbers. Later rows are larger, so that activations also see their tails."""
    rows = numpy.random.default_rng(seed).standard_normal((ROWS, width))
    growth = numpy.linspace(0.25, 3.0, ROWS)[:, None]
    return (rows * growth * scale + shift).astype(numpy.float32)


def by_onnxruntime(path, rows, output):
    """The output called `output` for each row. Rows are given one by one: some exports have a batch of 1."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    # A dimension is a number, or the name of one that is free.
    shape = [1] + [d if isinstance(d, int) else -1 for d in given.shape[1:]]
    found = [session.run([output], {given.name: row.reshape(shape)})[0] for row in rows]
    if isinstance(found[0], list):  # ZipMap: a list with a dictionary for each row
        found = [list(dictionary.values()) for [dictionary] in found]
    return numpy.array(found, dtype=numpy.float32).reshape(len(rows), -1)


class Erfc(OpRun):
    """tf2onnx writes an operator `Erfc` that ONNX does not have, and no runtime takes."""

    def _run(self, x):
        return (numpy.vectorize(math.erfc)(x.astype(float)).astype(x.dtype),)


def by_reference(path, rows, output):
    model = onnx.load(path)
    return ReferenceEvaluator(model, new_ops=[Erfc]).run([output], {model.graph.input[0].name: rows})[0]


def strip(path):
    """Removes what an exporter tells about the source code (paths of this machine), which is no part of the model."""
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    for part in [model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *graph.value_info]:
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def largest_difference(left, right):
    """The largest difference, relative to the largest number in magnitude."""
    return float(numpy.abs(left.astype(float) - right).max() / numpy.abs(right).max())


def record(
    file,
    rows,
    outputs,
    *,
    framework,
    exporter,
    source=None,
    layers,
    output,
    onnx_output=None,
    columns=None,
    modules=None,
    activations=None,
    refused=None,
):
    """Writes the JSON of DATA / file. `outputs` are those of `source`, or of the framework, which are then checked.

    `columns` picks some of them. `refused` says why an importer cannot take the file.
    """
    path, checked = DATA / file, ""
    other = {".onnx": ".safetensors", ".safetensors": ".onnx"}[path.suffix]
    assert not path.with_suffix(other).exists(), f"{file}: both would have the same JSON"
    outputs = numpy.asarray(outputs, dtype=numpy.float32).reshape(len(rows), -1)
    if path.suffix == ".onnx" and source is None and refused is None:
        graph = onnx.load(path).graph
        onnx_output = onnx_output or graph.output[0].name
        takes_erfc = any(node.op_type == "Erfc" for node in graph.node)
        by_other = by_reference if takes_erfc else by_onnxruntime
        difference = largest_difference(by_other(path, rows, onnx_output), outputs)
        checked = f"{'onnx.reference' if takes_erfc else 'onnxruntime'}: {difference:.1e}"
        assert difference <= TOLERANCE, f"{file}: not what {framework} returns: {checked}"
    if columns is not None:
        outputs = outputs[:, columns]
    head = {
        "model": file,
        "framework": framework,
        "exporter": exporter,
        "source": source or framework,
        "layers": layers,
        "output": output,
        "onnx_output": onnx_output,
        "modules": modules,
        "activations": activations,
        "refused": refused,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items() if value is not None]
    for key, table in (("inputs", rows), ("outputs", outputs)):
        body = ",\n".join("    [" + ", ".join(repr(float(x)) for x in row) + "]" for row in table)
        lines.append(f"  {json.dumps(key)}: [\n{body}\n  ]")
    path.with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{file:40} {path.stat().st_size:6} bytes  {checked}")
