#!/usr/bin/env python3
"""Measures how long a program with a network takes to compile, and the size of its code.

    python3 tools/compile_time.py

Generates programs that train a chain of 2, 8 and 24 different layers, and measures, in a temporary directory:

    check            `cargo check`, with the dependencies already built
    check again      the same after a change of one line
    debug, release   `cargo build`, likewise
    code             the bytes of machine code of the release program, minus those of a program without a network

and the same for a chain of 24 layers of one shape, whose code the compiler may share.
"""

import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

MANIFEST = f"""
[package]
name = "program"
version = "0.0.0"
edition = "2024"

[dependencies]
stackprop = {{ path = "{ROOT}" }}

[workspace]
"""

PROGRAM = """
use stackprop::{{Chain, Dense, Momentum, Network, Quadratic, Tanh, Trainer}};

type Net = Network<{first}, Chain![{layers}]>;

fn main() {{
    let mut network = Net::boxed();
    let mut trainer = Trainer::<Net, Momentum, 8>::boxed();
    let data = [([0.5; {first}], [0.25; {last}]); 8];
    for _ in 0..std::env::args().count() {{
        trainer.step(&mut network, &Momentum::default(), &Quadratic, &data).unwrap();
    }}
    println!("{{:?}}", network.predict(&data[0].0)); // {salt}
}}
"""


def chain(widths, salt):
    layers = ", ".join(f"Dense<{i}, {o}, Tanh>" for i, o in zip(widths, widths[1:]))
    return PROGRAM.format(first=widths[0], last=widths[-1], layers=layers, salt=salt)


def seconds(directory, *command):
    start = time.perf_counter()
    # Overrides a target directory set by the caller, so that the build uses the temporary directory.
    environment = {**os.environ, "CARGO_TARGET_DIR": str(directory / "target")}
    subprocess.run(["cargo", *command, "--quiet", "--offline"], cwd=directory, check=True, env=environment)
    return time.perf_counter() - start


def code_bytes(directory):
    """The text section of the release program."""
    program = directory / "target" / "release" / "program"
    lines = subprocess.run(["size", program], capture_output=True, text=True, check=True).stdout.splitlines()
    return int(lines[1].split()[0])


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "src").mkdir()
        (directory / "Cargo.toml").write_text(MANIFEST)
        source = directory / "src" / "main.rs"

        # The dependencies, and a program without a network.
        source.write_text("fn main() { println!(\"{:?}\", stackprop::level()); }\n")
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=directory, check=True)
        for command in (["check"], ["build"], ["build", "--release"]):
            seconds(directory, *command)
        empty = code_bytes(directory)

        print("| layers | check | check again | debug | release | code |")
        print("|---|---:|---:|---:|---:|---:|")
        chains = [(f"{n} different", [8 + l for l in range(n + 1)]) for n in (2, 8, 24)]
        chains.append(("24 of one shape", [16] * 25))
        for label, widths in chains:
            times = []
            for salt, command in enumerate((["check"], ["check"], ["build"], ["build", "--release"])):
                source.write_text(chain(widths, salt))
                times.append(seconds(directory, *command))
            cells = " | ".join(f"{t:.2f} s" for t in times)
            print(f"| {label} | {cells} | {(code_bytes(directory) - empty) / 1000:.1f} kB |", flush=True)


if __name__ == "__main__":
    main()
