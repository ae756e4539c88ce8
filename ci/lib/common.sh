# Words, cache, locks and space: what every script in ci/ shares. Sourced, never run.
# shellcheck shell=bash

say() { printf '%s: %s\n' "${script_name:-${0##*/}}" "$*" >&2; }
die() { say "$*"; exit 1; }

# is_among WORD KNOWN…
is_among() {
    local known
    for known in "${@:2}"; do [[ $1 != "$known" ]] || return 0; done
    return 1
}

# misused WHAT… : for who calls a script with words it does not know.
misused() {
    say "$* (${script_name:-${0##*/}} --help explains)"
    exit 2
}

# unknown KIND WORD KNOWN… : names the word, and the known one that was probably meant.
unknown() {
    local meant
    meant=$(nearest "${@:2}")
    misused "unknown $1 '$2'${meant:+: did you mean '$meant'?}"
}

# nearest WORD KNOWN… : the known word from which at most two letters must be changed, left out or added; else nothing.
nearest() {
    local known
    for known in "${@:2}"; do printf '%s %s\n' "$1" "$known"; done | awk '
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, row, above, corner) {
            for (j = 0; j <= length(b); j++) row[j] = j
            for (i = 1; i <= length(a); i++) {
                corner = row[0]; row[0] = i
                for (j = 1; j <= length(b); j++) {
                    above = row[j]
                    row[j] = least(least(above, row[j - 1]) + 1, corner + (substr(a, i, 1) != substr(b, j, 1)))
                    corner = above
                }
            }
            return row[length(b)]
        }
        NF == 2 && (d = distance($1, $2)) <= 2 && d < length($2) && (found == "" || d < least_d) { found = $2; least_d = d }
        END { if (found != "") print found }'
}

# Programs for root are not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

[[ -n ${HOME:-} ]] || die "HOME is not set: set it to your home directory"
# Scripts change the directory, and start each other.
[[ ${XDG_CACHE_HOME:-/} == /* ]] || export XDG_CACHE_HOME=$PWD/$XDG_CACHE_HOME
cache=${XDG_CACHE_HOME:-$HOME/.cache}/binder4j

# long EXPECTED WHAT… : announces a long step; done_long prints how long it took.
long() {
    long_started=$SECONDS
    long_what=${*:2}
    say "$long_what (about $1)…"
}
done_long() { say "$long_what: done in $((SECONDS - long_started)) s"; }

# run_child PROGRAM ARGUMENT… : a long child that ends when this script is told to. Bash acts on a signal only after its
# foreground child, which never hears of one sent to the script alone; so the child runs in the background, gets TERM for any
# of the three (bash makes background children ignore INT), and the script ends after it, with 128 + the signal.
run_child() {
    local child status=0
    "$@" <&0 &
    child=$!
    trap 'end_child 129' HUP
    trap 'end_child 130' INT
    trap 'end_child 143' TERM
    wait "$child" || status=$?
    trap - HUP INT TERM
    return "$status"
}

# A child may have much to write before it ends: further signals change nothing, neither here nor in what the script does at
# its end.
end_child() {
    trap '' HUP INT TERM
    tell_child "$child"
    wait "$child" || true
    exit "$1"
}

# How the child hears of it: a script whose child is elsewhere has another way.
tell_child() { kill -TERM "$1" 2>/dev/null || true; }

# as_root COMMAND… : runs it as root, by sudo when this user is not.
as_root() {
    if ((EUID == 0)); then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "needs root for '$*', and there is no sudo: run it as root"
    fi
}

# like_root COMMAND… : root over this user's own files is enough (a user namespace); no password asked where that works.
# Some systems make the namespace but allow nothing in it.
like_root() {
    if ((EUID == 0)); then "$@"
    elif unshare --map-root-user --mount mount -t tmpfs tmpfs /tmp 2>/dev/null; then unshare --map-root-user "$@"
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
    mkdir -p "$cache/locks" "$cache/scratch" 2>/dev/null && [[ -w $cache/scratch ]] && return
    die "cannot write to the cache $cache: make it writable, or set XDG_CACHE_HOME to another directory"
}

# need_space MB WHAT… : one clear message instead of a half-made artefact.
need_space() {
    local needed=$1 free
    make_cache
    free=$(df --output=avail --block-size=1M "$cache" | tail -n 1)
    ((free >= needed)) && return
    die "not enough disk space for ${*:2}: $cache has ${free// /} MB free and needs $needed MB." \
        "Make room, or set XDG_CACHE_HOME to a directory on a larger disk"
}

# scratch NEEDED_MB WHAT… : an empty directory inside the cache, in $scratch. Call it in the subshell that with_lock opens:
# it is removed when that subshell ends, however it ends. A lock is held on the file NAME.lock beside it as long as it is in
# use; what nobody holds is swept.
scratch() {
    local lock sweeping in_use
    need_space "$@"
    exec {sweeping}>"$cache/locks/scratch"
    flock "$sweeping"
    sweep_scratch
    lock=$(mktemp "$cache/scratch/XXXXXXXX.lock") || die "cannot write to $cache/scratch"
    exec {in_use}>"$lock"
    flock "$in_use"
    exec {sweeping}>&-
    scratch=${lock%.lock}
    trap 'remove_scratch' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir -m 700 "$scratch"
}

# What was made as root goes as root.
remove_scratch() {
    rm -rf "$scratch" 2>/dev/null || like_root rm -rf "$scratch" || true
    rm -f "$scratch.lock"
}

sweep_scratch() {
    local lock
    for lock in "$cache"/scratch/*.lock; do
        [[ -e $lock ]] || continue
        # shellcheck disable=SC2016
        flock --nonblock "$lock" sh -c 'rm -rf "${1%.lock}" && rm -f "$1"' sweep "$lock" 2>/dev/null || true
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

# java_home : the JDK to use: JAVA_HOME if it is one, else the one whose javac is on the path. Fails when there is none.
java_home() {
    local javac
    if [[ -x ${JAVA_HOME:+$JAVA_HOME/bin/javac} ]]; then echo "$JAVA_HOME"; return; fi
    javac=$(command -v javac) || return
    javac=$(readlink -f "$javac")
    echo "${javac%/bin/javac}"
}

# java_version JDK : its feature release, as 17.
java_version() { "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'; }

# need_package_lists : fetches apt's lists of packages where there are none, as in a fresh container.
need_package_lists() {
    ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || return 0
    say "apt has no lists of packages: fetching them"
    as_root apt-get -qq update >&2 || die "apt cannot fetch its lists of packages (above)"
}

# Whether emulation is to be trusted. Since 8.1 QEMU holds a page while it translates code from it (tb_lock_page0 in accel/tcg).
# Before, it can miss that another processor rewrites the code meanwhile, and go on with the old: kernels hang (static keys)
# and JVMs crash (code just compiled), now and then.
qemu_emulates_well() {
    local version
    version=$(qemu-system-x86_64 --version | sed -n 's/^QEMU emulator version \([0-9]*\.[0-9]*\).*/\1/p')
    [[ $(printf '%s\n' 8.1 "$version" | sort -V | sed -n 1p) == 8.1 ]]
}
