# Runs the scenarios with one client against a server of its own. Sourced by the `run` of each
# client, which sets:
#   CLIENT      the command of the client program, an array
#   SEPARATOR   what joins a root id and its first child: ":" in the newer dialect, "." in the older
#   FIRST_CHILD the number of the first child
#   STEP_SURVIVES_OUTAGE  whether the client survives losing the server in the middle of a step:
#               yes, or no with the reason beside it
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
# Everything installed for the suites: outside git, kept between runs.
CACHE=${CARGO_TARGET_DIR:-$ROOT/target}/clients
mkdir -p "$CACHE"

# shellcheck source=report.sh
source "$HERE/report.sh"
# shellcheck source=server.sh
source "$HERE/server.sh"
# shellcheck source=workers.sh
source "$HERE/workers.sh"
# shellcheck source=faults.sh
source "$HERE/faults.sh"
# shellcheck source=scenarios.sh
source "$HERE/scenarios.sh"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/abide-clients.XXXXXX")

finish() {
    workers_stop
    faults_stop
    server_stop
    if [ "$FAILED" -eq 0 ]; then
        rm -rf "$WORK"
    else
        echo "logs are kept in $WORK"
    fi
}
trap finish EXIT
trap 'exit 130' INT TERM

# A fresh data directory, scratch directory and port.
arena() { # NAME
    DATA=$WORK/$1/data
    LOGS=$WORK/$1/logs
    export SCRATCH=$WORK/$1/scratch
    mkdir -p "$DATA" "$LOGS" "$SCRATCH"
    PORT=$(free_port)
    METRICS_PORT=$(free_port)
    SERVER_PORT=$PORT
    faulty && SERVER_PORT=$(free_port)
    # For the clients, and for the suite itself.
    export RESONATE_URL=http://127.0.0.1:$PORT
    SERVER_URL=http://127.0.0.1:$SERVER_PORT
}

# All scenarios with CLIENT, or those that ONLY names.
suite() { # NAME
    local name=$1 scenario wrong scenarios=("${SCENARIOS[@]}")
    if ! faulty; then
        scenarios+=(killed_server)
        [ "$STEP_SURVIVES_OUTAGE" = yes ] && scenarios+=(server_killed_again_and_again)
    fi
    echo "== $name"
    arena "${name//[^A-Za-z0-9.-]/-}"
    if ! server_start || { faulty && ! network_start; } || ! worker_start east ||
        ! worker_start west; then
        failed "$name" "the server or a worker did not start"
        workers_stop
        faults_stop
        server_stop
        return
    fi
    faulty && server_supervise
    WEST=$WORKER
    for scenario in "${scenarios[@]}"; do
        case " ${ONLY:-$scenario} " in *" $scenario "*) ;; *) continue ;; esac
        # In this shell, not a substitution's: scenarios start and stop processes.
        "$scenario" >"$LOGS/wrong" 2>>"$LOGS/suite.log"
        wrong=$(tr '\n' ';' <"$LOGS/wrong")
        if [ -z "$wrong" ]; then
            passed "$name $scenario"
        else
            failed "$name $scenario" "${wrong%;}"
        fi
    done
    workers_stop
    faults_stop
    server_stop
    ! faulty || faults_line "$name"
}
