#!/usr/bin/env bash
# A flipped byte anywhere in a cleanly stopped tape is found and named, and serve refuses; in a tape that a kill left open, the last block is cut,
# set aside and reported, and anything before it is refused.
. "$(dirname "$0")/common.sh"
command -v curl >/dev/null || skip "curl is not installed"
data=$work/data
serve_every=16
[ "${ORDERTAPE_LONG:-0}" = 1 ] && serve_every=1

# flip FILE OFFSET
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
  # shellcheck disable=SC2059 # the byte is the format
  printf "\\x$(printf %x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
refused() { # serve must end by itself, soon, and not with 0
  local code=0
  timeout 20 "$ORDERTAPE" serve --data-dir "$1" --listen 127.0.0.1:0 >/dev/null 2>"$work/refusal" || code=$?
  [ "$code" != 0 ] && [ "$code" != 124 ]
}

# --- sealed ---
exits 0 "$ORDERTAPE" submit tools/sample/market.jsonl --data-dir "$data"
segment=$(echo "$data"/commands/*.seg)
bytes=$(stat -c %s "$segment")
for ((at = 0; at < bytes; at++)); do
  flip "$segment" "$at"
  code=0
  "$ORDERTAPE" verify --bytes --data-dir "$data" >"$work/out" 2>&1 || code=$?
  [ "$code" = 1 ] && grep -q "^damage commands .*$(basename "$segment")" "$work/out" ||
    die "byte $at of $bytes: verify ended with $code and said: $(cat "$work/out")"
  if ((at % serve_every == 0)); then refused "$data" || die "byte $at of $bytes: serve did not refuse"; fi
  flip "$segment" "$at"
done
exits 0 "$ORDERTAPE" verify --data-dir "$data"

# --- left open by a kill ---
serve "$data"
for i in 1 2 3 4 5; do
  curl -fsS "$url/api/v1/orders" -d "{\"account\":\"alice\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":$i,\"price\":\"500.00\",\"tif\":\"GTC\"}" >/dev/null
done
kill -9 "$server"
wait "$server" 2>/dev/null || true
segment=$(ls "$data"/commands/*.seg | tail -1)
cp -r "$data" "$work/open"
# The offsets of every byte that is not zero; the last of them belongs to the last block.
written() { cmp -l "$1" /dev/zero 2>/dev/null | awk '{print $1 - 1}' || true; }
last=$(written "$segment" | tail -1)
flip "$segment" "$last"
serve "$data" || die "a torn tail must not keep the service down: $(cat "$server_log")"
compgen -G "$data/commands/*.torn-*" >/dev/null || die "the torn tail was not set aside"
grep -qi torn "$server_log" || die "the cut was not reported: $(cat "$server_log")"
stop
exits 0 "$ORDERTAPE" verify --data-dir "$data"

segment=$work/open/commands/$(basename "$segment")
first_block=$(written "$segment" | awk '$1 > 400 && !found {print; found = 1}')
flip "$segment" "$first_block"
refused "$work/open" || die "acknowledged data was damaged, and serve started: $(cat "$work/refusal")"
exits 1 "$ORDERTAPE" verify --bytes --data-dir "$work/open"
grep -q '^damage commands' "$work/out" || die "verify: $(cat "$work/out")"
echo "$bytes bytes flipped, each named; torn and damaged are told apart"
