"""Reads an image's dimensions from its first bytes, for formats where these are conclusive."""

import struct

from domain.shared.image_format import ImageFormat

Dimensions = tuple[int, int]
"""Width and height in pixels."""

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81, table B.1)."""
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_IMAGE_WIDTH, _IMAGE_LENGTH = 256, 257
_TIFF_INTEGERS = {3: "H", 4: "I"}


def find_dimensions(header: bytes, image_format: ImageFormat) -> Dimensions | None:
    """Return width and height of the first frame, or ``None`` if ``header`` is not conclusive.

    Reads PNG (IHDR), JPEG (the frame header) and classic TIFF (the first directory).
    """
    if image_format is ImageFormat.PNG:
        return _png(header)
    if image_format is ImageFormat.JPEG:
        return _jpeg(header)
    if image_format is ImageFormat.TIFF:
        return _tiff(header)
    return None


def _png(header: bytes) -> Dimensions | None:
    if header[12:16] != b"IHDR" or len(header) < 24:
        return None
    width, height = struct.unpack_from(">II", header, 16)
    return width, height


def _jpeg(header: bytes) -> Dimensions | None:
    at = 2
    while at + 4 <= len(header) and header[at] == 0xFF:
        marker = header[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _STANDALONE_MARKERS:
            at += 2
        elif marker in _FRAME_MARKERS:
            if at + 9 > len(header):
                return None
            height, width = struct.unpack_from(">HH", header, at + 5)
            # A height of zero means that DNL gives it after the scan, which decoders rarely read.
            return (width, height) if height else None
        else:
            at += 2 + int.from_bytes(header[at + 2 : at + 4], "big")
    return None


def _tiff(header: bytes) -> Dimensions | None:
    order = "<" if header.startswith(b"II") else ">"
    try:
        version, at = struct.unpack_from(f"{order}HI", header, 2)
        if version != 42:
            return None
        (count,) = struct.unpack_from(f"{order}H", header, at)
        sides: dict[int, int] = {}
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(f"{order}HHI", header, entry)
            if tag in (_IMAGE_WIDTH, _IMAGE_LENGTH) and kind in _TIFF_INTEGERS and values == 1:
                (sides[tag],) = struct.unpack_from(f"{order}{_TIFF_INTEGERS[kind]}", header, entry + 8)
    except struct.error:
        return None
    width, height = sides.get(_IMAGE_WIDTH), sides.get(_IMAGE_LENGTH)
    return (width, height) if width and height else None
