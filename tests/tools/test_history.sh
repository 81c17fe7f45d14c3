#!/usr/bin/env bash
# A real day as history: the book at any row, over HTTP, what-if on it, and projections that come back equal.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
. "$(dirname "$0")/lobster.sh"
data=$work/data
step=100
exits 0 import_sample "$ORDERTAPE" GOOG "$data" --row-seqs "$work/rows"

# row K: the file's row as our book prints it: "ask size bid size"
row() { sed -n "$1p" "$(sample GOOG orderbook)" | awk -F, '{printf "%.2f %d %.2f %d\n", $1/10000, $2, $3/10000, $4}'; }
book_line() { jq -r '"\(.asks[0].price) \(.asks[0].quantity) \(.bids[0].price) \(.bids[0].quantity) \(.asks|length) \(.bids|length)"'; }

# --- every hundredth row ---
while IFS=, read -r number seq; do
  equal "book after row $number" "$(row "$number") 1 1" "$("$ORDERTAPE" book GOOG --at-seq "$seq" --data-dir "$data" --json | book_line)"
done < <(awk -F, -v step=$step 'NR % step == 0' "$work/rows")

# --- over HTTP ---
last=$(wc -l <"$(sample GOOG orderbook)")
serve "$data" --accept-time-jump
equal "GET book" "$(row "$last") 1 1" "$(curl -fsS "$url/api/v1/book/GOOG" | book_line)"
questions() {
  local path
  for path in book/GOOG orders?limit=500 'orders?symbol=GOOG&status=FILLED&limit=500' trades?limit=500 'trades?account=@import&limit=500' \
    'positions?account=@import' accounts accounts/@import instruments instruments/GOOG; do
    curl -fsS "$url/api/v1/$path"
    echo
  done
}
questions >"$work/before"
stop
rm -r "$data/projections"
exits 0 "$ORDERTAPE" rebuild --data-dir "$data"
serve "$data" --accept-time-jump
questions >"$work/after"
stop
cmp "$work/before" "$work/after" || die "the answers differ after a rebuild"
[ "$(wc -c <"$work/before")" -gt 10000 ] || die "the answers are too short to prove anything"

# --- what if we had bid for 500 at the best bid at 10:00:00? ---
at=2012-06-21T14:00:00Z
bid=$("$ORDERTAPE" book GOOG --at-time $at --data-dir "$data" --json | jq -r '.bids[0].price')
cat >"$work/bid.json" <<END
{"edits":[
 {"insert":{"op":"set_account","account":"quant","type":"CASH"},"at_time":"$at"},
 {"insert":{"op":"move_cash","account":"quant","currency":"USD","amount":"1000000"},"at_time":"$at"},
 {"insert":{"op":"place","account":"quant","symbol":"GOOG","side":"BUY","quantity":500,"price":"$bid","tif":"GTC"},"at_time":"$at"}]}
END
echo '{}' >"$work/nothing.json"
exits 0 "$ORDERTAPE" whatif --scenario "$work/nothing.json" --data-dir "$data"
jq -e '.base_digest == .branch_digest and ([.diff[]] | add) == []' "$work/out" >/dev/null || die "no edits, and yet a difference"
exits 0 "$ORDERTAPE" whatif --scenario "$work/bid.json" --data-dir "$data"
cp "$work/out" "$work/first"
jq -e '.inserted[0].account == "quant" and (.inserted[0].filled_quantity|tonumber) > 0 and (.diff.orders|length) > 1 and
  ([.diff.trades[] | select(.branch)] | length) > 0' "$work/first" >/dev/null || die "the inserted bid traded with nobody: $(head -c 600 "$work/first")"
exits 0 "$ORDERTAPE" whatif --scenario "$work/bid.json" --data-dir "$data"
cmp "$work/out" "$work/first" || die "the same scenario gave other bytes"

# --- the same from a snapshot ---
exits 0 "$ORDERTAPE" snapshot create --data-dir "$data" --json
seq=$(jq -r .seq "$work/out")
printf '%s\n' '{"op":"set_account","account":"late","type":"MARGIN","leverage":"2","allow_short":true}' \
  '{"op":"move_cash","account":"late","currency":"USD","amount":"100000"}' \
  '{"op":"place","account":"late","symbol":"GOOG","side":"BUY","quantity":10,"type":"MARKET"}' >"$work/late.jsonl"
exits 0 "$ORDERTAPE" submit "$work/late.jsonl" --data-dir "$data" --accept-time-jump
echo "{\"base\":{\"seq\":$seq},\"edits\":[{\"drop\":{\"account\":\"late\"}}]}" >"$work/drop.json"
exits 0 "$ORDERTAPE" whatif --scenario "$work/drop.json" --data-dir "$data"
cp "$work/out" "$work/with-snapshot"
rm "$data"/snapshots/*
exits 0 "$ORDERTAPE" whatif --scenario "$work/drop.json" --data-dir "$data"
cmp "$work/out" "$work/with-snapshot" || die "the answer depends on the snapshot"
exits 0 "$ORDERTAPE" verify --data-dir "$data"
echo "a real day: $((last / step)) books at their rows, HTTP, rebuild, what-if"
