# The processes of the client under test: workers that serve a group, and calls.
# shellcheck shell=bash

WORKERS=()
CALL_SECONDS=${CALL_SECONDS:-60}
# How often a caller under faults calls again, and how long it waits each time.
ATTEMPTS=8
ATTEMPT_SECONDS=15

# Starts a worker; its process id is in WORKER.
worker_start() { # GROUP
    local log="$LOGS/worker-$1-${#WORKERS[@]}.log"
    : >"$log"
    "${CLIENT[@]}" worker "$1" >"$log" 2>&1 &
    WORKER=$!
    WORKERS+=("$WORKER")
    wait_until 30 grep -q '^ready' "$log" || { cat "$log" >&2; return 1; }
}

workers_stop() {
    local pid
    for pid in "${WORKERS[@]}"; do
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    WORKERS=()
}

# Runs the client as a caller and prints what it prints, without blanks.
call() { # COMMAND ARG...
    if faulty; then
        call_again "$@"
    else
        timeout "$CALL_SECONDS" "${CLIENT[@]}" "$@" 2>>"$LOGS/calls.log" | tr -d ' \n'
    fi
}

# Under faults a caller may give up, or wait for a message that its connection has lost. Calling
# again with the same id joins the same execution, so it is called until there is an answer; an
# error is one when the promise itself is rejected, and when it does not say that the caller's own
# request failed (what a client says then is its LOST_CALLER): the promise may well be rejected by then.
call_again() { # COMMAND GROUP ID ARG...
    local got id=$3
    [ "$1" = get ] && id=$2
    for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
        got=$(timeout "$ATTEMPT_SECONDS" "${CLIENT[@]}" "$@" 2>>"$LOGS/calls.log" | tr -d ' \n')
        echo "$attempt $* -> $got" >>"$LOGS/attempts.log"
        case $got in
        '') ;;
        error:*) ! lost_caller "$got" && promise_is "$id" rejected && break ;;
        *) break ;;
        esac
    done
    echo "$got"
}

lost_caller() { # GOT
    [ -n "${LOST_CALLER:-}" ] && [[ $1 == error:*$LOST_CALLER* ]]
}

# The same in the background; `answer NAME` waits for it and leaves what it printed in ANSWER.
declare -A CALLS
call_start() { # NAME COMMAND ARG...
    local name=$1
    shift
    call "$@" >"$LOGS/answer-$name" &
    CALLS[$name]=$!
}

answer() { # NAME
    wait "${CALLS[$1]}"
    ANSWER=$(<"$LOGS/answer-$1")
}

wait_until() { # SECONDS COMMAND...
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

lines_of() { # FILE
    [ -f "$SCRATCH/$1" ] && wc -l <"$SCRATCH/$1" || echo 0
}

has_lines() { # FILE COUNT
    [ "$(lines_of "$1")" -ge "$2" ]
}
