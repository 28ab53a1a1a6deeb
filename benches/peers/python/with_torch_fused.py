"""PyTorch, eager, with the fused form of Adam, which is the fastest form here (the others are a loop and foreach)."""

import with_torch

VERSION = with_torch.VERSION


def prepare(workload):
    if not workload.training or workload.training["optimizer"] != "adam":
        raise NotImplementedError("no Adam: the same as torch")
    return with_torch.prepare(workload, fused=True)
