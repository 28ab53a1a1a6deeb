#!/usr/bin/env bash
# Builds the programs of this package in every profile, runs them, and searches them for panics and allocators. See
# --help.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/common.sh

usage() {
    cat <<'EOF'
usage: tests/no_std/check.sh [--help]

Builds the programs for this machine with opt-level 1, 2, 3, s and z, each with LTO off and fat, and with overflow checks at
opt-level 3. In each profile, each program must exit with code 0 and must not link a symbol of a panic or of an
allocator. Prints one line for each profile. Builds two profiles at a time, which takes a minute or two the first time.

Environment: CARGO_TARGET_DIR (default tests/no_std/target), in which each profile has a directory. PROFILES selects the
profiles to check, each as opt-level,LTO,overflow-checks: `PROFILES="z,off,false 3,fat,true"`. HALF, 0 or 1, selects half of
them: each opt-level with one of the two settings of LTO.
EOF
}

only_help "$@"

PROGRAMS="infer train data bits weights checkpoint flash schedules optimizers metrics"
if [ -z "${PROFILES:-}" ]; then
    PROFILES=
    half=0 # in which off is, and then the other
    for profile in 1,false 2,false 3,false s,false z,false 3,true; do
        IFS=, read -r level checks <<<"$profile"
        [ "${HALF:-$half}" != $half ] || PROFILES="$PROFILES $level,off,$checks"
        half=$((1 - half))
        [ "${HALF:-$half}" != $half ] || PROFILES="$PROFILES $level,fat,$checks"
    done
fi
plain_environment
directory=${CARGO_TARGET_DIR:-$PWD/target}

# check OPT-LEVEL LTO OVERFLOW-CHECKS: builds the programs in a profile, and prints its line. Fails if a check does.
check() {
    local name="opt-level $1, lto $2, overflow-checks $3" target=$directory/profile-$1-$2-$3 verdict=ok program image found status
    CARGO_PROFILE_RELEASE_OPT_LEVEL=$1 CARGO_PROFILE_RELEASE_LTO=$2 CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=$3 \
        CARGO_TARGET_DIR=$target cargo build --quiet --release --locked || {
        echo "FAILED  $name: does not build"
        return 1
    }
    for program in $PROGRAMS; do
        image=$target/release/$program
        found=$({ nm "$image"; nm -C "$image"; } | grep -E 'panic|alloc|unwrap_failed|expect_failed|_index_fail' || true)
        if [ -n "$found" ]; then
            verdict=FAILED
            printf 'FAILED  %s: %s links a panic or an allocator:\n%s\n' "$name" "$program" "$found"
        fi
        status=0
        timeout 60 "$image" || status=$?
        if [ "$status" != 0 ]; then
            verdict=FAILED
            echo "FAILED  $name: $program ends with exit code $status"
        fi
    done
    [ $verdict = ok ] || return 1
    echo "ok      $name"
}

for profile in $PROFILES; do
    IFS=, read -r level lto checks <<<"$profile"
    job check "$level" "$lto" "$checks"
done
end_jobs
