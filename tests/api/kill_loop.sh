#!/bin/bash
# kill_loop.sh PROGRAM LOAD_CLIENT [--rounds N] - kill -9 in the middle of load, N times (default 5) over one data directory.
# After each: every acknowledged order is there, none twice (load_client check); at the end `verify` is clean. The tape grows
# through all rounds, so that recovery meets sealed segments, torn tails and snapshots in all their mixtures.
set -u
program=$1 load_client=$2 rounds=5
shift 2
while [ $# -gt 0 ]; do
    case $1 in
    --rounds) rounds=$2; shift 2 ;;
    *) echo "kill_loop.sh: unknown option $1" >&2; exit 2 ;;
    esac
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/ordertape-kill-XXXXXX") || exit 2
pid=
cleanup() {
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
    rm -rf "$dir"
}
trap cleanup EXIT
export ORDERTAPE_DATA_DIR=$dir/data ORDERTAPE_LISTEN=127.0.0.1:0 ORDERTAPE_END_OF_DAY_UTC=never ORDERTAPE_SNAPSHOT_EVERY_COMMANDS=500

fail() {
    echo "kill_loop.sh: round $round: $*" >&2
    tail -20 "$dir/server.log" >&2
    exit 1
}

# Starts the server; sets pid and port.
start() {
    : >"$dir/server.log"
    "$program" serve 2>>"$dir/server.log" &
    pid=$!
    port=
    while [ -z "$port" ]; do
        kill -0 "$pid" 2>/dev/null || fail "the server does not start"
        port=$(sed -n 's/.*serving url=http:\/\/127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$dir/server.log")
        [ -n "$port" ] || sleep 0.02
    done
}

for ((round = 1; round <= rounds; round++)); do
    start
    "$load_client" load "$port" "$dir/round.log" "r$round" &
    load=$!
    sleep "0.$((RANDOM % 800 + 100))"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    wait "$load" || fail "the load client was told something wrong"
    start
    if [ -s "$dir/round.log" ]; then "$load_client" check "$port" "$dir/round.log" || fail "an acknowledged order is missing"; fi
    cat "$dir/round.log" >>"$dir/all.log" 2>/dev/null
    : >"$dir/round.log"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    pid=
done

start
"$load_client" check "$port" "$dir/all.log" || fail "an acknowledged order of an earlier round is missing"
kill -TERM "$pid"
wait "$pid" || fail "the last stop was not clean"
pid=
"$program" verify --data-dir "$ORDERTAPE_DATA_DIR" || fail "verify is not clean"
echo "$rounds rounds: nothing acknowledged was lost"
