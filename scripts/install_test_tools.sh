#!/usr/bin/env bash
# Installs the programs that some tests compare with, where apt-get may be used: exiftool, the oracle for
# metadata, and what the ImageMagick layer is built with. Elsewhere those tests are skipped and say so.
set -euo pipefail

missing=()
command -v exiftool >/dev/null || missing+=(libimage-exiftool-perl)
[[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
((${#missing[@]})) || exit 0
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "Not installed, so some tests will be skipped: ${missing[*]}" >&2
  exit 0
fi
echo "Installing ${missing[*]} ..." >&2
# An update that fails for one of several sources need not prevent the installation.
apt-get update -qq >&2 || true
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "Could not be installed, so some tests will be skipped: ${missing[*]}" >&2
