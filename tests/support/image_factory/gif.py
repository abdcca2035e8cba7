"""Writes GIF files (GIF89a) with metadata in application extensions."""

import struct

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks

TRAILER = b"\x3b"
XMP_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
"""The "magic trailer" (XMP Specification part 3, §1.1.2) that lets a reader of sub-blocks find the end."""


def sub_blocks(value: bytes) -> bytes:
    """Data in sub-blocks of at most 255 bytes, and their terminator."""
    parts = (value[at : at + 255] for at in range(0, len(value), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def application(identifier: bytes, data: bytes) -> bytes:
    """An application extension; ``data`` is already in sub-blocks."""
    return b"\x21\xff\x0b" + identifier + data


def xmp_extension(xmp: bytes) -> bytes:
    """An XMP packet, which is not in sub-blocks."""
    return application(b"XMP DataXMP", xmp + XMP_TRAILER)


def icc_extension(icc: bytes) -> bytes:
    """An ICC profile."""
    return application(b"ICCRGBG1012", sub_blocks(icc))


def comment(text: bytes) -> bytes:
    """A comment extension."""
    return b"\x21\xfe" + sub_blocks(text)


def looping(times: int = 0) -> bytes:
    """The animation's repeat count."""
    return application(b"NETSCAPE2.0", sub_blocks(struct.pack("<BH", 1, times)))


def screen(version: bytes, width: int, height: int) -> bytes:
    """Header, logical screen descriptor and a global palette of 128 greys."""
    palette = b"".join(bytes((level * 2, level * 2, level * 2)) for level in range(128))
    return version + struct.pack("<HHBBB", width, height, 0xF6, 0, 0) + palette


def frame(width: int, height: int, indices: bytes, delay_cs: int | None = None) -> bytes:
    """A frame of palette indices below 128, in LZW that never leaves its first code size."""
    control = b"" if delay_cs is None else b"\x21\xf9\x04" + struct.pack("<BHB", 4, delay_cs, 0) + b"\0"
    codes = bytearray()
    for at in range(0, len(indices), 120):
        # A clear code before the table outgrows eight bits keeps every code one byte wide.
        codes += b"\x80" + indices[at : at + 120]
    codes += b"\x81"
    return (
        control
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x07"
        + sub_blocks(bytes(codes))
    )


def gif(blocks: Blocks, *, version: bytes = b"GIF89a", frames: int = 1) -> bytes:
    """A GIF file; only XMP and ICC have a place in it."""
    indices = bytes(level // 2 for level in pixels.grey())
    parts = [screen(version, pixels.WIDTH, pixels.HEIGHT)]
    if frames > 1:
        parts.append(looping())
    if blocks.icc is not None:
        parts.append(icc_extension(blocks.icc))
    if blocks.xmp is not None:
        parts.append(xmp_extension(blocks.xmp))
    for number in range(frames):
        shifted = bytes((index + number) % 128 for index in indices)
        parts.append(frame(pixels.WIDTH, pixels.HEIGHT, shifted, 10 if frames > 1 else None))
    return b"".join([*parts, TRAILER])
