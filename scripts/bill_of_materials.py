"""Lists the content of release packages: as a CycloneDX bill of materials, or for a vulnerability scanner.

    python -m scripts.bill_of_materials dist/functions.zip dist/imagemagick-arm64.zip --output sbom.cdx.json
    python -m scripts.bill_of_materials dist/imagemagick-arm64.zip --format osv --output packages.json

The content is read from the zip files: from the core metadata of each Python distribution, and from the
manifest of the ImageMagick layer. The bill of materials is CycloneDX 1.6
(https://cyclonedx.org/docs/1.6/json/); the same zip files give the same bytes. The other format is that of
OSV-Scanner; it lists Debian's source packages, because Debian's advisories refer to those.
"""

import argparse
import email
import hashlib
import json
import re
import sys
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.release_notes import project_version

LAYER_MANIFEST = "imagemagick/MANIFEST.json"
DEBIAN_VERSIONS = {"trixie": "13"}
"""The release's number in OSV and package URLs, by its code name."""


@dataclass(frozen=True, order=True)
class Component:
    """A third-party package in one of ours."""

    ecosystem: str
    name: str
    version: str
    source: str = ""
    source_version: str = ""
    architecture: str = ""
    licenses: tuple[str, ...] = ()

    @property
    def package_url(self) -> str:
        """The package URL (https://github.com/package-url/purl-spec)."""
        if self.ecosystem == "PyPI":
            return f"pkg:pypi/{self.name}@{_quoted(self.version)}"
        distribution = self.ecosystem.lower().replace(":", "-")
        return (
            f"pkg:deb/debian/{_quoted(self.name)}@{_quoted(self.version)}"
            f"?arch={self.architecture}&distro={distribution}"
        )


def components_of(package: Path) -> Iterator[Component]:
    """Yield the third-party packages in a zip file. Raises ValueError if the file does not list them."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        distributions = [name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        if not distributions and LAYER_MANIFEST not in names:
            raise ValueError(f"{package} has neither Python distributions nor the layer's manifest")
        for name in distributions:
            yield _distribution(archive.read(name).decode())
        if LAYER_MANIFEST in names:
            yield from _debian_packages(json.loads(archive.read(LAYER_MANIFEST)))


def _distribution(metadata: str) -> Component:
    message = email.message_from_string(metadata)
    name = re.sub(r"[-_.]+", "-", message["Name"]).lower()
    expression = message["License-Expression"]
    return Component("PyPI", name, message["Version"], licenses=(expression,) if expression else ())


def _debian_packages(manifest: dict[str, Any]) -> Iterator[Component]:
    architecture = {"x86_64": "amd64"}.get(manifest["architecture"], manifest["architecture"])
    for package in manifest["packages"]:
        yield Component(
            f"Debian:{DEBIAN_VERSIONS[manifest['debian_release']]}",
            package["name"],
            package["version"],
            package["source"],
            package["source_version"],
            architecture,
            tuple(package["licenses"]),
        )


def bill_of_materials(packages: list[Path], version: str) -> dict[str, Any]:
    """Build the CycloneDX document for a release that consists of these packages."""
    components = sorted({component for package in packages for component in components_of(package)})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "images-upload-api",
                "name": "images-upload-api",
                "version": version,
                "components": [
                    {
                        "type": "file",
                        "bom-ref": package.name,
                        "name": package.name,
                        "hashes": [{"alg": "SHA-256", "content": _sha256(package)}],
                    }
                    for package in packages
                ],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": component.package_url,
                "name": component.name,
                "version": component.version,
                "purl": component.package_url,
                **(
                    {"licenses": [{"license": {"name": name}} for name in component.licenses]}
                    if component.licenses
                    else {}
                ),
            }
            for component in components
        ],
    }


def scanner_list(packages: list[Path], version: str) -> dict[str, Any]:  # noqa: ARG001
    """Build the list for OSV-Scanner, which reads it with ``--lockfile osv-scanner:FILE``."""
    listed = sorted(
        {
            (
                component.source or component.name,
                component.source_version or component.version,
                component.ecosystem,
            )
            for package in packages
            for component in components_of(package)
        }
    )
    return {
        "results": [
            {
                "packages": [
                    {"package": {"name": name, "version": version, "ecosystem": ecosystem}}
                    for name, version, ecosystem in listed
                ]
            }
        ]
    }


FORMATS: dict[str, Callable[[list[Path], str], dict[str, Any]]] = {
    "cyclonedx": bill_of_materials,
    "osv": scanner_list,
}


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    """Write the requested list. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Lists the content of release packages.")
    parser.add_argument("packages", nargs="+", type=Path)
    parser.add_argument("--format", choices=FORMATS, default="cyclonedx")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        document = FORMATS[arguments.format](arguments.packages, project_version())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    arguments.output.write_text(json.dumps(document, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
