"""The bill of materials of a release."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from scripts.bill_of_materials import bill_of_materials, components_of, scanner_list

MANIFEST = {
    "architecture": "x86_64",
    "debian_release": "trixie",
    "packages": [
        {
            "name": "libheif1",
            "version": "1.19.8-1",
            "source": "libheif",
            "source_version": "1.19.8-1",
            "licenses": ["LGPL-3+"],
        },
        {
            "name": "libstdc++6",
            "version": "14.2.0-19+b1",
            "source": "gcc-14",
            "source_version": "14.2.0-19",
            "licenses": ["GPL-3"],
        },
    ],
}


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    metadata = (
        "Metadata-Version: 2.4\nName: Pydantic_Core\nVersion: 2.1\nLicense-Expression: MIT\n\nText.\n"
    )
    return zipped(
        tmp_path / "functions.zip",
        {
            "pydantic_core-2.1.dist-info/METADATA": metadata,
            "pydantic_core/sub.dist-info/METADATA": "Name: inner\n",
            "domain/__init__.py": "",
        },
    )


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    return zipped(tmp_path / "layer.zip", {"imagemagick/MANIFEST.json": json.dumps(MANIFEST)})


def test_every_package_has_its_url_and_licence(functions: Path, layer: Path) -> None:
    bill = bill_of_materials([functions, layer], "1.2.3")

    assert {part["purl"]: part["licenses"][0]["license"]["name"] for part in bill["components"]} == {
        "pkg:pypi/pydantic-core@2.1": "MIT",
        "pkg:deb/debian/libheif1@1.19.8-1?arch=amd64&distro=debian-13": "LGPL-3+",
        "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19%2Bb1?arch=amd64&distro=debian-13": "GPL-3",
    }
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(set(references)) == len(references)


def test_the_bill_is_of_this_release_and_these_bytes(functions: Path, layer: Path) -> None:
    described = bill_of_materials([functions, layer], "1.2.3")["metadata"]["component"]

    assert described["version"] == "1.2.3"
    assert {file["name"]: file["hashes"][0]["content"] for file in described["components"]} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (functions, layer)
    }


def test_the_scanner_gets_the_source_packages(functions: Path, layer: Path) -> None:
    [result] = scanner_list([functions, layer], "1.2.3")["results"]

    assert [tuple(entry["package"].values()) for entry in result["packages"]] == [
        ("gcc-14", "14.2.0-19", "Debian:13"),
        ("libheif", "1.19.8-1", "Debian:13"),
        ("pydantic-core", "2.1", "PyPI"),
    ]


def test_a_zip_file_without_a_list_of_packages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="neither"):
        list(components_of(zipped(tmp_path / "other.zip", {"readme": ""})))
