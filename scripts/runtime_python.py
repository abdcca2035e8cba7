"""Finds a Python of the Lambda functions' version: this machine's, or else Debian's.

Debian's Python is downloaded like the packages of the ImageMagick layer, and runs from the directory where
it is unpacked, with its own loader. Nothing is installed.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layers.imagemagick import bundle, debian

ROOT = Path(__file__).resolve().parent.parent
DEBIAN_VERSION = "3.13"
"""The version in the layer's Debian release."""
DEBIAN_PACKAGES = (f"python{DEBIAN_VERSION}-minimal", f"libpython{DEBIAN_VERSION}-stdlib", "libstdc++6")
"""They include the C++ library, which Lambda has too, because extension modules may need it."""
DEBIAN_CACHE = ROOT / ".local" / "debian"
DEBIAN_FOLDER = ROOT / ".local" / f"debian-python-{DEBIAN_VERSION}"

_TELL_VERSION = "import sys; print(sys.implementation.name, *sys.version_info[:4], sep='.')"


class PythonUnavailable(RuntimeError):
    """No Python of this version was found; the message says why and what to do."""


@dataclass(frozen=True)
class Interpreter:
    """How to start a Python, without the caller's environment, and its version, such as ``3.13.5``."""

    command: tuple[str, ...]
    version: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it and wait; the same arguments give the same result (string hashes are not random)."""
        return subprocess.run(
            [*self.command, *arguments],
            env={"PYTHONHASHSEED": "0", **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def find_interpreter(version: str) -> Interpreter:
    """Find a released CPython of this version, such as ``3.13``. Raises PythonUnavailable."""
    for path in _installed(version):
        if interpreter := _checked((path,), version, {}):
            return interpreter
    if version != DEBIAN_VERSION:
        raise PythonUnavailable(
            f"python{version} is needed to compile for it. Install it, or build for {DEBIAN_VERSION}, "
            "which can be downloaded"
        )
    return debian_interpreter(unpacked_debian_python())


def debian_interpreter(root: Path) -> Interpreter:
    """Return Debian's Python from the folder where it was unpacked. Raises PythonUnavailable."""
    libraries = root / "usr" / "lib" / _architecture().triplet
    loader = next(libraries.glob("ld-linux-*.so.*"), None)
    if loader is None:
        raise PythonUnavailable(f"{root} has no dynamic loader")
    program = root / "usr" / "bin" / f"python{DEBIAN_VERSION}"
    command = (str(loader), "--library-path", str(libraries), str(program))
    interpreter = _checked(command, DEBIAN_VERSION, {"PYTHONHOME": str(root / "usr")})
    if interpreter is None:
        raise PythonUnavailable(f"{program} does not run here")
    return interpreter


def unpacked_debian_python(folder: Path = DEBIAN_FOLDER) -> Path:
    """Return a folder with Debian's Python for this machine's processor and everything that it needs.

    It is downloaded if the folder does not exist. Raises PythonUnavailable.
    """
    if folder.exists():
        return folder
    own = _architecture().debian
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        files = Path(scratch) / "root"
        files.mkdir(mode=0o755)
        try:
            packages = debian.download(
                list(DEBIAN_PACKAGES), own, DEBIAN_CACHE / f"python-{own}", debian.machine_mirrors()
            )
            for package in packages:
                package.unpack(files)
        except debian.BuildError as error:
            raise PythonUnavailable(f"Python {DEBIAN_VERSION} cannot be downloaded: {error}") from error
        try:
            files.rename(folder)
        except OSError:
            if not folder.exists():  # another process was faster
                raise
    return folder


def _installed(version: str) -> Iterator[str]:
    yield sys.executable
    if found := shutil.which(f"python{version}"):
        yield found


def _checked(command: tuple[str, ...], version: str, environment: Mapping[str, str]) -> Interpreter | None:
    found = Interpreter(command, version, environment).run("-I", "-c", _TELL_VERSION)
    if found.returncode == 0 and found.stdout.startswith(f"cpython.{version}."):
        name, *numbers, level = found.stdout.strip().split(".")
        if name == "cpython" and level == "final":
            return Interpreter(command, ".".join(numbers), environment)
    return None


def _architecture() -> bundle.Architecture:
    """Return this machine's architecture. Raises PythonUnavailable if the layer is not built for it."""
    for architecture in bundle.ARCHITECTURES.values():
        if architecture.triplet == f"{platform.machine()}-linux-gnu" and sys.platform == "linux":
            return architecture
    raise PythonUnavailable(f"there is no Python to download for {sys.platform} on {platform.machine()}")
