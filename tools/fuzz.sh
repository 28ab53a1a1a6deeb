#!/usr/bin/env bash
# Runs the fuzz targets, each for some seconds. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/common.sh

usage() {
    cat <<'EOF'
usage: tools/fuzz.sh [--help] [SECONDS [TARGET...]]

Builds the fuzz targets of fuzz/ with AddressSanitizer, debug assertions and overflow checks, and runs each for SECONDS
(default 20), or only those that are named, two at a time. Prints a line for each: how often it was executed, and what it
found.
fuzz/README.md says what the targets assert, and what to do with a finding.

Inputs are kept in fuzz/grown, which git ignores, and the next run starts with them and with the seeds in fuzz/corpus.
A finding is a file in fuzz/artifacts. The random numbers have a fixed seed.

Needs rustup and a C++ compiler; installs the nightly toolchain, the compiler and cargo-fuzz if they are missing. If that
fails, the script prints a line `SKIPPED fuzzing` and ends with exit code 0. Exit code 1: something was found.

Environment: CARGO_TARGET_DIR (default fuzz/target).
EOF
}

case "${1:-}" in
    -h | --help) usage; exit ;;
    *[!0-9]*) usage >&2; exit 2 ;;
esac
seconds=${1:-20}
[ $# -eq 0 ] || shift

VERSION=0.13.2 # of cargo-fuzz

plain_environment
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/fuzz/target}

has_fuzz() {
    cargo +nightly fuzz --version >/dev/null 2>&1
}

command -v rustup >/dev/null || skip_all "fuzzing: there is no rustup to install nightly with"
rustup run nightly rustc --version >/dev/null 2>&1 ||
    timeout 300 rustup toolchain install nightly --profile minimal --no-self-update ||
    skip_all "fuzzing: there is no nightly toolchain, and rustup could not install it"
need c++ g++ || skip_all "fuzzing: there is no C++ compiler for libFuzzer, and apt-get cannot install it"
if ! has_fuzz; then
    echo "==> cargo install cargo-fuzz"
    cargo install cargo-fuzz --version $VERSION --locked --quiet || true
fi
has_fuzz || skip_all "fuzzing: there is no cargo-fuzz, and cargo could not install it"

mapfile -t targets < <(cargo +nightly fuzz list)
[ $# -eq 0 ] || targets=("$@")

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

echo "==> cargo fuzz build"
cargo +nightly fuzz build >"$logs/build" 2>&1 || { tail -n 40 "$logs/build"; exit 1; }

# The longest input of a target, in bytes: some more than the longest seed.
longest() {
    case $1 in
        onnx) echo 8192 ;;
        checkpoint | state_dict) echo 4096 ;;
        *) echo 2048 ;;
    esac
}

# The dictionary of a target, if there is one.
dictionary() {
    case $1 in
        safetensors | checkpoint | state_dict) echo -dict=fuzz/dictionaries/safetensors.dict ;;
        model_type | onnx) echo "-dict=fuzz/dictionaries/$1.dict" ;;
    esac
}

# fuzz TARGET: runs it, and prints its line. Fails if something was found.
fuzz() {
    local log=$logs/$1 status=0 executions
    mkdir -p "fuzz/grown/$1" "fuzz/corpus/$1"
    # One allocation of 64 MiB, an input that takes 10 s, or a gigabyte in all is a finding.
    # shellcheck disable=SC2046
    cargo +nightly fuzz run "$1" "fuzz/grown/$1" "fuzz/corpus/$1" -- $(dictionary "$1") \
        -max_total_time="$seconds" -max_len="$(longest "$1")" -seed=1 -timeout=10 -malloc_limit_mb=64 \
        -rss_limit_mb=1024 -print_final_stats=1 >"$log" 2>&1 || status=$?
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if [ $status = 0 ]; then
        printf '%-20s %10d executions, nothing found\n' "$1" "$executions"
    else
        printf '%-20s %10d executions, FOUND:\n' "$1" "${executions:-0}"
        grep -E -A 3 'panicked at|ERROR: |fuzz/artifacts' "$log" | head -n 40 || tail -n 40 "$log"
    fi
    return $status
}

echo "==> each target for $seconds s, two at a time"
for target in "${targets[@]}"; do
    job fuzz "$target"
done
end_jobs
