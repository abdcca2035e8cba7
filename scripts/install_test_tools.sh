#!/usr/bin/env bash
# Installs programs that some tests use, if apt-get is permitted: exiftool, the reference for metadata, and
# the keyring for building the ImageMagick layer; with --browser also Chromium, and npm, which installs Uppy.
# Tests whose program is missing are skipped and say so.
set -euo pipefail
cd "$(dirname "$0")/.."

has_browser() { command -v chromium || command -v google-chrome; } >/dev/null

missing=()
command -v exiftool >/dev/null || missing+=(libimage-exiftool-perl)
[[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
if [[ ${1:-} == --browser ]]; then
  has_browser || missing+=(chromium)
  command -v npm >/dev/null || missing+=(npm)
fi
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Not installed, so some tests will be skipped: ${missing[*]}" >&2
  else
    echo "Installing ${missing[*]} ..." >&2
    # An update that fails for one of several sources may not matter.
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -o Acquire::Retries=3 -y -qq --no-install-recommends \
      "${missing[@]}" >/dev/null ||
      echo "Could not be installed, so some tests will be skipped: ${missing[*]}" >&2
  fi
fi

uppy=tests/browser/node_modules/.package-lock.json
if has_browser && command -v npm >/dev/null && [[ ! $uppy -nt tests/browser/package-lock.json ]]; then
  echo "Installing Uppy and axe ..." >&2
  npm ci --silent --prefix tests/browser && touch "$uppy" ||
    echo "Could not be installed, so some tests will be skipped: Uppy and axe" >&2
fi
