#!/usr/bin/env bash
# Checks linked images for symbols that must not be in them, and for instructions that must.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: firmware/check.sh DIRECTORY

DIRECTORY holds the images built for thumbv7em-none-eabihf with feature `silent` (`firmware/run.sh` builds them and
calls this). None of them may contain
  - a panic (a symbol of `core::panicking`, the panic handler, `unwrap_failed` and similar),
  - formatting (`core::fmt`),
  - an allocator,
  - double precision in software (`__aeabi_dmul` and similar).
Images with a network must contain `vfma.f32`, and images with Adam must contain `vsqrt.f32`.
Needs arm-none-eabi-nm and arm-none-eabi-objdump.
EOF
}

case "${1:-}" in
    "" | -h | --help) usage; [ -n "${1:-}" ]; exit ;;
esac
directory=$1
images="bare floor infer speed train optimizers adapt bits resume"
failed=0

# absent IMAGE WHAT PATTERN: fails if a symbol, mangled or not, matches.
absent() {
    local found
    found=$(grep -E "$3" <<<"$symbols" || true)
    if [ -n "$found" ]; then
        printf 'FAILED  %-10s %s:\n%s\n' "$1" "$2" "$found"
        failed=1
    fi
}

# present IMAGE INSTRUCTION: fails if the code does not contain the instruction.
present() {
    local count
    count=$(grep -cE "[[:space:]]${2/./\\.}[[:space:]]" <<<"$code" || true)
    printf '        %-10s %5d %s\n' "$1" "$count" "$2"
    if [ "$count" = 0 ]; then
        printf 'FAILED  %-10s no %s\n' "$1" "$2"
        failed=1
    fi
}

for image in $images; do
    elf=$directory/$image
    symbols=$(arm-none-eabi-nm "$elf"; arm-none-eabi-nm -C "$elf")
    code=$(arm-none-eabi-objdump -d "$elf")
    absent "$image" 'a panic' 'panic|unwrap_failed|expect_failed|slice_(start|end)_index|_index_fail|begin_unwind'
    absent "$image" 'formatting' 'core(::|\.\.|[0-9])+fmt|4core3fmt|Formatter'
    absent "$image" 'an allocator' '__rust_(re|de)?alloc|__rg_alloc|[[:space:]](malloc|free|sbrk)$|alloc::alloc'
    absent "$image" 'double precision' \
        '__aeabi_(c?d[a-z0-9]+|[a-z]+2d)$|__(add|sub|mul|div|neg|cmp|eq|ne|lt|le|gt|ge|unord)df[23]|__(float|fix)[a-z]*df|df[sdt]i$|__extendsfdf2|__truncdfsf2'
    case $image in
        floor | infer | speed) present "$image" vfma.f32 ;;
        train | optimizers | adapt | bits | resume) present "$image" vfma.f32; present "$image" vsqrt.f32 ;;
    esac
done

[ "$failed" = 0 ] && echo "no panic, no formatting, no allocator, no double precision in $(wc -w <<<"$images") images"
exit "$failed"
