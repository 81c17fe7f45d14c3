# tests/flows/common.sh - sourced by the scripts beside it: the sample market behind $api, and the words they are written in.
. "$(dirname "$0")/../tools/common.sh"
command -v curl >/dev/null || skip "curl is not installed"
command -v jq >/dev/null || skip "jq is not installed"

# market [serve's option...]: a server over the sample market.
market() {
  "$ORDERTAPE" submit tools/sample/market.jsonl --data-dir "$work/data" >/dev/null 2>&1 || die "the sample market does not load"
  serve "$work/data" "$@"
  api=$url/api/v1
}
# ask METHOD PATH [BODY] [curl's option...]: prints the line, keeps status and answer for what follows.
ask() {
  local method=$1 path=$2 body=${3:-}
  shift $(($# < 3 ? $# : 3))
  echo "$method $path $body"
  status=$(curl -s -o "$work/answer" -D "$work/headers" -w '%{http_code}' -X "$method" "$@" ${body:+-d "$body"} "$url$path")
}
# answers STATUS [JQ EXPECTED]...: the status, and what each jq expression says of the answer.
answers() {
  [ "$status" = "$1" ] || { cat "$work/answer" >&2; die "status $status instead of $1"; }
  shift
  while [ $# -gt 0 ]; do
    local got
    got=$(jq -r "$1" "$work/answer")
    [ "$got" = "$2" ] || { cat "$work/answer" >&2; die "$1 is '$got', not '$2'"; }
    shift 2
  done
}
answer() { jq -r "$1" "$work/answer"; }
# becomes PATH JQ EXPECTED: asks until it is so; what a broker does takes its time.
becomes() {
  local got
  for _ in $(seq 300); do
    got=$(curl -s "$url$1" | jq -r "$2")
    [ "$got" = "$3" ] && { echo "GET $1: $2 is now $3"; return 0; }
    sleep 0.05
  done
  die "GET $1: $2 is still '$got', not '$3'"
}
