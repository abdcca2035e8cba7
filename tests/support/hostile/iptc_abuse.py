"""IPTC datasets and Photoshop resources with wrong lengths."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import WITNESS_VALUES, HostileFile, accepted, jpeg_around
from tests.support.image_factory import jpeg
from tests.support.image_factory.iptc import UTF8, dataset, image_resource, image_resources

CITY = dataset(2, 90, b"City 1")
CITY_VALUES = {**WITNESS_VALUES, "iptc": {"City": "City 1"}}


def iptc_abuse() -> Iterator[HostileFile]:
    """Hostile IPTC blocks; datasets before the damage are kept."""
    damage = {
        "length-beyond-end": b"\x1c\x02\x78\x7f\xffabc",
        "extended-beyond-end": b"\x1c\x02\x78\x80\x04\x7f\xff\xff\xffabc",
        "extended-length-of-length": b"\x1c\x02\x78\xff\xffabc",
        "extended-length-of-none": b"\x1c\x02\x78\x80\x00abc",
        "header-cut": b"\x1c\x02",
        "no-marker": b"\x00\x02\x78\x00\x03abc",
        "zeros": bytes(5_000),
        "markers": b"\x1c" * 5_000,
    }
    for name, value in damage.items():
        yield accepted(
            f"iptc-{name}.jpg",
            lambda v=value: jpeg_around(jpeg.photoshop_segments(image_resources(CITY + v))),
            values=CITY_VALUES,
        )
    odd = {
        "record-unknown": dataset(255, 255, b"x"),
        "dataset-unknown": dataset(2, 254, b"x"),
        "charset-unknown": dataset(1, 90, b"\x1b%/Gx"),
        "charset-empty": dataset(1, 90, b""),
        "charset-false": dataset(1, 90, UTF8) + dataset(2, 120, b"\xff\xfe\xc3("),
        "version-long": dataset(2, 0, b"\1\2\3\4\5\6\7\x08\x09"),
        "version-empty": dataset(2, 0, b""),
        "preview": dataset(2, 202, bytes(range(256)) * 100),
        "controls": dataset(2, 120, b"a\x00b\x1b[2J\r\n2:120=forged"),
        "not-repeatable": dataset(2, 90, b"City 1") * 2,
    }
    for name, value in odd.items():
        yield accepted(
            f"iptc-{name}.jpg",
            lambda v=value: jpeg_around(jpeg.photoshop_segments(image_resources(CITY + v))),
            values=WITNESS_VALUES,
        )
    resources = {
        "size-beyond-end": b"8BIM\x04\x04\0\0\xff\xff\xff\xff" + CITY,
        "size-past-end": b"8BIM\x04\x04\0\0\0\0\x10\0" + CITY,
        "name-beyond-end": b"8BIM\x04\x04\xff" + CITY,
        "cut": b"8BIM\x04",
        "wrong-signature": b"9BIM" + image_resource(0x0404, CITY)[4:],
        "empty": b"",
        "thumbnail-lies": image_resource(0x040C, struct.pack(">7I", 1, 0xFFFFFFFF, 0xFFFFFFFF, 1, 1, 1, 1)),
    }
    for name, value in resources.items():
        yield accepted(
            f"resources-{name}.jpg",
            lambda v=value: jpeg_around(jpeg.photoshop_segments(v)),
            values=WITNESS_VALUES,
        )
