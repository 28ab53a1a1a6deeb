"""Prints the polynomials of `src/math` as Rust constants: runs `math_coefficients.sollya` and formats its output.

Usage, from anywhere: python3 tools/math_coefficients.py   (needs Sollya 8 and numpy)
       python3 tools/math_coefficients.py --bits > tests/data/math_coefficients.txt   (includes the coefficients of
       gelu_coefficients.py, so also needs mpmath; the unit tests of src/math compare them with the constants, bit by
       bit)
"""

import pathlib
import struct
import subprocess
import sys

import numpy as np

SCRIPT = pathlib.Path(__file__).with_suffix(".sollya")


def literal(bits: str, scalar: str) -> str:
    """The shortest decimal that reads back as exactly these bits, which clippy accepts."""
    if scalar == "f32":
        return repr(float(str(np.array(int(bits, 16), np.uint32).view(np.float32))))
    return repr(float(np.array(int(bits, 16), np.uint64).view(np.float64)))


def main() -> None:
    """Prints one block per polynomial: its error, then the array, lowest power first."""
    lines = subprocess.run(["sollya", SCRIPT], stdout=subprocess.PIPE, text=True, check=False).stdout.split("\n")
    blocks = []
    for line in filter(None, lines):
        if line.startswith("0x"):
            blocks[-1][3].append(line)
        elif len(words := line.split()) == 3:
            blocks.append((*words, []))
    if "--bits" in sys.argv:
        print("# From tools/math_coefficients.py --bits.")
        for name, scalar, _, coefficients in blocks:
            print(f"{name}_{scalar.upper()}", *(f"{int(bits, 16):x}" for bits in coefficients))
        # Imported only here because it needs mpmath.
        import gelu_coefficients

        for name, scalar, coefficients in gelu_coefficients.arrays():
            form = ">f" if scalar == "f32" else ">d"
            print(f"GELU_{name}_{scalar.upper()}", *(struct.pack(form, c).hex().lstrip("0") for c in coefficients))
        return
    for name, scalar, error, coefficients in blocks:
        print(f"// error 2^{float(error):.1f}")
        print(f"const {name}_{scalar.upper()}: [{scalar}; {len(coefficients)}] = [")
        for bits in coefficients:
            print(f"    {literal(bits, scalar)},")
        print("];")


if __name__ == "__main__":
    main()
