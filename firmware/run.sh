#!/usr/bin/env bash
# Builds all images, runs them under QEMU, and compares their bits with the host's. See --help.
set -euo pipefail
cd "$(dirname "$0")"
. ../tools/common.sh

usage() {
    cat <<'EOF'
usage: firmware/run.sh [--help]

Builds the images of this package for each target, runs them under QEMU, and fails unless each passes its checks:

  thumbv7em-none-eabihf        Cortex-M4F (mps2-an386): all images; their sizes; check.sh on silent variants
  thumbv6m-none-eabi           no floating-point unit (mps2-an385): bits, train and optimizers, without and with `exact`
  riscv32imafc-unknown-none-elf    (virt): bits, train and optimizers; left out if its tools are not available
  this machine                 the same runs, fused and separate

Compares their hashes with the committed ones: ../tests/data/checksum.txt, data/train.txt, data/optimizers.txt,
data/functions.txt.

If rustup has a target, the script uses its toolchain. Otherwise it uses Debian's, which includes the source of
`core`, and installs what is missing by apt-get (as root). The emulators and binutils come from Debian as well. If
they are not available, the script prints a line `SKIPPED firmware` and ends with exit code 0.

Environment: CARGO_TARGET_DIR (default firmware/target).
EOF
}

only_help "$@"

plain_environment
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
M4=thumbv7em-none-eabihf M0=thumbv6m-none-eabi RISCV=riscv32imafc-unknown-none-elf
IMAGES="bare floor infer speed train optimizers adapt bits resume"
images=$CARGO_TARGET_DIR/images
rm -rf "$images"
mkdir -p "$images"

passed=0 failed=0
# verdict NAME STATUS: counts the result, and prints NAME if STATUS is not 0.
verdict() {
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
    fi
}

# ---- Tools ----

need qemu-system-arm qemu-system-arm || skip_all "firmware: there is no emulator, and apt-get cannot install it"
need arm-none-eabi-nm binutils-arm-none-eabi ||
    skip_all "firmware: there are no binutils, and apt-get cannot install them"
for target in $M4 $M0; do
    need_target $target || skip_all "firmware: no toolchain has $target, and apt-get cannot install one"
done
riscv=yes
need qemu-system-riscv32 qemu-system-misc || riscv=
need riscv64-unknown-elf-objdump binutils-riscv64-unknown-elf || riscv=
need_target $RISCV || riscv=

# ---- Building ----

# build TARGET NAME FEATURES IMAGE...: builds the images and copies them to $images/NAME.
build() {
    local target=$1 name=$2 features=$3 variable image
    local -a bins=()
    shift 3
    echo "==> $name: $*"
    for image in "$@"; do
        bins+=(--bin "$image")
    done
    if ! rustup_has "$target"; then
        # Debian's rustc has no lld.
        variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")
        export "${variable}_LINKER=arm-none-eabi-ld" "${variable}_RUSTFLAGS=-C linker-flavor=ld"
        [ "$target" != $RISCV ] || export "${variable}_LINKER=riscv64-unknown-elf-ld" \
            "${variable}_RUSTFLAGS=-C linker-flavor=ld -C link-arg=-melf32lriscv"
    fi
    cargo_for "$target" core build --release --features "$features" "${bins[@]}"
    mkdir -p "$images/$name"
    for image in "$@"; do
        cp "$CARGO_TARGET_DIR/$target/release/$image" "$images/$name/$image"
    done
}

# ---- Running ----

# An instruction takes 32 ns of emulated time, which src/machine/cortex_m.rs relies on.
ARM="-nographic -semihosting-config enable=on,target=native -icount shift=5"
declare -A emulator=(
    [cortex-m4f]="qemu-system-arm -cpu cortex-m4 -machine mps2-an386 $ARM"
    [cortex-m0]="qemu-system-arm -cpu cortex-m3 -machine mps2-an385 $ARM"
    [cortex-m0-exact]="qemu-system-arm -cpu cortex-m3 -machine mps2-an385 $ARM"
    [riscv32f]="qemu-system-riscv32 -machine virt -bios none -nographic -icount shift=0"
)
runs=()
# start NAME IMAGE...: runs the images one after the other in the background, while the next ones are built.
start() {
    local name=$1 image
    shift
    (
        for image in "$@"; do
            status=0
            timeout 300 ${emulator[$name]} -kernel "$images/$name/$image" \
                </dev/null >"$images/$name/$image.log" 2>&1 || status=$?
            echo "$status" >"$images/$name/$image.status"
        done
    ) &
    for image in "$@"; do
        runs+=("$name/$image")
    done
}

host() {
    cargo run --quiet --release --locked --manifest-path host/Cargo.toml "${@:2}" -- check >"$images/$1.log"
}

build $M4 cortex-m4f "" $IMAGES edges
start cortex-m4f $IMAGES edges
build $M4 silent silent $IMAGES
build $M0 cortex-m0-exact exact train optimizers bits
start cortex-m0-exact train optimizers bits
build $M0 cortex-m0 "" train optimizers bits
start cortex-m0 train optimizers bits
if [ -n "$riscv" ]; then
    build $RISCV riscv32f "" train optimizers bits
    start riscv32f train optimizers bits
fi
echo "==> the host"
host host-fused || verdict "the host, fused" 1
if [ "$(uname -m)" = x86_64 ]; then
    host host-separate --no-default-features || verdict "the host, separate" 1
fi
wait

# ---- Output ----

for run in "${runs[@]}"; do
    printf '\n-- %s\n' "$run"
    cat "$images/$run.log"
    verdict "$run: exit code $(cat "$images/$run.status")" "$(cat "$images/$run.status")"
done

# section IMAGE NAME...: the total size of these sections, in bytes.
section() {
    local elf=$images/silent/$1
    shift
    arm-none-eabi-size -A "$elf" | awk -v names=" $* " 'index(names, " " $1 " ") { sum += $2 } END { print sum + 0 }'
}

printf '\n-- bytes, Cortex-M4F, nothing printed\n'
printf '%-10s %8s %8s %8s %8s\n' image .text .rodata .data .bss
for image in $IMAGES; do
    printf '%-10s %8d %8d %8d %8d\n' $image "$(section $image .vector_table .text)" "$(section $image .rodata)" \
        "$(section $image .data)" "$(section $image .bss .uninit)"
done
flash=$(($(section floor .vector_table .text .rodata .data) - $(section bare .vector_table .text .rodata .data)))
ram=$(($(section floor .data .bss .uninit) - $(section bare .data .bss .uninit)))
echo "floor - bare: a network of one weight and one bias costs $flash bytes of flash, $ram of RAM"
verdict "floor: at most 2048 bytes of flash" $((flash > 2048))
verdict "floor: no RAM" $((ram > 0))

printf '\n-- check.sh\n'
status=0
./check.sh "$images/silent" || status=$?
verdict check.sh $status
if [ -n "$riscv" ]; then
    count=$(riscv64-unknown-elf-objdump -d "$images/riscv32f/train" | grep -c 'fmadd\.s' || true)
    echo "        riscv32f: train has $count fmadd.s"
    verdict "riscv32f: fmadd.s" $((count == 0))
fi

# ---- The bits ----

# committed RUN CLASS: the committed hash.
committed() {
    case $1 in
        reference) sed -n "s/^$2 //p" ../tests/data/checksum.txt ;;
        train | optimizers) sed -n "s/^$2 //p" "data/$1.txt" ;;
        functions-*) sed -n "s/^$2 ${1#functions-} //p" data/functions.txt ;;
    esac
}

printf '\n%-16s %-17s %-9s %-17s %s\n' target run class hash 'equal?'
while read -r target run class hash; do
    equal=yes status=0
    [ "$hash" = "$(committed "$run" "$class")" ] || equal=NO status=1
    # Builds with `exact` and processors with the instruction are of the host's class, fused; only these two targets
    # are not.
    [ "$target" = cortex-m0 ] || [ "$target" = host-separate ] || [ "$class" = fused ] || equal=NO status=1
    printf '%-16s %-17s %-9s %-17s %s\n' "$target" "$run" "$class" "$hash" $equal
    verdict "$target: $run" $status
done < <(cd "$images" && for target in host-fused host-separate cortex-m4f riscv32f cortex-m0-exact cortex-m0; do
    for log in "$target.log" "$target/bits.log" "$target/train.log" "$target/optimizers.log" \
        "$target/resume.log"; do
        [ ! -e "$log" ] || sed -n "s/^hash /$target /p" "$log" | tr -d '\r'
    done
done)

[ -n "$riscv" ] || skip "riscv32imafc: its emulator, binutils or toolchain could not be installed"
printf '\n%d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
