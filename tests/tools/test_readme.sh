#!/usr/bin/env bash
# README.md does what it says: its blocks are taken out and run as printed, in a copy of this tree, in order. A comment before a block says how:
# "run: background" (the server: waited for), "run: yes", "run: no" (this very test suite).
. "$(dirname "$0")/common.sh"
command -v curl >/dev/null || skip "curl is not installed"
command -v jq >/dev/null || skip "jq is not installed"
if curl -s --max-time 1 http://127.0.0.1:8080/ >/dev/null; then skip "port 8080 is in use"; fi
for package in $(awk '$1 == "build" {print $2}' tools/packages); do
  dpkg-query -W "$package" >/dev/null 2>&1 || skip "package $package is not installed, and a test installs nothing"
done

awk -v dir="$work" '
  /^<!-- run: / {how = $3; next}
  /^```sh$/ {number++; file = sprintf("%s/block-%d-%s.sh", dir, number, how); printing = how != ""; if (!printing) {print "a block without a run comment"; exit 1}; next}
  /^```$/ {printing = 0; how = ""; next}
  printing {print >file}' README.md

tree=$work/tree
mkdir "$tree"
cp -r core proto journal snapshots projections api tools tests docs CMakeLists.txt CMakePresets.json README.md "$tree"
cd "$tree"
for block in "$work"/block-*-background.sh; do
  bash -e "$block" >"$work/run.log" 2>&1 &
  started+=($!)
  runner=$!
done
for _ in $(seq 3000); do
  curl -s --max-time 1 http://127.0.0.1:8080/readyz >/dev/null && break
  kill -0 "$runner" 2>/dev/null || { tail -20 "$work/run.log" >&2; die "tools/run ended"; }
  sleep 0.1
done
grep -q 'http://127.0.0.1:8080' "$work/run.log" || die "tools/run does not say where it serves"

# Readers beside a server see what a later block or an idle moment has marked durable: a person's pace, waited for here.
settle() {
  local answered
  answered=$(curl -s http://127.0.0.1:8080/api/v1/book/GOOG | jq .seq)
  for _ in $(seq 100); do
    [ "$(build/release/ordertape replay --json | jq .seq)" -ge "$answered" ] && return 0
    sleep 0.1
  done
  die "seq $answered was answered, and ten seconds later a reader does not see it"
}
for block in $(ls "$work"/block-*-yes.sh | sort -t- -k2 -n); do
  settle
  while read -r line; do
    echo "\$ $line"
    bash -e -c "$line" >"$work/line" 2>"$work/line.err" || { cat "$work/line" "$work/line.err" >&2; die "README: $line"; }
    head -c 300 "$work/line"
    echo
  done <"$block"
done
# What the prose says of it.
equal "six shares still rest" 6 "$(curl -s http://127.0.0.1:8080/api/v1/book/GOOG | jq -r '.bids[0].quantity')"
equal "the trade is at 575.00" 575.00 "$(curl -s 'http://127.0.0.1:8080/api/v1/trades?symbol=GOOG' | jq -r '.items[0].price')"
equal "the trade is only in the baseline" 'true false' \
  "$(echo '{"edits":[{"drop":{"account":"bob"}}]}' | build/release/ordertape whatif --scenario - | jq -r '.diff.trades[0] | "\(.baseline != null) \(.branch != null)"')"
# Every link leads somewhere.
for link in $(grep -o '](\([^)#]*\))' README.md | tr -d '()]'); do [[ $link == http* ]] || [ -e "$OLDPWD/$link" ] || die "README links $link, which is not there"; done
pkill -INT -P "$runner" # the server: tools/run has become it
code=0
wait "$runner" || code=$?
equal "tools/run stopped by Ctrl-C" 0 "$code"
echo "README.md works as printed"
