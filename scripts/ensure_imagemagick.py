"""Finds or installs ImageMagick for the local server and the tests, and prints what was found.

    python scripts/ensure_imagemagick.py [--env] [--bundle DIRECTORY]

The first ImageMagick that reads every image format of this API is used, in this order: the bundle in
IMAGEMAGICK_HOME, the binary at IDENTIFY_PATH, ``identify`` and ``magick`` on PATH, and the bundle in
DIRECTORY (``.local/imagemagick`` by default). If there is none, it is installed with apt-get if that is
permitted (root on Debian or Ubuntu). Otherwise, if apt can download packages, the bundle is built from
Debian's packages as for the Lambda layer, which needs no root. In all other cases the script says what to
install and exits with status 1.

Standard output is the command that was found or, with ``--env``, shell commands that set the variable for
the application, ``IDENTIFY_PATH`` or ``IMAGEMAGICK_HOME``, and unset the other. Progress goes to standard
error.
"""

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_BUNDLE = ROOT / ".local" / "imagemagick"
MINIMUM_VERSION = (6, 9)
SETTINGS = frozenset({"IDENTIFY_PATH", "IMAGEMAGICK_HOME"})
REQUIRED_FORMATS = frozenset({"JPEG", "PNG", "GIF", "WEBP", "TIFF", "HEIC", "AVIF"})
# Debian 13 has the decoders of HEIC and AVIF in separate packages; elsewhere they are in the library.
DECODERS = ("libheif-plugin-libde265", "libheif-plugin-dav1d")
APT_GET_INSTALL = ("install", "-qq", "-y", "--no-install-recommends")
# AWS Lambda's name for a processor, by this machine's name for it.
LAYER_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

INSTALL_HINT = """\
ImageMagick (6.9 or newer, with HEIC and AVIF support) is needed and could not be set up here. Install it:
  Debian, Ubuntu   sudo apt-get install imagemagick
  Fedora           sudo dnf install ImageMagick ImageMagick-heic
  macOS            brew install imagemagick
or set IDENTIFY_PATH to an `identify` or `magick` binary."""


@dataclass(frozen=True)
class Tool:
    """A usable ImageMagick: how to call it, and the setting with which the application finds it."""

    command: tuple[str, ...]
    setting: str
    value: str

    def shell_commands(self) -> str:
        """Return the shell commands that make the application use this one."""
        (other,) = SETTINGS - {self.setting}
        return f"unset {other}; {self.setting}={shlex.quote(self.value)}"


def bundle_command(home: Path) -> tuple[str, ...]:
    """Return the command that runs ``identify`` of a bundle with the bundle's loader and libraries."""
    return (str(home / "lib/ld.so"), "--library-path", str(home / "lib"), str(home / "bin/identify"))


def output_of(command: tuple[str, ...], *arguments: str) -> str:
    """Run a command and return its output, or an empty string if it fails or takes over 30 seconds."""
    try:
        result = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout if result.returncode == 0 else ""


def version_of(command: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the version of the ImageMagick that a command starts, or ``None`` for another program."""
    found = re.match(r"Version: ImageMagick (\d+(?:\.\d+)+)", output_of(command, "-version"))
    return tuple(map(int, found[1].split("."))) if found else None


def missing_formats(command: tuple[str, ...]) -> frozenset[str]:
    """Return the formats of this API that an installed ImageMagick cannot read."""
    listed = output_of(command, "-list", "format")
    readable = re.findall(r"^\s*([A-Z0-9]+)\*?\s+(?:\S+\s+)?r[w-][+-]\s", listed, re.MULTILINE)
    return REQUIRED_FORMATS - set(readable)


def installed_tool(path: str) -> Tool | None:
    """Return the ImageMagick at a path, or print why it cannot be used and return ``None``."""
    command = (path, "identify") if Path(path).stem == "magick" else (path,)
    version = version_of((path,))
    if version is None:
        say(f"{path} is not ImageMagick")
    elif version < MINIMUM_VERSION:
        say(f"{path} is ImageMagick {'.'.join(map(str, version))}, which is too old")
    elif missing := missing_formats(command):
        say(f"{path} cannot read {', '.join(sorted(missing))}")
    else:
        return Tool(command, "IDENTIFY_PATH", path)
    return None


def bundled_tool(home: Path) -> Tool | None:
    """Return the bundle in a directory, or ``None`` if it does not run or lacks decoders."""
    if version_of(bundle_command(home)) is None or not (home / "decoders").is_dir():
        return None
    return Tool(bundle_command(home), "IMAGEMAGICK_HOME", str(home))


def candidates(bundle: Path) -> Iterator[Tool | None]:
    """Yield the installations on this machine, explicitly configured ones first."""
    if home := os.environ.get("IMAGEMAGICK_HOME"):
        yield bundled_tool(Path(home).resolve())
    if path := os.environ.get("IDENTIFY_PATH"):
        yield installed_tool(path)
    yield from on_path()
    yield bundled_tool(bundle)


def on_path() -> Iterator[Tool | None]:
    """Yield the installations on PATH."""
    for name in ("identify", "magick"):
        if path := shutil.which(name):
            yield installed_tool(path)


def install_with_apt_get() -> Tool | None:
    """Install the distribution's ImageMagick if this process may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    say("installing imagemagick with apt-get ...")
    # If the update fails for one of several sources, the package may still be available.
    for arguments in (["update", "-qq"], [*APT_GET_INSTALL, "imagemagick"]):
        status, output = apt_get(*arguments)
        if status != 0:
            sys.stderr.write(output)
    apt_get(*APT_GET_INSTALL, *DECODERS)
    return next(filter(None, on_path()), None)


def apt_get(*arguments: str) -> tuple[int, str]:
    """Run apt-get and return its exit status and output."""
    result = subprocess.run(
        ["apt-get", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    return result.returncode, result.stdout.decode(errors="replace")


def build_bundle(directory: Path) -> Tool | None:
    """Build the bundle from Debian's packages if apt can download them for this processor."""
    architecture = LAYER_ARCHITECTURES.get(platform.machine().lower())
    if platform.system() != "Linux" or architecture is None or not shutil.which("apt-get"):
        return None
    say("building an ImageMagick bundle from Debian packages")
    build = [sys.executable, "-m", "layers.imagemagick.build", "--arch", architecture]
    subprocess.run([*build, "--directory", str(directory)], cwd=ROOT, stdout=sys.stderr, check=False)
    return bundled_tool(directory)


def ensure(bundle: Path) -> Tool | None:
    """Find or install a usable ImageMagick; return ``None`` if that is impossible."""
    return next(filter(None, candidates(bundle)), None) or install_with_apt_get() or build_bundle(bundle)


def say(message: str) -> None:
    """Print progress to standard error."""
    print(f"ensure_imagemagick: {message}", file=sys.stderr)


def main() -> int:
    """Run the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Finds or installs ImageMagick.")
    parser.add_argument("--env", action="store_true", help="print shell commands that set a variable")
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, metavar="DIRECTORY")
    arguments = parser.parse_args()
    tool = ensure(arguments.bundle.resolve())
    if tool is None:
        print(INSTALL_HINT, file=sys.stderr)
        return 1
    print(tool.shell_commands() if arguments.env else shlex.join(tool.command))
    return 0


if __name__ == "__main__":
    sys.exit(main())
