"""Runs one of the build programs in a Debian container, for machines that lack Debian's tools.

It needs Docker or Podman. Nothing of this machine is mounted into the container: the sources go in through
standard input, and the output comes out through standard output.
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

IMAGE = "docker.io/library/debian@sha256:3a39a0592364683e6bab97937b72cad5a8fa6dcbbee90edb3bb48c7f8e94f258"
"""The index, for every processor, of ``debian:trixie-slim`` of 3 August 2026.

It only has to have an apt that verifies signatures: the packages come from the current archive."""

SOURCES = ("layers", "openapi.json", "requirements", "scripts", "src")
"""The files of this checkout that the build programs read."""

PASSED_ON = (
    *("LAYER_MIRROR", "LAYER_SECURITY_MIRROR", "PIP_INDEX_URL"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)
"""The environment variables that are passed to the container if they are set."""

_BUILD = r"""
set -eu
exec 3>&1 >&2
name=$1
shift
cd "$(mktemp -d)"
tar --extract
export DEBIAN_FRONTEND=noninteractive PIP_ROOT_USER_ACTION=ignore
apt-get update -qq
apt-get install -qq --yes --no-install-recommends \
  ca-certificates python3 python3-pip python3-pyelftools >/dev/null
python3 -m "$@" --output "dist/$name"
cat "dist/$name" >&3
"""


class ContainerError(Exception):
    """Nothing was built in a container; the message says why."""


def container_program() -> str | None:
    """Return the path of Docker or Podman, or ``None``."""
    return shutil.which("docker") or shutil.which("podman")


def build_in_container(program: str, module: str, arguments: Sequence[str], output: Path) -> None:
    """Run one of our modules in a container and write its output file to ``output``.

    Raises ContainerError if that fails.
    """
    settings = [f"--env={name}" for name in PASSED_ON if name in os.environ]
    command = [program, "run", "--rm", "--interactive", *settings, IMAGE]
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f"{output.name}.partial")
    sys.stderr.write(f"Building {output.name} in a Debian container ({Path(program).name}) ...\n")
    try:
        with partial.open("wb") as built:
            ended = subprocess.run(
                [*command, "sh", "-c", _BUILD, "sh", output.name, module, *arguments],
                input=_archived_sources(),
                stdout=built,
                check=False,
            )
        if ended.returncode != 0 or partial.stat().st_size == 0:
            raise ContainerError(f"{Path(program).name} could not build {output.name}")
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


def _archived_sources() -> bytes:
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for name in SOURCES:
            archive.add(ROOT / name, name, filter=_unless_compiled)
    return archived.getvalue()


def _unless_compiled(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(entry.name).name == "__pycache__" else entry
