"""Builds ImageMagick's Lambda layer, or a directory with the same files, from Debian packages.

    python -m layers.imagemagick.build --arch arm64 --output dist/imagemagick-arm64.zip
    python -m layers.imagemagick.build --arch x86_64 --directory .local/imagemagick

Any machine with apt-get, dpkg-deb and Debian's archive keyring can build for either architecture, without
root and without Docker. The build uses the newest packages of the release and its security updates, and
reports which differ from the last recorded build in packages.lock.json.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from layers.imagemagick import bundle, debian
from layers.imagemagick.debian import BuildError
from layers.reproducible_zip import write_zip

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "src/adapters/imagemagick/policy/ImageMagick/policy.xml"
LOCK = Path(__file__).with_name("packages.lock.json")
# Lambda unpacks layers in /opt.
LAYER_FOLDER = "imagemagick/"

Lock = dict[str, dict[str, str]]


def download(arguments: argparse.Namespace) -> list[debian.Package]:
    """Download the packages for the architecture. Raises BuildError."""
    machine = debian.machine_mirrors()
    mirrors = debian.Mirrors(
        arguments.mirror or machine.main, arguments.security_mirror or machine.security
    )
    architecture = bundle.ARCHITECTURES[arguments.arch].debian
    return debian.download(list(bundle.PACKAGES), architecture, arguments.cache / architecture, mirrors)


def build(arguments: argparse.Namespace, packages: list[debian.Package]) -> None:
    """Build the requested files from the packages. Raises BuildError."""
    with tempfile.TemporaryDirectory(prefix="imagemagick-layer-") as scratch:
        files = Path(scratch) / "bundle"
        files.mkdir()
        architecture = bundle.ARCHITECTURES[arguments.arch]
        manifest = bundle.assemble(packages, architecture, POLICY, files, Path(scratch) / "packages")
        if missing := bundle.missing_libraries(files):
            raise BuildError(f"the bundle lacks {', '.join(sorted(missing))}")
        check_lock(
            arguments.arch, packages_of(manifest), locked=arguments.locked, write=arguments.write_lock
        )
        unzipped = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
        say(f"ImageMagick {manifest.imagemagick} for {arguments.arch}: {megabytes(unzipped)} unzipped")
        if arguments.output:
            write_zip(files, arguments.output, LAYER_FOLDER)
            digest = hashlib.sha256(arguments.output.read_bytes()).hexdigest()
            say(f"{arguments.output}: {megabytes(arguments.output.stat().st_size)}, SHA-256 {digest}")
        if arguments.directory:
            replace_directory(files, arguments.directory)
            say(f"{arguments.directory} is ready")


def packages_of(manifest: bundle.Manifest) -> Lock:
    """Return the versions and hashes of the packages in a manifest."""
    return {entry.name: {"version": entry.version, "sha256": entry.sha256} for entry in manifest.packages}


def check_lock(arch: str, built: Lock, *, locked: bool, write: bool, path: Path = LOCK) -> None:
    """Report differences from the recorded packages; refuse them if ``locked``, write them if ``write``."""
    recorded: dict[str, Lock] = json.loads(path.read_text()) if path.exists() else {}
    if write:
        path.write_text(json.dumps(recorded | {arch: built}, indent=2, sort_keys=True) + "\n")
        return
    differences = list(lock_differences(recorded.get(arch, {}), built))
    for difference in differences:
        say(difference)
    if differences and locked:
        raise BuildError("the packages are not the recorded ones")


def lock_differences(recorded: Lock, built: Lock) -> list[str]:
    """Describe each package that differs from the recorded one, in one line each."""
    return [
        f"{name} is {version_in(built, name)}, recorded {version_in(recorded, name)}"
        for name in sorted(recorded.keys() | built.keys())
        if recorded.get(name) != built.get(name)
    ]


def version_in(lock: Lock, name: str) -> str:
    """Return the version of a package and the start of its hash, or ``absent``."""
    return f"{lock[name]['version']} ({lock[name]['sha256'][:12]})" if name in lock else "absent"


def replace_directory(source: Path, target: Path) -> None:
    """Replace a directory by a copy of another, so that readers never see a partial copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as aside:
        shutil.copytree(source, Path(aside) / "new")
        if target.exists():
            target.rename(Path(aside) / "old")
        (Path(aside) / "new").rename(target)


def megabytes(size: int) -> str:
    """Format a size in decimal megabytes, as AWS does for its limits."""
    return f"{size / 1e6:.1f} MB"


def say(message: str) -> None:
    """Print a message."""
    print(f"imagemagick layer: {message}")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line; the mirrors may also come from the environment."""
    parser = argparse.ArgumentParser(
        description="Builds ImageMagick's Lambda layer from Debian's packages."
    )
    parser.add_argument("--arch", choices=sorted(bundle.ARCHITECTURES), required=True)
    parser.add_argument("--output", type=Path, help="write the layer's zip file")
    parser.add_argument(
        "--directory", type=Path, help="write the unpacked files to this directory, replacing it"
    )
    parser.add_argument(
        "--mirror", default=os.environ.get("LAYER_MIRROR"), help="Debian archive (LAYER_MIRROR)"
    )
    parser.add_argument(
        "--security-mirror",
        default=os.environ.get("LAYER_SECURITY_MIRROR"),
        help="Debian security archive (LAYER_SECURITY_MIRROR)",
    )
    parser.add_argument(
        "--cache", type=Path, default=ROOT / ".local/debian", help="directory for downloads"
    )
    parser.add_argument(
        "--locked", action="store_true", help="refuse packages other than the recorded ones"
    )
    parser.add_argument("--write-lock", action="store_true", help="record the packages of this build")
    return parser.parse_args(arguments)


def main() -> int:
    """Run the command line. Returns the exit status."""
    try:
        arguments = parse_arguments()
        build(arguments, download(arguments))
    except BuildError as error:
        print(f"imagemagick layer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
