#!/bin/sh
# Tries Haven on each Python that the machine has, from 3.11 to 3.13: installs the lock file, starts Haven with the demonstration, asks for a
# morning, and runs the unit tests. It works in a temporary folder and stops at the first failure.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
tried=""
for python in python3.11 python3.12 python3.13; do
  command -v "$python" >/dev/null || { echo "$python: not on this machine"; continue; }
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  chmod 711 "$folder"
  "$python" -m venv "$folder/venv"
  bin=$folder/venv/bin
  "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  "$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  export HAVEN_DATA="$folder/data" HAVEN_DURABLE=0
  unset DATABASE_URL || true
  "$bin/haven" demo --seed 7 --on 2026-01-14 --pupils 400 >"$folder/demo.txt"
  "$bin/haven" run --port 8791 >"$folder/run.txt" 2>&1 &
  server=$!
  "$bin/python" - <<'PYTHON' || { cat "$folder/run.txt"; kill "$server"; exit 1; }
import time
import urllib.request

for _ in range(120):
    try:
        page = urllib.request.urlopen("http://127.0.0.1:8791/accounts/login/", timeout=5).read()
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
  (cd "$root" && "$bin/pytest" -q -m "not database and not browser" tests --ignore tests/browser)
  tried="$tried $("$bin/python" -c 'import platform; print(platform.python_version())')"
  rm -rf "$folder"
done
test -n "$tried" || { echo "No Python from 3.11 to 3.13 was found."; exit 1; }
echo "Haven starts, shows a morning and passes its unit tests on:$tried"
