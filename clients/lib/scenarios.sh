# What every client has to get right. The durable functions named here are in the client program of
# each language. A scenario prints what is wrong, and nothing when all is well.
# shellcheck shell=bash

expect() { # WHAT WANTED GOT
    [ "$2" = "$3" ] || gave_up "$3" || echo "$1: expected $2, got $3"
}

# How often something ran. Under faults it may run again, as it may after any crash.
expect_runs() { # WHAT WANTED GOT
    if faulty; then
        [ "$3" -ge "$2" ] 2>/dev/null || gave_up "$3" || echo "$1: expected at least $2, got $3"
    else
        expect "$@"
    fi
}

# Somebody resolves a promise by hand.
resolve() { # ID VALUE
    wait_until 30 "$ABIDE_BIN" promise resolve "$1" --value "$2" --url "$SERVER_URL" \
        >>"$LOGS/cli.log" 2>&1 || echo "the command line failed: see cli.log"
}

# The id of the nth child of a root, counted from 0, in this client's dialect.
child() { # ROOT N
    echo "$1$SEPARATOR$((FIRST_CHILD + $2))"
}

sequential_calls() {
    expect result 15 "$(call run solo sequential sequential 5)"
}

# The calls wait for each other: one after the other they would never return.
concurrent_calls() {
    expect result '[0,1,4,9]' "$(call run solo concurrent concurrent '"concurrent"' 4)"
    expect_runs "calls in flight" 4 "$(lines_of meet-concurrent)"
}

remote_call() {
    expect result "{\"pid\":$WEST,\"sum\":42}" "$(call rpc east remote remote '"west"' 20 22)"
}

# A published client begins anew when one of its requests fails, so under faults a hundred of them
# in a row take minutes.
fan_out() {
    local width=100 sum=328350
    faulty && width=20 sum=2470
    expect result $sum "$(call rpc east fanout fanout '"west"' $width)"
}

durable_sleep() {
    local slept
    slept=$(call rpc east nap nap 700)
    gave_up "$slept" && return
    [[ $slept =~ ^[0-9]+$ ]] && [ "$slept" -ge 700 ] || echo "slept $slept ms instead of 700"
}

external_promise() {
    local awaited
    awaited=$(child approval 0)
    call_start approval rpc east approval approval
    wait_until 30 promise_is "$awaited" pending || { echo "$awaited never came to be"; return; }
    resolve "$awaited" '{"by":"hand","ok":true}'
    answer approval
    expect result '{"decision":{"by":"hand","ok":true}}' "$ANSWER"
}

detached_call() {
    local id
    id=$(call rpc east detach detach '"west"' '"plain"' | tr -d '"')
    expect "detached result" '"notedplain"' "$(call get "$id")"
    expect_runs "times it ran" 1 "$(grep -c '^plain$' "$SCRATCH/notes")"
}

# Called from a local child: its id hangs off the root, not off the child.
nested_detached_call() {
    local id
    id=$(call rpc east nested nested '"west"' '"deep"' | tr -d '"')
    expect "detached result" '"noteddeep"' "$(call get "$id")"
}

# Each detached call makes the next. Nobody hears of a link that a client gives up by itself, so such
# a client is spared this.
detached_chain() {
    faulty && [ -n "${OWN_FAILURE:-}" ] && return
    expect result 3 "$(call rpc east relay relay '"west"' 3)"
    wait_until 30 grep -q '^relay 0$' "$SCRATCH/notes" || { echo "the last call never ran"; return; }
    expect_runs "calls made" 4 "$(grep -c '^relay ' "$SCRATCH/notes")"
}

schedule() {
    local search='{"state":"resolved","tags":{"resonate:schedule":"beat"},"limit":100}' before
    expect created true "$(call schedule west beat '* * * * * *' tick '"tock"')"
    wait_until 30 has_lines ticks 2 || { echo "only $(lines_of ticks) runs in 30 s"; return; }
    expect deleted true "$(call unschedule west beat)"
    expect "other labels" 0 "$(grep -vc '^tock$' "$SCRATCH/ticks")"
    faulty && return
    # A run that was due before the deletion may still be on its way.
    sleep 1.5
    before=$(lines_of ticks)
    expect "promises resolved" "$before" \
        "$(request promise.search "$search" | grep -o '"state": *"resolved"' | wc -l)"
    sleep 2.2
    expect "runs after the deletion" "$before" "$(lines_of ticks)"
}

failing_function_is_retried() {
    expect_runs result 3 "$(call rpc east retry retry '"retry"' 3)"
    expect_runs attempts 3 "$(lines_of flaky-retry)"
}

rejection_reaches_the_caller() {
    local got
    got=$(call rpc east doomed doomed '"boom"')
    gave_up "$got" && return
    [[ $got == error:*boom ]] || echo "result: expected an error that ends in boom, got $got"
    expect_runs attempts 1 "$(lines_of doomed)"
    promise_is doomed rejected || echo "the promise is not rejected"
}

killed_worker() {
    local first second
    worker_start north
    first=$WORKER
    call_start handoff rpc north handoff handoff '"handoff"'
    wait_until 30 has_lines stall-handoff 1 || { echo "the first worker never started"; return; }
    kill -9 "$first"
    worker_start north
    second=$WORKER
    touch "$SCRATCH/go-handoff"
    answer handoff
    expect result "{\"first\":\"handoff-first\",\"last\":\"handoff-last\",\"pid\":$second}" \
        "$ANSWER"
    expect_runs "runs of the finished step" 1 "$(lines_of mark-handoff-first)"
    expect_runs "runs of the step that died" 2 "$(lines_of stall-handoff)"
}

# Work in every position a restart can find it in: waiting for a person, asleep past its deadline,
# in the middle of a step, and (where the client survives it) finishing a step meanwhile.
killed_server() {
    local worker keys=(outage)
    [ "$STEP_SURVIVES_OUTAGE" = yes ] && keys+=(lost)
    worker_start south
    worker=$WORKER
    call_start decision rpc south decision approval
    call_start doze rpc south doze nap 2500
    for key in "${keys[@]}"; do
        call_start "$key" rpc south "$key" handoff "\"$key\""
    done
    wait_until 30 promise_is "$(child decision 0)" pending || { echo "the decision never came to be"; return; }
    wait_until 30 promise_is "$(child doze 1)" pending || { echo "the sleep never began"; return; }
    for key in "${keys[@]}"; do
        wait_until 30 has_lines "stall-$key" 1 || { echo "$key never started"; return; }
    done
    # Time for every caller to have its listener registered.
    sleep 1

    server_kill
    touch "$SCRATCH/go-lost"
    sleep 2
    server_start || return

    touch "$SCRATCH/go-outage"
    resolve "$(child decision 0)" '"yes"'
    answer decision
    expect decision '{"decision":"yes"}' "$ANSWER"
    answer doze
    [[ $ANSWER =~ ^[0-9]+$ ]] && [ "$ANSWER" -ge 2500 ] || echo "slept $ANSWER ms instead of 2500"
    for key in "${keys[@]}"; do
        answer "$key"
        expect "$key" "{\"first\":\"$key-first\",\"last\":\"$key-last\",\"pid\":$worker}" \
            "$ANSWER"
        expect "runs of the step that $key had finished" 1 "$(lines_of "mark-$key-first")"
    done
}

# The work is there before the worker is, and waits for it.
late_worker() {
    call_start late rpc dawn late sequential 4
    wait_until 30 promise_is late pending || { echo "the promise never came to be"; return; }
    worker_start dawn
    answer late
    expect result 10 "$ANSWER"
}

# The server dies again and again under hundreds of calls. Only for clients that survive losing the
# server in the middle of a step.
server_killed_again_and_again() {
    local i
    for i in 1 2 3 4; do call_start "storm$i" rpc east "storm$i" fanout '"west"' 40; done
    call_start storm5 rpc east storm5 nap 4000
    for i in 1 2 3 4 5; do
        wait_until 30 promise_is "storm$i" '[a-z]*' || { echo "storm$i never came to be"; return; }
    done
    # Time for every caller to have its listener registered.
    sleep 0.5
    for i in 1 2 3; do
        server_kill
        sleep 0.3
        server_start || return
        sleep 1.3
    done
    for i in 1 2 3 4; do
        answer "storm$i"
        expect "storm$i" 20540 "$ANSWER"
    done
    answer storm5
    [[ $ANSWER =~ ^[0-9]+$ ]] && [ "$ANSWER" -ge 4000 ] || echo "slept $ANSWER ms instead of 4000"
}

# Those with a death of the server in them come on top where nobody else kills it.
SCENARIOS=(
    sequential_calls concurrent_calls remote_call fan_out durable_sleep external_promise
    detached_call nested_detached_call detached_chain schedule failing_function_is_retried
    rejection_reaches_the_caller late_worker killed_worker
)
