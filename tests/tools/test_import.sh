#!/usr/bin/env bash
# Real order flow: both LOBSTER samples give exactly the published figures, and an engine with a last-in-first-out queue does not.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
. "$(dirname "$0")/lobster.sh"

check() {
  local symbol=$1 expected=$2
  exits 0 import_sample "$ORDERTAPE" "$symbol" "$work/$symbol"
  equal "$symbol" "$expected" "$(jq -c 'del(.seq,.digest,.rows_per_second)' "$work/out")"
  equal "$symbol: the tape folds to the same digest" "$(jq -r .digest "$work/out")" \
    "$("$ORDERTAPE" replay --data-dir "$work/$symbol" --json | jq -r .digest)"
  echo "$symbol: $(jq -r .rows_per_second "$work/out") rows a second"
}
check GOOG '{"messages":49482,"rows":49482,"rows_equal":49482,"clean":38275,"window":11207,"exceptions":5,"errors":0,"executions":7765,"executions_matched":7760}'
check AAPL '{"messages":999,"rows":999,"rows_equal":999,"clean":681,"window":318,"exceptions":0,"errors":0,"executions":98,"executions_matched":98}'

for symbol in GOOG AAPL; do
  exits 1 import_sample "$ORDERTAPE_LIFO" "$symbol" "$work/lifo-$symbol"
  says "did not fill the order it names"
done
echo "the samples fold to the published figures; a last-in-first-out queue is caught"
