#!/usr/bin/env bash
# Fetches everything in a folder, image sequence, request or prepared archive into the current folder, and checks it with xxhsum.
# A second run continues: it sends no file again that is there, and of a broken one only the rest.
# Usage: TURNOVER_URL=http://localhost:3000 TOKEN=… fetch-folder.sh <id>
set -euo pipefail
id=$1
get() { curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" "$@"; }
list=$(mktemp) && trap 'rm -f "$list"' EXIT

get "$TURNOVER_URL/files/$id/list.json" >"$list"
# One line for each file. A name holds no quotation marks and no backslashes.
sed -n 's/^{"path":"\([^"]*\)","sizeBytes":\([0-9]*\),"url":"\([^"]*\)".*$/\2 \3 \1/p' "$list" |
  while read -r size url path; do
    mkdir -p "./$(dirname "$path")"
    [ -f "./$path" ] && continue
    if [ "$(wc -c <"./$path.part" 2>/dev/null || echo 0)" -lt "$size" ]; then
      get -C - -o "./$path.part" "$TURNOVER_URL$url"
    elif [ "$size" = 0 ]; then
      : >"./$path.part"
    fi
    mv "./$path.part" "./$path"
  done
get "$TURNOVER_URL/files/$id/list.txt" >"$list"
xxhsum --quiet -c "$list" && echo "all files are here and right"
