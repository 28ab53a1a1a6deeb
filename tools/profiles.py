#!/usr/bin/env python3
"""How much slower the workloads are in the profiles that users have: python3 tools/profiles.py

Builds `benches/workloads` once for each profile, runs them in turn, and prints how many times longer a workload takes than
in the default release profile (medians of the rounds).

Environment: CARGO_TARGET_DIR (default target).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Settings of Cargo's profile, by the names of its environment variables.
PROFILES = {
    "default": {},
    "lto = off": {"LTO": "off"},
    "lto = fat": {"LTO": "fat"},
    "codegen-units = 1": {"CODEGEN_UNITS": "1"},
    "codegen-units = 256": {"CODEGEN_UNITS": "256"},
    "opt-level = 2": {"OPT_LEVEL": "2"},
    'opt-level = "s"': {"OPT_LEVEL": "s"},
}


def build(settings: dict[str, str], to: Path) -> None:
    """Builds the benchmark with these settings and copies the program to `to`."""
    environment = os.environ | {f"CARGO_PROFILE_BENCH_{name}": value for name, value in settings.items()}
    command = ["cargo", "bench", "--quiet", "--bench", "workloads", "--no-run", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    programs = [message["executable"] for line in lines.splitlines() if (message := json.loads(line)).get("executable")]
    shutil.copy2(programs[-1], to)


def seconds(program: Path, workloads: str) -> dict[str, float]:
    """The time of each workload, in an arbitrary unit."""
    output = subprocess.run([program, "--bench", "--json", "--only", workloads], check=True, stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in output.stdout.splitlines()]
    wanted = [row for row in rows if row["name"] in workloads.split(",")]
    return {row["name"]: row["value"] if row["unit"] == "ns" else 1 / row["value"] for row in wanted}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="I2,T1", help="the workloads (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each program runs (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        programs = {}
        for index, (name, settings) in enumerate(PROFILES.items()):
            print(f"building: {name}", file=sys.stderr)
            programs[name] = Path(directory) / str(index)
            build(settings, programs[name])
        ratios = {name: {workload: [] for workload in options.only.split(",")} for name in programs}
        for _ in range(options.rounds):
            times = {name: seconds(program, options.only) for name, program in programs.items()}
            for name, of_program in times.items():
                for workload, time in of_program.items():
                    ratios[name][workload].append(time / times["default"][workload])
    print(f"{'':20}" + "".join(f"{workload:>8}" for workload in options.only.split(",")))
    for name, of_profile in ratios.items():
        print(f"{name:20}" + "".join(f"{statistics.median(values):8.2f}" for values in of_profile.values()))


if __name__ == "__main__":
    main()
