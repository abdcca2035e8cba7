"""Builds the functions' deployment package: our code and its pinned dependencies, in one zip.

    python -m scripts.package_functions --arch arm64 --output dist/functions.zip
    python -m scripts.package_functions --arch local --output dist/functions-local.zip

The dependencies are the wheels that requirements/runtime.txt pins by hash, for the Lambda runtime's
Python and processor; ``local`` means those of this machine, on which an emulator runs the functions. If
there is no such Python here, the package is built in a Debian container. Files that no function reads are
omitted. Every module has its bytecode for that Python, which uses it without checking the source: Lambda
cannot store bytecode, so it would compile at every cold start. The same inputs and the same compiler give
the same bytes.

Unpacked dependencies of the same versions for the same target are kept in ``.local/packages``.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from layers.reproducible_zip import write_zip
from scripts.debian_container import ContainerError, build_in_container, container_program
from scripts.runtime_python import DEBIAN_VERSION, Interpreter, PythonUnavailable, find_interpreter

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
CACHE = ROOT / ".local" / "packages"
LOCAL = "local"
# The name of a processor in wheels, by its name in AWS Lambda.
WHEEL_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
DEFAULT_PYTHON = "3.13"

MAX_ZIPPED_BYTES = 15 * 1024 * 1024
MAX_UNZIPPED_BYTES = 200 * 1024 * 1024
"""Lambda unpacks at most 250 MB, layers included."""

FUNCTION_FOLDER = "/var/task"
"""Where Lambda unpacks the package; tracebacks name it."""

OUR_PACKAGES = ("adapters", "domain", "entrypoints")
# The local server, whose dependencies are not in the package, and the generators of descriptions.
NOT_DEPLOYED = (
    Path("entrypoints/event_schemas.py"),
    Path("entrypoints/local"),
    Path("entrypoints/openapi"),
)

UNUSED_FOLDERS = ("__pycache__", "bin", "tests", "test")
"""Command-line scripts and tests."""

UNUSED_SUFFIXES = (".c", ".h", ".pxd", ".pyi", ".pyx")
"""Sources of extension modules, and stubs."""

KEPT_OF_DIST_INFO = ("METADATA", "entry_points.txt")
"""They have names and versions. Licences are kept too; their files have many names."""

SERVICES = frozenset({"cognito-idp", "dynamodb", "events", "s3", "sqs", "sts"})
"""The AWS services that the functions use; botocore describes about four hundred."""


class PackageError(RuntimeError):
    """The package cannot be built; the message says why."""


class NoCompiler(PackageError):
    """This machine has no Python of the functions' version to compile them."""


def install_dependencies(target: Path, arch: str, python: str) -> None:
    """Unpack the pinned wheels into a folder. Raises PackageError."""
    platform = (
        []
        if arch == LOCAL
        else [
            f"--platform=manylinux2014_{WHEEL_MACHINES[arch]}",
            f"--python-version={python}",
            "--implementation=cp",
        ]
    )
    command = [
        sys.executable,
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"),
        *("--only-binary=:all:", "--require-hashes", f"--requirement={REQUIREMENTS}", f"--target={target}"),
        *platform,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise PackageError(f"pip could not get the dependencies:\n{result.stderr.strip()}")


def remove_unused(target: Path) -> None:
    """Remove what the functions never read."""
    for path in sorted(target.rglob("*"), reverse=True):
        relative = path.relative_to(target)
        if path.is_dir():
            if path.name in UNUSED_FOLDERS or relative.as_posix() in UNUSED_FOLDERS:
                shutil.rmtree(path)
        elif path.suffix in UNUSED_SUFFIXES or _is_unused_of_dist_info(relative):
            path.unlink()
    for path in (target / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)


def _is_unused_of_dist_info(path: Path) -> bool:
    folder = path.parts[0]
    if not folder.endswith(".dist-info") or path.name in KEPT_OF_DIST_INFO:
        return False
    return not any(
        word in path.as_posix().upper() for word in ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
    )


def copy_our_code(target: Path) -> None:
    """Copy our packages without what is not deployed, the API's description and the web page."""
    for package in OUR_PACKAGES:
        shutil.copytree(
            ROOT / "src" / package,
            target / package,
            ignore=lambda folder, names: [
                name
                for name in names
                if name == "__pycache__" or (Path(folder) / name).relative_to(ROOT / "src") in NOT_DEPLOYED
            ],
        )
    shutil.copy(ROOT / "openapi.json", target)
    shutil.copytree(ROOT / "web", target / "web")


def compile_modules(interpreter: Interpreter, target: Path, folders: Sequence[Path]) -> None:
    """Write the bytecode of all modules in these folders of the package. Raises PackageError."""
    result = interpreter.run(
        *("-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(target), "-p", FUNCTION_FOLDER),
        *map(str, folders),
    )
    if result.returncode != 0:
        raise PackageError(f"the functions cannot be compiled:\n{result.stdout}{result.stderr}")


def dependencies(arch: str, python: str, interpreter: Interpreter, cache: Path = CACHE) -> Path:
    """Return a folder with the compiled dependencies, which is built once. Raises PackageError."""
    inputs = (REQUIREMENTS.read_bytes(), Path(__file__).read_bytes(), interpreter.version.encode())
    target = f"{arch}-{python}"
    digest = hashlib.sha256(b"\0".join(inputs)).hexdigest()
    folder = cache / f"{target}-{digest[:16]}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
        files = Path(scratch) / "files"
        install_dependencies(files, arch, python)
        remove_unused(files)
        compile_modules(interpreter, files, [files])
        for other in cache.glob(f"{target}-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        try:
            files.rename(folder)
        except OSError:
            if not folder.exists():  # another process was faster
                raise
    return folder


def build(arch: str, python: str, output: Path, cache: Path = CACHE) -> None:
    """Write the package and print its size. Raises PackageError."""
    if arch == LOCAL:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        interpreter = find_interpreter(python)
    except PythonUnavailable as error:
        raise NoCompiler(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="functions-package-") as scratch:
        files = Path(scratch)
        shutil.copytree(dependencies(arch, python, interpreter, cache), files, dirs_exist_ok=True)
        copy_our_code(files)
        compile_modules(interpreter, files, [files / package for package in OUR_PACKAGES])
        unzipped = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
        write_zip(files, output)
    zipped = output.stat().st_size
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    say(f"{output}: {megabytes(zipped)} ({megabytes(unzipped)} unzipped), {arch}, SHA-256 {digest}")
    if zipped > MAX_ZIPPED_BYTES or unzipped > MAX_UNZIPPED_BYTES:
        output.unlink()
        raise PackageError(
            f"the package may have {megabytes(MAX_ZIPPED_BYTES)}, {megabytes(MAX_UNZIPPED_BYTES)} unzipped"
        )


def build_here_or_in_container(arch: str, python: str, output: Path) -> None:
    """Write the package, with Debian's Python in a container if necessary.

    Raises PackageError or ContainerError.
    """
    try:
        build(arch, python, output)
    except NoCompiler as error:
        if arch == LOCAL or python != DEBIAN_VERSION:
            raise
        program = container_program()
        if program is None:
            raise NoCompiler(f"{error}. Install python{python}, or Docker or Podman") from error
        build_in_container(
            program, "scripts.package_functions", ["--arch", arch, "--python", python], output
        )


def megabytes(size: int) -> str:
    """Format a size for people."""
    return f"{size / 1024 / 1024:.1f} MB"


def say(text: str) -> None:
    """Print a line to standard output."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Build what the command line asks for. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Builds the functions' deployment package.")
    parser.add_argument("--arch", choices=[*WHEEL_MACHINES, LOCAL], default="arm64")
    parser.add_argument("--python", default=DEFAULT_PYTHON, help="of the Lambda runtime, such as 3.13")
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "functions.zip")
    arguments = parser.parse_args()
    try:
        build_here_or_in_container(arguments.arch, arguments.python, arguments.output)
    except (PackageError, ContainerError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
