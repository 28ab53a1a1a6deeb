"""Inputs, the JSON beside a model, and the check by onnxruntime."""

import json
import pathlib

import numpy
import onnx
import onnxruntime

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


def record(file, rows, outputs, *, framework, exporter, source=None, layers, output, onnx_output=None, column=None, activations=None):
    """Writes the JSON of DATA / file. `outputs` are the framework's; `column` picks one of them."""
    path = DATA / file
    outputs = numpy.asarray(outputs, dtype=numpy.float32).reshape(len(rows), -1)
    difference = None
    if path.suffix == ".onnx" and not (source or "").startswith("onnx"):
        difference = largest_difference(by_onnxruntime(path, rows, onnx_output), outputs)
        assert difference <= TOLERANCE, f"{file}: onnxruntime differs from {framework} by {difference:.2e}"
    if column is not None:
        outputs = outputs[:, [column]]
    head = {"model": file, "framework": framework, "exporter": exporter, "source": source or framework}
    head |= {"layers": layers, "output": output}
    if onnx_output:
        head["onnx_output"] = onnx_output
    if activations is not None:
        head["activations"] = activations
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, table in (("inputs", rows), ("outputs", outputs)):
        body = ",\n".join("    [" + ", ".join(repr(float(x)) for x in row) + "]" for row in table)
        lines.append(f"  {json.dumps(key)}: [\n{body}\n  ]")
    path.with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    checked = "" if difference is None else f"onnxruntime: {difference:.1e}"
    print(f"{file:40} {path.stat().st_size:6} bytes  {checked}")
