# A Docker engine whose kernel has binder: this machine's own, or a virtual machine's. Sourced after common.sh.
# shellcheck shell=bash

# use_engine NAME : sets DOCKER_HOST. A machine that it starts is called NAME and ends with this script, however that ends.
use_engine() {
    if own_engine; then
        say "this machine's kernel has binder, and its Docker engine answers: using them"
        return
    fi
    ci/setup vm
    machine=$1
    trap 'ci/vm down --name "$machine"' EXIT
    ci/vm up --name "$machine" --with-parent $$
    DOCKER_HOST=$(ci/vm docker-host --name "$machine")
    # No registry to fetch Testcontainers' reaper from: the machine's end removes everything. No network to look up.
    export DOCKER_HOST TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=localhost
}

# BINDER4J_ENGINE=vm asks for a virtual machine in any case.
own_engine() {
    [[ ${BINDER4J_ENGINE:-auto} != vm ]] && docker_answers && kernel_has_binder
}

docker_answers() {
    local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
    [[ $host == unix://* ]] && curl --silent --fail --output /dev/null --unix-socket "${host#unix://}" http://docker/_ping
}

kernel_has_binder() {
    grep -qsw binder /proc/filesystems || [[ -c /dev/binder ]] ||
        { modprobe --dry-run --quiet binder_linux && as_root modprobe binder_linux devices=binder,hwbinder,vndbinder; }
}
