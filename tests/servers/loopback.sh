# Shared by the server scripts beside this file, which are sourced into bash and never run alone.
#
# Each of them starts one throw-away server on free loopback ports, prints ONE line that says how to reach it,
# and lives for as long as its standard input stays open. A test run holds the other end of that pipe, so that
# however it ends (done, failed, interrupted, killed) the server goes and its folder with it.

set -eu

# A loopback port that nothing listens on, below the range that the system hands out by itself.
free_port() {
  local port tries
  for tries in $(seq 1 200); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "no free loopback port between 20000 and 32000 in $tries tries" >&2
  return 1
}

# Waits until a server listens on its loopback port: wait_for_port PORT WHAT PID LOG…
wait_for_port() {
  local port=$1 what=$2 pid=$3 tries
  shift 3
  for tries in $(seq 1 2400); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  echo "$what does not listen on port $port after $tries looks; its log ends:" >&2
  tail -q -n 20 "$@" >&2
  return 1
}

# The tool's path, or a sentence and failure: tool NAME PACKAGE [FOLDER…]
tool() {
  local name=$1 package=$2 folder
  shift 2
  for folder in "$@"; do
    if [ -x "$folder/$name" ]; then echo "$folder/$name"; return; fi
  done
  if command -v "$name"; then return; fi
  echo "$name is not here: install Debian's package $package, or run ./test, which does" >&2
  return 1
}

# Sets `as`, the words to put before a command so that it runs as USER where we are root: these servers refuse to be
# root, or need not be. An array and not a function, so that `$!` is the server's own process: run_as USER
run_as() {
  as=()
  if [ "$(id -u)" = 0 ]; then
    as=(setpriv "--reuid=$1" "--regid=$(id -g "$1")" --clear-groups)
  fi
}

# A folder of our own, given to USER where we are root.
own_folder() {
  local folder
  folder=$(mktemp -d "${TMPDIR:-/tmp}/sundial-$1.XXXXXX")
  chmod 755 "$folder"
  if [ "$(id -u)" = 0 ]; then chown "$2" "$folder"; fi
  echo "$folder"
}

# Returns when whoever started us closes the pipe or goes.
until_input_ends() {
  cat >/dev/null
}
