# One virtual machine: starting it, waiting for it, ending it. Sourced after kernel.sh and engine.sh, with the options in
# $name $kernel $cpus $memory $device $accel $append $with_engine.
#
# Run directory of a machine (only its owner can enter):
#   pod          PID and start time of the process whose end ends everything
#   options      what it was started with            ready      present when it answers
#   console.log  serial console    kernel.log  kernel messages    pod.log  what QEMU said
#   docker.sock  ssh.sock          guest/      the share `control` of the guest
# shellcheck shell=bash disable=SC2154,SC2054  # the commas are QEMU's

guest_files=$ci/lib/guest
run_base=${XDG_RUNTIME_DIR:-/tmp}
# Sockets have short names, and those who use them (ssh, socat, DOCKER_HOST) no common way to quote.
[[ -d $run_base && -w $run_base && $run_base =~ ^/[A-Za-z0-9_./-]{0,40}$ ]] || run_base=/tmp
run_base=$run_base/binder4j-$UID

machine_dir() { echo "$run_base/$name"; }

make_run_base() {
    mkdir -m 700 "$run_base" 2>/dev/null || [[ -d $run_base ]]
    [[ -O $run_base && ! -L $run_base ]] || die "$run_base is not ours: remove it"
    chmod 700 "$run_base"
}

# ---- state

pod_pid() { [[ -r $dir/pod ]] && cut -d ' ' -f 1 "$dir/pod"; }

is_running() {
    local pid started
    read -r pid started 2>/dev/null <"$dir/pod" || return 1
    [[ -n $started && $(started_at "$pid") == "$started" ]]
}

is_ready() { is_running && [[ -e $dir/ready ]]; }

# A directory whose machine is gone is what a killed shell or a reboot left.
sweep_stale() {
    [[ -d $dir ]] || return 0
    is_running && return
    say "removing what a machine '$name' that did not end in order left behind"
    grep --text -m 1 'Kernel panic' "$dir/console.log" 2>/dev/null | tr -d '\r' | sed 's/^/  its console: /' >&2 || true
    rm -rf "$dir"
}

wanted_options() {
    local engine=''
    [[ $with_engine == yes ]] || engine=' engine=no'
    echo "kernel=$kernel device=$device cpus=$cpus memory=$memory accel=$accel$engine${append:+ append=\"$append\"}"
}

# ---- start

images_mb=1500    # what our images take of the Docker engine's disk

start_machine() {
    local command fd=''
    [[ $with_engine == no ]] || claim_disk
    qemu_command "$1"
    rm -f "$dir"/*.sock
    : >"$dir/console.log"
    : >"$dir/kernel.log"
    setsid unshare "${namespaces[@]}" "$ci/lib/pod" "$dir" "${command[@]}" >"$dir/pod.log" 2>&1 </dev/null 8>&- &
    disown
    echo "$! $(started_at $!)" >"$dir/pod"
    [[ -z $fd ]] || exec {fd}>&-
}

# A user who is not root gets the namespaces by way of one of his own.
choose_namespaces() {
    namespaces=(--net --pid --fork --kill-child)
    ((EUID == 0)) || namespaces+=(--user --map-root-user)
    # Some systems make the namespaces but let nothing be done in them.
    unshare "${namespaces[@]}" busybox ip link set lo up 2>/dev/null && return
    ((EUID)) || die "cannot make the network namespace that hides the machine's ports: this container lacks CAP_SYS_ADMIN." \
        "Start it with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN and without a seccomp profile"
    die "cannot make the network namespace that hides the machine's ports: this system allows no user namespaces." \
        "$(how_to_allow), or run as root"
}

how_to_allow() {
    local setting
    for setting in kernel/apparmor_restrict_unprivileged_userns=0 kernel/unprivileged_userns_clone=1; do
        [[ -e /proc/sys/${setting%=*} && $(<"/proc/sys/${setting%=*}") != "${setting#*=}" ]] || continue
        echo "Allow them until the next boot with: sudo sysctl ${setting/\//.}"
        return
    done
    echo "In a container, start it with --privileged"
}

make_guest_files() {
    local guest=$dir/guest
    mkdir -p "$guest/runs"
    cp "$guest_files"/{start,run,stop} "$guest/"
    cp "$(kernel_dir "$kernel")/binder_linux.ko" "$guest/"
    printf '%s=%q\n' device "$device" home "$HOME" with_engine "$with_engine" >"$guest/settings"
    make_keys "$guest"
}

make_keys() {
    dropbearkey -t ed25519 -f "$1/host_key" >"$dir/host_key.txt" 2>&1 || die "dropbearkey failed: $(<"$dir/host_key.txt")"
    awk '/^ssh-/ { print "guest", $1, $2 }' "$dir/host_key.txt" >"$dir/known_hosts"
    ssh-keygen -q -t ed25519 -N '' -C binder4j -f "$dir/key"
    cp "$dir/key.pub" "$1/authorized_keys"
}

make_initramfs() {
    local tree=$dir/initramfs
    mkdir -p "$tree/bin" "$tree/modules"
    cp "$(command -v busybox)" "$tree/bin/busybox"
    cp "$guest_files/init" "$tree/init"
    cp "$(kernel_dir "$kernel")"/boot/*.ko "$tree/modules/"
    (cd "$tree" && find . | cpio --quiet --create --format newc --owner 0:0) >"$dir/initramfs.cpio"
    rm -rf "$tree"
}

# The Docker engine's disk serves one machine at a time; whoever comes second keeps images in memory. The lock is held by
# the open descriptor that QEMU inherits. A disk that was not closed in order is not trusted.
claim_disk() {
    exec {fd}>>"$engine_disk.lock"
    # A machine that has just been killed may hold it a moment longer.
    if ! flock --timeout 1 "$fd"; then
        exec {fd}>&-
        fd=
        say "another machine uses the Docker engine's disk: this one keeps its images in memory"
        return
    fi
    if [[ -e $engine_disk.open ]]; then
        say "the last machine did not close the Docker engine's disk: starting with an empty one"
        rm -f "$engine_disk" "$engine_disk.open"
        ensure_engine
    fi
    need_space $((images_mb - $(du --block-size=1M "$engine_disk" | cut -f 1))) "the Docker engine's images"
    : >"$engine_disk.open"
    : >"$dir/disk"
}

# The guest says when it opens the disk, and when it has closed it.
release_disk() {
    [[ -e $dir/disk ]] || return 0
    on_console 'binder4j: disk opened' && ! on_console 'binder4j: disk closed' && return
    rm -f "$engine_disk.open"
}

qemu_command() {
    local accel=$1 kernel_files clock=''
    [[ $accel != icount ]] || clock=binder4j.clock=instructions    # for those who measure in it
    kernel_files=$(kernel_dir "$kernel")
    command=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35
        -name "binder4j-$name" -smp "$cpus" -m "$memory" -rtc base=utc
        -kernel "$kernel_files/vmlinuz" -initrd "$dir/initramfs.cpio"
        # Ends a guest of which a processor has been stuck in the kernel for a minute, and says where.
        -append "console=ttyS0 quiet loglevel=4 panic=-1 softlockup_panic=1 watchdog_thresh=30 mitigations=off random.trust_cpu=on $clock $append"
        -chardev "file,id=console,path=$dir/console.log" -serial chardev:console
        -device virtio-serial-pci -chardev "file,id=log,path=$dir/kernel.log"
        -device virtserialport,chardev=log,name=kernel-log
        -device virtio-rng-pci
        -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:2375-:2375,hostfwd=tcp:127.0.0.1:2222-:22"
        -device virtio-net-pci,netdev=net,romfile=)
    [[ $accel != tcg ]] || qemu_emulates_well || say "this QEMU is older than 8.1: a guest it emulates on several processors" \
        "may hang, and JVMs in it crash, now and then; ci/setup vm installs a newer one where there is one"
    case $accel in
        kvm) command+=(-accel kvm -cpu host) ;;
        tcg) command+=(-accel tcg,thread=multi -cpu max) ;;
        icount) command+=(-accel tcg,thread=single -icount shift=0 -cpu max) ;;
    esac
    share host /
    share control "$dir/guest"
    [[ $with_engine == no ]] || share engine "$engine_cache"
    share modules "$kernel_files/modules"
    [[ -z $fd ]] || command+=(-drive "if=virtio,format=raw,cache=unsafe,discard=unmap,werror=report,rerror=report,file.locking=off,file=${engine_disk//,/,,}")
}

share() { command+=(-virtfs "local,id=$1,mount_tag=$1,path=${2//,/,,},security_model=none,readonly=on,multidevs=remap"); }

# ---- waiting

# await PATIENCE PROGRESS CONDITION… : 0 when the condition holds, 2 when the machine ended or said that it failed, 1 when what
# PROGRESS prints stays the same for PATIENCE seconds. There is no other limit: on a busy host all takes as long as it takes.
await() {
    local patience=$1 progress=$2 begun=$SECONDS changed=$SECONDS looked='' before='' now
    shift 2
    until "$@"; do
        is_running && ! has_failed || return 2
        if [[ $looked != "$SECONDS" ]]; then
            looked=$SECONDS
            now=$("$progress")
            [[ $now == "$before" ]] || changed=$SECONDS
            before=$now
            ((SECONDS - changed < patience)) || return 1
            tell_wait $((SECONDS - begun))
        fi
        sleep 0.1
    done
}

# tell_wait SECONDS : says what is waited for, once it is longer than usual and every half minute from then.
told=0
tell_wait() {
    (($1 >= 30)) || { told=0; return 0; }
    (($1 - told >= 30)) || return 0
    told=$1
    say "still waiting for $awaited (for $1 s)$(engine_report | sed 's/^/: /')"
}

# What the guest said of the engine last.
engine_report() {
    sed -n 's/\r$//; s/^binder4j: engine: //p; /^binder4j: disk opened/p' "$dir/console.log" 2>/dev/null | tail -n 1
}

# life SECONDS : the processor time that the machine has used, up to so many seconds, which a machine that gets anywhere does
# not need. Time of its own, not the clock's: a busy host gives it little.
life() {
    local used
    used=$({ cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v session="$(pod_pid)" -v hertz="$(getconf CLK_TCK)" '
        { sub(/.*\) /, "") } $4 == session { ticks += $12 + $13 } END { print int(ticks / hertz) }')
    echo $((used < $1 ? used : $1))
}

has_failed() { on_console 'binder4j: failed' || grep -q 'KVM internal error' "$dir/pod.log"; }

on_console() { grep -q "$1" "$dir/console.log" 2>/dev/null; }

# http METHOD PATH : the answer of the Docker engine, header and body.
http() {
    printf '%s %s HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n' "$1" "$2" \
        | timeout 20 socat -t 20 - "UNIX-CONNECT:$dir/docker.sock" 2>/dev/null
}

docker_answers() { http GET /_ping | grep -q 'OK$'; }

report_failure() {
    say "the machine '$name' did not start: $1"
    if [[ -s $dir/pod.log ]]; then sed 's/^/  qemu: /' "$dir/pod.log" >&2; fi
    tail -n 15 "$dir/console.log" 2>/dev/null | tr -d '\r' | sed 's/^/  console: /' >&2
}

# ---- acceleration

no_kvm_note=$cache/no-kvm

boot_of_host() { cat /proc/sys/kernel/random/boot_id; }

# Says what will be used, and why it is not hardware virtualisation.
choose_accel() {
    chosen_accel=$accel
    [[ $accel == auto ]] || return 0
    chosen_accel=tcg
    if [[ ! -e /dev/kvm ]]; then say "no /dev/kvm on this machine: emulating (slower)"
    elif [[ ! -w /dev/kvm ]]; then say "no permission for /dev/kvm (join the group kvm): emulating (slower)"
    elif [[ $(cat "$no_kvm_note" 2>/dev/null) == "$(boot_of_host)" ]]; then
        say "hardware virtualisation did not boot earlier on this host: emulating (slower; --accel kvm tries again)"
    else chosen_accel=kvm
    fi
}

# Some hosts offer a /dev/kvm on which a kernel never comes to life, or soon dies: an automatic choice is taken back. It is
# remembered only when emulation does better.
boot() {
    local failure
    start_machine "$chosen_accel"
    ! await_guest || return 0
    if [[ $accel == auto && $chosen_accel == kvm ]]; then
        say "with hardware virtualisation $failure: falling back to emulation (slower)"
        kill_pod
        release_disk
        chosen_accel=tcg
        start_machine tcg
        if await_guest; then boot_of_host >"$no_kvm_note"; return; fi
    fi
    fail_start "$failure"
}

# A host on which hardware virtualisation works needs a second or two for a sign of life.
brief_life() { life 10; }
long_life() { life 180; }
life_until_ready() { life 400; }

await_guest() {
    awaited="a sign of life of its kernel" failure="its kernel shows no sign of life"
    if [[ $chosen_accel == kvm ]]; then
        await 10 brief_life on_console 'binder4j: kernel alive' || return
    else
        await 60 long_life on_console 'binder4j: kernel alive' || return
    fi
    awaited="the guest to get ready" failure="it came to life but did not get ready"
    await 60 life_until_ready on_console 'binder4j: guest ready'
}

await_engine() {
    local status=0
    awaited="its Docker engine"
    await 60 engine_report docker_answers || status=$?
    case $status in
        1) fail_start "its Docker engine does not answer, and does nothing more" ;;
        2) fail_start "it failed before its Docker engine answered" ;;
    esac
}

fail_start() {
    report_failure "$1"
    exit 1
}

# ---- end

kill_pod() {
    local pid
    pid=$(pod_pid) || return 0
    kill -KILL "$pid" 2>/dev/null || true
    while is_running; do sleep 0.05; done
}

# In order when it can, so that the Docker engine's disk is whole; by force when it cannot.
stop_machine() {
    local deadline=$((SECONDS + 45))
    if is_running && on_console 'binder4j: guest ready'; then
        timeout --kill-after 5 40 "${ssh[@]}" /run/binder4j/control/stop >/dev/null 2>&1 </dev/null || true
        while is_running && ((SECONDS < deadline)); do sleep 0.1; done
    fi
    kill_pod
    release_disk
    rm -rf "$dir"
    rmdir "$run_base" 2>/dev/null || true
}
