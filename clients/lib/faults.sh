# Everything that can go wrong around a client at once: a bad network, and a server that is killed
# and started again. Sourced by suite.sh; FAULTS=yes turns it on.
# shellcheck shell=bash

FAULTS=${FAULTS:-no}
# What chance starts from.
FAULT_SEED=${FAULT_SEED:-$((RANDOM * 32768 + RANDOM))}
# What the network does: see `abide-trials proxy --help`.
NETWORK=(--reset 0.03 --delay 0.1 --delay-ms 0..300 --repeat 0.2 --cut 0.05 --lose 0.1)
# The server lives this long at least, and at most as many seconds longer.
LIFE_SECONDS=4
PROXY_PID=
SUPERVISOR_PID=

faulty() {
    [ "$FAULTS" = yes ]
}

# Whether an answer is the client's own failure: a client whose OWN_FAILURE is set makes of a lost
# connection an error of the function that was running, and settles its promise with that. The suite
# says how often.
gave_up() { # GOT
    faulty && [ -n "${OWN_FAILURE:-}" ] && [[ $1 == error:*$OWN_FAILURE* ]] &&
        echo "$1" >>"$LOGS/gave-up"
}

# The network between the clients' port and the server's.
network_start() {
    : >"$LOGS/network.log"
    "$TRIALS_BIN" proxy --listen "127.0.0.1:$PORT" --to "127.0.0.1:$SERVER_PORT" \
        --seed "$FAULT_SEED" "${NETWORK[@]}" >>"$LOGS/network.log" 2>&1 &
    PROXY_PID=$!
    wait_until 10 grep -q '^listening' "$LOGS/network.log"
}

# Starts the server, kills it after some seconds, and starts it again, until it is told to stop.
server_supervise() {
    supervise &
    SUPERVISOR_PID=$!
}

supervise() {
    trap 'server_kill 2>/dev/null; exit' TERM
    RANDOM=$((FAULT_SEED % 32768))
    while :; do
        sleep "$((LIFE_SECONDS + RANDOM % (LIFE_SECONDS + 1))).$((RANDOM % 10))" &
        wait $!
        server_kill
        echo killed >>"$LOGS/kills"
        sleep "0.$((RANDOM % 8))"
        server_start || return
    done
}

# What has happened to a client, in a line; and whether it was more often its own doing than not.
faults_line() { # NAME
    local own
    own=$(lines_in "$LOGS/gave-up")
    echo "   seed $FAULT_SEED: $(tail -n 1 "$LOGS/network.log"), $(lines_in "$LOGS/kills") kills," \
        "$own calls that the client gave up"
    [ $((own * 2)) -le ${#SCENARIOS[@]} ] || failed "$1" "the client gave up too often: another seed"
}

lines_in() { # PATH
    [ -f "$1" ] && wc -l <"$1" || echo 0
}

faults_stop() {
    local pid
    for pid in "$SUPERVISOR_PID" "$PROXY_PID"; do
        [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    SUPERVISOR_PID=
    PROXY_PID=
}
