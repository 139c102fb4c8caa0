# Results of a suite: one line a scenario, and the closing line that says how many there were.
# shellcheck shell=bash

PASSED=0
FAILED=0
SKIPPED=0

passed() { # NAME
    PASSED=$((PASSED + 1))
    echo "ok       $1"
}

failed() { # NAME WHY
    FAILED=$((FAILED + 1))
    echo "FAILED   $1: $2"
}

skipped() { # NAME WHY
    SKIPPED=$((SKIPPED + 1))
    echo "SKIPPED  $1: $2"
}

# The last line of every suite. What was skipped is not passed: the line says so. A suite in which
# nothing happened has failed.
closing_line() {
    echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    [ "$FAILED" -eq 0 ] && [ $((PASSED + SKIPPED)) -gt 0 ]
}

# Repeats what a suite says, and counts its closing line in.
count_in() { # NAME
    local line counted=no
    while IFS= read -r line; do
        echo "$line"
        if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
            PASSED=$((PASSED + BASH_REMATCH[1]))
            FAILED=$((FAILED + BASH_REMATCH[2]))
            SKIPPED=$((SKIPPED + BASH_REMATCH[3]))
            counted=yes
        fi
    done
    [ "$counted" = yes ] || failed "$1" "the suite broke off"
}
