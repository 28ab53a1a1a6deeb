#!/usr/bin/env bash
# Builds the tests for aarch64 and runs them under QEMU. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/common.sh

usage() {
    cat <<'EOF'
usage: tools/aarch64.sh [--help]

Builds for aarch64-unknown-linux-gnu, runs under QEMU's user emulation, and fails unless all of these pass:

  - the library's tests: the NEON kernel against the oracle, bit for bit; activations of vectors against those of
    numbers
  - tests/bits (the committed hash), golden, properties
  - tests/no_std: without std, the same hash; nothing that panics or allocates is linked
  - the loops of the products: their multiply-adds are `fmla`, and no vector is spilled to the stack
  - the crate compiles for aarch64 with software floating point

On an aarch64 machine, `cargo test` shows everything that matters, and this script is not needed.

If rustup has the target, the script uses its toolchain. Otherwise it uses Debian's, which includes the source of
`std`, and installs what is missing by apt-get (as root). The emulator, the linker and binutils come from Debian as
well. If they are not available, the script prints a line `SKIPPED aarch64` and ends with exit code 0.

Environment: CARGO_TARGET_DIR (default target).
EOF
}

only_help "$@"

plain_environment
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
TARGET=aarch64-unknown-linux-gnu SOFT=aarch64-unknown-none-softfloat
EMULATOR="qemu-aarch64 -L /usr/aarch64-linux-gnu"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$EMULATOR

# rust TARGET CRATE ARGUMENT...: prints the command, and runs cargo for the target.
rust() {
    echo "==> $1: cargo ${*:3}"
    cargo_for "$@"
}

need qemu-aarch64 qemu-user || skip_all "aarch64: there is no emulator, and apt-get cannot install it"
need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross ||
    skip_all "aarch64: there is no linker, and apt-get cannot install it"
need aarch64-linux-gnu-objdump binutils-aarch64-linux-gnu ||
    skip_all "aarch64: there are no binutils, and apt-get cannot install them"
for target in $TARGET $SOFT; do
    need_target $target || skip_all "aarch64: no toolchain has $target, and apt-get cannot install one"
done

rust $TARGET std test --release --lib --test bits --test golden --test properties

rust $TARGET core build --release --manifest-path tests/no_std/Cargo.toml
for program in infer train bits; do
    image=$CARGO_TARGET_DIR/$TARGET/release/$program
    echo "==> $program, without std"
    $EMULATOR "$image"
    if aarch64-linux-gnu-nm "$image" | grep -E "panic|alloc"; then
        echo "$program: the symbols above must not be linked"
        exit 1
    fi
done

# All products are one function (with a wrapper that the compiler may remove), in which vectors are spilled to the stack
# only if the sums of a block exceed the registers.
code=$(aarch64-linux-gnu-objdump -dC --no-show-raw-insn "$CARGO_TARGET_DIR/$TARGET/release/bits" |
    awk '/^[0-9a-f]+ </ { inside = /kernel::neon::neon(::blocks)?>/ } inside')
fused=$(grep -cE '\bfmla\b' <<<"$code" || true)
apart=$(grep -cE '\b(fmul|fadd)\b' <<<"$code" || true)
kept=$(grep -cE '\b(str|stp|ldr|ldp)\s+q.*\[(sp|x29)' <<<"$code" || true)
echo "==> the products: $fused fmla, $apart fmul and fadd, $kept vectors to or from the stack"
if [ "$fused" = 0 ] || [ "$apart$kept" != 00 ]; then
    exit 1
fi

rust $SOFT core check --lib --no-default-features
echo "aarch64: all of it passed"
