"""Writes small models of other frameworks, each with its framework's own outputs, to kit/tests/data.

Usage: python3 tools/kit_models GROUP...        (groups: earlier pytorch scikit_learn keras_torch policies converted,
and keras_tensorflow alone)

A model is a file of another framework (ONNX or safetensors). The JSON beside it has the same name and these keys:

    model        the file
    framework    what made the model, with its version
    exporter     what wrote the file, with its arguments
    source       what computed the outputs
    layers       the network, in short
    output       what the outputs are: "values", "logits", "probabilities", "log-probabilities", "actions"
    onnx_output  the output of the ONNX graph that has them
    modules      the modules of a safetensors file that make the network, if it has others
    activations  the activations, in stackprop's names: for safetensors files that do not name their type
    refused      why no importer can take the file: only if so
    inputs       8 rows
    outputs      8 rows: what a network of stackprop should return (for a binary classifier of scikit-learn, the
                 probability of its second class)

Numbers are f32, written as decimals that read back as the same f32. Each output was computed by the framework, and by
onnxruntime from the written ONNX file (by onnx.reference, if the file has an operator `Erfc`): this program fails if the two
differ by more than 1e-5 of the largest output. `earlier` has no framework, and takes the outputs of onnxruntime. Seeds are
fixed, so a second run writes the same bytes; other versions of a framework may round differently.

Versions: Python 3.11, torch 2.15.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0, scikit-learn 1.9.1,
skl2onnx 1.20.0, keras 3.15.1, stable-baselines3 2.9.2, gymnasium 1.4.0:

    pip install torch onnx onnxscript onnxruntime safetensors scikit-learn skl2onnx keras stable-baselines3 gymnasium

`keras_tensorflow` needs tensorflow-cpu 2.21.0, tf2onnx 1.17.0, keras, onnx and onnxruntime, in another virtual environment.
"""

import importlib
import os
import sys

GROUPS = {
    "earlier": "earlier",
    "pytorch": "pytorch",
    "scikit_learn": "scikit_learn",
    "keras_torch": "keras_models",
    "keras_tensorflow": "keras_models",
    "policies": "policies",
    "converted": "converted",
}


def main():
    groups = sys.argv[1:]
    if not groups or any(group not in GROUPS for group in groups):
        sys.exit(__doc__)
    for group in groups:
        # Keras reads it once: groups with different backends need a run each.
        os.environ["KERAS_BACKEND"] = "tensorflow" if group == "keras_tensorflow" else "torch"
        importlib.import_module(GROUPS[group]).write()


main()
