#!/bin/bash
# Uploads a file through upload-worker: start, every part by PUT to its presigned URL, complete.
#
#     apt-get install amqp-tools curl jq
#     AMQP_URL=amqp://… ./upload.sh FILE USER_ID [FILE_ID [CONTENT_TYPE]]
#
# `make run` prints its AMQP_URL; TOPOLOGY_PREFIX is `uploads`, ANSWER_TIMEOUT 30 s where they are not set; for amqps the
# authority is AMQP_CA_FILE. Prints the result of complete. Status: 0 done; 1 failed for good; 64 wrong arguments; 75 no
# answer, or a failure that passes: run it again with the same FILE_ID.
#
# amqp-publish sets neither message_id nor correlation_id and waits for no confirm. A reply queue of this run's own and
# the ids in the bodies stand in for them, and a request without an answer is published again, which is safe. A service
# better takes a client library.
set -euo pipefail

fail() { printf 'error: %s\n' "$2" >&2; exit "$1"; }
if [ $# -lt 2 ] || [ $# -gt 4 ] || [ -z "${AMQP_URL:-}" ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
file=$1 user_id=$2 file_id=${3:-$(cat /proc/sys/kernel/random/uuid)} content_type=${4:-}
[ -r "$file" ] || fail 1 "cannot read $file"
prefix=${TOPOLOGY_PREFIX:-uploads} timeout=${ANSWER_TIMEOUT:-30}
replies=upload-results-$(cat /proc/sys/kernel/random/uuid) # the worker answers to no `amq.gen-…`
folder=$(mktemp -d)

# AMQP_URL in the words of amqp-tools. The password goes in by a file descriptor: a command line is for everyone to read.
decoded() { local text=${1//\\/\\\\}; printf '%b' "${text//%/\\x}"; }
address=${AMQP_URL#*://} vhost=
login=${address%@*} host=${address##*@}
[[ $host != */* ]] || { vhost=$(decoded "${host#*/}") host=${host%%/*}; }
broker=(--server "${host%:*}" --vhost "${vhost:-/}")
[[ $host != *:* ]] || broker+=(--port "${host##*:}")
[[ $AMQP_URL != amqps:* ]] || broker+=(--ssl --cacert "${AMQP_CA_FILE:-/etc/ssl/certs/ca-certificates.crt}")
credentials() { printf 'username:%s\npassword:%s\n' "$(decoded "${login%%:*}")" "$(decoded "${login#*:}")"; }
amqp() { timeout "$1" "$2" "${broker[@]}" --authfile <(credentials) "${@:3}"; }

# answer KIND TYPE SECONDS: the next result that answers; any other was seen before, or answers what was given up.
answer() {
  # shellcheck disable=SC2016 # the variables are jq's
  local result expected='(.file_id // $file) == $file and (.type == $type or (.type == "upload.failed" and .request == $kind))'
  while result=$(amqp "$3" amqp-consume --queue "$replies" --count 1 --prefetch-count 1 cat); do
    if jq --exit-status --arg file "$file_id" --arg kind "$1" --arg type "$2" "$expected" <<<"$result" >"$folder/fits"; then
      printf '%s' "$result"
      return
    fi
  done
  return 1
}

# request KIND TYPE BODY: prints the result of that type. Ends the script where the worker says that the request failed.
request() {
  local result try=$(((timeout + 2) / 3)) end=$((SECONDS + timeout))
  while [ "$SECONDS" -lt "$end" ]; do
    if amqp 10 amqp-publish --exchange "$prefix" --routing-key "$1" --reply-to "$replies" --persistent \
      --content-type application/json <<<"$3" && result=$(answer "$1" "$2" "$try"); then
      jq --exit-status '.type != "upload.failed"' <<<"$result" >"$folder/fits" || refuse "$result"
      printf '%s' "$result"
      return
    fi
    sleep 1
  done
  fail 75 "$1: no result within $timeout s; does a worker run? Run this again with the file id $file_id"
}

refuse() {
  jq --raw-output '"error: \(.request): \(.error.code) (\(.error.status)): \(.error.message)"' <<<"$1" >&2
  jq --exit-status '.error.retryable' <<<"$1" >"$folder/fits" || exit 1
  printf 'run it again with the file id %s\n' "$file_id" >&2
  exit 75
}

# put NUMBER OFFSET SIZE URL: sends a part, prints its ETag. A signed URL is a secret: it is on no command line.
put() {
  local answer status=0
  dd if="$file" of="$folder/part" bs=1M skip="$2" count="$3" iflag=skip_bytes,count_bytes status=none
  answer=$(curl --silent --show-error --fail --retry 3 --retry-connrefused --connect-timeout 10 --speed-time 60 \
    --speed-limit 1 --upload-file "$folder/part" --config <(printf 'url = "%s"\n' "$4") --output "$folder/answer" \
    --write-out '%{http_code} %header{etag}') || status=$?
  case $status/$answer in
    0/*) printf '%s' "${answer#* }" ;;
    22/408* | 22/429* | 22/5* | [!2]*/* | 2[!2]/*) fail 75 "part $1: the store does not take it now; file id $file_id" ;;
    *) fail 1 "part $1: the store answered ${answer%% *}" ;;
  esac
}

close() {
  amqp 10 amqp-delete-queue --queue "$replies" >"$folder/deleted" 2>&1 || echo "the queue $replies is left over" >&2
  rm -r "$folder"
}

amqp 10 amqp-declare-queue --queue "$replies" --durable >"$folder/declared" || fail 75 "RabbitMQ does not answer"
trap close EXIT
size=$(stat --format %s "$file")
part_size=$(((size + 19) / 20)) # at most 20 parts, and at least 5 MiB in each but the last
[ "$part_size" -ge $((8 << 20)) ] || part_size=$((8 << 20))
part_count=$((size == 0 ? 1 : (size + part_size - 1) / part_size))
ids=$(jq --null-input --arg file "$file_id" --arg user "$user_id" '{file_id: $file, user_id: $user}')

started=$(request start upload.started "$(jq --argjson count "$part_count" --arg type "$content_type" \
  '. + {part_count: $count, content_type: (if $type == "" then null else $type end)}' <<<"$ids")")
parts='[]'
for ((number = 1; number <= part_count; number++)); do
  url=$(jq --raw-output --argjson n "$number" '.presigned_urls[$n - 1]' <<<"$started")
  etag=$(put "$number" $(((number - 1) * part_size)) "$part_size" "$url")
  parts=$(jq --argjson n "$number" --arg etag "$etag" '. + [{part_number: $n, etag: $etag}]' <<<"$parts")
done
completed=$(request complete upload.completed "$(jq --argjson started "$started" --argjson parts "$parts" \
  '. + {upload_id: $started.upload_id, parts: $parts}' <<<"$ids")")
jq . <<<"$completed"
