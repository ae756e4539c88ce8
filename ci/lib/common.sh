# Words, cache, locks and space: what every script in ci/ shares. Sourced, never run.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/binder4j

say() { printf '%s: %s\n' "${script_name:-${0##*/}}" "$*" >&2; }
die() { say "$*"; exit 1; }

# long EXPECTED WHAT… : announces a long step; done_long prints how long it took.
long() {
    long_started=$SECONDS
    long_what=${*:2}
    say "$long_what (about $1)…"
}
done_long() { say "$long_what: done in $((SECONDS - long_started)) s"; }

# as_root COMMAND… : runs it as root, by sudo when this user is not.
as_root() {
    if ((EUID == 0)); then "$@"; return; fi
    command -v sudo >/dev/null || die "needs root for '$*', and there is no sudo: run it as root"
    sudo "$@"
}

# like_root COMMAND… : root over this user's own files is enough (a user namespace); no password asked where that works.
like_root() {
    if ((EUID == 0)); then "$@"
    elif unshare --map-root-user true 2>/dev/null; then unshare --map-root-user "$@"
    else as_root "$@"
    fi
}

# with_lock NAME COMMAND… : one process at a time over the whole cache; the command runs in a subshell.
with_lock() {
    local name=$1
    shift
    make_cache
    (
        if ! flock --nonblock 9; then
            say "waiting for another run that is preparing $name"
            flock 9
        fi
        "$@"
    ) 9>"$cache/locks/$name"
}

make_cache() {
    mkdir -p "$cache/locks" "$cache/tmp" 2>/dev/null && [[ -w $cache/tmp ]] && return
    die "cannot write to the cache $cache: make it writable, or set XDG_CACHE_HOME to another directory"
}

# need_space MB WHAT… : one clear message instead of a half-made artefact.
need_space() {
    local needed=$1 free
    make_cache
    free=$(df --output=avail --block-size=1M "$cache" | tail -n 1)
    ((free >= needed)) && return
    die "not enough disk space to prepare ${*:2}: $cache has ${free// /} MB free and needs $needed MB." \
        "Make room, or set XDG_CACHE_HOME to a directory on a larger disk"
}

# scratch NEEDED_MB WHAT… : an empty directory inside the cache, in $scratch. Call it in the subshell that with_lock opens:
# it is removed when that subshell ends, however it ends.
scratch() {
    local owner=$BASHPID
    need_space "$@"
    scratch=$(mktemp -d "$cache/tmp/$owner.XXXXXX") || die "cannot write to $cache/tmp"
    sweep_scratch
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 130' INT TERM HUP
}

# Scratch directories are named after the process that owns them: those of the dead are swept.
sweep_scratch() {
    local left owner
    for left in "$cache"/tmp/*; do
        owner=${left##*/}
        [[ -d /proc/${owner%%.*} ]] || rm -rf "$left"
    done
}

# publish FROM TO : makes a finished artefact visible in one step.
publish() {
    mkdir -p "$(dirname "$2")"
    rm -rf "$2"
    mv -T "$1" "$2" || die "cannot write $2"
}

# started_at PID : the process's start time, which tells it from a later one with the same number; empty when it is gone.
started_at() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}
