#!/usr/bin/env bash
# Every command from the outside: help, exit codes, one-line errors, JSON that jq reads, and the small journeys between them.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
data=$work/data

# --- help and usage ---
for command in serve submit import replay verify book cat whatif snapshot rebuild bench; do
  exits 0 "$ORDERTAPE" "$command" --help
  grep -q '^examples' "$work/out" || die "$command --help has no examples"
  grep -q -- '--json' "$work/out" || die "$command --help does not name --json"
  exits 2 "$ORDERTAPE" "$command" --no-such-option
  says "no option --no-such-option"
  equal "$command: lines on stderr" 1 "$(wc -l <"$work/err")"
done
exits 2 "$ORDERTAPE"
exits 2 "$ORDERTAPE" dance
says "no command 'dance'"
exits 0 "$ORDERTAPE" --help

# --- nothing there ---
for command in replay verify rebuild "cat commands" "book GOOG" "snapshot create" "snapshot list"; do
  # shellcheck disable=SC2086 # words on purpose
  exits 2 "$ORDERTAPE" $command --data-dir "$work/none"
  says "there is no tape in"
done
[ ! -e "$work/none" ] || die "a command that found no tape made the directory"

# --- options that make no sense ---
exits 2 "$ORDERTAPE" replay --to-seq seven
exits 2 "$ORDERTAPE" replay --to-time yesterday
exits 2 "$ORDERTAPE" replay --no-snapshot --from-snapshot 1
exits 2 "$ORDERTAPE" book
exits 2 "$ORDERTAPE" book GOOG --depth 0
exits 2 "$ORDERTAPE" book GOOG --at-seq 1 --at-time 2012-06-21T00:00:00Z
exits 2 "$ORDERTAPE" cat shoes
exits 2 "$ORDERTAPE" snapshot dance
exits 2 "$ORDERTAPE" serve --sync sometimes
exits 2 "$ORDERTAPE" serve --listen nowhere
exits 2 "$ORDERTAPE" serve --margin-check-seconds often
says "margin_check_seconds"
exits 2 "$ORDERTAPE" bench engine --open 0
exits 2 "$ORDERTAPE" import lobster --symbol X
exits 2 "$ORDERTAPE" import lobster --symbol X --messages "$work/none_2012-06-21_1_2_message_1.csv"
says "cannot open"

# --- submit ---
exits 0 "$ORDERTAPE" submit tools/sample/market.jsonl --data-dir "$data"
exits 0 "$ORDERTAPE" replay --data-dir "$data" --json
seq=$(jq -r .seq "$work/out")
before=$(jq -r .digest "$work/out")

printf '%s\n' '{"op":"set_account","account":"eve"}' '{"op":"place","account":"eve","colour":"red"}' >"$work/bad.jsonl"
exits 2 "$ORDERTAPE" submit "$work/bad.jsonl" --data-dir "$data"
says ":2:"
says "colour"
equal "a file with a bad line leaves the tape alone" "$before" "$("$ORDERTAPE" replay --data-dir "$data" --json | jq -r .digest)"

cat >"$work/orders.jsonl" <<'END'
{"op":"place","account":"alice","symbol":"GOOG","side":"BUY","quantity":10,"price":"575.00","tif":"GTC","client_order_id":"a-1"}
{"op":"place","account":"bob","symbol":"GOOG","side":"SELL","quantity":4,"price":"575.00","tif":"GTC"}
{"op":"place","account":"nobody","symbol":"GOOG","side":"BUY","quantity":1,"price":"1.00"}
END
exits 1 "$ORDERTAPE" submit "$work/orders.jsonl" --data-dir "$data" --json
equal "one line of JSON a command" 3 "$(jq -s length "$work/out")"
equal "the refusal is named" UNKNOWN_ACCOUNT "$(jq -s -r '.[2].reject.code' "$work/out")"
equal "order ids come from the seq" $(((seq + 1) << 16)) "$(jq -s -r '.[0].order_id' "$work/out")"

# --- replay, book, cat ---
exits 0 "$ORDERTAPE" replay --data-dir "$data" --json
jq -e '.commands == .seq and .orders_open == 1 and .seconds >= 0 and .commands_per_second > 0 and (.digest|length) == 32' \
  "$work/out" >/dev/null || die "replay --json: $(cat "$work/out")"
digest=$(jq -r .digest "$work/out")
equal "replay twice" "$digest" "$("$ORDERTAPE" replay --data-dir "$data" --no-snapshot --json | jq -r .digest)"
equal "replay up to what was" "$before" "$("$ORDERTAPE" replay --data-dir "$data" --to-seq "$seq" --json | jq -r .digest)"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data" --json
equal "the book" '575.00 6 1 575.00' "$(jq -r '"\(.bids[0].price) \(.bids[0].quantity) \(.bids[0].orders) \(.last_price)"' "$work/out")"
equal "the book before the trade" 10 "$("$ORDERTAPE" book GOOG --data-dir "$data" --json --at-seq $((seq + 1)) | jq -r '.bids[0].quantity')"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data"
grep -q 'bid 575.00 x 6 (1)' "$work/out" || die "the book as text: $(cat "$work/out")"
exits 2 "$ORDERTAPE" book NONE --data-dir "$data"
exits 0 "$ORDERTAPE" cat commands --data-dir "$data"
equal "a line a command" $((seq + 3)) "$(jq -s length "$work/out")"
equal "one command" a-1 "$("$ORDERTAPE" cat commands --data-dir "$data" --from-seq $((seq + 1)) --to-seq $((seq + 1)) | jq -r .client_order_id)"
equal "its events" 'placed filled' "$("$ORDERTAPE" cat events --data-dir "$data" --from-seq $((seq + 2)) --to-seq $((seq + 2)) | jq -r .event | xargs)"
exits 0 "$ORDERTAPE" cat events --data-dir "$data" --from-seq 100000
equal "nothing after the end" "" "$(cat "$work/out")"

# --- what cat prints can be submitted again ---
"$ORDERTAPE" cat commands --data-dir "$data" --from-seq 2 | jq -c 'del(.seq,.time)' >"$work/again.jsonl"
exits 1 "$ORDERTAPE" submit "$work/again.jsonl" --data-dir "$work/again"
equal "a copy has the same book" "$("$ORDERTAPE" book GOOG --data-dir "$data" --json)" "$("$ORDERTAPE" book GOOG --data-dir "$work/again" --json)"

# --- the order desk's lines ---
desk="$work/desk"
exits 0 "$ORDERTAPE" submit tools/sample/market.jsonl --data-dir "$desk" --json
batch=$((($(jq -s '.[-1].seq' "$work/out") + 1) << 16))
cat >"$work/desk.jsonl" <<END
{"op":"place","portfolio_id":1,"actor":"ops","request_id":"r-1","orders":[{"instrument_id":1,"side":"BUY","qty":100,"price_limit":2400},{"instrument_id":2,"side":"SELL","qty":50,"price_limit":2700},{"instrument_id":9,"side":"BUY","qty":1,"price_limit":1}]}
{"op":"fill","order_id":$((batch + 1)),"simulated":true,"fills":[{"fill_price":2400,"fill_qty":40},{"order_id":$((batch + 2)),"fill_price":2700,"fill_qty":50}]}
{"op":"cancel_batch","batch_id":$batch,"orders":3}
END
exits 1 "$ORDERTAPE" submit "$work/desk.jsonl" --data-dir "$desk" --json
equal "orders make a batch" "batch $batch 1 UNKNOWN_INSTRUMENT" "$(jq -s -r '.[0] | "\(.op) \(.batch_id) \(.orders_refused) \(.reject.code)"' "$work/out")"
equal "the rest is accepted" "null null" "$(jq -s -r '"\(.[1].reject) \(.[2].reject)"' "$work/out")"
equal "who asked is on the tape" "ops r-1" "$("$ORDERTAPE" cat commands --data-dir "$desk" | jq -r 'select(.op == "batch") | "\(.actor) \(.request_id)"')"
equal "fills were made up" "true true" "$("$ORDERTAPE" cat events --data-dir "$desk" | jq -r 'select(.event == "filled") | .simulated' | xargs)"
"$ORDERTAPE" cat commands --data-dir "$desk" --from-seq 2 >"$work/desk-again.jsonl"
exits 1 "$ORDERTAPE" submit "$work/desk-again.jsonl" --data-dir "$work/desk-again"
"$ORDERTAPE" cat events --data-dir "$desk" | jq -c 'del(.time)' >"$work/desk-events"
"$ORDERTAPE" cat events --data-dir "$work/desk-again" | jq -c 'del(.time)' | cmp - "$work/desk-events" || die "a copy of the desk has other events"
echo '{"op":"tick","idempotency_key":"k"}' >"$work/keyed.jsonl"
exits 2 "$ORDERTAPE" submit "$work/keyed.jsonl" --data-dir "$desk"
says "idempotency_key"
once() { printf '{"op":"set_account","account":"once","key_hash":"%032x","body_hash":"%032x"}\n' 7 "$1" >"$work/once.jsonl"; }
once 1
exits 0 "$ORDERTAPE" submit "$work/once.jsonl" --data-dir "$desk" --json
first=$(jq .seq "$work/out")
exits 0 "$ORDERTAPE" submit "$work/once.jsonl" --data-dir "$desk" --json
equal "a line whose key came before is skipped" "REPEATED $first null" "$(jq -r '"\(.skipped.code) \(.first_seq) \(.seq)"' "$work/out")"
exits 0 "$ORDERTAPE" submit "$work/once.jsonl" --data-dir "$desk"
equal "and counted" "0 commands, 0 refused, 1 skipped, seq $first" "$(tail -1 "$work/out")"
once 2
exits 1 "$ORDERTAPE" submit "$work/once.jsonl" --data-dir "$desk" --json
equal "another one with the key is refused" IDEMPOTENCY_KEY_REUSED "$(jq -r .skipped.code "$work/out")"

# --- snapshots, rebuild, verify ---
exits 0 "$ORDERTAPE" snapshot create --data-dir "$data" --json
equal "the snapshot's digest" "$digest" "$(jq -r .digest "$work/out")"
exits 0 "$ORDERTAPE" snapshot list --data-dir "$data" --json
equal "one snapshot" $((seq + 3)) "$(jq -s -r '.[0].seq' "$work/out")"
exits 0 "$ORDERTAPE" snapshot verify --data-dir "$data"
equal "replay from it" "$digest 0" "$("$ORDERTAPE" replay --data-dir "$data" --from-snapshot $((seq + 3)) --json | jq -r '"\(.digest) \(.commands)"')"
exits 2 "$ORDERTAPE" replay --data-dir "$data" --from-snapshot 3
exits 0 "$ORDERTAPE" rebuild --data-dir "$data" --json
equal "every order has a row" 3 "$(jq -r .orders "$work/out")"
exits 0 "$ORDERTAPE" verify --data-dir "$data" --json
jq -e --arg d "$digest" '.ok and .digest == $d and .snapshots == 1 and .projections_seq == .seq and .findings == []' "$work/out" >/dev/null ||
  die "verify --json: $(cat "$work/out")"
exits 0 "$ORDERTAPE" verify --bytes --data-dir "$data"

# --- verify sees a snapshot, an event tape and projections that lie ---
cp -r "$data" "$work/lies"
snapshot=$(echo "$work"/lies/snapshots/*.snap)
printf x | dd of="$snapshot" bs=1 seek=100 conv=notrunc status=none
exits 1 "$ORDERTAPE" verify --data-dir "$work/lies"
grep -q '^damage snapshots' "$work/out" || die "verify: $(cat "$work/out")"
exits 1 "$ORDERTAPE" snapshot verify --data-dir "$work/lies"
equal "a bad snapshot is passed over" "$digest" "$("$ORDERTAPE" replay --data-dir "$work/lies" --json 2>/dev/null | jq -r .digest)"
rm "$snapshot"
rm -r "$work/lies/events"
cp -r "$work/again/events" "$work/lies/events"
exits 1 "$ORDERTAPE" verify --data-dir "$work/lies"
grep -q '^damage events' "$work/out" || die "verify: $(cat "$work/out")"
rm -r "$work/lies/events" "$work/lies/projections"
exits 0 "$ORDERTAPE" rebuild --data-dir "$work/lies"
exits 0 "$ORDERTAPE" verify --data-dir "$work/lies"
equal "the event tape comes back" "$("$ORDERTAPE" cat events --data-dir "$data" | cksum)" "$("$ORDERTAPE" cat events --data-dir "$work/lies" | cksum)"

# --- whatif ---
echo '{}' >"$work/none.json"
exits 0 "$ORDERTAPE" whatif --scenario "$work/none.json" --data-dir "$data"
jq -e '.base_digest == .branch_digest and ([.diff[]] | add) == []' "$work/out" >/dev/null || die "whatif: $(cat "$work/out")"
echo "{\"edits\":[{\"drop\":{\"seq\":$((seq + 1))}}]}" >"$work/drop.json"
exits 0 "$ORDERTAPE" whatif --scenario "$work/drop.json" --data-dir "$data"
jq -e '.base_digest != .branch_digest and (.diff.trades|length) == 1' "$work/out" >/dev/null || die "whatif: $(cat "$work/out")"
echo '{"edits":[{"drop":{"seq":1000000}}]}' >"$work/bad.json"
exits 2 "$ORDERTAPE" whatif --scenario "$work/bad.json" --data-dir "$data"
exits 2 "$ORDERTAPE" whatif --data-dir "$data"
says "--scenario FILE is missing"

# --- the lock, and reading beside a server ---
serve "$data"
exits 2 "$ORDERTAPE" submit "$work/orders.jsonl" --data-dir "$data"
says "is in use by"
exits 2 "$ORDERTAPE" serve --data-dir "$data" --listen 127.0.0.1:0
exits 2 "$ORDERTAPE" rebuild --data-dir "$data"
equal "replay beside a server" "$digest" "$("$ORDERTAPE" replay --data-dir "$data" --json | jq -r .digest)"
exits 0 "$ORDERTAPE" verify --data-dir "$data"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data"
exits 0 "$ORDERTAPE" cat events --data-dir "$data"
stop
exits 0 "$ORDERTAPE" verify --data-dir "$data"

# --- a full disk behind stdout is no answer ---
if [ -w /dev/full ]; then
  code=0
  "$ORDERTAPE" replay --data-dir "$data" --json >/dev/full 2>/dev/null || code=$?
  equal "exit of an answer nobody got" 2 "$code"
fi

# --- import of a hand-made file, where the real ones are not needed ---
cat >"$work/X_2012-06-21_1_2_message_2.csv" <<'END'
34200.1,1,11,100,1000000,1
34200.2,1,12,50,1000000,1
34200.25,5,0,7,1000050,1
34200.3,4,11,30,1000000,1
34200.4,2,12,20,1000000,1
34200.5,3,11,70,1000000,1
34200.6,4,12,30,1000000,1
END
cat >"$work/X_2012-06-21_1_2_orderbook_2.csv" <<'END'
1000100,10,1000000,100,9999999999,0,999900,5
1000100,10,1000000,150,9999999999,0,999900,5
1000100,10,1000000,150,9999999999,0,999900,5
1000100,10,1000000,120,9999999999,0,999900,5
1000100,10,1000000,100,9999999999,0,999900,5
1000100,10,1000000,30,9999999999,0,999900,5
1000100,10,999900,5,9999999999,0,999800,40
END
lobster() { "$ORDERTAPE" import lobster --symbol X --messages "$work/X_2012-06-21_1_2_message_2.csv" "$@" --json; }
exits 0 lobster --book "$work/X_2012-06-21_1_2_orderbook_2.csv" --row-seqs "$work/rows" --data-dir "$work/x"
equal "the tally" '{"messages":7,"rows":7,"rows_equal":7,"clean":6,"window":1,"exceptions":0,"errors":0,"executions":2,"executions_matched":2}' \
  "$(jq -c '{messages,rows,rows_equal,clean,window,exceptions,errors,executions,executions_matched}' "$work/out")"
equal "the last row's seq is the tape's" "7,$(jq -r .seq "$work/out")" "$(tail -1 "$work/rows")"
equal "its own time" 2012-06-21T13:30:00.600000000Z "$("$ORDERTAPE" cat commands --data-dir "$work/x" | tail -1 | jq -r .time)"
exits 2 lobster --data-dir "$work/x"
says "later than the file's first"
exits 0 lobster --tz UTC --date 2013-01-02 --data-dir "$work/utc"
equal "another day and zone" 2013-01-02T09:30:00.100000000Z "$("$ORDERTAPE" cat commands --data-dir "$work/utc" | head -1 | jq -r .time)"
sed -i '4s/120/121/' "$work/X_2012-06-21_1_2_orderbook_2.csv"
exits 1 lobster --book "$work/X_2012-06-21_1_2_orderbook_2.csv" --data-dir "$work/wrong"
equal "a row that is wrong is an error" 2 "$(jq -r .errors "$work/out")"

echo "every command does what its help says"
