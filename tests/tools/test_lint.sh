#!/usr/bin/env bash
# clang-format and clang-tidy over every C file of the tree.
. "$(dirname "$0")/common.sh"
command -v clang-format-14 >/dev/null || skip "clang-format-14 is not installed"
command -v clang-tidy-14 >/dev/null || skip "clang-tidy-14 is not installed"
mapfile -t files < <(find core proto journal snapshots projections api tools tests -name '*.c' | sort)
clang-format-14 --dry-run -Werror "${files[@]}" 2>"$work/format" || { head -40 "$work/format" >&2; die "clang-format -i mends what is above"; }
# Only what this build compiles has flags to be checked with.
for file in "${files[@]}"; do
  grep -qF "/$file\"" "$ORDERTAPE_BUILD/compile_commands.json" && printf '%s\n' "$file"
done >"$work/compiled"
# The analyzer looks at each function by itself, which finds nearly all in a tenth of the time; --long lets it follow calls.
depth=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=shallow)
[ "${ORDERTAPE_LONG:-0}" = 1 ] && depth=()
xargs -P "$(nproc)" -n 4 clang-tidy-14 -p "$ORDERTAPE_BUILD" --quiet "${depth[@]}" <"$work/compiled" >"$work/tidy" 2>/dev/null || {
  grep -E 'error|warning' "$work/tidy" | sort -u | head -60 >&2
  die "clang-tidy found the above"
}
echo "$(wc -l <"$work/compiled") files are clean"
