# Packages of any Debian series, fetched and unpacked without installing anything. Sourced after common.sh.
# A private apt per series (own sources, lists and an empty package database) lives in $scratch, where `scratch` made it.
# shellcheck shell=bash disable=SC2154

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The machine's own mirror: whatever its apt uses for Debian; on other distributions what the bootstrap tools default to.
debian_mirror() {
    local mirror=${BINDER4J_DEBIAN_MIRROR:-}
    [[ -n $mirror ]] || mirror=$(configured_mirror | sed -n 1p)
    [[ -n $mirror ]] || mirror=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' /usr/sbin/debootstrap 2>/dev/null || true)
    [[ -n $mirror ]] || die "no Debian mirror is configured on this machine:" \
        "set BINDER4J_DEBIAN_MIRROR to the address of one, or install debootstrap, which knows one (ci/setup vm)"
    echo "${mirror%/}"
}

configured_mirror() {
    local codename
    # shellcheck disable=SC2016  # $(…) is apt's own format language
    apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null | awk 'NF && !n++'
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && [[ $ID == debian ]] && echo "$VERSION_CODENAME") || return 0
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | awk -v c="$codename" '$1 == c && !n++ { print $2 }'
}

# private_apt SUITE COMMAND… : runs an apt tool with the private configuration of that series.
private_apt() {
    local suite=$1
    shift
    APT_CONFIG=$scratch/debian/$suite/apt.conf "$@"
}

# open_suite SUITE : makes the private apt and fetches its lists.
open_suite() {
    local suite=$1 dir=$scratch/debian/$1 mirror
    [[ -r $debian_keyring ]] || die "the keys of the Debian archive are missing: run ci/setup vm"
    mirror=$(debian_mirror)
    mkdir -p "$dir"/{lists/partial,archives/partial,etc/apt.conf.d,etc/preferences.d}
    : >"$dir/status"
    echo "deb [signed-by=$debian_keyring] $mirror $suite main" >"$dir/etc/sources.list"
    apt_configuration "$dir" >"$dir/apt.conf"
    private_apt "$suite" apt-get -qq update >"$dir/log" 2>&1 && ! grep -q '^E:\|^W: Failed' "$dir/log" && return
    cat "$dir/log" >&2
    die "cannot read the package lists of Debian $suite from $mirror (above): check the network, or set BINDER4J_DEBIAN_MIRROR"
}

apt_configuration() {
    cat <<-CONF
	Dir "/";
	Dir::State "$1";
	Dir::State::lists "$1/lists";
	Dir::State::status "$1/status";
	Dir::Cache "$1";
	Dir::Cache::archives "$1/archives";
	Dir::Etc "$1/etc";
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; };
	APT::Install-Recommends "false";
	APT::Sandbox::User "root";
	Acquire::Check-Valid-Until "false";
	Acquire::Languages "none";
	Acquire::GzipIndexes "true";
	Debug::NoLocking "true";
	CONF
    apt-config dump | grep -E '^Acquire::https?::' || true
}

# candidate SUITE PACKAGE : the version the archive has now.
candidate() { private_apt "$1" apt-cache policy "$2" | awk '/Candidate:/ { print $2 }'; }

# depends_on SUITE PACKAGE PATTERN : the package behind a metapackage.
depends_on() {
    private_apt "$1" apt-cache depends "$2" | awk -v p="$3" '/Depends:/ && $2 ~ p && !n++ { print $2 }'
}

# fetch_packages SUITE DIRECTORY PACKAGE… : exactly these, no dependencies.
fetch_packages() {
    local suite=$1 into=$2
    shift 2
    mkdir -p "$into"
    (cd "$into" && private_apt "$suite" apt-get -qq download "$@") >&2 \
        || die "cannot download $* of Debian $suite (above)"
}

# fetch_closure SUITE DIRECTORY PACKAGE… : these and all they depend on.
fetch_closure() {
    local suite=$1 into=$2
    shift 2
    mkdir -p "$into/partial"
    private_apt "$suite" apt-get -qq -y -o "Dir::Cache::archives=$into" --download-only install "$@" >"$into/log" 2>&1 && return
    cat "$into/log" >&2
    die "cannot download $* of Debian $suite (above)"
}

# unpack DIRECTORY DEB… : the files only; no maintainer script runs.
unpack() {
    local into=$1 deb
    shift
    mkdir -p "$into"
    for deb in "$@"; do
        dpkg-deb --fsys-tarfile "$deb" | tar --extract --keep-directory-symlink --directory "$into" && continue
        die "cannot unpack ${deb##*/} to $into (above): $(df --output=avail --block-size=1M "$into" | tail -n 1) MB are free there"
    done 2> >(tail -n 3 >&2)
}

# unpack_root DIRECTORY DEB… : a root file system to chroot into, enough to run programs.
unpack_root() {
    local into=$1 dir
    mkdir -p "$into"/{dev,etc,proc}
    for dir in bin sbin lib lib64; do
        mkdir -p "$into/usr/$dir"
        ln -sfn "usr/$dir" "$into/$dir"
    done
    unpack "$@"
    [[ -e $into/usr/bin/sh ]] || ln -s bash "$into/usr/bin/sh"
    [[ -e $into/usr/bin/awk ]] || ln -s gawk "$into/usr/bin/awk"
}

# in_root DIRECTORY COMMAND… : runs a program of such a root file system, with the machine's /dev and /proc.
in_root() {
    # shellcheck disable=SC2016
    like_root unshare --mount sh -c '
        mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && exec chroot "$@"' in_root "$@"
}
