"""ICC profiles whose tables are wrong, and segments of profiles that do not add up."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import WITNESS_VALUES, HostileFile, accepted, jpeg_around, witness_exif
from tests.support.image_factory import icc, jpeg, png
from tests.support.image_factory.blocks import Blocks


def icc_abuse() -> Iterator[HostileFile]:
    """Hostile profiles."""
    whole = icc.profile("Factory RGB")
    at = whole.index(b"mluc")

    def patched(offset: int, value: bytes) -> bytes:
        return whole[:offset] + value + whole[offset + len(value) :]

    profiles = {
        "size-huge": patched(0, b"\xff\xff\xff\xff"),
        "size-small": patched(0, b"\0\0\0\1"),
        "tags-huge": patched(128, b"\xff\xff\xff\xff"),
        "tag-offset-huge": patched(136, b"\xff\xff\xff\xff"),
        "tag-size-huge": patched(140, b"\xff\xff\xff\xff"),
        "tag-loop": patched(136, struct.pack(">I", 128)),
        "records-huge": patched(at + 8, b"\xff\xff\xff\xff"),
        "record-size-zero": patched(at + 12, b"\0\0\0\0"),
        "text-length-huge": patched(at + 20, b"\xff\xff\xff\xff"),
        "text-offset-huge": patched(at + 24, b"\xff\xff\xff\xff"),
        "text-surrogates": patched(at + 28, b"\xd8\0\xd8\0"),
        "version-odd": patched(8, b"\xff\xff\xff\xff"),
        "space-unprintable": patched(16, b"\0\xff\x1b\n"),
        "no-signature": patched(36, b"abcd"),
        "header-alone": whole[:128],
        "header-cut": whole[:40],
        "empty": b"",
        "description-lies": icc.profile("Factory", version=2).replace(
            b"\0\0\0\x08Factory", b"\xff\xff\xff\xffFactory"
        ),
    }
    for name, profile in profiles.items():
        yield accepted(
            f"icc-{name}.jpg",
            lambda p=profile: jpeg_around(jpeg.segment(0xE2, jpeg.ICC_SIGNATURE + b"\1\1" + p)),
            values=WITNESS_VALUES,
        )
        yield accepted(
            f"icc-{name}.png",
            lambda p=profile: png.png(Blocks(exif=witness_exif(), icc=p)),
            values=WITNESS_VALUES,
        )

    def part(number: int, total: int, data: bytes) -> bytes:
        return jpeg.segment(0xE2, jpeg.ICC_SIGNATURE + bytes((number, total)) + data)

    half = len(whole) // 2
    segments = {
        "numbers-zero": part(0, 0, whole),
        "number-beyond-total": part(2, 1, whole),
        "part-missing": part(1, 2, whole[:half]),
        "part-repeated": part(1, 2, whole[:half]) * 200 + part(2, 2, whole[half:]),
        "totals-differing": part(1, 2, whole[:half]) + part(2, 3, whole[half:]),
        "reversed": part(2, 2, whole[half:]) + part(1, 2, whole[:half]),
        "all": b"".join(part(number, 255, bytes(65_000)) for number in range(1, 256)),
        "cut": jpeg.segment(0xE2, jpeg.ICC_SIGNATURE),
    }
    for name, value in segments.items():
        yield accepted(f"icc-segments-{name}.jpg", lambda v=value: jpeg_around(v), values=WITNESS_VALUES)
