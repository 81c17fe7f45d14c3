# tests/tools/common.sh - sourced by the scripts beside it: a temporary directory, checks that say what they checked, skipping.
# A script's last line is reached only when every check held.
set -euo pipefail
: "${ORDERTAPE:?the ordertape to test}"

work=$(mktemp -d "${TMPDIR:-/tmp}/ordertape-test-XXXXXX")
started=()
finish() {
  local code=$?
  local pid
  for pid in "${started[@]}"; do
    pkill -9 -P "$pid" 2>/dev/null || true # a script's server outlives its script
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
  exit $code
}
trap finish EXIT

skip() { echo "skipped: $*"; exit 77; }
die() { echo "FAILED: $*" >&2; exit 1; }
# equal WHAT EXPECTED ACTUAL
equal() { [ "$2" = "$3" ] || die "$1: expected '$2', got '$3'"; }
# exits CODE COMMAND... : runs it with stdout in $work/out and stderr in $work/err.
exits() {
  local want=$1 got=0
  shift
  "$@" >"$work/out" 2>"$work/err" || got=$?
  [ "$got" = "$want" ] || { cat "$work/err" >&2; die "exit $got instead of $want: $*"; }
}
# says TEXT: the one line on stderr of the last `exits` holds it.
says() { grep -qF -- "$1" "$work/err" || { cat "$work/err" >&2; die "stderr does not say '$1'"; }; }

# serve DIR [option...]: starts a server on a port of its own; sets $url and $server.
serve() {
  local dir=$1 log
  shift
  log=$(mktemp "$work/serve-XXXXXX")
  "$ORDERTAPE" serve --data-dir "$dir" --listen 127.0.0.1:0 "$@" 2>"$log" &
  server=$!
  started+=("$server")
  server_log=$log
  for _ in $(seq 300); do
    url=$(sed -n 's/.*INFO serving .*\burl=\(http:[^ ]*\).*/\1/p' "$log" | head -1)
    [ -n "$url" ] && return 0
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.1
  done
  die "the server did not come up: $(tail -3 "$log")"
}
stop() { kill -TERM "$server"; wait "$server" || die "serve ended with $?"; }
