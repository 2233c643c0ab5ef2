# Sourced by run, test, torture and fuzz: one run's folder, its steps, and an end that leaves nothing behind however it comes.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
root=$(cd "$here/../.." && pwd)

# In /tmp, whatever the tree's own path: Unix sockets and RabbitMQ want short and plain ones.
open_session() {
  cd "$root" || exit
  forget_settings
  find_swift
  check_owner
  sweep_abandoned
  session=$(mktemp -d /tmp/upload-worker.XXXXXX)
  record_process "$session/owner" $$
  current_step=""
  timer=""
  trap close_session EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# sudo leaves out of PATH what it does not know.
find_swift() {
  local folder
  for folder in /opt/swift /usr/local/swift /usr/local /usr/share/swift; do
    if ! command -v swift >/dev/null && [ -x "$folder/usr/bin/swift" ]; then PATH=$folder/usr/bin:$PATH; fi
  done
  command -v swift >/dev/null || fail "Swift 6.3 is not on the PATH: https://www.swift.org/install"
}

# The tree may have been built by someone else before, root among them. Swift keeps locks of it in /tmp, which only the
# user who made them can take.
check_owner() {
  local path
  for path in .build .build-postgres .venv .local; do
    [ ! -e "$path" ] || [ -w "$path" ] || fail "$path is not yours: sudo chown -R $(id -un) $PWD/$path"
  done
  for path in "${TMPDIR:-/tmp}/${root//\//_}"_.build*.lock; do
    [ ! -e "$path" ] || [ -O "$path" ] || remove_lock "$path" 2>/dev/null || fail "$path is not yours: sudo rm $path"
  done
}
remove_lock() { (exec 8<"$1" && flock --nonblock 8 && rm -f "$1"); }

# What sudo has built goes back to whoever called it, so that they can build again without.
give_back_tree() {
  local path
  [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_UID:-}" ] || return 0
  for path in .build .build-postgres .venv .local; do
    [ ! -e "$root/$path" ] || chown -R "$SUDO_UID:${SUDO_GID:-}" "$root/$path"
  done
  for path in "${TMPDIR:-/tmp}/${root//\//_}"_.build*.lock; do
    [ ! -e "$path" ] || remove_lock "$path" || true
  done
}

close_session() {
  local status=$?
  [ "$BASHPID" = $$ ] || exit "$status" # a child that is stopped before it runs its command comes by here too
  trap '' INT TERM HUP
  [ -z "$timer" ] || kill "$timer" || true
  [ -z "$current_step" ] || end_step
  "$here/stop-servers" "$session" || status=1
  if [ "$status" -ne 0 ] && [ "$status" -lt 129 ]; then
    rm -rf "$root/.local/failed"
    mkdir -p "$root/.local"
    cp -r "$session" "$root/.local/failed" && say "failed; the servers' and the worker's logs are in .local/failed"
  fi
  rm -rf "$session"
  give_back_tree
  exit "$status"
}

# What a run that was killed outright has left.
sweep_abandoned() {
  local folder
  for folder in /tmp/upload-worker.??????; do
    if [ -O "$folder" ] && [ -f "$folder/owner" ] && ! running "$folder/owner"; then
      "$here/stop-servers" "$folder"
      rm -rf "$folder"
    fi
  done
}

# step TITLE COMMAND...: says the title, where there is one, and runs the command in a process group of its own, so that
# whoever stops this script stops all of it. Ended after `limit` seconds, where that is set.
step() {
  [ -z "$1" ] || say "$1"
  shift
  set -m
  "$@" </dev/null &
  current_step=$!
  set +m
  local status=0 first=
  if [ -n "${limit:-}" ]; then
    sleep "$limit" &
    timer=$!
    wait -n -p first "$current_step" "$timer" || status=$?
    if [ "$first" = "$timer" ]; then
      say "stopped: this took longer than $limit s"
      end_step
      status=124
    else
      kill "$timer"
    fi
    timer=
  else
    wait "$current_step" || status=$?
  fi
  current_step=
  return "$status"
}

# Interrupted rather than terminated: pytest then stops what its fixtures have started.
end_step() {
  kill -INT -- "-$current_step" 2>/dev/null || return 0
  wait_until 20 no_group "$current_step" || kill -KILL -- "-$current_step" 2>/dev/null || true
}
no_group() { ! kill -0 -- "-$1" 2>/dev/null; }
