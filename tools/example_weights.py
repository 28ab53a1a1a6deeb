#!/usr/bin/env python3
"""Writes tests/data/example.safetensors: the weights of a 4-8-3 ReLU network, and an example for its self-test.

All numbers are small multiples of 1/8, so that each product and each sum is exact in any order. The outputs are computed
with fractions.

usage: python3 tools/example_weights.py
"""

import json
import struct
from fractions import Fraction
from pathlib import Path


def matrix(rows, columns, step):
    """`[rows][columns]`, with elements from -2 to 2."""
    return [[Fraction((step * (row * columns + column)) % 33 - 16, 8) for column in range(columns)] for row in range(rows)]


def layer(inputs, weights, biases):
    """The weighted inputs of a linear layer with weights `[out, in]`."""
    return [bias + sum(w * x for w, x in zip(row, inputs)) for row, bias in zip(weights, biases)]


def digits(numbers):
    """The bits of each number as an f32."""
    return "".join(struct.pack(">f", float(number)).hex() for number in numbers)


def checksum(arrays):
    """FNV-1a with 64 bits, of the bits of each number as a little-endian f32."""
    value = 0xCBF29CE484222325
    for number in (number for array in arrays for number in array):
        for byte in struct.pack("<f", float(number)):
            value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def main():
    tensors = {
        "0.weight": matrix(8, 4, 7),
        "0.bias": matrix(1, 8, 5)[0],
        "2.weight": matrix(3, 8, 10),
        "2.bias": matrix(1, 3, 11)[0],
    }
    x = [Fraction(1), Fraction(-1, 2), Fraction(3, 8), Fraction(2)]
    hidden = [max(z, Fraction(0)) for z in layer(x, tensors["0.weight"], tensors["0.bias"])]
    output = layer(hidden, tensors["2.weight"], tensors["2.bias"])
    print("hidden", *map(float, hidden), "output", *map(float, output))

    # In the order of `Parameters`: the weights of each input, one after the other.
    in_order = []
    for module in ("0", "2"):
        in_order += [*zip(*tensors[f"{module}.weight"]), tensors[f"{module}.bias"]]

    header = {
        "__metadata__": {
            "format": "pt",
            "stackprop.example.input": digits(x),
            "stackprop.example.output": digits(output),
            "stackprop.example.parameters": f"{checksum(in_order):016x}",
        }
    }
    data = b""
    for name, values in tensors.items():
        rows = values if isinstance(values[0], list) else [values]
        numbers = struct.pack(f"<{len(rows) * len(rows[0])}f", *(float(value) for row in rows for value in row))
        shape = [len(rows), len(rows[0])] if rows is values else [len(values)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = Path(__file__).resolve().parent.parent / "tests" / "data" / "example.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


main()
