# libgbinder, the library in C that the benchmarks compare with, from Debian's packages. Sourced after debian.sh.
#
# One directory per version in the cache:
#   lib/  its libraries, but GLib, which is the machine's own
#   run   runs a program with them: run PROGRAM ARGUMENT…
# shellcheck shell=bash disable=SC2154

# The only Debian series that carries it.
libgbinder_suite=sid
libgbinder_space_mb=300

# The directory of the version that is in the cache.
libgbinder_dir() { readlink -f "$cache/libgbinder"; }

# A guest that runs already does not see what is made here: see ci/vm.
ensure_libgbinder() { [[ -x $cache/libgbinder/run ]] || with_lock libgbinder prepare_libgbinder; }

prepare_libgbinder() {
    local version
    [[ -x $cache/libgbinder/run ]] && return
    scratch "$libgbinder_space_mb" libgbinder
    long "20 seconds" "fetching libgbinder from Debian $libgbinder_suite"
    open_suite "$libgbinder_suite"
    version=$(candidate "$libgbinder_suite" libgbinder1)
    fetch_packages "$libgbinder_suite" "$scratch/debs" libgbinder1 libglibutil1
    unpack "$scratch/root" "$scratch"/debs/*.deb
    mkdir -p "$scratch/out"
    mv "$scratch/root/usr/lib/x86_64-linux-gnu" "$scratch/out/lib"
    check_libgbinder "$version"
    write_run "$scratch/out/run"
    publish "$scratch/out" "$cache/libgbinder-$version"
    ln -sfn "libgbinder-$version" "$cache/libgbinder"
    done_long
}

# What it needs beside its own: GLib, and a C library that is new enough.
check_libgbinder() {
    local missing
    missing=$(LD_LIBRARY_PATH=$scratch/out/lib ldd "$scratch/out/lib/libgbinder.so.1" 2>&1 | grep 'not found' || true)
    [[ -z $missing ]] || die "libgbinder $1 does not run on this machine; GLib may have to be installed (libglib2.0-0)," \
        "or a newer C library is needed:"$'\n'"$missing"
}

write_run() {
    cat >"$1" <<-'RUN'
	#!/bin/sh
	# Runs a program with libgbinder: run PROGRAM ARGUMENT…
	lib=$(dirname "$(readlink -f "$0")")/lib
	exec env "LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$@"
	RUN
    chmod +x "$1"
}
