#!/usr/bin/env bash
# Same tape, same state, same events: gcc and clang, without and with optimization, with sanitizers (the check build, when it is there).
. "$(dirname "$0")/common.sh"
flow=$work/flow
exits 0 "$ORDERTAPE" bench replay --keep --instruments 50 --open 5000 --commands 200000 --seed 11 --data-dir "$flow"
mkdir "$work/golden"
cp -r tests/golden/v1/commands "$work/golden/commands"
tapes=("$flow" "$work/golden")
for seed in 23 24; do # 23: deep books; 24: a lively market
  exits 0 "$ORDERTAPE_BUILD/tests/flow_tape" "$work/every$seed" $seed 60000
  tapes+=("$work/every$seed")
done
if dir=${ORDERTAPE_LOBSTER_DIR:-../shared/data/lobster} && [ -d "$dir" ]; then
  . "$(dirname "$0")/lobster.sh"
  exits 0 import_sample "$ORDERTAPE" AAPL "$work/aapl"
  tapes+=("$work/aapl")
fi

sources=(core/*.c proto/*.c journal/*.c snapshots/*.c "$ORDERTAPE_BUILD"/generated/proto/*.c tests/tools/replay_digest.c)
# build COMPILER LEVEL: prints the program's path.
build() {
  local objects=$work/$1$2
  mkdir "$objects"
  printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -I{} sh -c 'exec "$0" -std=gnu17 -D_GNU_SOURCE "$1" -w -fno-strict-aliasing -I. -I"$2" -c "$3" -o "$4/$(echo "$3" | tr / _).o"' \
      "$1" "$2" "$ORDERTAPE_BUILD/generated" {} "$objects"
  "$1" "$objects"/*.o -o "$objects/replay_digest" -lprotobuf-c -lzstd -lxxhash -lpthread
  echo "$objects/replay_digest"
}
programs=("$ORDERTAPE_BUILD/tests/replay_digest")
[ -x "$ORDERTAPE_BUILD/../check/tests/replay_digest" ] && programs+=("$ORDERTAPE_BUILD/../check/tests/replay_digest")
for compiler in gcc clang-14; do
  command -v $compiler >/dev/null || { echo "$compiler is not installed: not compared"; continue; }
  for level in -O0 -O3; do programs+=("$(build $compiler $level)"); done
done

for tape in "${tapes[@]}"; do
  expected=$("${programs[0]}" "$tape")
  for program in "${programs[@]}"; do equal "$program over $tape" "$expected" "$("$program" "$tape")"; done
  echo "${#programs[@]} builds agree: $expected"
done
