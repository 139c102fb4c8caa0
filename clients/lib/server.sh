# A real `abide serve` process on the embedded store, with a data directory that outlives it.
# shellcheck shell=bash

SERVER_PID=
# How often an unanswered execute is offered again, and the lease that workers ask for: short, so
# that the scenarios with a death in them take seconds.
RETRY_INTERVAL=1s
export LEASE_MS=3000
READY_SECONDS=30
# Further options of the server.
SERVE_OPTIONS=()

# The binary under test: ABIDE_BIN, or a release build of this tree.
find_server() {
    if [ -n "${ABIDE_BIN:-}" ]; then
        [ -x "$ABIDE_BIN" ] || { echo "ABIDE_BIN=$ABIDE_BIN is not a program" >&2; return 1; }
        return 0
    fi
    cargo build --quiet --release --manifest-path "$ROOT/Cargo.toml" -p abide-cli >&2 || return 1
    ABIDE_BIN="${CARGO_TARGET_DIR:-$ROOT/target}/release/abide"
    export ABIDE_BIN
}

# A port of the loopback interface on which nothing listens, below the range that the system hands
# out to outgoing connections: the server keeps it across its restarts.
free_port() {
    local port
    while :; do
        port=$((12000 + RANDOM % 18000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

server_start() {
    "$ABIDE_BIN" serve --port "$SERVER_PORT" --metrics-port "$METRICS_PORT" --data "$DATA" \
        --retry-interval "$RETRY_INTERVAL" "${SERVE_OPTIONS[@]}" >>"$LOGS/server.log" 2>&1 &
    SERVER_PID=$!
    # Nobody needs to be told that a server was killed on purpose.
    ! faulty || disown "$SERVER_PID"
    local deadline=$((SECONDS + READY_SECONDS))
    until curl -fsS -o /dev/null "$SERVER_URL/ready" 2>/dev/null; do
        if ! kill -0 "$SERVER_PID" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
            echo "the server did not become ready:" >&2
            tail -20 "$LOGS/server.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

server_kill() {
    kill -9 "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    SERVER_PID=
}

server_stop() {
    [ -n "$SERVER_PID" ] || return 0
    kill "$SERVER_PID" 2>/dev/null
    wait "$SERVER_PID" 2>/dev/null
    SERVER_PID=
}

# One request, written by hand, past the network of the clients; prints the answer.
request() { # KIND DATA
    curl -sS --retry 10 --retry-all-errors --retry-delay 1 -H 'content-type: application/json' --data \
        "{\"kind\":\"$1\",\"head\":{\"corrId\":\"suite\",\"version\":\"2026-04-01\"},\"data\":$2}" \
        "$SERVER_URL/"
}

promise_is() { # ID STATE
    request promise.get "{\"id\":\"$1\"}" | grep -q "\"state\": *\"$2\""
}
