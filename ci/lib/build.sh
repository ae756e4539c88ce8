# Building with Maven, quietly unless it fails. Sourced after common.sh.
# shellcheck shell=bash

# build_jars MODULE : compiles and installs the module and what it needs; its class path is then in target/class-path.
build_jars() {
    local log=target/build.log
    mkdir -p target
    long "20 seconds, the first time a few minutes to download" "building $1 with Maven"
    if ! mvn --batch-mode --projects "$1" --also-make -DskipTests -Dmaven.test.skip -Dspotless.check.skip install >"$log" 2>&1 ||
        ! mvn --batch-mode --quiet --projects "$1" dependency:build-classpath -Dmdep.outputFile="$PWD/$1/target/class-path" \
            >>"$log" 2>&1; then
        grep -E 'ERROR|BUILD' "$log" | head -n 40 >&2 || tail -n 40 "$log" >&2
        die "Maven failed (above); the whole log is $log"
    fi
    done_long
}

# run_main MODULE CLASS ARGUMENT… : the module's class path, as Maven resolved it.
run_main() {
    local module=$1
    shift
    java -cp "$module/target/classes:$(cat "$module/target/class-path")" "$@"
}
