"""Compares the metadata documents of a directory of images with exiftool's output, field by field.

Usage: ``python scripts/accuracy.py DIR`` (with ``src`` on PYTHONPATH). Prints the share of equal values
per format, for 28 common fields, and then every difference. A value counts if
either side has one. The exit status is 1 if the share over all formats is below ``--minimum`` per cent.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.imagemagick.command import IdentifyCommand, locate_identify
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from domain.metadata.model import MetadataDocument
from domain.shared.errors import DomainError

Values = dict[str, Any]
Compare = Callable[[Any, Any], bool]


def same_text(ours: Any, theirs: Any) -> bool:
    """Compare texts without surrounding white space."""
    if isinstance(ours, list):
        theirs = theirs if isinstance(theirs, list) else [theirs]
        return len(ours) == len(theirs) and all(map(same_text, ours, theirs))
    return str(ours).strip() == str(theirs).strip()


def same_number(ours: Any, theirs: Any) -> bool:
    """Compare numbers to nine significant digits."""
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-9)
    except (TypeError, ValueError):
        return False


def same_degrees(ours: Any, theirs: Any) -> bool:
    """Compare degrees to a millionth, which is a decimetre."""
    try:
        return math.isclose(float(ours), float(theirs), abs_tol=1e-6)
    except (TypeError, ValueError):
        return False


NO_VALUE = (None, "", [], "inf", "undef")
"""Absent values, including exiftool's names for a rational with a denominator of zero."""


@dataclass(frozen=True)
class Field:
    """A compared field and its name on each side; exiftool may have it in several groups."""

    name: str
    ours: str
    theirs: tuple[str, ...]
    compare: Compare = same_text


def _exif(name: str, tag: str, compare: Compare = same_text) -> Field:
    return Field(name, f"exif.{name}", (f"IFD0:{tag}", f"ExifIFD:{tag}"), compare)


def _iptc(name: str, tag: str) -> Field:
    # IPTC2 is a block in an unusual place.
    return Field(name, f"iptc.{name}", (f"IPTC:{tag}", f"IPTC2:{tag}"))


FIELDS: tuple[Field, ...] = (
    Field("width", "image.width", ("width",), same_number),
    Field("height", "image.height", ("height",), same_number),
    _exif("Orientation", "Orientation", same_number),
    _exif("Make", "Make"),
    _exif("Model", "Model"),
    _exif("Software", "Software"),
    _exif("ImageDescription", "ImageDescription"),
    _exif("Artist", "Artist"),
    _exif("Copyright", "Copyright"),
    _exif("DateTimeOriginal", "DateTimeOriginal"),
    _exif("OffsetTimeOriginal", "OffsetTimeOriginal"),
    _exif("ExposureTime", "ExposureTime", same_number),
    _exif("FNumber", "FNumber", same_number),
    _exif("PhotographicSensitivity", "ISO"),
    _exif("FocalLength", "FocalLength", same_number),
    _exif("FocalLengthIn35mmFilm", "FocalLengthIn35mmFormat", same_number),
    _exif("Flash", "Flash", same_number),
    _exif("LensModel", "LensModel"),
    Field("latitude", "gps.latitude", ("latitude",), same_degrees),
    Field("longitude", "gps.longitude", ("longitude",), same_degrees),
    Field("GPSAltitude", "gps.GPSAltitude", ("GPS:GPSAltitude",), same_number),
    _iptc("ObjectName", "ObjectName"),
    _iptc("Headline", "Headline"),
    _iptc("CaptionAbstract", "Caption-Abstract"),
    _iptc("Keywords", "Keywords"),
    _iptc("Byline", "By-line"),
    Field("dc:subject", "xmp.dc:subject", ("XMP-dc:Subject",)),
    Field("ICC description", "icc.description", ("ICC_Profile:ProfileDescription",)),
)


@dataclass(frozen=True)
class Difference:
    """A field whose values differ; ``None`` means that a side has none."""

    file: str
    field: str
    ours: Any
    theirs: Any


def our_values(document: MetadataDocument) -> Values:
    """Return the compared values of a document, by :attr:`Field.ours`."""
    values: Values = {}
    for block, tags in document.model_dump(exclude_none=True).items():
        if isinstance(tags, dict):
            values |= {f"{block}.{name}": value for name, value in tags.items()}
    for axis in ("Latitude", "Longitude"):
        # The position in the GPS block, even if it is not valid for the summary.
        degrees = _degrees(values.get(f"gps.GPS{axis}"))
        if degrees is not None:
            values[f"gps.{axis.lower()}"] = degrees
    return values


def _degrees(values: Any) -> float | None:
    if not isinstance(values, list) or values[0] is None:
        return None
    return sum((value or 0) / unit for value, unit in zip(values, (1, 60, 3600), strict=False))


def their_values(files: Sequence[Path]) -> dict[str, Values]:
    """Return exiftool's values by file, with numbers as exiftool wrote them."""
    if not files:
        return {}
    command = ["exiftool", "-n", "-j", "-a", "-G1", "-charset", "filename=utf8", *map(str, files)]
    answer = subprocess.run(command, capture_output=True, check=False)
    answers: list[Values] = json.loads(
        answer.stdout.decode("utf-8", "replace") or "[]", parse_int=str, parse_float=str
    )
    for values in answers:
        width, _, height = str(values.get("Composite:ImageSize", "")).partition(" ")
        values["width"], values["height"] = width or None, height or None
        for axis in ("latitude", "longitude"):
            values[axis] = values.get(f"GPS:GPS{axis.capitalize()}")
    return {values["SourceFile"]: values for values in answers}


def compare(file: str, ours: Values, theirs: Values) -> Iterator[tuple[Field, Difference | None]]:
    """Yield each field that either side has, with the difference if there is one."""
    for field in FIELDS:
        our_value = ours.get(field.ours)
        their_value = next((theirs[name] for name in field.theirs if theirs.get(name) is not None), None)
        if our_value in NO_VALUE and their_value in NO_VALUE:
            continue
        is_same = (
            our_value is not None and their_value is not None and field.compare(our_value, their_value)
        )
        yield field, None if is_same else Difference(file, field.name, our_value, their_value)


def main() -> int:
    """Run the comparison. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--minimum", type=float, default=99.9, help="per cent of equal values (99.9)")
    options = parser.parse_args()
    files = sorted(path for path in options.directory.rglob("*") if path.is_file())
    theirs = their_values(files)
    inspector = ImageInspector(ImageMagickMetadataExtractor(_command()), ImageLimits())

    total, equal, images = Counter[str](), Counter[str](), Counter[str]()
    differences: list[Difference] = []
    refused: list[str] = []
    for path in files:
        try:
            with path.open("rb") as content:
                document = inspector.inspect(content).document
        except DomainError as error:
            refused.append(f"{path.name}: {error.code}")
            continue
        image_format = document.image.format.value
        images[image_format] += 1
        for _, difference in compare(path.name, our_values(document), theirs.get(str(path), {})):
            total[image_format] += 1
            if difference is None:
                equal[image_format] += 1
            else:
                differences.append(difference)
    _print_report(images, total, equal, differences, refused)
    return 0 if total.total() and 100 * equal.total() / total.total() >= options.minimum else 1


def _command() -> IdentifyCommand:
    """Find ``identify`` with the settings that ``make`` exports."""
    home, path = os.environ.get("IMAGEMAGICK_HOME"), os.environ.get("IDENTIFY_PATH")
    return locate_identify(
        imagemagick_home=Path(home) if home else None, identify_path=Path(path) if path else None
    )


def _print_report(
    images: Counter[str],
    total: Counter[str],
    equal: Counter[str],
    differences: list[Difference],
    refused: list[str],
) -> None:
    print(f"{'format':8} {'images':>6} {'values':>7} {'equal':>7} {'per cent':>9}")
    rows = [(name, images[name], total[name], equal[name]) for name in sorted(images)]
    for name, count, values, same in [*rows, ("all", images.total(), total.total(), equal.total())]:
        print(f"{name:8} {count:6} {values:7} {same:7} {100 * same / max(values, 1):9.2f}")
    if differences:
        print(f"\n{len(differences)} differences (file, field: ours / exiftool's)")
    for item in differences:
        print(f"{item.file}, {item.field}: {item.ours!r:.120} / {item.theirs!r:.120}")
    if refused:
        print(f"\n{len(refused)} files refused")
    for line in refused:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
