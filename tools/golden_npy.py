"""Writes kit/tests/readers/npy.json: arrays as numpy saves them, and their rows as float32 and float64.

python3 tools/golden_npy.py > kit/tests/readers/npy.json   (numpy)
"""

import io
import json

import numpy as np
from numpy.lib import format as npy


def saved(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version, allow_pickle=False)
    return file.getvalue()


def bits(array, kind, unsigned):
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array).astype(kind).reshape(len(array), -1)
    return [[int(x) for x in row] for row in np.ascontiguousarray(rows).view(unsigned)]


def case(name, array, version=None):
    return {
        "name": name,
        "npy": saved(array, version).hex(),
        "f32": bits(array, np.float32, np.uint32),
        "f64": bits(array, np.float64, np.uint64),
    }


def main():
    cases = []
    for dtype in "<f2 >f2 <f4 >f4 <f8 >f8".split():
        values = np.array([[0.0, -0.0, 1.5], [0.1, -2.75, 65504.0], [2**-24, 1 / 3, -1e-5]]).astype(dtype)
        cases.append(case(dtype, values))
    for dtype in "|i1 <i2 >i2 <i4 >i4 <i8 >i8 |u1 <u2 >u2 <u4 >u4 <u8 >u8".split():
        info = np.iinfo(dtype)
        values = [0, 1, info.max, info.max - 1, info.min, info.max // 3]
        # Halfway between two float32, and next to it, where a rounding to float64 in between would give another number.
        values += [2**54 + 2**30 + 1, 2**54 + 2**30 - 1, 2**54 + 2**30] if info.bits == 64 else [7, 8, 9]
        cases.append(case(dtype, np.array(values, dtype=dtype).reshape(3, 3)))
    cases.append(case("|b1", np.array([[True, False, True], [False, True, True], [False, False, True]])))

    count = np.arange(120, dtype="<i2")
    for shape in [(6,), (2, 3), (3, 2, 4), (2, 3, 4, 5)]:
        array = count[: np.prod(shape)].reshape(shape)
        cases.append(case(f"C {shape}", array))
        cases.append(case(f"Fortran {shape}", np.asfortranarray(array)))
    for version in [(1, 0), (2, 0), (3, 0)]:
        cases.append(case(f"version {version}", np.array([[1.0, 2.0]], "<f4"), version))
    print(json.dumps({"numpy": np.__version__.split(".")[0], "cases": cases}, indent=0, separators=(",", ":")))


main()
