"""The rival's end of the protocol in src/protocol.rs, for Python: python3 rivals.py torch|torch-fused|jax|onnxruntime."""

import importlib
import json
import statistics
import sys
import time


def seconds_per_sample(run, samples, timing):
    """The median of several stretches, each with enough passes to take at least `seconds`."""

    def stretch(passes):
        start = time.perf_counter()
        run(passes)
        return time.perf_counter() - start

    passes = 1
    while stretch(passes) < timing["seconds"]:
        passes *= 2
    return statistics.median(stretch(passes) for _ in range(timing["stretches"])) / passes / samples


def reply(prepare, workload_type, request):
    """`prepare(workload)` returns two functions: `run(passes)`, which is timed, and `observe()`, which returns the results
    of one pass as a list (all outputs, or the loss before the step)."""
    kind, arguments = next(iter(request.items()))
    workload = workload_type(arguments["workload"])
    run, observe = prepare(workload)
    if kind == "check":
        passes = arguments["steps"] if workload.training else 1
        return {"answer": [number for _ in range(passes) for number in observe()]}
    return {"seconds": seconds_per_sample(run, workload.samples, arguments["timing"])}


def main():
    # The output of a library must not come between the replies.
    replies, sys.stdout = sys.stdout, sys.stderr

    def say(value):
        print(json.dumps(value), file=replies, flush=True)

    try:
        rival = importlib.import_module(f"with_{sys.argv[1].replace('-', '_')}")
        from workload import Workload
    except ImportError as error:
        say({"cannot": str(error)})
        return
    say({"hello": rival.VERSION})
    for line in sys.stdin:
        try:
            say(reply(rival.prepare, Workload, json.loads(line)))
        except NotImplementedError as error:
            say({"cannot": str(error)})
        except Exception as error:  # the driver reports it in the table's notes
            say({"cannot": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
