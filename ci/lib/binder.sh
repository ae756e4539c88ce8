# A Docker engine whose kernel has binder: this machine's own, or a virtual machine's. Sourced after common.sh.
# shellcheck shell=bash

# use_engine NAME [binderfs] : sets DOCKER_HOST. A machine that it starts is called NAME and ends with this script, however
# that ends. With `binderfs` a static device will not do.
use_engine() {
    # No registry to fetch Testcontainers' reaper from is needed: what tests make they remove. No bridge network either.
    export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=localhost
    if own_engine "${2:-}"; then
        say "using this machine's own binder driver, and the Docker engine at ${DOCKER_HOST:-its usual place}"
        return
    fi
    [[ -z ${DOCKER_HOST:-} ]] || say "not using DOCKER_HOST=$DOCKER_HOST: $reason"
    say "starting a virtual machine: $reason"
    ci/setup vm
    machine=$1
    [[ -n $(trap -p EXIT) ]] || trap end_engine EXIT # a script with a trap of its own calls it there
    ci/vm up --name "$machine" --with-parent $$
    DOCKER_HOST=$(ci/vm docker-host --name "$machine")
    export DOCKER_HOST
}

# Ends the machine that use_engine started, if it did.
end_engine() {
    [[ -n ${machine:-} ]] || return 0
    ci/vm down --name "$machine"
    unset DOCKER_HOST machine
}

# Whether what DOCKER_HOST names, or the local engine, will do; $reason says why not.
own_engine() {
    reason='BINDER4J_ENGINE=vm asks for one'
    [[ ${BINDER4J_ENGINE:-auto} != vm ]] || return 1
    reason="no Docker engine answers here"
    local kernel
    kernel=$(engine_kernel) || return 1
    # An engine that runs on another kernel, a virtual machine's: the volume driver will tell whether that has binder.
    [[ $kernel == "$(uname -r)" ]] || { reason="its kernel $kernel is not this machine's"; from_ci_vm; return; }
    reason="this kernel has no binder driver"
    kernel_has_binder || return 1
    reason="this kernel's binder driver has no binderfs"
    [[ ${1:-} != binderfs ]] || has_binderfs
}

# A machine of `ci/vm up` that is running already.
from_ci_vm() { [[ ${DOCKER_HOST:-} == unix://*/binder4j-"$UID"/*/docker.sock ]]; }

engine_kernel() {
    local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
    [[ $host == unix://* ]] && command -v curl >/dev/null &&
        curl --silent --fail --unix-socket "${host#unix://}" http://docker/info | sed -n 's/.*"KernelVersion":"\([^"]*\)".*/\1/p'
}

has_binderfs() { grep -qsw binder /proc/filesystems; }

kernel_has_binder() {
    has_binderfs || [[ -c /dev/binder ]] || load_module
}

load_module() {
    modprobe --dry-run --quiet binder_linux || return 1
    ((EUID == 0)) || command -v sudo >/dev/null || return 1
    say "loading this kernel's binder driver: modprobe binder_linux (it stays until the next boot)"
    as_root modprobe binder_linux devices=binder,hwbinder,vndbinder
}
