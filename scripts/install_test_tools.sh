#!/usr/bin/env bash
# Installs the programs that some tests use, where apt-get may be used: exiftool, the oracle for metadata, and
# what the ImageMagick layer is built with; with --browser also Chromium, and npm, which gets Uppy. Where a
# program is missing, the tests that need it are skipped and say so.
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
    # An update that fails for one of several sources need not prevent the installation.
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -o Acquire::Retries=3 -y -qq --no-install-recommends \
      "${missing[@]}" >/dev/null ||
      echo "Could not be installed, so some tests will be skipped: ${missing[*]}" >&2
  fi
fi

uppy=tests/browser/node_modules/.package-lock.json
if has_browser && command -v npm >/dev/null && [[ ! $uppy -nt tests/browser/package-lock.json ]]; then
  echo "Installing Uppy ..." >&2
  npm ci --silent --prefix tests/browser && touch "$uppy" ||
    echo "Could not be installed, so some tests will be skipped: Uppy" >&2
fi
