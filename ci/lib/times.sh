# Where the time of a test run went. Sourced after common.sh.
#
# The directory $times has a line for each phase in `phases` (seconds TAB what), and a file of what the test kit writes for each
# lane (NAME.tsv, see its RunTimes). Lanes run by another process find it in the environment.
# shellcheck shell=bash

# start_times : a new directory, unless a run that this one is part of has one. Not below a target/, which Maven may clean.
start_times() {
    times=${BINDER4J_TEST_TIMES:-}
    [[ -z $times ]] || return 0
    times=$(mktemp -d "${TMPDIR:-/tmp}/binder4j-times-XXXXXXXX")
    export BINDER4J_TEST_TIMES=$times
}

# timed WHAT COMMAND… : runs it, and notes how long it took; of one that ends the script, end_phase does.
timed() {
    phase=$1 phase_started=$SECONDS
    "${@:2}" # and nothing after it that would keep it from ending the script where it fails
    end_phase
}

end_phase() {
    [[ -n ${phase:-} ]] || return 0
    printf '%d\t%s\n' $((SECONDS - phase_started)) "$phase" >>"$times/phases"
    phase=
}

# report_times COUNT : every phase, and of each lane the COUNT slowest classes.
report_times() {
    local lane
    end_phase
    [[ -e $times/phases ]] || return 0
    say "where the time went"
    awk -F '\t' '{ printf "  %5d s  %s\n", $1, $2 }' "$times/phases" >&2
    for lane in "$times"/*.tsv; do
        [[ ! -e $lane ]] || report_lane "$lane" "$1" >&2
    done
}

report_lane() {
    local name
    name=$(basename "$1" .tsv)
    awk -F '\t' -v lane="$name" '
        NR == 1 || $2 < first { first = $2 }
        { end = $2 + $3 + $4 + $5; if (end > last) last = end
          start += $3; tests += $4; stop += $5; jvms += $6 + 1; starting += $7 }
        END { printf "  kernel tests, %s: %d classes in %d s; added up, also of what went on side by side: %d s until their first tests," \
            " %d s testing, %d s ending; %d JVMs, %d s until those that tests start said something\n",
            lane, NR, (last - first) / 1000, start / 1000, tests / 1000, stop / 1000, jvms, starting / 1000 }' "$1"
    printf '  %8s %8s %8s %5s %9s  %s\n' "seconds" "start" "end" "JVMs" "starting" "slowest classes of $name"
    awk -F '\t' '{ printf "  %8.1f %8.1f %8.1f %5d %9.1f  %s\n", ($3 + $4 + $5) / 1000, $3 / 1000, $5 / 1000, $6 + 1, $7 / 1000, $1 }' "$1" \
        | sort -rn | sed -n "1,$2p" | sed 's/io\.github\.binder4j\.//'
}
