#!/usr/bin/env bash
# Delivers one file against a request: begin, send, wait for its checksum, submit, wait until it is processed.
# Usage: TURNOVER_URL=http://localhost:3000 TOKEN=… delivery.sh <requestId> <projectId> <file>
set -euo pipefail
request=$1 project=$2 file=$3
call() { curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$@"; }
ask() { call -G "$TURNOVER_URL/api/trpc/$1" --data-urlencode "input=$2"; }
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

upload=$(call "$TURNOVER_URL/api/trpc/uploads.begin" -d "{
  \"projectId\": \"$project\", \"requestId\": \"$request\",
  \"filename\": \"$(basename "$file")\", \"sizeBytes\": $(wc -c <"$file"),
  \"checksum\": \"md5:$(md5sum <"$file" | cut -d ' ' -f 1)\" }" | field uploadUrl)

# After a break, ask with HEAD for the Upload-Offset and send the rest from there.
curl -sS --fail-with-body -X PATCH "$TURNOVER_URL$upload" -H "Authorization: Bearer $TOKEN" -H 'Tus-Resumable: 1.0.0' \
  -H 'Upload-Offset: 0' -H 'Content-Type: application/offset+octet-stream' --data-binary "@$file"

until ask requestFiles.list "{\"requestId\":\"$request\"}" | grep -q '"state":"stored"'; do sleep 0.2; done
call "$TURNOVER_URL/api/trpc/requests.submit" -d "{\"requestId\":\"$request\"}" | field status
until [ "$(ask requests.get "{\"requestId\":\"$request\"}" | field status)" = processed ]; do sleep 0.2; done
echo "processed"
