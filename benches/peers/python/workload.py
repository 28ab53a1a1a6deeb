"""A workload's numbers, as in src/workload.rs: computed from integers, the same in every language."""

import numpy as np


def uniform(stream, count):
    """The first `count` numbers of a stream, in [0, 1): the upper 24 bits of MurmurHash3's finaliser, as a fraction."""
    x = np.arange(count, dtype=np.uint32) | np.uint32(stream << 24)
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    x ^= x >> 16
    return (x >> 8).astype(np.float32) / np.float32(1 << 24)


class Workload:
    """The fields of the driver's request, and the data derived from them."""

    def __init__(self, fields):
        self.sizes = fields["sizes"]
        self.batch = fields["batch"]
        self.training = fields["training"]
        depth = len(self.sizes) - 1
        self.activations = (fields["hidden"],) * (depth - 1) + (fields["last"],)
        self.samples = self.batch if self.training else 256

    def batches(self):
        """The inputs of a pass: arrays [batch, inputs]."""
        inputs = uniform(0, self.samples * self.sizes[0]).reshape(-1, self.batch, self.sizes[0])
        return list(inputs)

    def layers(self):
        """For each layer, its weights [inputs, outputs] and its biases [outputs]."""
        layers = []
        for l, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:])):
            bound = np.float32(np.sqrt(6.0 / (fan_in + fan_out)))
            weight, bias = uniform(2 * l + 1, fan_in * fan_out), uniform(2 * l + 2, fan_out)
            layers.append(((2 * weight - 1).reshape(fan_in, fan_out) * bound, (2 * bias - 1) * bound))
        return layers

    def classes(self):
        """The class of each sample of a mini-batch."""
        return np.arange(self.batch) % self.sizes[-1]

    def targets(self):
        """The targets of the outputs: values for the mean squared error, otherwise the classes as vectors."""
        outputs = self.sizes[-1]
        if self.training["loss"] == "mean_squared_error":
            values = (np.arange(self.batch) % 3).astype(np.float32) * np.float32(0.3)
            return np.repeat(values[:, None], outputs, axis=1)
        return np.eye(outputs, dtype=np.float32)[self.classes()]
