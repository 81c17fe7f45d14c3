#!/bin/sh
# Proves that core is only arithmetic: test_purity.sh SOURCE_DIR CORE_ARCHIVE COMPILER
# 1. What the archive needs from outside is mem*, strlen (gcc -O3 makes one of a loop), assert, and what hardening,
#    coverage and the sanitizers add.
# 2. Every source compiles with general registers only, so no float or double is in it.
set -eu
source_dir=$1 archive=$2 compiler=$3
outside=$(mktemp)
trap 'rm -f "$outside"' EXIT

nm -u "$archive" | sed -n 's/^ *U //p' | sort -u >"$outside.used"
nm --defined-only "$archive" | sed -n 's/^[0-9a-f]* [A-Za-z] //p' | sort -u >"$outside.defined"
comm -23 "$outside.used" "$outside.defined" >"$outside"
rm -f "$outside.used" "$outside.defined"
allowed='^(__)?(memcpy|memmove|memset|memcmp)(_chk)?$|^strlen$|^__(assert|stack_chk)_fail$|^_GLOBAL_OFFSET_TABLE_$'
allowed="$allowed|^__(asan|ubsan|tsan|sanitizer|gcov)_"
if grep -Ev "$allowed" "$outside"; then
    echo "core needs the symbols above, and may not" >&2
    exit 1
fi

for file in "$source_dir"/core/*.c; do
    "$compiler" -std=gnu17 -O2 -mgeneral-regs-only -D_GNU_SOURCE -I"$source_dir" -c "$file" -o /dev/null || {
        echo "$file does not compile with general registers only: a float, a double or a vector" >&2
        exit 1
    }
done
echo "core is arithmetic: $(wc -l <"$outside") outside symbols, all allowed"
