"""Documents and summaries of photos of every format, block and encoding agree with exiftool."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from scripts.accuracy import Difference, Values, compare, our_values, their_values

from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from domain.metadata.model import MetadataDocument
from tests.support.availability import unavailable
from tests.support.image_factory import Photo, photos
from tests.support.imagemagick import identify_command

NOT_READ_BY_EXIFTOOL = {
    "avif-idat.avif": "exiftool 12.57 does not read items in an idat box",
    "heic-idat.heic": "exiftool 12.57 does not read items in an idat box",
    "bigtiff-big-endian.tif": "exiftool does not follow the Exif IFD pointer of a BigTIFF",
    "bigtiff-little-endian.tif": "exiftool does not follow the Exif IFD pointer of a BigTIFF",
    "jpeg-exif3-text.jpg": "exiftool takes 65535 for no ISO at all, and knows type 129 from 12.58 on",
}
"""Photos of which exiftool reads less; the values that it reads must be equal."""

OTHER_ENCODING = {"jpeg-unannounced-utf8.jpg"}
"""Without 1:90, exiftool reads IPTC as Latin-1 even if it is UTF-8."""


def document(sample: Photo) -> MetadataDocument:
    extractor = ImageMagickMetadataExtractor(identify_command())
    return ImageInspector(extractor, ImageLimits()).inspect(sample.open()).document


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_the_summary_sums_up_the_blocks(sample: Photo) -> None:
    summary = document(sample).summary

    assert {name: summary.get(name) for name in sample.expected.summary} == sample.expected.summary
    assert not set(summary) & set(sample.expected.summary_absent)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Values]:
    if shutil.which("exiftool") is None:
        unavailable("exiftool is not installed; make test-tools installs it")
    folder = tmp_path_factory.mktemp("photos")
    for sample in photos():
        (folder / sample.name).write_bytes(sample.content)
    answers = their_values(sorted(folder.iterdir()))
    return {Path(file).name: values for file, values in answers.items()}


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_the_common_fields_are_equal_to_exiftool_s(theirs: dict[str, Values], sample: Photo) -> None:
    compared: list[Any] = list(compare(sample.name, our_values(document(sample)), theirs[sample.name]))

    differences = [found for _, found in compared if found is not None]
    if sample.name in NOT_READ_BY_EXIFTOOL:
        differences = [found for found in differences if found.theirs is not None]
    if sample.name in OTHER_ENCODING:
        differences = [found for found in differences if not _is_other_encoding(found)]
    assert differences == []
    assert {field.name for field, _ in compared} >= {"width", "height"}


def _is_other_encoding(found: Difference) -> bool:
    return _as_utf8(found.theirs) == found.ours


def _as_utf8(value: Any) -> Any:
    return (
        [_as_utf8(item) for item in value] if isinstance(value, list) else value.encode("cp1252").decode()
    )
