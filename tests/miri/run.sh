#!/usr/bin/env bash
# Runs the program of this package, and the tests of the kernels, under Miri. See --help.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/common.sh

usage() {
    cat <<'USAGE'
usage: tests/miri/run.sh [--help]

Miri interprets a program and stops at undefined behaviour: a misaligned access, a read of uninitialised memory, an
access out of bounds. This script runs the walk of src/main.rs in three forms

  no std    without `std`: plain Rust
  avx2      with `std`, and AVX2 and FMA enabled for the compiler, so that Miri has them and detection finds them
  sse2      with `std`, on the processor that Miri emulates, which has SSE2: the portable level

and fails unless Miri finds nothing, the level is the expected one, and each hash equals that of a native run. It then
runs the loops of `src/kernel` over vectors in plain Rust, the threads of `src/threads`, the tests of the package tests/outside, if that exists, and tests
of weights and checkpoints as on a big-endian processor. Two of these run at a time.

Miri needs the nightly toolchain, which rustup installs if it is missing; the default toolchain does not change. If
that fails, the script prints a line `SKIPPED miri` and ends with exit code 0.

Environment: CARGO_TARGET_DIR (default tests/miri/target).
USAGE
}

only_help "$@"

plain_environment
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# An access must be aligned at any address that its memory may have, not only at the address in this run.
export MIRIFLAGS="-Zmiri-symbolic-alignment-check"

has_miri() {
    cargo +nightly miri --version >/dev/null 2>&1 && cargo +nightly miri setup --quiet >/dev/null 2>&1
}

[ "$(uname -m)" = x86_64 ] || skip_all "miri: its forms are those of x86-64, this is $(uname -m)"
command -v rustup >/dev/null || skip_all "miri: there is no rustup to install it with"
for _ in 1 2 3; do
    has_miri && break
    echo "==> rustup toolchain install nightly"
    timeout 300 rustup toolchain install nightly --profile minimal --component miri,rust-src --no-self-update || sleep 5
done
has_miri || skip_all "miri: rustup could not install nightly with miri and rust-src"

# form NAME LEVEL RUSTFLAGS FLAGS NATIVE_FLAGS: the walk under Miri, and natively. (Programs of different forms have the
# same path in a directory, so each form has a directory of its own.)
form() {
    local name=$1 expected=$2 rustflags=$3 flags=$4 native_flags=$5 started=$SECONDS found native
    export CARGO_TARGET_DIR="$CARGO_TARGET_DIR/form-${name// /-}"
    native=$(STACKPROP_LEVEL=portable cargo run --quiet --locked $native_flags)
    found=$(RUSTFLAGS="$rustflags" cargo +nightly miri run --quiet --locked $flags)
    if [ "$(head -n 1 <<<"$found")" != "$expected" ]; then
        echo "$name: ran as $(head -n 1 <<<"$found") instead of $expected"
        exit 1
    fi
    diff <(tail -n +2 <<<"$native") <(tail -n +2 <<<"$found") || { echo "$name: hashes differ, natively < and by Miri >"; exit 1; }
    echo "miri, $name: $expected, $(($(wc -l <<<"$found") - 1)) hashes as natively, $((SECONDS - started)) s"
}

# tests NAME ARGUMENT...: tests under Miri.
tests() {
    local name=$1 started=$SECONDS status=0
    timeout 600 cargo +nightly miri test --quiet "${@:2}" || status=$?
    case $status in
        0) echo "miri, $name: $((SECONDS - started)) s" ;;
        124) skip "miri, $name: not done in 10 minutes" ;;
        *) exit $status ;;
    esac
}

# First what takes longest: the loops of the kernels over vectors in plain Rust, with the lanes and blocks of AVX-512,
# which has the most. All levels take a quarter of an hour:
# cargo +nightly miri test --no-default-features --features alloc --lib kernel
job tests kernels --manifest-path ../../Cargo.toml --no-default-features --features alloc --lib kernel::plain::avx512
# (With `exact`, the class is the same on every processor, even on one without FMA.)
job form "no std" "Portable Separate" "" --no-default-features --no-default-features
job form avx2 "Avx2 Fused" "-C target-feature=+avx2,+fma" "" "--features exact"
job form sse2 "Portable Separate" "" "" ""
# Threads that share work. (They do not end with the program, which is no leak.)
MIRIFLAGS="$MIRIFLAGS -Zmiri-ignore-leaks" \
    job tests threads --manifest-path ../../Cargo.toml --features threads --lib threads::
# The crate as another package sees it.
[ ! -d ../outside ] || job tests outside --locked --manifest-path ../outside/Cargo.toml
# (Before the jobs that need it, which would do it both at once.)
cargo +nightly miri setup --quiet --target s390x-unknown-linux-gnu
# Weights and checkpoints, at compile time and at run time, on a target whose numbers lie the other way round.
big_endian() {
    job tests "$1, big-endian" --manifest-path ../../Cargo.toml --no-default-features --features alloc,checkpoint \
        --target s390x-unknown-linux-gnu "${@:2}"
}
big_endian weights --test weights -- a_model_of_pytorch self_test example
big_endian checkpoints --test checkpoint -- own_values the_file_is
end_jobs
