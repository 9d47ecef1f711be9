#!/bin/sh
# Tries Haven on each Python that the machine has, from 3.11 to 3.13: installs the lock file, starts Haven with the demonstration, asks for a
# morning, and runs the unit tests. It works in a temporary folder and stops at the first failure.
# To try other interpreters: PYTHONS="/path/to/python ..." tests/support/smoke.sh
set -eu
cd "$(dirname "$0")/../.."
tried=""
folder=""
server=""

clean_up() {
  if test -n "$server"; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  server=""
  test -z "$folder" || rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# The shims of pyenv start only the versions that are selected, so all of its versions are selected.
if command -v pyenv >/dev/null; then
  PYENV_VERSION=$(pyenv versions --bare | paste -s -d : -)
  export PYENV_VERSION
fi
unset DATABASE_URL
export HAVEN_DURABLE=0
for python in ${PYTHONS:-python3.11 python3.12 python3.13}; do
  "$python" -c "import ensurepip, venv" 2>/dev/null || { echo "$python: not on this machine, or without venv"; continue; }
  folder=$(mktemp -d)
  chmod 711 "$folder"
  "$python" -m venv "$folder/venv"
  bin=$folder/venv/bin
  "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  "$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  export HAVEN_DATA="$folder/data"
  "$bin/haven" demo --seed 7 --on 2026-01-14 --pupils 400 >"$folder/demo.txt"
  port=$("$bin/python" -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
  "$bin/haven" run --port "$port" >"$folder/run.txt" 2>&1 &
  server=$!
  "$bin/python" - "$port" <<'PYTHON' || { cat "$folder/run.txt"; exit 1; }
import sys
import time
import urllib.request

for _ in range(120):
    try:
        page = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/accounts/login/", timeout=5).read()
    except OSError:
        time.sleep(0.5)
    else:
        assert b"Sign in" in page
        break
else:
    raise SystemExit("Haven did not answer within a minute.")
PYTHON
  urn=$("$bin/python" -c "import json, os; print(json.load(open(os.environ['HAVEN_DATA'] + '/demonstration.json'))['schools'][0]['urn'])")
  "$bin/haven" today --school "$urn" --json >"$folder/today.json"
  "$bin/python" -c "import json, sys; assert 'missing' in json.load(open(sys.argv[1]))" "$folder/today.json"
  kill "$server"
  wait "$server" || true
  server=""
  "$bin/pytest" -q -m "not database and not browser" tests --ignore tests/browser
  tried="$tried $("$bin/python" -c 'import platform; print(platform.python_version())')"
  rm -rf "$folder"
done
test -n "$tried" || { echo "No Python from 3.11 to 3.13 was found."; exit 1; }
echo "Haven starts, shows a morning and passes its unit tests on:$tried"
