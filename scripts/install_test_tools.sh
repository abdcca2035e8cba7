#!/usr/bin/env bash
# Installs programs that some tests use, if apt-get is permitted: exiftool, the reference for metadata; curl
# and jq, which the documents use to show uploads; and the keyring for building the ImageMagick layer. With
# --browser, also Chromium, and npm with Uppy; with --clients, a JDK, the libraries of a generated Java client,
# and npm with TypeScript; with --description, only npm and what checks openapi.json. Tests whose program is
# missing are skipped with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."

has_browser() { command -v chromium || command -v google-chrome; } >/dev/null

missing=()
if [[ ${1:-} != --description ]]; then
  command -v exiftool >/dev/null || missing+=(libimage-exiftool-perl)
  command -v curl >/dev/null || missing+=(curl)
  command -v jq >/dev/null || missing+=(jq)
  [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
fi
if [[ -n ${1:-} ]]; then
  command -v npm >/dev/null || missing+=(npm)
fi
if [[ ${1:-} == --browser ]]; then
  has_browser || missing+=(chromium)
fi
if [[ ${1:-} == --clients ]]; then
  command -v javac >/dev/null || missing+=(default-jdk-headless)
  for library in httpmime jakarta-annotation-api; do
    [[ -e /usr/share/java/$library.jar ]] || missing+=("lib$library-java")
  done
fi
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Not installed, so some tests will be skipped: ${missing[*]}" >&2
  else
    echo "Installing ${missing[*]} ..." >&2
    # Another make target may be installing too, and apt-get does not wait for all of its locks.
    mkdir -p .local
    exec {lock}>.local/apt-get.lock
    flock "$lock"
    # If the update fails for one of several sources, the packages may still be available.
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -o Acquire::Retries=3 -y -qq --no-install-recommends \
      "${missing[@]}" >/dev/null ||
      echo "Could not be installed, so some tests will be skipped: ${missing[*]}" >&2
    exec {lock}>&-
  fi
fi

# Installs the pinned npm packages of a folder.
install_packages() {
  local installed=$1/node_modules/.package-lock.json
  ! command -v npm >/dev/null || [[ $installed -nt $1/package-lock.json ]] && return
  echo "Installing $2 ..." >&2
  npm ci --silent --prefix "$1" && touch "$installed" ||
    echo "Could not be installed, so some tests will be skipped: $2" >&2
}

if [[ ${1:-} == --description ]]; then
  install_packages tests/description "Redocly and Spectral"
elif [[ ${1:-} == --clients ]]; then
  install_packages tests/clients "TypeScript and its clients"
elif has_browser; then
  install_packages tests/browser "Uppy and axe"
fi
