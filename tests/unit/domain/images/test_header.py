"""Dimensions in the first bytes: what they say is what the whole image has, or nothing is said."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from domain.images.errors import UnsupportedImageType
from domain.images.header import find_dimensions
from domain.images.inspection import HEADER_LENGTH, ImageInspector
from domain.images.model import ImageLimits
from domain.metadata.errors import ImageDimensionsExceeded
from domain.shared.image_format import ImageFormat
from tests.support.fakes.metadata_extractor import RememberingMetadataExtractor
from tests.support.image_factory import Photo, photos

SIDES = st.integers(1, 300)


def encode(name: str, width: int, height: int, **options: object) -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", (width, height)).save(stream, name, **options)
    return stream.getvalue()


def tiff(width: int, height: int, *, order: str = "<", kind: str = "I", at: int = 8) -> bytes:
    code = {"H": 3, "I": 4}[kind]
    mark = b"II" if order == "<" else b"MM"
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, code, 1) + struct.pack(f"{order}{kind}", side).ljust(4, b"\0")
        for tag, side in ((256, width), (257, height))
    )
    head = mark + struct.pack(f"{order}HI", 42, at)
    return head.ljust(at, b"\0") + struct.pack(f"{order}H", 2) + entries + bytes(4)


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_the_dimensions_of_photos_are_those_of_the_whole_image(sample: Photo) -> None:
    image = sample.expected.image
    found = find_dimensions(sample.content[:HEADER_LENGTH], ImageFormat(image["format"]))

    assert found in (None, (image["width"], image["height"]))
    if image["format"] in ("png", "jpeg"):
        assert found is not None


@pytest.mark.parametrize(
    ("name", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("TIFF", {})],
)
@given(width=SIDES, height=SIDES)
def test_what_encoders_write_is_read(
    name: str, options: dict[str, object], width: int, height: int
) -> None:
    content = encode(name, width, height, **options)

    found = find_dimensions(content, ImageFormat(name.lower()))

    assert found == (width, height)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["H", "I"])
def test_tiff_directories_are_read_in_both_byte_orders(order: str, kind: str) -> None:
    assert find_dimensions(tiff(640, 480, order=order, kind=kind), ImageFormat.TIFF) == (640, 480)


def test_a_tiff_directory_beyond_the_header_says_nothing() -> None:
    assert find_dimensions(tiff(640, 480, at=400)[:300], ImageFormat.TIFF) is None
    assert find_dimensions(tiff(0, 480), ImageFormat.TIFF) is None


@pytest.mark.parametrize(("code", "count"), [(5, 1), (4, 2)])
def test_tiff_dimensions_that_are_no_single_integers_say_nothing(code: int, count: int) -> None:
    width = struct.pack("<HHI", 256, 4, 1)
    other = tiff(640, 480).replace(width, struct.pack("<HHI", 256, code, count))

    assert find_dimensions(other, ImageFormat.TIFF) is None


def test_big_tiff_says_nothing() -> None:
    assert find_dimensions(b"II+\0\x08\0\0\0" + bytes(100), ImageFormat.TIFF) is None


@pytest.mark.parametrize("image_format", [ImageFormat.GIF, ImageFormat.WEBP, ImageFormat.HEIC])
def test_other_formats_say_nothing(image_format: ImageFormat) -> None:
    assert find_dimensions(bytes(100), image_format) is None


def test_jpeg_segments_before_the_frame_are_passed_over() -> None:
    thumbnail = encode("JPEG", 32, 24)
    frame = encode("JPEG", 320, 240)[2:]
    exif = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail

    assert find_dimensions(b"\xff\xd8\xff\xff" + exif[1:] + b"\xff\x01" + frame, ImageFormat.JPEG) == (
        320,
        240,
    )


@pytest.mark.parametrize(
    "header",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xc0\x00\x11\x08\x01",
        b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x01\x00\x03",
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(20),
        b"\xff\xd8\x00\x00\x00\x00\x00\x00",
    ],
)
def test_an_incomplete_jpeg_header_says_nothing(header: bytes) -> None:
    assert find_dimensions(header, ImageFormat.JPEG) is None


@given(header=st.binary(max_size=200), image_format=st.sampled_from(ImageFormat))
def test_garbage_never_fails(header: bytes, image_format: ImageFormat) -> None:
    starts = {
        ImageFormat.PNG: b"\x89PNG\r\n\x1a\n",
        ImageFormat.JPEG: b"\xff\xd8",
        ImageFormat.TIFF: b"II*\0",
    }

    found = find_dimensions(starts.get(image_format, b"") + header, image_format)

    assert found is None or len(found) == 2


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_a_png_says_its_dimensions_in_its_first_24_bytes() -> None:
    header = png_header(0xFFFFFFFF, 1)

    assert find_dimensions(header[:24], ImageFormat.PNG) == (0xFFFFFFFF, 1)
    assert find_dimensions(header[:23], ImageFormat.PNG) is None
    assert find_dimensions(header.replace(b"IHDR", b"CgBI"), ImageFormat.PNG) is None


def test_a_jpeg_frame_says_its_dimensions_in_its_first_9_bytes() -> None:
    header = b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 40_000, 50_000)

    assert find_dimensions(header, ImageFormat.JPEG) == (50_000, 40_000)
    assert find_dimensions(header[:-1], ImageFormat.JPEG) is None


class TestCheckHeader:
    inspector = ImageInspector(RememberingMetadataExtractor({}), ImageLimits())

    def test_what_may_be_acceptable_passes(self) -> None:
        self.inspector.check_header(png_header(65_535, 3_814))
        self.inspector.check_header(b"GIF89a" + bytes(20))

    @pytest.mark.parametrize(("width", "height"), [(65_536, 1), (1, 65_536), (16_000, 16_000)])
    def test_dimensions_beyond_the_limits_are_refused(self, width: int, height: int) -> None:
        with pytest.raises(ImageDimensionsExceeded):
            self.inspector.check_header(png_header(width, height))

    @pytest.mark.parametrize("header", [b"", b"<html>", b"BM" + bytes(60)])
    def test_other_formats_are_refused(self, header: bytes) -> None:
        with pytest.raises(UnsupportedImageType):
            self.inspector.check_header(header)
