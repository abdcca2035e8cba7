"""A camera raw file that is a TIFF is distinguished from other TIFFs by each maker's marks."""

import struct

import pytest

from domain.shared.image_format import ImageFormat
from tests.support.image_factory import tiff
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import (
    ByteOrder,
    DataBlocks,
    Field,
    Ifd,
    ascii_text,
    byte,
    long,
    short,
    tiff_structure,
    undefined,
)
from tests.unit.adapters.embedded_metadata.test_layouts import read

Entries = dict[int, Field | DataBlocks | Ifd]
ORDERS = pytest.mark.parametrize("order", ["<", ">"])
SUB_IFDS = 0x014A


def is_raw(content: bytes) -> bool:
    found = read(content, ImageFormat.TIFF)
    assert found.width == 96
    assert found.warnings == ()
    return found.is_camera_raw


def sensor(photometric: int = 32803, compression: int = 1) -> Entries:
    return {
        0x00FE: long(0),
        0x0100: short(4000),
        0x0101: short(3000),
        0x0103: short(compression),
        0x0106: short(photometric),
        0x0111: DataBlocks((b"raw",)),
        0x0117: long(3),
    }


@ORDERS
@pytest.mark.parametrize("big", [True, False])
@pytest.mark.parametrize(
    "entries",
    [
        sensor(),
        sensor(34892),
        *(
            sensor(2, compression)
            for compression in (32767, 32769, 32770, 32772, 34713, 34892, 65000, 65535)
        ),
        {**sensor(2), 0x828E: byte(0, 1, 1, 2)},
    ],
)
def test_what_the_sensor_saw_may_be_below_the_preview_or_follow_it(
    order: ByteOrder, entries: Entries, *, big: bool
) -> None:
    preview = tiff.picture_entries(big=big)

    assert is_raw(tiff_structure(Ifd({**preview, SUB_IFDS: Ifd(entries)}), order, big=big))
    assert is_raw(tiff_structure(Ifd(preview, Ifd(entries)), order, big=big))
    assert is_raw(tiff_structure(Ifd(preview, Ifd(sensor(2), Ifd(entries))), order, big=big))


@ORDERS
@pytest.mark.parametrize(
    "mark", [{0xC612: byte(1, 4, 0, 0)}, {0xC634: undefined(b"Sony")}, {0x8606: undefined(b"M")}]
)
def test_a_tag_of_a_maker_marks_a_raw_file(order: ByteOrder, mark: Entries) -> None:
    assert is_raw(tiff_structure(Ifd({**tiff.picture_entries(), **mark}), order))


@pytest.mark.parametrize("signature", [b"CR\2\0", b"\xba\xb0\xac\xbb", b"IIII", b"MMMM"])
def test_a_signature_after_the_header_marks_a_raw_file(signature: bytes) -> None:
    content = bytearray(tiff_structure(Ifd(tiff.picture_entries())))
    # The directory moves to the end to make space for the signature.
    (count,) = struct.unpack_from("<H", content, 8)
    directory = content[8 : 8 + 2 + 12 * count + 4]
    content += bytes(len(content) % 2)
    struct.pack_into("<I", content, 4, len(content))
    content[8:12] = signature

    assert is_raw(bytes(content + directory))


@ORDERS
@pytest.mark.parametrize("pages", [1, 3])
@pytest.mark.parametrize("big", [True, False])
def test_other_tiffs_are_no_raw_files(order: ByteOrder, pages: int, *, big: bool) -> None:
    assert not is_raw(tiff.tiff(Blocks(order=order), pages=pages, big=big))
    reduced = Ifd({**tiff.picture_entries(big=big), SUB_IFDS: Ifd({**sensor(2), 0x00FE: long(1)})})
    assert not is_raw(tiff_structure(reduced, order, big=big))


@pytest.mark.parametrize(
    "pointer", [long(8), long(0x00FFFFF0), long(1), long(*range(9, 200)), ascii_text("far")]
)
def test_damaged_directories_below_are_passed_over(pointer: Field) -> None:
    content = tiff_structure(Ifd({**tiff.picture_entries(), SUB_IFDS: pointer}))

    assert not read(content, ImageFormat.TIFF).is_camera_raw
    assert is_raw(tiff_structure(Ifd({**tiff.picture_entries(), SUB_IFDS: pointer}, Ifd(sensor()))))
