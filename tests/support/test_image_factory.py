"""An independent reader confirms the metadata of the photos that other tests rely on."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.availability import unavailable
from tests.support.image_factory import Photo, photo, photos
from tests.support.image_factory.catalogue import complete
from tests.support.image_factory.jpeg import jpeg

EXIFTOOL = shutil.which("exiftool")
GROUPS = {"exif": ("IFD0", "ExifIFD"), "gps": ("GPS",), "iptc": ("IPTC", "IPTC2")}
OTHER_NAMES = {
    "DateTime": "ModifyDate",
    "DateTimeDigitized": "CreateDate",
    "PhotographicSensitivity": "ISO",
    "ExposureBiasValue": "ExposureCompensation",
    "PixelXDimension": "ExifImageWidth",
    "PixelYDimension": "ExifImageHeight",
    "FocalLengthIn35mmFilm": "FocalLengthIn35mmFormat",
    "BodySerialNumber": "SerialNumber",
    "LensSpecification": "LensInfo",
    "RecordVersion": "ApplicationRecordVersion",
    "SupplementalCategory": "SupplementalCategories",
    "BylineTitle": "By-lineTitle",
    "Byline": "By-line",
    "CaptionAbstract": "Caption-Abstract",
    "ProvinceState": "Province-State",
    "Sublocation": "Sub-location",
    "CountryPrimaryLocationCode": "Country-PrimaryLocationCode",
    "CountryPrimaryLocationName": "Country-PrimaryLocationName",
}
CONVERTED = {
    "ApertureValue",
    "CodedCharacterSet",
    "DateCreated",
    "GPSLatitude",
    "GPSLongitude",
    "GPSTimeStamp",
    "MakerNote",
    "ShutterSpeedValue",
    "TimeCreated",
}
"""Values that exiftool shows in a different form."""
BIGTIFF_COMPARED = {
    "ImageDescription",
    "Make",
    "Model",
    "Orientation",
    "XResolution",
    "YResolution",
    "Software",
    "DateTime",
    "Artist",
    "Copyright",
}
"""The EXIF values of a BigTIFF that exiftool interprets; it shows those of nested directories raw."""
NEWER_THAN_EXIFTOOL = {"jpeg-exif3-text.jpg", "heic-idat.heic", "avif-idat.avif"}
"""Photos with EXIF 3.0 text or metadata in an ``idat`` box, which exiftool 12 cannot read."""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    if EXIFTOOL is None:
        unavailable("exiftool is not installed; make test-tools installs it")
    folder: Path = tmp_path_factory.mktemp("photos")
    for each in photos():
        (folder / each.name).write_bytes(each.content)
    found: dict[str, dict[str, Any]] = {}
    for charset, names in {
        "latin": [each.name for each in photos() if each.name != "jpeg-unannounced-utf8.jpg"],
        "utf8": ["jpeg-unannounced-utf8.jpg"],
    }.items():
        command = [EXIFTOOL, "-json", "-n", "-G1", "-u", "-charset", f"iptc={charset}", *names]
        output = subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60).stdout
        found |= {reading["SourceFile"]: reading for reading in json.loads(output)}
    return found


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        value = value["x-default"]
    values = value if isinstance(value, list) else [value]
    if all(isinstance(each, int | float) for each in values):
        return " ".join(f"{each:.9g}" for each in values)
    texts = [str(each) for each in values]
    return texts[0] if len(texts) == 1 else texts


def _claims(each: Photo) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield the groups, name and value of the claims that exiftool shows in the same form."""
    big = each.name.startswith("bigtiff")
    for block, groups in GROUPS.items():
        for name, value in getattr(each.expected, block).items():
            if name not in CONVERTED and (not big or block == "iptc" or name in BIGTIFF_COMPARED):
                yield groups, name, value
    for qualified_name, value in each.expected.xmp.items():
        prefix, name = qualified_name.split(":")
        if name not in CONVERTED:
            yield (f"XMP-{prefix}",), name[0].upper() + name[1:], value
    if each.expected.icc:
        yield ("ICC_Profile",), "ProfileDescription", each.expected.icc["description"]


def _lookup(reading: dict[str, Any], groups: tuple[str, ...], name: str) -> Any:
    name = OTHER_NAMES.get(name, name)
    if name.startswith("0x"):
        name = f"Exif_{name}"
    return next((reading[f"{group}:{name}"] for group in groups if f"{group}:{name}" in reading), None)


@pytest.mark.parametrize(
    "each", [p for p in photos() if p.name not in NEWER_THAN_EXIFTOOL], ids=lambda p: p.name
)
def test_exiftool_reads_what_the_factory_claims(each: Photo, readings: dict[str, dict[str, Any]]) -> None:
    reading = readings[each.name]
    assert (
        next(value for key, value in reading.items() if key.endswith(":ImageWidth"))
        == each.expected.image["width"]
    )
    claims = list(_claims(each))
    found = [_comparable(_lookup(reading, groups, name)) for groups, name, _ in claims]
    assert found == [_comparable(value) for _, _, value in claims]


@pytest.mark.parametrize("name", ["jpeg-complete.jpg", "jpeg-latin1-south-west.jpg", "tiff-big-endian.tif"])
def test_exiftool_computes_the_signed_coordinates_of_the_factory(
    name: str, readings: dict[str, dict[str, Any]]
) -> None:
    reading, summary = readings[name], photo(name).expected.summary
    assert reading["Composite:GPSLatitude"] == pytest.approx(summary["latitude"])
    assert reading["Composite:GPSLongitude"] == pytest.approx(summary["longitude"])
    assert reading["Composite:GPSAltitude"] == pytest.approx(summary["altitude_m"])


def test_every_allowed_format_has_a_photo_with_metadata_and_one_without() -> None:
    formats = {"jpeg", "png", "gif", "webp", "tiff", "heic", "avif"}
    assert {each.format for each in photos() if each.expected.xmp} == formats
    assert {each.format for each in photos() if not each.expected.xmp} == formats


def test_the_same_bytes_are_made_every_time() -> None:
    assert [each.make() for each in photos()] == [each.content for each in photos()]


def test_photos_are_small() -> None:
    assert max(len(each.content) for each in photos()) < 100_000


def test_the_blocks_of_a_complete_photo_are_all_embedded() -> None:
    blocks, _ = complete("jpeg")
    content = jpeg(blocks)
    for block in (blocks.exif_block, blocks.iptc, blocks.xmp, blocks.icc):
        assert block is not None
        assert block in content
