# The guest's kernel, from Debian's packages, and a binder module with binderfs for it. Sourced after debian.sh.
#
# One directory per kernel release in the cache:
#   vmlinuz  modules/lib/modules/RELEASE/  boot/ (what the initramfs inserts, in order)  binder_linux.ko  release
# shellcheck shell=bash disable=SC2154

kernel_cache=$cache/kernel-1

# The Debian series that carries a kernel series, and the needed megabytes (most of it freed again).
kernel_suite() {
    case $1 in
        6.1) echo bookworm ;;
        6.12) echo trixie ;;
        newest) echo sid ;;
        *) die "unknown kernel series '$1': choose 6.1, 6.12 or newest" ;;
    esac
}
kernel_space_mb=1800

# What must be in the initramfs to reach the root file system; everything else is loaded from there.
boot_modules=(virtio_pci 9pnet_virtio 9p overlay)

kernel_dir() { echo "$kernel_cache/$1"; }

ensure_kernel() {
    kernel_suite "$1" >/dev/null
    [[ -r $(kernel_dir "$1")/release ]] || with_lock "kernel-$1" prepare_kernel "$1"
}

prepare_kernel() {
    local series=$1 suite release
    [[ -r $(kernel_dir "$series")/release ]] && return
    suite=$(kernel_suite "$series")
    scratch "$kernel_space_mb" "kernel $series with binderfs"
    long "1 to 2 minutes" "preparing kernel $series from Debian $suite with a binderfs module"
    open_suite "$suite"
    release=$(kernel_release "$suite")
    fetch_kernel "$suite" "$release"
    take_kernel "$release"
    build_binderfs "$suite" "$release"
    echo "$release" >"$scratch/out/release"
    publish "$scratch/out" "$kernel_cache/$release"
    ln -sfn "$release" "$(kernel_dir "$series")"
    done_long
}

# The release behind the headers metapackage is the one everything else must match.
kernel_release() {
    local headers
    headers=$(depends_on "$1" linux-headers-amd64 '^linux-headers-')
    [[ -n $headers ]] || die "Debian $1 has no linux-headers-amd64: its archive looks incomplete"
    echo "${headers#linux-headers-}"
}

# The compiler and kbuild come along with the headers, so the module is built by what built the kernel.
fetch_kernel() {
    local suite=$1 release=$2 source packages
    source=$(private_apt "$suite" apt-cache show "linux-headers-$release" | awk '/^Version:/ && !n++ { print $2 }')
    source="linux-source-$(grep -oE '^[0-9]+\.[0-9]+' <<<"$release")=$source"
    fetch_packages "$suite" "$scratch/source" "$source"
    mapfile -t packages < <(kernel_packages "$suite" "$release")
    fetch_packages "$suite" "$scratch/image" "${packages[@]}"
    fetch_closure "$suite" "$scratch/tools" \
        "linux-headers-$release" make bash coreutils findutils gawk grep sed
    rm -f "$scratch"/tools/linux-image-*.deb
}

# Image and modules are one package or several, depending on the series.
kernel_packages() {
    local image="linux-image-$2"
    echo "$image"
    private_apt "$1" apt-cache depends "$image" \
        | awk -v r="$2" '/Depends:/ && $2 ~ /^linux-(base|binary|modules)-/ && index($2, r) { print $2 }'
}

take_kernel() {
    local release=$1 out=$scratch/out modules
    unpack "$scratch/image-root" "$scratch"/image/*.deb
    mkdir -p "$out/modules/lib/modules" "$out/boot"
    mv "$scratch/image-root/boot/vmlinuz-$release" "$out/vmlinuz" 2>/dev/null \
        || mv "$(find "$scratch/image-root" -name 'vmlinuz*' -type f -print -quit)" "$out/vmlinuz"
    modules=$(find "$scratch/image-root" -type d -path "*/lib/modules/$release")
    mv "$modules" "$out/modules/lib/modules/"
    depmod --basedir "$out/modules" "$release"
    take_boot_modules "$release" "$out"
}

# Numbered in the order they must be inserted, decompressed because a small init cannot.
take_boot_modules() {
    local release=$1 out=$2 number=100 module
    while read -r _ module; do
        expand "$module" >"$out/boot/$number-$(basename "${module%%.ko*}").ko"
        number=$((number + 1))
    done < <(modprobe --dirname "$out/modules" --set-version "$release" --show-depends --all "${boot_modules[@]}" \
        | awk '$1 == "insmod" && !seen[$2]++')
}

expand() {
    case $1 in
        *.xz) xz --decompress --stdout "$1" ;;
        *.zst) zstd --decompress --stdout --quiet "$1" ;;
        *.gz) gzip --decompress --stdout "$1" ;;
        *) cat "$1" ;;
    esac
}

# Debian compiles binder as a module without binderfs: the same source, once more, with it.
build_binderfs() {
    local suite=$1 release=$2 root=$scratch/root
    unpack_root "$root" "$scratch"/tools/*.deb
    mkdir -p "$root/build"
    dpkg-deb --fsys-tarfile "$scratch"/source/*.deb \
        | tar --extract --to-stdout --wildcards './usr/src/linux-source-*.tar.xz' \
        | tar --extract --xz --directory "$root/build" --strip-components 1 --wildcards 'linux-source-*/drivers/android'
    cp "$ci/lib/ipc_namespace.h" "$root/build/"
    # shellcheck disable=SC2016
    in_root "$root" sh -c '
        flags=-DCONFIG_ANDROID_BINDERFS=1
        grep -qw put_ipc_ns "/lib/modules/$1/build/Module.symvers" || flags="$flags -include /build/ipc_namespace.h"
        make -s -C "/lib/modules/$1/build" M=/build/drivers/android \
            CONFIG_ANDROID_BINDER_IPC=m CONFIG_ANDROID_BINDERFS=y KCFLAGS="$flags" modules &&
            x86_64-linux-gnu-strip --strip-debug /build/drivers/android/binder_linux.ko
        ' build "$release" >"$scratch/log" 2>&1 || {
        tail -n 30 "$scratch/log" >&2
        die "the binderfs module of $release does not compile (above)"
    }
    cp "$root/build/drivers/android/binder_linux.ko" "$scratch/out/"
}
