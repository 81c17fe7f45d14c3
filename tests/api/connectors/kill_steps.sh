#!/bin/bash
# kill_steps.sh PROGRAM BROKER_BOOKS [--all] - kill -9 between every pair of steps of a routed order's life, over a real server.
# A step is a write that lasts: of the cursor (before a send), of the broker's log (sent, acked, filled, cancelled), of the command tape
# (reported). The server runs under strace, which kills it at the k-th such write; it is started again and the life goes on. At the end
# the broker's books and ours must be equal: every order once, every execution once, and `verify` is clean. Without --all every
# fifth k is tried.
set -u
program=$1 books=$2 step=5
shift 2
[ "${1:-}" = --all ] && step=1
for need in strace jq curl; do
    command -v $need >/dev/null || { echo "skipped: $need is not installed"; exit 77; }
done
base=$(mktemp -d "${TMPDIR:-/tmp}/ordertape-steps-XXXXXX") || exit 2
tracer=
# The server: what was started, or what strace started.
server() { local child; { read -r child _ <"/proc/$tracer/task/$tracer/children"; } 2>/dev/null; echo "${child:-$tracer}"; }
cleanup() {
    [ -n "$tracer" ] && kill -9 "$(server)" 2>/dev/null
    rm -rf "$base"
}
trap cleanup EXIT
strace -f -qq -o /dev/null true 2>/dev/null || { echo "skipped: strace may not trace here"; exit 77; }

fail() {
    echo "kill_steps.sh: $call $k of $file: $*" >&2
    tail -15 "$dir/log" >&2
    exit 1
}

# start [FILE CALL K]: with the three, killed at the K-th such call on that file.
start() {
    local trace=()
    : >"$dir/log"
    [ $# = 3 ] && trace=(strace -f -qq -o /dev/null -P "$dir/data/$1" -e "trace=$2" -e "inject=$2:signal=SIGKILL:when=$3")
    ORDERTAPE_DATA_DIR=$dir/data ORDERTAPE_LISTEN=127.0.0.1:0 ORDERTAPE_END_OF_DAY_UTC=never "${trace[@]}" "$program" serve 2>>"$dir/log" &
    tracer=$!
    url=
    for ((i = 0; i < 300; i++)); do
        url=$(sed -n 's/.*serving url=\(http[^ ]*\) .*/\1/p' "$dir/log")
        [ -n "$url" ] && return 0
        kill -0 $tracer 2>/dev/null || return 1
        sleep 0.02
    done
    fail "the server does not start"
}
alive() { kill -0 $tracer 2>/dev/null; }
ask() { curl -s -m 5 -X "$1" "$url$2" ${3:+-H 'Content-Type: application/json' -d "$3"}; }
order() { ask GET "/api/v1/orders?client_order_id=$1" | jq -r ".items[0]$2 // empty" 2>/dev/null; }

# Does STEP again until the order CLIENT_ID is in one of STATUSES (and TEST holds); the server may die and is started again.
until_order() { # CLIENT_ID STATUSES STEP
    for ((n = 0; n < 400; n++)); do
        alive || { wait $tracer 2>/dev/null; deaths=$((deaths + 1)); start || fail "it does not start again"; }
        local status; status=$(order "$1" .status)
        [[ -n $status && " $2 " == *" $status "* ]] && return 0
        $3 "$1" "$status"
        sleep 0.05
    done
    fail "order $1 is $(order "$1" .status) and not $2"
}
place() { [ -n "$2" ] || ask POST /api/v1/orders "{\"account\":\"ann\",\"symbol\":\"AAPL\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":\"GTC\",\"price\":\"$price\",\"quantity\":\"10\",\"venue\":\"ZERODHA_SIM\",\"client_order_id\":\"$1\"}" >/dev/null; }
cancel() { [ "$2" = ACKED ] && ask DELETE "/api/v1/orders/$(order "$1" .order_id)" >/dev/null; }
modify() { case $2 in ACKED | PARTIALLY_FILLED) ask PUT "/api/v1/orders/$(order "$1" .order_id)" '{"price":"101","quantity":"12"}' >/dev/null ;; esac; }
quote() { ask PUT /api/v1/quotes/AAPL "{\"bid\":\"98\",\"bid_quantity\":\"50\",\"ask\":\"$1\",\"ask_quantity\":\"$2\"}" >/dev/null; }
fill() { quote 99 50; }
settle() { [ "$2" = FILLED ] && ask POST "/api/v1/orders/$(order "$1" .order_id)/settle" '{}' >/dev/null; }

until_quantity() { # CLIENT_ID QUANTITY
    for ((m = 0; m < 20; m++)); do
        until_order "$1" "ACKED PARTIALLY_FILLED" true
        [ "$(order "$1" .quantity)" = "$2" ] && return 0
        modify "$1" "$(order "$1" .status)"
        until_order "$1" "ACKED PARTIALLY_FILLED" true
    done
    fail "order $1 has not the quantity $2"
}

life() {
    price=100 until_order one "ACKED PARTIALLY_FILLED FILLED" place
    until_quantity one 12
    price=90 until_order two ACKED place
    until_order two CANCELLED cancel
    until_order one "FILLED SETTLED" fill
    until_order one SETTLED settle
}

compare() {
    for id in one two; do
        printf 'order %s %s %s\n' "$(order $id .order_id)" "$(order $id .ext_order_id)" "$(order $id .filled_quantity)"
    done | sort >"$dir/ours"
    for id in one two; do
        ask GET "/api/v1/trades?order_id=$(order $id .order_id)" |
            jq -r '.items[] | "exec \(.buy_order_id) \(.exec_id) \(.quantity)"'
    done | sort >>"$dir/ours"
    kill -TERM "$tracer"
    wait "$tracer" || fail "the last stop was not clean"
    "$books" "$dir/data/brokers/ZERODHA_SIM.log" numbers >"$dir/theirs.raw" || fail "the broker's log cannot be read"
    { sed -n 's/^\(order [0-9]* [0-9]*\) [0-9]* /\1 /p' "$dir/theirs.raw" | sort; grep '^exec' "$dir/theirs.raw" | sort; } >"$dir/theirs"
    diff "$dir/ours" "$dir/theirs" >&2 || fail "the books differ"
    "$program" verify --data-dir "$dir/data" >/dev/null || fail "verify is not clean"
}

rounds=0 killed=0
cursor=connectors/ZERODHA_SIM.cursor.tmp log=brokers/ZERODHA_SIM.log tape=commands/00000000000000000001.seg
for pair in $cursor:pwrite64 $cursor:fdatasync $cursor:rename $log:pwrite64 $tape:pwrite64 $tape:fdatasync; do
    file=${pair%:*} call=${pair#*:}
    for ((k = 1; k < 200; k += step)); do
        dir=$base/$rounds deaths=0
        mkdir "$dir"
        start || fail "it does not start"
        ask PUT /api/v1/instruments/AAPL '{}' >/dev/null
        ask PUT /api/v1/accounts/ann '{}' >/dev/null
        ask POST /api/v1/accounts/ann/cash '{"currency":"USD","amount":"100000"}' >/dev/null
        ask PUT /api/v1/venues/ZERODHA_SIM '{"state":"UP"}' >/dev/null
        quote 100 4
        sleep 0.1
        kill -TERM $tracer
        wait $tracer || fail "the first stop was not clean"
        if start "$file" "$call" "$k"; then :; else wait $tracer 2>/dev/null; deaths=1; start || fail "it does not start"; fi
        life
        survived=$deaths
        alive || { wait $tracer 2>/dev/null; start || fail "it does not start"; }
        kill -TERM "$(server)" # the comparison is made by one that nobody traces
        wait "$tracer" 2>/dev/null
        start || fail "it does not start"
        compare
        rm -rf "$dir"
        rounds=$((rounds + 1))
        killed=$((killed + (survived > 0)))
        [ "$survived" = 0 ] && break # the life has fewer such writes
    done
done
echo "$killed of $rounds lives were cut at a step and ended with equal books"
[ "$killed" -gt 0 ]
