#!/usr/bin/env bash
# The whole exchange from the command line: every command as a line, refusals with their numbers, the book of an auction, and the tape
# that comes back from what `cat` prints.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
data=$work/data
submit() { "$ORDERTAPE" submit "$1" --data-dir "$data" --json; }
exits 0 "$ORDERTAPE" submit tools/sample/market.jsonl --data-dir "$data"

# --- an auction: the book says where it would uncross, before and at any point of history ---
cat >"$work/auction.jsonl" <<'END'
{"op":"set_instrument","symbol":"GOOG","state":"PRE_OPEN","mark":"QUOTE","max_leverage":20,"halt_on_breach":true}
{"op":"place","account":"alice","symbol":"GOOG","side":"BUY","quantity":10,"price":"101","tif":"GTC"}
{"op":"place","account":"bob","symbol":"GOOG","side":"SELL","quantity":6,"price":"99","tif":"GTC"}
{"op":"place","account":"bob","symbol":"GOOG","side":"SELL","quantity":8,"price":"100","tif":"OPG"}
END
exits 0 submit "$work/auction.jsonl"
collected=$("$ORDERTAPE" replay --data-dir "$data" --json | jq -r .seq)
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data" --json
equal "the indicative price" '{"state":"PRE_OPEN","indicative":{"price":"100.00","quantity":"10","imbalance":"-4"}}' "$(jq -c '{state,indicative}' "$work/out")"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data"
grep -q '^GOOG PRE_OPEN at seq' "$work/out" || die "the book's state: $(cat "$work/out")"
grep -q '^indicative 100.00 x 10$' "$work/out" || die "the indicative price as text: $(cat "$work/out")"
echo '{"op":"set_instrument","symbol":"GOOG","state":"CONTINUOUS"}' >"$work/open.jsonl"
exits 0 submit "$work/open.jsonl"
equal "what opening said" 'instrument_set uncrossed filled filled cancelled state_set' \
  "$("$ORDERTAPE" cat events --data-dir "$data" --from-seq $((collected + 1)) | jq -r .event | xargs)"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data" --json
equal "the book after it" 'CONTINUOUS 100.00 null' "$(jq -r '"\(.state) \(.last_price) \(.indicative)"' "$work/out")"
exits 0 "$ORDERTAPE" book GOOG --data-dir "$data" --json --at-seq "$collected"
equal "and before" 100.00 "$(jq -r .indicative.price "$work/out")"

# --- every command as a line ---
cat >"$work/all.jsonl" <<'END'
{"op":"set_account","account":"carl","type":"MARGIN","leverage":10,"allow_short":true,"limits":{"max_open_orders":9,"max_order_quantity":"500.5"},"taker_fee_bps":1,"liquidation_percent":5}
{"op":"set_account","account":"carl","taker_fee_bps":null}
{"op":"move_cash","account":"carl","currency":"USD","amount":100000}
{"op":"place","account":"carl","symbol":"GOOG","side":"SELL","quantity":50,"price":"110","display_quantity":10,"tif":"GTC"}
{"op":"place","account":"carl","symbol":"GOOG","side":"SELL","quantity":5,"trail_percent":"2.5","tif":"GTC"}
{"op":"place","account":"carl","symbol":"GOOG","side":"SELL","quantity":5,"stop_price":"95","price":"94","tif":"GTC"}
{"op":"place","account":"carl","symbol":"GOOG","side":"BUY","quantity":5,"price":"90","all_or_none":true,"tif":"GTC"}
{"op":"place","account":"carl","symbol":"GOOG","side":"BUY","quantity":5,"venue":"QUOTE"}
{"op":"place_linked","account":"alice","symbol":"GOOG","side":"BUY","quantity":5,"price":"98","tif":"GTC","link":{"type":"BRACKET","activation":"EACH_FILL","take_profit":{"price":"105"},"stop_loss":{"stop_price":"90"}}}
{"op":"place","account":"alice","symbol":"GOOG","side":"SELL","quantity":5,"price":"120","tif":"GTC","link":{"type":"OCO","legs":[{"stop_price":"80"}]}}
{"op":"gtt_place","account":"alice","symbol":"GOOG","side":"SELL","legs":[{"trigger_price":"130","price":"129","quantity":5},{"trigger_price":"70","quantity":5}]}
{"op":"check_margin"}
{"op":"check_margin","account":"carl"}
{"op":"set_trading","symbol":"AAPL","status":"REDUCING"}
{"op":"set_trading","account":"bob","status":"HALTED","cancel":true}
{"op":"set_trading","status":"ACTIVE"}
END
exits 0 submit "$work/all.jsonl"
equal "a line a command" 16 "$(jq -s length "$work/out")"
linked=$(jq -s -r '.[8].order_id' "$work/out")
gtt=$(jq -s -r '.[10].gtt_id' "$work/out")
cat >"$work/more.jsonl" <<END
{"op":"gtt_modify","gtt_id":"$gtt","legs":[null,{"trigger_price":"75"}],"status":"DISABLED"}
{"op":"gtt_modify","gtt_id":"$gtt","status":"ACTIVE"}
{"op":"modify","order_id":"$linked","quantity":4}
{"op":"gtt_delete","gtt_id":"$gtt"}
{"op":"cancel","order_id":"$linked"}
END
exits 0 submit "$work/more.jsonl"

# --- a refusal says its field, its value and its limit ---
cat >"$work/no.jsonl" <<'END'
{"op":"place","account":"carl","symbol":"GOOG","side":"BUY","quantity":501,"price":"1"}
{"op":"place","account":"carl","symbol":"GOOG","side":"BUY","quantity":1,"price":"100.005"}
END
exits 1 submit "$work/no.jsonl"
equal "the account's limit" 'ORDER_QUANTITY_LIMIT quantity 501 500.5' "$(jq -s -r '.[0].reject | "\(.code) \(.field) \(.value) \(.limit)"' "$work/out")"
exits 1 "$ORDERTAPE" submit "$work/no.jsonl" --data-dir "$data"
grep -q 'PRICE_OFF_TICK, price 100.005: price is not a multiple of the tick (limit 0.01)$' "$work/out" || die "the refusal as text: $(cat "$work/out")"

# --- the tape comes back from what cat prints; everything agrees with a fresh fold ---
exits 0 "$ORDERTAPE" rebuild --data-dir "$data" --json
equal "one GTT has a row" 1 "$(jq -r .gtts "$work/out")"
exits 0 "$ORDERTAPE" snapshot create --data-dir "$data"
exits 0 "$ORDERTAPE" verify --data-dir "$data"
"$ORDERTAPE" cat commands --data-dir "$data" --from-seq 2 | jq -c 'del(.seq,.time)' >"$work/again.jsonl"
exits 1 "$ORDERTAPE" submit "$work/again.jsonl" --data-dir "$work/again"
events() { "$ORDERTAPE" cat events --data-dir "$1" --from-seq 2 | jq -c 'del(.time,.expires_at)' | cksum; }
equal "a copy says the same" "$(events "$data")" "$(events "$work/again")"

echo "the whole exchange goes in and out as lines"
