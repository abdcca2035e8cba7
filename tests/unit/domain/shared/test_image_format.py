"""Telling the format of a file from its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format
from tests.support.image_factory import Photo, photos


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_every_photo_is_recognised(sample: Photo) -> None:
    found = sniff_format(sample.content[:SNIFF_LENGTH])

    assert found is not None
    assert found.value == sample.format


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a",
        b"\x89PNG\n\x1a\n",
        b"GIF88a",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"II*",
        b"II+\x00\x04\x00\x00\x00",
        b"\x00\x00\x00\x18ftyp",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42",
        b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1miaf",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"BM6\x00\x00\x00",
    ],
)
def test_other_files_are_not(header: bytes) -> None:
    assert sniff_format(header) is None


@pytest.mark.parametrize(
    ("brands", "expected"),
    [
        (b"heix\0\0\0\0mif1", ImageFormat.HEIC),
        (b"avis\0\0\0\0msf1", ImageFormat.AVIF),
        (b"mif1\0\0\0\0heic", ImageFormat.HEIC),
        (b"mif1\0\0\0\0mif1avif", ImageFormat.AVIF),
        (b"msf1\0\0\0\0hevc", ImageFormat.HEIC),
    ],
)
def test_the_brands_of_an_iso_base_media_file_decide(brands: bytes, expected: ImageFormat) -> None:
    header = (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands

    assert sniff_format(header) is expected


def test_a_brand_begins_at_a_multiple_of_four_bytes() -> None:
    assert sniff_format(b"\0\0\0\x18ftypmif1\0\0\0\0xxheicxx") is None


@pytest.mark.parametrize("media_type", ["image/jpeg", " Image/JPG ; q=1", "image/pjpeg"])
def test_a_media_type_may_be_an_alias_and_have_parameters(media_type: str) -> None:
    assert ImageFormat.from_media_type(media_type) is ImageFormat.JPEG


def test_brands_beyond_the_file_type_box_do_not_count() -> None:
    header = b"\0\0\0\x10ftypmif1\0\0\0\0avif"

    assert sniff_format(header) is None


@given(st.binary(max_size=80))
def test_any_bytes_can_be_asked_about(header: bytes) -> None:
    sniff_format(header)


@pytest.mark.parametrize("image_format", ImageFormat)
def test_names_lead_back_to_the_format(image_format: ImageFormat) -> None:
    assert ImageFormat.from_extension(image_format.extension) is image_format
    assert ImageFormat.from_media_type(image_format.media_type.upper()) is image_format


def test_aliases_of_media_types_are_known() -> None:
    assert ImageFormat.from_media_type(" image/jpg ") is ImageFormat.JPEG
    assert ImageFormat.from_media_type("image/heif") is ImageFormat.HEIC
    assert ImageFormat.from_media_type("image/svg+xml") is None
    assert ImageFormat.from_extension("svg") is None
