"""Writes PNG files (W3C PNG, third edition) with metadata in ancillary chunks."""

import struct
import zlib
from collections.abc import Sequence

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.iptc import image_resources
from tests.support.image_factory.jpeg import EXIF_SIGNATURE

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE = 0, 2, 3


def chunk(kind: bytes, value: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(value)) + kind + value + struct.pack(">I", zlib.crc32(kind + value))


def header(width: int, height: int, bit_depth: int = 8, color_type: int = RGB) -> bytes:
    """The IHDR chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bit_depth, color_type, 0, 0, 0))


def text(keyword: str, value: str) -> bytes:
    """An uncompressed Latin-1 text chunk."""
    return chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1"))


def compressed_text(keyword: str, value: bytes) -> bytes:
    """A compressed text chunk."""
    return chunk(b"zTXt", keyword.encode("latin-1") + b"\0\0" + zlib.compress(value))


def international_text(keyword: str, value: bytes, *, compress: bool = False) -> bytes:
    """A UTF-8 text chunk."""
    body = zlib.compress(value) if compress else value
    return chunk(b"iTXt", keyword.encode("latin-1") + b"\0" + bytes([compress, 0]) + b"\0\0" + body)


def icc_chunk(icc: bytes, name: str = "profile") -> bytes:
    """A compressed ICC profile."""
    return chunk(b"iCCP", name.encode("latin-1") + b"\0\0" + zlib.compress(icc))


def raw_profile(kind: str, value: bytes) -> bytes:
    """The text that ImageMagick and others keep a profile in: its name, its length, and hexadecimal."""
    digits = value.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{kind}\n{len(value):8d}\n{lines}\n".encode()


def image_data(bit_depth: int = 8, color_type: int = RGB) -> bytes:
    """The picture's IDAT chunk."""
    if color_type == RGB:
        samples, stride = pixels.rgb(), pixels.WIDTH * 3
    else:
        samples, stride = pixels.grey(), pixels.WIDTH
    if bit_depth == 16:
        samples, stride = bytes(sample for value in samples for sample in (value, value)), stride * 2
    rows = b"".join(b"\0" + samples[at : at + stride] for at in range(0, len(samples), stride))
    return chunk(b"IDAT", zlib.compress(rows))


def animated_png(frames: int) -> bytes:
    """An animated PNG (PNG, third edition, §11.3.5) whose frames are all the picture."""
    picture = image_data()
    animation, sequence = b"", 0
    for number in range(frames):
        control = struct.pack(">IIIIIHHBB", sequence, pixels.WIDTH, pixels.HEIGHT, 0, 0, 1, 10, 0, 0)
        animation += chunk(b"fcTL", control)
        sequence += 1
        if number:
            animation += chunk(b"fdAT", struct.pack(">I", sequence) + picture[8:-4])
            sequence += 1
        else:
            animation += picture
    start = SIGNATURE + header(pixels.WIDTH, pixels.HEIGHT) + chunk(b"acTL", struct.pack(">II", frames, 0))
    return start + animation + chunk(b"IEND", b"")


def png(
    blocks: Blocks,
    *,
    bit_depth: int = 8,
    color_type: int = RGB,
    raw_profiles: bool = False,
    after_pixels: bool = False,
    compress_xmp: bool = False,
    extra: Sequence[bytes] = (),
) -> bytes:
    """A PNG file.

    ``raw_profiles`` keeps EXIF, IPTC and XMP in text chunks as older ImageMagick does; otherwise EXIF
    is in eXIf and XMP in iTXt. ``after_pixels`` puts all metadata behind IDAT, which the standard allows
    for all but the colour profile.
    """
    metadata = list(extra)
    if blocks.exif_block is not None:
        if raw_profiles:
            value = raw_profile("exif", EXIF_SIGNATURE + blocks.exif_block)
            metadata.append(compressed_text("Raw profile type exif", value))
        else:
            metadata.append(chunk(b"eXIf", blocks.exif_block))
    if blocks.iptc is not None:
        value = raw_profile("iptc", image_resources(blocks.iptc))
        metadata.append(compressed_text("Raw profile type iptc", value))
    if blocks.xmp is not None:
        if raw_profiles:
            metadata.append(compressed_text("Raw profile type xmp", raw_profile("xmp", blocks.xmp)))
        else:
            metadata.append(international_text("XML:com.adobe.xmp", blocks.xmp, compress=compress_xmp))
    parts = [SIGNATURE, header(pixels.WIDTH, pixels.HEIGHT, bit_depth, color_type)]
    if blocks.icc is not None:
        parts.append(icc_chunk(blocks.icc))
    if color_type == PALETTE:
        parts.append(chunk(b"PLTE", b"".join(bytes((level, level, 255 - level)) for level in range(256))))
    picture = [image_data(bit_depth, color_type)]
    parts += picture + metadata if after_pixels else metadata + picture
    return b"".join([*parts, chunk(b"IEND", b"")])
