# Functions that the scripts of this repository share: `.ci/run`, `tools/aarch64.sh`, `tools/fuzz.sh`, `firmware/run.sh`,
# `tests/miri/run.sh`, `tests/no_std/check.sh` and `examples/staticlib/run.sh` source this file.

# only_help "$@": handles the arguments of a script whose only option is --help. The script defines a function `usage`.
only_help() {
    case "${1:-}" in
        "") ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
}

# Removes settings of the caller that would change the build or the level.
plain_environment() {
    export CARGO_TERM_COLOR=never
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS STACKPROP_LEVEL
}

# skip WHAT: WHY: prints what is skipped, and why. `.ci/run` repeats these lines at its end.
skip() {
    echo "SKIPPED $*"
}

# skip_all WHAT: WHY: the same for everything that the script would run. Ends the script with exit code 0.
skip_all() {
    skip "$@"
    exit 0
}

# need COMMAND PACKAGE...: installs the Debian packages if the command is missing. Fails if they cannot be installed.
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

# rustup_has TARGET: whether the target is installed by rustup.
rustup_has() {
    # (Not `grep -q`, which stops reading at the first match: rustup fails if it cannot write the whole list.)
    command -v rustup >/dev/null && rustup target list --installed | grep -x "$1" >/dev/null
}

# add_target TARGET: installs the target by rustup if it is missing. Fails if it cannot be installed.
add_target() {
    rustup_has "$1" || { command -v rustup >/dev/null && timeout 300 rustup target add "$1" >/dev/null 2>&1; }
}

# need_target TARGET: installs Debian's toolchain if rustup does not have the target. Fails if it cannot be installed.
need_target() {
    rustup_has "$1" || need /usr/bin/rustc rustc-web cargo-web rust-web-src
}

# cargo_for TARGET CRATE ARGUMENT...: runs cargo for the target. If rustup does not have the target, Debian's
# toolchain builds CRATE (`core` or `std`) from source, which RUSTC_BOOTSTRAP=1 permits on a stable compiler.
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

# job COMMAND...: runs the command in the background. If two are running, it waits until one has ended. What a job prints
# appears as a whole when it has ended, and a line if it has failed.
declare -A job_log=() job_command=()
jobs_failed=0
job() {
    local log
    [ ${#job_log[@]} -lt 2 ] || end_job
    log=$(mktemp)
    "$@" >"$log" 2>&1 &
    job_log[$!]=$log job_command[$!]=$*
}

# Waits until one of the jobs has ended, and prints what it printed.
end_job() {
    local pid status=0
    wait -n -p pid "${!job_log[@]}" || status=$?
    cat "${job_log[$pid]}"
    rm -f "${job_log[$pid]}"
    if [ $status != 0 ]; then
        echo "FAILED: ${job_command[$pid]}"
        jobs_failed=1
    fi
    unset "job_log[$pid]" "job_command[$pid]"
}

# end_jobs: waits until all jobs have ended. Fails if one of them has failed.
end_jobs() {
    while [ ${#job_log[@]} -gt 0 ]; do
        end_job
    done
    return $jobs_failed
}
