# Functions that the scripts of this repository share: `.ci/run`, `tools/aarch64.sh`, `firmware/run.sh`, `tests/miri/run.sh`
# and `tests/no_std/check.sh` source this file.

# only_help "$@": reads the arguments of a script that takes none but --help. The script has a function `usage`.
only_help() {
    case "${1:-}" in
        "") ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
}

# Takes settings of the caller away that would change what is built, or the level that runs.
plain_environment() {
    export CARGO_TERM_COLOR=never
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS STACKPROP_LEVEL
}

# skip WHAT: WHY: says what is not run, and why. `.ci/run` repeats these lines at its end.
skip() {
    echo "SKIPPED $*"
}

# skip_all WHAT: WHY: the same for all that the script would run; it ends, and that is no failure.
skip_all() {
    skip "$@"
    exit 0
}

# need COMMAND PACKAGE...: installs the Debian packages if there is no such command. Fails if that does not work.
apt_is_updated=
need() {
    local command=$1 output
    shift
    command -v "$command" >/dev/null && return
    echo "==> apt-get install $*"
    if [ -z "$apt_is_updated" ]; then
        apt-get update -qq || return 1
        apt_is_updated=yes
    fi
    output=$(DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 2>&1) ||
        { tail -n 5 <<<"$output"; return 1; }
}

# rustup_has TARGET: whether rustup has installed the target.
rustup_has() {
    # (Without `grep -q`, which would not read to the end: rustup fails if it cannot write all of the list.)
    command -v rustup >/dev/null && rustup target list --installed | grep -x "$1" >/dev/null
}

# add_target TARGET: has rustup install the target, if it has not. Fails if that does not work.
add_target() {
    rustup_has "$1" || { command -v rustup >/dev/null && timeout 300 rustup target add "$1" >/dev/null 2>&1; }
}

# need_target TARGET: installs Debian's toolchain if rustup has not installed the target. Fails if that does not work.
need_target() {
    rustup_has "$1" || need /usr/bin/rustc rustc-web cargo-web rust-web-src
}

# cargo_for TARGET CRATE ARGUMENT...: runs cargo for the target. Where rustup has not installed it, Debian's toolchain builds
# CRATE (`core` or `std`) from source, which a stable compiler does if it is told to.
cargo_for() {
    local target=$1 crate=$2
    shift 2
    if rustup_has "$target"; then
        cargo "$@" --quiet --locked --target "$target"
    else
        env PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 \
            cargo "$@" --quiet --locked --target "$target" -Zbuild-std="$crate"
    fi
}
