#!/usr/bin/env bash
# Checks openapi.json with Redocly's and Spectral's rules, in which every finding counts. They run on Node.js;
# where npm is missing nothing is checked, which with REQUIRE_ALL=1 is an error.
set -euo pipefail
cd "$(dirname "$0")/../tests/description"

if ! command -v npm >/dev/null; then
  echo "openapi.json is not checked: npm is missing" >&2
  [[ ${REQUIRE_ALL:-} != 1 ]]
  exit
fi

installed=node_modules/.package-lock.json
[[ $installed -nt package-lock.json ]] || { npm ci --silent && touch "$installed"; }

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
node_modules/.bin/redocly lint --config redocly.yaml --format=github-actions ../../openapi.json
node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity=hint ../../openapi.json
