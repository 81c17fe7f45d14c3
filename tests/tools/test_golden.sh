#!/usr/bin/env bash
# A tape of format version 1, as it was written when the format was made: it reads, verifies and folds as it did then.
. "$(dirname "$0")/common.sh"
command -v jq >/dev/null || skip "jq is not installed"
golden=tests/golden/v1
data=$work/data
cp -r "$golden" "$data"
exits 0 "$ORDERTAPE" verify --data-dir "$data"
equal "the fold" "$(cat $golden/replay.json)" \
  "$("$ORDERTAPE" replay --data-dir "$data" --no-snapshot --json | jq -c '{seq,digest,commands,events,orders_open}')"
exits 0 "$ORDERTAPE" replay --data-dir "$data" --json
jq -e --slurpfile g $golden/replay.json '.digest == $g[0].digest and .snapshot > 0 and .commands < $g[0].commands' "$work/out" >/dev/null ||
  die "the snapshot did not serve: $(cat "$work/out")"
equal "the book" "$(cat $golden/book.json)" "$("$ORDERTAPE" book GLD --data-dir "$data" --json)"
"$ORDERTAPE" cat commands --data-dir "$data" | cmp - $golden/commands.jsonl || die "the commands read otherwise"
"$ORDERTAPE" cat events --data-dir "$data" | cmp - $golden/events.jsonl || die "the events read otherwise"
rm -r "$data/events"
exits 0 "$ORDERTAPE" rebuild --data-dir "$data"
"$ORDERTAPE" cat events --data-dir "$data" | cmp - $golden/events.jsonl || die "the events fold otherwise"
echo "format version 1 is what it was"
