# tests/tools/lobster.sh - sourced: where the LOBSTER samples are. They carry no redistribution terms, so they are not in this tree.
lobster_dir=${ORDERTAPE_LOBSTER_DIR:-../shared/data/lobster}
[ -d "$lobster_dir" ] || skip "no LOBSTER samples in $lobster_dir (ORDERTAPE_LOBSTER_DIR names another place)"
sample() { # sample SYMBOL message|orderbook
  compgen -G "$lobster_dir/$1_*_$2_*.csv" | head -1
}
# import_sample PROGRAM SYMBOL DIR [option...]
import_sample() {
  local program=$1 symbol=$2 dir=$3
  shift 3
  "$program" import lobster --symbol "$symbol" --messages "$(sample "$symbol" message)" --book "$(sample "$symbol" orderbook)" \
    --data-dir "$dir" --json "$@"
}
