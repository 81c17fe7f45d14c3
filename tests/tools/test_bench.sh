#!/usr/bin/env bash
# The benchmarks run, leave the disk as it was, and print what the contract names. No figure is judged here.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
small=(--instruments 10 --open 500 --seed 3 --data-dir "$work/data" --json)

exits 0 "$ORDERTAPE" bench engine --commands 20000 "${small[@]}"
jq -e '.commands_per_second > 0 and .ns_p50 > 0 and .ns_p99 >= .ns_p50 and .ns_p999 >= .ns_p99 and .bytes_per_order > 0' "$work/out" >/dev/null ||
  die "bench engine: $(cat "$work/out")"
digest=$(jq -r .digest "$work/out")
exits 0 "$ORDERTAPE" bench replay --commands 20000 "${small[@]}"
jq -e '.commands_per_second > 0 and .bytes_per_command > 0' "$work/out" >/dev/null || die "bench replay: $(cat "$work/out")"
equal "a flow has one digest" "$digest" "$(jq -r .digest "$work/out")"
exits 0 "$ORDERTAPE" bench projections --commands 20000 "${small[@]}"
jq -e '.events_per_second > 0 and .orders > 0' "$work/out" >/dev/null || die "bench projections: $(cat "$work/out")"
exits 0 "$ORDERTAPE" bench journal --commands 40000 --seconds 1 "${small[@]}"
jq -e '.bytes_per_command > 0 and ([.groups[].group] == [1,16,64,256,1024,8192]) and (.groups[0].bare_ns_p50 > 0)' "$work/out" >/dev/null ||
  die "bench journal: $(cat "$work/out")"
exits 0 "$ORDERTAPE" bench serve --connections 4 --seconds 1 --data-dir "$work/data" --json
jq -e '.commands_per_second > 0 and .refused == 0 and .ns_p50 > 0' "$work/out" >/dev/null || die "bench serve: $(cat "$work/out")"
[ ! -e "$work/data" ] || die "a bench left something behind"

exits 0 "$ORDERTAPE" bench replay --commands 5000 "${small[@]}" --keep
exits 0 "$ORDERTAPE" replay --data-dir "$work/data"
exits 2 "$ORDERTAPE" bench replay --commands 5000 "${small[@]}" --keep
echo "every bench runs"
