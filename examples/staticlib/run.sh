#!/usr/bin/env bash
# Builds the library, links it with C programs, and compares their output with Rust's. See --help.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/common.sh

usage() {
    cat <<'EOF'
usage: examples/staticlib/run.sh [--help]

Does what docs/staticlib.md describes, for this machine and for a Cortex-M4F under QEMU. The header must be the one that
cbindgen writes, the outputs must have the bits of Rust's, and the image for the microcontroller must link no panic. Prints a
line that begins with SKIPPED for what cannot run here.

Environment: CARGO_TARGET_DIR (default examples/staticlib/target).
EOF
}

only_help "$@"
plain_environment
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR
out=$CARGO_TARGET_DIR/c
mkdir -p "$out"

echo "==> the files are those in docs/staticlib.md"
for file in Cargo.toml src/lib.rs cbindgen.toml main.c; do
    # The code block after the line that names the file.
    awk -v name="\`$file\`:" '$0 == name { found = 1; next } found && /^```/ { if (inside) exit; inside = 1; next } inside' \
        ../../docs/staticlib.md | sed 's|"../stackprop"|"../.."|' | diff "$file" -
done

echo "==> the header"
if command -v cbindgen >/dev/null && cbindgen --version | grep -q ' 0\.29\.'; then
    cbindgen --quiet --output "$out/classifier.h"
    diff classifier.h "$out/classifier.h"
else
    skip "staticlib: the header: no cbindgen 0.29 (cargo install cbindgen --version 0.29.4)"
fi

echo "==> this machine"
cargo build --quiet --locked --release
cargo run --quiet --locked --release --example expected >"$out/expected.txt"
read -ra libraries < <(cargo rustc --quiet --locked --release --lib --crate-type staticlib -- --print native-static-libs 2>&1 |
    sed -n 's/^note: native-static-libs: //p')
gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -O2 main.c "$CARGO_TARGET_DIR/release/libclassifier.a" "${libraries[@]}" -o "$out/main"
"$out/main" >"$out/host.txt"
diff "$out/expected.txt" "$out/host.txt"
echo "the outputs in C are those in Rust"

echo "==> Cortex-M4F"
target=thumbv7em-none-eabihf
need arm-none-eabi-gcc gcc-arm-none-eabi libnewlib-arm-none-eabi || skip_all "staticlib for $target: no compiler"
need qemu-system-arm qemu-system-arm || skip_all "staticlib for $target: no qemu-system-arm"
need_target $target || skip_all "staticlib for $target: no toolchain"
cargo_for $target core build --release --no-default-features
arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard -std=c99 -Wall -Wextra -Werror -Os \
    --specs=rdimon.specs -Wl,-z,noexecstack,--gc-sections,--undefined=vectors,--section-start=.vectors=0 \
    main.c cortex_m.c "$CARGO_TARGET_DIR/$target/release/libclassifier.a" -o "$out/main.elf"
if arm-none-eabi-nm -C "$out/main.elf" | grep -E 'panic|unwind'; then
    echo "the image links a panic" >&2
    exit 1
fi
timeout 60 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$out/main.elf" >"$out/cortex_m.txt"
diff "$out/expected.txt" "$out/cortex_m.txt"
echo "the outputs on a Cortex-M4F are those in Rust, and no panic is linked"
