"""Writes the committed digits as four files in MNIST's format, to try the `mnist` example without its data.

    python3 tools/digits_as_mnist.py DIR

Each 8x8 image becomes 28x28: every pixel becomes a square of 3x3, with a margin of 2 around the image. The first
1,500 images are the training set, the other 297 the test set. Training files are gzipped and test files are not, so
that the example reads both kinds. Needs only Python 3.
"""

import gzip
import pathlib
import struct
import sys

SIDE, SCALE, MARGIN, TRAINING = 28, 3, 2, 1500


def enlarge(pixels):
    """64 values of 0..16 -> 784 bytes."""
    image = bytearray(SIDE * SIDE)
    for y in range(8 * SCALE):
        for x in range(8 * SCALE):
            value = pixels[y // SCALE * 8 + x // SCALE]
            image[(y + MARGIN) * SIDE + x + MARGIN] = min(255, value * 16)
    return bytes(image)


def main(directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    source = pathlib.Path(__file__).parent.parent / "examples/data/digits.csv.gz"
    rows = [[int(float(v)) for v in line.split(",")] for line in gzip.open(source, "rt")]
    for name, part, write in [
        ("train", rows[:TRAINING], lambda path, data: path.with_suffix(".gz").write_bytes(gzip.compress(data, mtime=0))),
        ("t10k", rows[TRAINING:], lambda path, data: path.write_bytes(data)),
    ]:
        images = struct.pack(">IIII", 2051, len(part), SIDE, SIDE) + b"".join(enlarge(r[:64]) for r in part)
        labels = struct.pack(">II", 2049, len(part)) + bytes(r[64] for r in part)
        write(directory / f"{name}-images-idx3-ubyte", images)
        write(directory / f"{name}-labels-idx1-ubyte", labels)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
