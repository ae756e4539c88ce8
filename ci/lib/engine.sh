# A Docker engine for the guest: unpacked into the cache, never installed. Sourced after debian.sh.
#
# The same series of Debian whatever the host's, in the version its archive has when the cache is filled. The binaries run on
# the guest's C library, which is the host's:
# dockerd and containerd of Debian 13 ask for glibc 2.34 at least, and so does runc of Debian 12 (that of 13: 2.38).
# shellcheck shell=bash disable=SC2154

engine_cache=$cache/engine-1
engine_disk=$cache/engine-data-1.ext4
engine_disk_size=16G

ensure_engine() {
    [[ -x $engine_cache/usr/sbin/dockerd ]] || with_lock engine prepare_engine
    [[ -s $engine_disk ]] || with_lock engine-disk prepare_disk
}

prepare_engine() {
    [[ -x $engine_cache/usr/sbin/dockerd ]] && return
    scratch 700 "the Docker engine"
    long "20 seconds" "preparing a Docker engine from Debian's packages"
    open_suite trixie
    open_suite bookworm
    fetch_packages trixie "$scratch/debs" docker.io containerd tini
    fetch_packages bookworm "$scratch/debs" runc
    unpack "$scratch/root" "$scratch"/debs/*.deb
    rm -rf "$scratch"/root/{etc,lib} "$scratch"/root/usr/{share,lib} "$scratch"/root/usr/bin/{ctr,containerd-shim,containerd-shim-runc-v1}
    publish "$scratch/root" "$engine_cache"
    done_long
}

# The engine's images and containers. Sparse: it takes what is in it.
prepare_disk() {
    [[ -s $engine_disk ]] && return
    scratch 200 "the Docker engine's disk"
    truncate --size "$engine_disk_size" "$scratch/disk"
    mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$scratch/disk"
    publish "$scratch/disk" "$engine_disk"
}
