# Building with Maven, quietly unless it fails. Sourced after common.sh.
# shellcheck shell=bash

# build_jars MODULE [MAVEN OPTION…] : compiles and installs the module and what it needs; its class path is then in target/class-path.
build_jars() {
    long "20 seconds, the first time a few minutes to download" "building $1 with Maven"
    mkdir -p target
    with_lock "build of $(cksum <<<"$PWD" | cut -d ' ' -f 1)" maven_install "$@"
    done_long
}

maven_install() {
    local log=target/build.log status=0 options=("${@:2}")
    mvn --batch-mode "${options[@]}" --projects "$1" --also-make -DskipTests -Dmaven.test.skip -Dspotless.check.skip install \
        >"$log" 2>&1 || status=$?
    ((status)) || mvn --batch-mode "${options[@]}" --quiet --projects "$1" dependency:build-classpath \
        -Dmdep.outputFile="$PWD/$1/target/class-path" >>"$log" 2>&1 || status=$?
    ((status)) || return 0
    ((status < 128)) || exit "$status"
    grep -E 'ERROR|BUILD' "$log" | head -n 40 >&2 || tail -n 40 "$log" >&2
    die "Maven failed (above); the whole log is $log"
}

# run_main MODULE CLASS ARGUMENT… : with the module's class path, as Maven resolved it, and text as it is typed.
run_main() {
    local module=$1
    shift
    LC_ALL=C.UTF-8 "$(java_home)/bin/java" -cp "$module/target/classes:$(cat "$module/target/class-path")" "$@"
}
