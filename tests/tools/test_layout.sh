#!/usr/bin/env bash
# The folders are the data flow: includes go along ARCHITECTURE.md's arrows only, foreign headers stay in the folders that own them, every
# folder says what it is, and no file speaks of unfinished work or of one machine's paths.
. "$(dirname "$0")/common.sh"
bad=0
complain() { echo "$*" >&2; bad=1; }

# folder: folders it may include from | foreign headers it may include
arrows='
core:core|xxhash.h
proto:proto core|xxhash.h protobuf-c
journal:journal core proto|zstd.h xxhash.h
snapshots:snapshots journal core proto|zstd.h xxhash.h
projections:projections journal core proto|lmdb.h xxhash.h
api:api projections snapshots journal core proto|microhttpd.h uv.h yajl cyaml xxhash.h
tools:tools api projections snapshots journal core proto|
'
foreign='zstd|xxhash|lmdb|microhttpd|uv|yajl|cyaml|protobuf-c'
while IFS=: read -r folder rest; do
  [ -n "$folder" ] || continue
  folders=" ${rest%%|*} " headers=" ${rest#*|} "
  for file in "$folder"/*.c "$folder"/*.h; do
    [ -e "$file" ] || continue
    while read -r name; do
      [ -e "$folder/$name" ] && [[ $name != */* ]] && continue
      [[ $folders == *" ${name%%/*} "* ]] || complain "$file includes \"$name\": no arrow goes from $folder there"
    done < <(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file")
    while read -r name; do
      [[ $name =~ ^($foreign)([./]|$) ]] || continue
      [[ $headers == *" $name "* || $headers == *" ${name%%/*} "* ]] || complain "$file includes <$name>: another folder's library"
    done < <(sed -n 's/^ *# *include *<\([^>]*\)>.*/\1/p' "$file")
  done
done <<<"$arrows"

# core needs the C library's freestanding part and string.h; its purity test looks at the symbols.
for file in core/*.c core/*.h; do
  while read -r name; do
    case $name in
      assert.h | stdbool.h | stddef.h | stdint.h | string.h | limits.h | xxhash.h) ;;
      stdlib.h) [ "$file" = core/digest.c ] || complain "$file includes <$name>" ;; # only for xxhash, with malloc defined away
      *) complain "$file includes <$name>" ;;
    esac
  done < <(sed -n 's/^ *# *include *<\([^>]*\)>.*/\1/p' "$file")
done

# The linker keeps the arrows too: what each target is linked with.
while IFS=: read -r folder rest; do
  [ -n "$folder" ] || continue
  allowed=" ${rest%%|*} "
  for other in core proto journal snapshots projections api tools; do
    [ "$other" = "$folder" ] && continue
    grep -hE "target_link_libraries\($folder " "$folder/CMakeLists.txt" 2>/dev/null | grep -qw -- "$other" || continue
    [[ $allowed == *" $other "* ]] || complain "$folder/CMakeLists.txt links $other"
  done
done <<<"$arrows"

for folder in core proto journal snapshots projections api tools tests tests/*/ docs; do
  [ -d "$folder" ] && [ ! -e "$folder/README.md" ] && [ "$folder" != tests/golden/ ] && complain "$folder has no README.md"
done
if command -v git >/dev/null && git rev-parse --git-dir >/dev/null 2>&1; then files=$(git ls-files); else files=$(find . -path ./build -prune -o -path ./data -prune -o -type f -print); fi
unfinished='TO''DO|FIX''ME|\bXX''X\b'
for file in $files; do
  [ -f "$file" ] || continue
  case $file in LICENSE | *.seg | *.snap) continue ;; esac
  grep -nE "$unfinished" "$file" /dev/null && complain "unfinished work is named above"
  grep -nE '(^|[^a-zA-Z.$}])/(wo''rk|ho''me|ro''ot)/' "$file" /dev/null && complain "a path of one machine is named above"
done
[ $bad = 0 ] || die "the house is not in order"
echo "includes go along the arrows; every folder says what it is"
