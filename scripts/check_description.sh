#!/usr/bin/env bash
# Checks openapi.json with all rules of Redocly and Spectral; every finding is an error. They run on Node.js. If it is
# missing and cannot be installed, openapi.json is not checked; with REQUIRE_ALL=1, that is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_test_tools.sh --description
programs=tests/description/node_modules/.bin
for program in redocly spectral; do
  [[ -x $programs/$program ]] && continue
  echo "SKIPPED: openapi.json is not checked, because $program is not installed; npm installs it" >&2
  [[ ${REQUIRE_ALL:-} != 1 ]]
  exit
done

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
quietly() {
  local said
  said=$("$@" 2>&1) || { echo "$said" >&2; return 1; }
}
quietly $programs/redocly lint --config tests/description/redocly.yaml openapi.json
quietly $programs/spectral lint --ruleset tests/description/spectral.yaml --fail-severity=hint openapi.json
echo "openapi.json: no findings of Redocly and Spectral"
