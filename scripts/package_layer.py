"""Builds ImageMagick's layer from Debian's packages, here or in a container, or downloads one.

    python -m scripts.package_layer --arch arm64 --output dist/imagemagick-arm64.zip

With LAYER_URL in the environment, the layer is downloaded from there (https, or a file) if LAYER_SHA256 is
its checksum; a release has both. Otherwise the layer is built, in a Debian container if this machine lacks
Debian's apt or archive keyring.
"""

import argparse
import hashlib
import io
import json
import os
import re
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from layers.imagemagick import build, bundle, debian
from scripts.debian_container import ContainerError, build_in_container, container_program

MAX_BYTES = 100 * 1024 * 1024
_TIMEOUT_S = 60
MANIFEST = f"{build.LAYER_FOLDER}MANIFEST.json"


class LayerError(Exception):
    """There is no layer; the message says why and what to do."""


def package_layer(arch: str, output: Path, *, locked: bool) -> None:
    """Write the layer for a processor to ``output``. Raises LayerError."""
    url, checksum = os.environ.get("LAYER_URL"), os.environ.get("LAYER_SHA256", "").lower()
    if url:
        take_released_layer(url, checksum, arch, output)
        return
    arguments = ["--arch", arch, *(["--locked"] if locked else [])]
    lacking = debian.what_is_lacking()
    try:
        if lacking is None:
            own = build.parse_arguments([*arguments, "--output", str(output)])
            build.build(own, build.download(own))
        elif program := container_program():
            build_in_container(program, "layers.imagemagick.build", arguments, output)
        else:
            raise LayerError(
                f"{lacking}. Or install Docker or Podman, so that the layer is built in a container. Or "
                "use the layer of a release: LAYER_URL=https://… and LAYER_SHA256=… from its SHA256SUMS"
            )
    except (debian.BuildError, ContainerError) as error:
        raise LayerError(str(error)) from error


def take_released_layer(url: str, checksum: str, arch: str, output: Path) -> None:
    """Download a layer that was built elsewhere, unless it exists already. Raises LayerError."""
    if not re.fullmatch(r"[0-9a-f]{64}", checksum):
        raise LayerError(
            "LAYER_SHA256 has to be the layer's checksum: 64 hexadecimal digits from SHA256SUMS"
        )
    if output.exists() and _sha256(output.read_bytes()) == checksum:
        return
    content = _read(url)
    if _sha256(content) != checksum:
        raise LayerError(f"{url} has the SHA-256 {_sha256(content)}, not LAYER_SHA256")
    found = _architecture_of(content)
    if found != arch:
        raise LayerError(f"{url} is not a layer for {arch}, but {found or 'something else'}")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f"{output.name}.partial")
    partial.write_bytes(content)
    partial.replace(output)
    build.say(f"{output} is {url}")


def _read(url: str) -> bytes:
    if not url.startswith(("https://", "file://")):
        raise LayerError("LAYER_URL has to begin with https:// or file://")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked
            content: bytes = answer.read(MAX_BYTES + 1)
    except (urllib.error.URLError, TimeoutError) as error:
        raise LayerError(f"{url} cannot be read: {error}") from error
    if len(content) > MAX_BYTES:
        raise LayerError(f"{url} is too large for a layer")
    return content


def _architecture_of(content: bytes) -> str | None:
    """Return the processor that a layer of ours is for; ``None`` if the bytes are not such a layer."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return str(json.loads(archive.read(MANIFEST))["architecture"])
    except (zipfile.BadZipFile, KeyError, ValueError):
        return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Run the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Builds or downloads ImageMagick's layer.")
    parser.add_argument("--arch", choices=sorted(bundle.ARCHITECTURES), required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--locked", action="store_true", help="refuse packages other than the recorded ones"
    )
    arguments = parser.parse_args()
    try:
        package_layer(arguments.arch, arguments.output, locked=arguments.locked)
    except LayerError as error:
        sys.stderr.write(f"imagemagick layer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
