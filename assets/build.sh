#!/bin/sh
# Builds the stylesheet and the script of Haven's pages into haven/platform/ui/static/ui/. Needs Node and npm; the result is committed.
set -eu
cd "$(dirname "$0")"
out="${1:-../haven/platform/ui/static/ui}"

if [ ! -d node_modules ]; then
  npm ci --no-audit --no-fund --omit-lockfile-registry-resolved
fi

mkdir -p "$out"
# When Sass fails, it writes a stylesheet that contains the error. So write to a new file and move it only after success.
node_modules/.bin/sass --load-path=. --style=compressed --no-source-map --no-charset --quiet-deps \
  scss/haven.scss "$out/haven.css.new"
mv "$out/haven.css.new" "$out/haven.css"
node_modules/.bin/esbuild js/haven.js --bundle --minify --format=iife --target=es2020 --legal-comments=none \
  --log-level=warning --outfile="$out/haven.js"
cp node_modules/htmx.org/dist/htmx.min.js "$out/htmx.min.js"
