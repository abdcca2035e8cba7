"""The deployed packages, built once for all test processes; a test that lacks them is skipped."""

import fcntl
import os
import platform
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from layers.imagemagick import build, debian
from layers.imagemagick.debian import BuildError
from scripts.package_functions import DEFAULT_PYTHON, PackageError

from scripts import package_functions
from tests.support.availability import unavailable

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""What AWS Lambda calls a processor, and what Linux does."""
OWN_ARCHITECTURE = next((arch for arch, machine in MACHINES.items() if machine == platform.machine()), None)


@cache
def layer_packages(arch: str) -> list[debian.Package]:
    """What the ImageMagick layer is made of."""
    try:
        return build.download(build.parse_arguments(["--arch", arch]))
    except BuildError as error:
        unavailable(f"the ImageMagick layer cannot be built here: {error}")


def imagemagick_layer(arch: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer's zip file."""

    def build_layer(output: Path) -> None:
        build.build(build.parse_arguments(["--arch", arch, "--output", str(output)]), layer_packages(arch))

    return _built_once(f"imagemagick-{arch}.zip", build_layer, tmp_path_factory)


def functions_package(arch: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions' zip file."""
    return _built_once(
        f"functions-{arch}.zip", lambda output: build_functions(arch, output), tmp_path_factory
    )


def build_functions(arch: str, output: Path) -> None:
    """Build the functions' package, or skip the test where that is impossible."""
    try:
        package_functions.build(arch, DEFAULT_PYTHON, output)
    except PackageError as error:
        if not re.search("pip could not get|is needed to compile|cannot be downloaded", str(error)):
            raise
        unavailable(str(error))


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a package as AWS Lambda does: everybody may read, and execute what is a program."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            target = Path(opened.extract(entry, folder))
            target.chmod(entry.external_attr >> 16 & 0o777)
    return folder


def _built_once(
    name: str, build_it: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    output = shared / name
    with _locked(shared / f"{name}.lock"):
        if not output.exists():
            build_it(output)
    return output


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One test process at a time."""
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
