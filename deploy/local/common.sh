# Sourced by the scripts beside it: processes that are stopped only when they are ours, and free ports.
# A process is recorded in a file NAME.pid as "PID STARTTIME", so that a number used again is never mistaken for it.
# shellcheck shell=bash

say() { printf '\n==> %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

# forget_settings: nothing of the caller's own servers, accounts and keys gets to throw-away ones, nor a proxy before them.
# What the worker's rules say (RETRY_DELAYS, …) stays, and S3_PORT and BROKER_*, which are for the scripts here.
forget_settings() {
  local port=${S3_PORT:-}
  unset "${!AWS_@}" "${!AMQP@}" "${!OTEL_@}" "${!PG@}" "${!S3_@}" "${!TEST_@}" SESSION_STORE POSTGRES_URL MANAGEMENT_URL
  [ -z "$port" ] || export S3_PORT=$port
  export AWS_CONFIG_FILE=/nonexistent AWS_SHARED_CREDENTIALS_FILE=/nonexistent
  no_proxy=127.0.0.1,localhost,${no_proxy:-${NO_PROXY:-}}
  export no_proxy NO_PROXY=$no_proxy
}

# process_start PID: when it started, in clock ticks since boot; fails for one that is gone or a zombie.
process_start() {
  local stat state
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -r -a stat <<<"${stat##*) }"
  state=${stat[0]}
  [ "$state" != Z ] && [ "$state" != X ] && echo "${stat[19]}"
}

# launch FILE.pid LOG COMMAND...: starts it in a session of its own, out of reach of Ctrl-C, and records it.
launch() {
  local record=$1 log=$2
  shift 2
  setsid "$@" >"$log" 2>&1 </dev/null &
  record_process "$record" $!
  disown
}

record_process() { echo "$2 $(process_start "$2" || true)" >"$1"; }

# running FILE.pid: whether the recorded process still runs.
running() {
  local pid start
  read -r pid start 2>/dev/null <"$1" || return 1
  [ -n "$start" ] && [ "$(process_start "$pid" || true)" = "$start" ]
}

# stop_process FILE.pid [SIGNAL]: signals the recorded process, waits for its end, kills it after 30 s. Idempotent.
stop_process() {
  local pid
  if running "$1"; then
    read -r pid _ <"$1"
    kill -"${2:-TERM}" "$pid" 2>/dev/null || true
    wait_until 30 stopped "$1" || kill -KILL "$pid" 2>/dev/null || true
    wait_until 5 stopped "$1" || fail "process $pid does not stop"
  fi
  rm -f "$1"
}

stopped() { ! running "$1"; }

# wait_until SECONDS COMMAND...: tries it ten times a second.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

listening() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# curl_s3 ARGUMENT...: curl with requests signed by the AWS_* variables. The key goes in by a file descriptor: a command
# line is for everyone to read.
curl_s3() {
  curl --silent --show-error --max-time 60 ${S3_CA_FILE:+--cacert "$S3_CA_FILE"} --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
    --config <(printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY") \
    --header "x-amz-content-sha256: $(sha256sum </dev/null | cut -d' ' -f1)" "$@"
}

# free_ports COUNT: the first of COUNT free neighbours, below those that outgoing connections use.
free_ports() {
  local first port taken
  taken=$(awk 'FNR > 1 { split($2, local, ":"); print local[2] }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | sort -u)
  while :; do
    first=$((10000 + (RANDOM * 32768 + RANDOM) % 1100 * 20))
    for ((port = first; port < first + $1; port++)); do
      ! grep -qix "$(printf %04X "$port")" <<<"$taken" || continue 2
    done
    echo "$first"
    return
  done
}

# remembered FILE COMMAND...: the file's text, which the command made the first time. For its owner's eyes only.
remembered() {
  local file=$1
  shift
  [ -s "$file" ] || (umask 077 && "$@" >"$file")
  cat "$file"
}

# print_variables NAME...: a NAME=VALUE line for each, for the caller to read.
print_variables() {
  local name
  for name; do printf '%s=%s\n' "$name" "${!name}"; done
}

# export_lines TEXT: exports each NAME=VALUE line of it.
export_lines() {
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || export "${line?}"
  done <<<"$1"
}
