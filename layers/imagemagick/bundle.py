"""Assembles a directory that runs ImageMagick on any Linux of its architecture.

    bin/identify     the program, which is ``identify`` or, under another name, ``magick``
    lib/ld.so        the dynamic loader that starts it
    lib/*.so*        all shared libraries that the program and the coders need, including the C library
    coders/          ImageMagick's modules for the allowed formats only
    decoders/        libheif's plugins for HEVC and AV1
    etc/policy.xml   what ImageMagick may do, and its limits on memory and time
    licenses/        each package's copyright file, and the licence texts that they cite
    MANIFEST.json    versions, licences and origin of every file

Start it as ``lib/ld.so --library-path lib bin/identify`` with MAGICK_CODER_MODULE_PATH and
MAGICK_CONFIGURE_PATH set to its directories. To decode the pixels of HEIC and AVIF it also needs
LIBHEIF_PLUGIN_PATH. Without it, libheif loads no plugins, and reads headers just as fast.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from layers.imagemagick.debian import RELEASE, BuildError, Package
from layers.imagemagick.elf import read_binary
from layers.imagemagick.licenses import license_names, referenced_texts

IMAGEMAGICK_PACKAGE = "imagemagick-7.q16"
PROGRAM = "usr/bin/magick-im7.q16"
CODERS_FOLDER = "ImageMagick-7.*/modules-Q16/coders"
CODERS = ("gif", "heic", "jpeg", "png", "tiff", "webp")
LICENSE_TEXTS_PACKAGE = "base-files"
LICENSE_TEXTS = "usr/share/common-licenses"
DECODERS_FOLDER = "libheif/plugins"
DECODERS = ("libde265", "dav1d")
# The packages to download; apt adds their dependencies.
PACKAGES = (
    IMAGEMAGICK_PACKAGE,
    LICENSE_TEXTS_PACKAGE,
    *(f"libheif-plugin-{decoder}" for decoder in DECODERS),
)


@dataclass(frozen=True)
class Architecture:
    """The names of an architecture in AWS Lambda, Debian, GNU and the ELF format."""

    name: str
    debian: str
    triplet: str
    machine: str


ARCHITECTURES = {
    "arm64": Architecture("arm64", "arm64", "aarch64-linux-gnu", "EM_AARCH64"),
    "x86_64": Architecture("x86_64", "amd64", "x86_64-linux-gnu", "EM_X86_64"),
}


@dataclass(frozen=True)
class PackageEntry:
    """A package with files in the bundle: its source and its licences."""

    name: str
    version: str
    source: str
    source_version: str
    sha256: str
    licenses: list[str]
    license_file: str
    files: list[str]


@dataclass(frozen=True)
class Manifest:
    """The content of a bundle, written to its MANIFEST.json."""

    imagemagick: str
    architecture: str
    debian_release: str
    coders: list[str]
    packages: list[PackageEntry]


@dataclass(frozen=True)
class _Origin:
    package: Package
    path: Path


class _Unpacked:
    """The files of the downloaded packages, each with its package."""

    def __init__(self, packages: Iterable[Package], directory: Path, architecture: Architecture) -> None:
        self._roots: dict[str, tuple[Package, Path]] = {}
        self._triplet = architecture.triplet
        for package in packages:
            root = directory / package.name
            package.unpack(root)
            self._roots[package.name] = (package, root)
        self._libraries = {path.name: _Origin(package, path) for package, path in self._library_files()}

    def find(self, pattern: str) -> _Origin:
        """Find the only file that matches a pattern relative to the root directory."""
        matches = [
            _Origin(package, path) for package, root in self._roots.values() for path in root.glob(pattern)
        ]
        if len(matches) != 1:
            raise BuildError(f"{len(matches)} files of the packages match {pattern}, expected one")
        return matches[0]

    def find_in_libraries(self, pattern: str) -> _Origin:
        """Find the only file that matches a pattern relative to the architecture's library directory."""
        return self.find(f"usr/lib/{self._triplet}/{pattern}")

    def shared_library(self, name: str, needed_by: str) -> _Origin:
        """Find the shared library with this name. Raises BuildError if no package has it."""
        if name not in self._libraries:
            raise BuildError(f"no package has {name}, which {needed_by} needs")
        return self._libraries[name]

    def copyright_file(self, package: Package) -> Path:
        """Return the path of the package's copyright file."""
        folder = self._roots[package.name][1] / "usr/share/doc" / package.name
        if folder.is_symlink():  # the documentation of another package of the same source
            target = folder.readlink().name
            folder = self._roots[target][1] / "usr/share/doc" / target
        return folder / "copyright"

    def license_text(self, name: str) -> Path:
        """Return the path of a licence text that copyright files cite by name, such as ``GPL-3``."""
        return (self._roots[LICENSE_TEXTS_PACKAGE][1] / LICENSE_TEXTS / name).resolve()

    def _library_files(self) -> Iterable[tuple[Package, Path]]:
        for package, root in self._roots.values():
            for path in (root / "usr/lib" / self._triplet).glob("*.so*"):
                yield package, path


class _Bundle:
    """A directory that is being assembled, and the package of each file in it."""

    def __init__(self, directory: Path, architecture: Architecture) -> None:
        self._directory = directory
        self._machine = architecture.machine
        self.files: dict[Package, list[str]] = defaultdict(list)

    def add_binary(self, origin: _Origin, name: str, *, executable: bool = False) -> None:
        binary = read_binary(origin.path)
        if binary.machine != self._machine:
            raise BuildError(f"{origin.path} is for {binary.machine}, not {self._machine}")
        self.add_bytes(origin.package, name, origin.path.read_bytes(), executable=executable)

    def add_bytes(self, package: Package, name: str, content: bytes, *, executable: bool = False) -> None:
        self.write(name, content, executable=executable)
        self.files[package].append(name)

    def write(self, name: str, content: bytes, *, executable: bool = False) -> None:
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)


def assemble(
    packages: list[Package], architecture: Architecture, policy: Path, directory: Path, scratch: Path
) -> Manifest:
    """Fill ``directory``, which must be empty, and return the manifest that is written there.

    Raises BuildError if the packages lack something that the bundle needs.
    """
    unpacked = _Unpacked(packages, scratch, architecture)
    bundle = _Bundle(directory, architecture)
    _add_binaries(unpacked, bundle)
    bundle.write("etc/policy.xml", policy.read_bytes())
    manifest = Manifest(
        imagemagick=_upstream_version(unpacked.find(PROGRAM).package.version),
        architecture=architecture.name,
        debian_release=RELEASE,
        coders=list(CODERS),
        packages=[_package_entry(package, files, unpacked) for package, files in _by_name(bundle.files)],
    )
    _add_licenses(unpacked, bundle)
    bundle.write("MANIFEST.json", (json.dumps(asdict(manifest), indent=2) + "\n").encode())
    return manifest


def missing_libraries(directory: Path) -> set[str]:
    """Return the libraries that the binaries of a bundle need but the bundle lacks."""
    libraries = {path.name for path in (directory / "lib").iterdir()}
    patterns = ("bin/*", "lib/*", "coders/*.so", "decoders/*.so")
    binaries = [path for pattern in patterns for path in directory.glob(pattern)]
    needed = {name for path in binaries for name in read_binary(path).needed}
    return {name for name in needed - libraries if not name.startswith("ld-linux")}


def _add_binaries(unpacked: _Unpacked, bundle: _Bundle) -> None:
    program = unpacked.find(PROGRAM)
    loader_name = Path(read_binary(program.path).interpreter or "").name
    loader = unpacked.shared_library(loader_name, needed_by=PROGRAM)
    bundle.add_binary(program, "bin/identify", executable=True)
    bundle.add_binary(loader, "lib/ld.so", executable=True)
    pending = [program.path]
    for coder in CODERS:
        module = unpacked.find_in_libraries(f"{CODERS_FOLDER}/{coder}.so")
        bundle.add_binary(module, f"coders/{coder}.so")
        description = unpacked.find_in_libraries(f"{CODERS_FOLDER}/{coder}.la")
        # With the installed directory in it, libltdl would prefer a module of the host.
        local = re.sub(rb"(?m)^libdir=.*$", b"libdir=''", description.path.read_bytes())
        bundle.add_bytes(description.package, f"coders/{coder}.la", local)
        pending.append(module.path)
    for decoder in DECODERS:
        plugin = unpacked.find_in_libraries(f"{DECODERS_FOLDER}/libheif-{decoder}.so")
        bundle.add_binary(plugin, f"decoders/libheif-{decoder}.so")
        pending.append(plugin.path)
    added = {loader_name}
    while pending:
        binary = pending.pop()
        for name in read_binary(binary).needed:
            if name not in added:
                library = unpacked.shared_library(name, needed_by=binary.name)
                bundle.add_binary(library, f"lib/{name}")
                pending.append(library.path)
                added.add(name)


def _add_licenses(unpacked: _Unpacked, bundle: _Bundle) -> None:
    texts: set[str] = set()
    for package in bundle.files:
        copyright_file = unpacked.copyright_file(package)
        bundle.write(f"licenses/{package.name}", copyright_file.read_bytes())
        texts |= referenced_texts(copyright_file.read_text(errors="replace"))
    for name in texts:
        bundle.write(f"licenses/common-licenses/{name}", unpacked.license_text(name).read_bytes())


def _package_entry(package: Package, files: list[str], unpacked: _Unpacked) -> PackageEntry:
    copyright_text = unpacked.copyright_file(package).read_text(errors="replace")
    return PackageEntry(
        name=package.name,
        version=package.version,
        source=package.source,
        source_version=package.source_version,
        sha256=package.sha256,
        licenses=license_names(package.source, copyright_text),
        license_file=f"licenses/{package.name}",
        files=sorted(files),
    )


def _by_name(files: dict[Package, list[str]]) -> list[tuple[Package, list[str]]]:
    return sorted(files.items(), key=lambda item: item[0].name)


def _upstream_version(version: str) -> str:
    """Extract ``7.1.1.43`` from a Debian version such as ``8:7.1.1.43+dfsg1-1+deb13u14``."""
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version)
    return found[1] if found else version
