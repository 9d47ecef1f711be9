#!/bin/sh
# The tests walk the pages in a real browser. Debian's Chromium is installed where that is possible; otherwise one command is named.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 && command -v chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium. Run: sudo apt-get install chromium" >&2
exit 1
