"""Images that viewers can show are accepted, even with oddities."""

import io
import struct
from collections.abc import Callable

import pytest

from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.metadata.errors import ImageDimensionsExceeded
from domain.metadata.model import ExtractedMetadata
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import gif, heif, jpeg, png, tiff
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import (
    DataBlocks,
    Ifd,
    ascii_text,
    long,
    rational,
    tiff_structure,
)
from tests.support.imagemagick import identify_command

EXIF_IFD, GPS_IFD = 0x8769, 0x8825


def extract(content: bytes, image_format: ImageFormat) -> ExtractedMetadata:
    extractor = ImageMagickMetadataExtractor(identify_command())
    return extractor.extract(io.BytesIO(content), image_format)


def with_pointer(tag: int, offset: int) -> bytes:
    return tiff_structure(Ifd({**tiff.picture_entries(), 0x0131: ascii_text("Editor"), tag: long(offset)}))


@pytest.mark.parametrize("pointer", [EXIF_IFD, GPS_IFD])
@pytest.mark.parametrize("offset", [0x00FFFFF0, 1, 3, 250])
def test_a_tiff_with_a_damaged_directory_of_metadata_is_accepted_with_a_warning(
    pointer: int, offset: int
) -> None:
    extracted = extract(with_pointer(pointer, offset), ImageFormat.TIFF)

    assert (extracted.width, extracted.exif["Software"]) == (96, "Editor")
    assert extracted.warnings


@pytest.mark.parametrize(
    ("field", "value"), [("type", 99), ("count", 0x7FFFFFFF), ("offset", 0x00FFFFF0), ("count", 1 << 20)]
)
def test_a_tiff_with_a_damaged_value_of_metadata_is_accepted_with_a_warning(field: str, value: int) -> None:
    inner = Ifd({0x9003: ascii_text("2020:01:01 00:00:00"), 0x829A: rational(1, 2)})
    content = bytearray(tiff_structure(Ifd({**tiff.picture_entries(), EXIF_IFD: inner})))
    at = content.index(struct.pack("<HH", 0x829A, 5)) + {"type": 2, "count": 4, "offset": 8}[field]
    struct.pack_into("<H" if field == "type" else "<I", content, at, value)

    extracted = extract(bytes(content), ImageFormat.TIFF)

    assert extracted.exif["DateTimeOriginal"] == "2020:01:01 00:00:00"
    assert "ExposureTime" not in extracted.exif
    assert extracted.warnings


@pytest.mark.parametrize("skipped", [b"\0", b"?", b"\x3a\x03abc\0", b"\x07" * 1_000, b"\x21\x99\x03abc\0"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_gif_with_a_block_that_viewers_skip_is_accepted(skipped: bytes, place: str) -> None:
    content = gif.gif(Blocks())
    start = len(gif.screen(b"GIF89a", 96, 64)) if place == "before" else len(content) - 1

    extracted = extract(content[:start] + skipped + content[start:], ImageFormat.GIF)

    assert (extracted.width, extracted.height, extracted.frames) == (96, 64, 1)


@pytest.mark.parametrize(("width", "height"), [(65_535, 3_814), (3_814, 65_535), (15_811, 15_811)])
def test_an_image_as_large_as_the_limits_is_accepted(width: int, height: int) -> None:
    header = png.header(width, height, 1, png.GREY)
    claimed = png.SIGNATURE + header + png.image_data() + png.chunk(b"IEND", b"")

    extracted = extract(claimed, ImageFormat.PNG)

    assert (extracted.width, extracted.height) == (width, height)


def _jpeg_claiming(width: int, height: int) -> bytes:
    content = bytearray(jpeg.encoded())
    struct.pack_into(">HH", content, content.index(b"\xff\xc0") + 5, height, width)
    return bytes(content)


@pytest.mark.parametrize(
    ("image_format", "write", "longest"),
    [
        (ImageFormat.JPEG, _jpeg_claiming, 65_500),
        (ImageFormat.HEIC, lambda w, h: heif.heif(Blocks(), "hevc", width=w, height=h), 32_768),
        (ImageFormat.AVIF, lambda w, h: heif.heif(Blocks(), "av1", width=w, height=h), 32_768),
    ],
)
def test_a_decoder_s_own_limit_is_named(
    image_format: ImageFormat, write: Callable[[int, int], bytes], longest: int
) -> None:
    assert extract(write(longest, 64), image_format).width == longest
    for sides in ((longest + 1, 64), (64, longest + 1)):
        with pytest.raises(ImageDimensionsExceeded, match=f"at most {longest}"):
            extract(write(*sides), image_format)


def test_a_phone_s_photo_of_200_megapixels_is_accepted() -> None:
    content = heif.phone_heic(Blocks(), 32, 24, width=16_320, height=12_240, quarter_turns=3)

    extracted = extract(content, ImageFormat.HEIC)

    assert (extracted.width, extracted.height, extracted.orientation) == (16_320, 12_240, 6)


@pytest.mark.parametrize("compression", [1, 7, 34713])
def test_the_preview_of_a_camera_s_raw_file_is_the_image(compression: int) -> None:
    sensor = Ifd(
        {
            0x00FE: long(0),
            0x0100: long(4_000),
            0x0101: long(3_000),
            0x0102: long(14),
            0x0103: long(compression),
            0x0106: long(32803),
            0x0111: DataBlocks((b"raw",)),
            0x0115: long(1),
            0x0117: long(3),
        }
    )
    preview = {**tiff.picture_entries(), 0x00FE: long(1), 0x014A: sensor}

    extracted = extract(tiff_structure(Ifd(preview)), ImageFormat.TIFF)

    assert (extracted.width, extracted.height, extracted.is_camera_raw) == (96, 64, True)
    assert not extract(tiff.tiff(Blocks()), ImageFormat.TIFF).is_camera_raw
