"""Reads JPEG (ITU-T T.81): frame header, completeness, and the metadata in application segments.

APP1 holds EXIF (CIPA DC-008) and XMP with its extension (XMP part 3), APP2 the ICC profile in chunks
(ICC.1 annex B.4), APP13 Photoshop image resources with IPTC.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource, ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Excerpt, Layout, Warnings, malformed, truncated
from adapters.embedded_metadata.photoshop import read_image_resources

_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_ICC = b"ICC_PROFILE\0"
_PHOTOSHOP = (b"Photoshop 3.0\0", b"Adobe_Photoshop2.5:")
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*")

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP1, _APP2, _APP13 = 0xE1, 0xE2, 0xED
_BLOCKS = frozenset({_APP1, _APP2, _APP13})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_METADATA = frozenset(range(0xE1, 0xEE)) | {0xEF, 0xFE}
"""Comments and application segments, except JFIF's APP0 and Adobe's APP14, which decoding needs."""
_MARKER = b"\xff\x01"
_MARKER_CLASSES = bytes([0]) + bytes([1]) * 254 + bytes([0xFF])
"""The class of each byte in a search for a marker: 0xFF starts one, unless 0x00 or 0xFF follows. This
skips millions of 0xFF bytes quickly; a regular expression would try to match at each of them."""
_FIRST_SEARCH_BYTES = 64
_SEARCH_BYTES = 64 * 1024
_GUID_LENGTH = 32
_EXTENDED_GUID = re.compile(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Za-z]{32})")


@dataclass(slots=True)
class _Segments:
    """The metadata segments in file order, before they are joined."""

    exif: list[list[bytes]] = field(default_factory=list)
    """Blocks, each split into one or more segments."""
    xmp: list[bytes] = field(default_factory=list)
    xmp_extensions: list[bytes] = field(default_factory=list)
    icc: list[bytes] = field(default_factory=list)
    photoshop: list[bytes] = field(default_factory=list)
    size: int = 0


def read_jpeg(source: ByteSource, budget: Budget, warnings: Warnings) -> Layout:
    """Read the structure and blocks of a JPEG. Raises UnreadableImage if it ends before its EOI marker."""
    layout = Layout()
    segments = _Segments()
    try:
        image_data = _walk(source, budget, warnings, layout, segments)
    except OutOfBounds:
        raise truncated("JPEG") from None
    if layout.width is None:
        raise malformed("JPEG", "it has no frame header")
    if not _has_end_marker(source, image_data):
        raise truncated("JPEG")
    layout.exif += [BlockSource(b"".join(block)) for block in segments.exif]
    layout.xmp += segments.xmp + _join_xmp_extensions(segments, budget, warnings)
    layout.icc = _join_icc(segments.icc, warnings)
    if segments.photoshop:
        read_image_resources(b"".join(segments.photoshop), layout, budget, warnings)
    return layout


def _walk(
    source: ByteSource, budget: Budget, warnings: Warnings, layout: Layout, segments: _Segments
) -> int:
    """Read the segments up to the first scan and return the offset of its compressed data."""
    offset = 2
    excerpt = Excerpt(budget.limits)
    excerpt.keep(0, offset)
    for _ in range(budget.limits.max_structures):
        marker, offset = _next_marker(source, offset)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise malformed("JPEG", "it has no image data")
        length = int.from_bytes(source.read(offset, 2), "big")
        if length < 2:  # the length counts its own two bytes
            raise malformed("JPEG", "a segment has an impossible length")
        if marker == _SOS:
            source.read(offset, length)
            excerpt.keep(offset - 2, source.size)
            layout.excerpt = excerpt.pieces()
            return offset + length
        if marker in _METADATA:
            excerpt.omit(length)
        else:
            excerpt.keep(offset - 2, offset + length)
        if marker in _FRAME_HEADERS and layout.width is None:
            frame = source.read(offset + 2, 6)
            layout.bit_depth = frame[0]
            layout.height = int.from_bytes(frame[1:3], "big")
            layout.width = int.from_bytes(frame[3:5], "big")
            layout.is_grey = frame[5] == 1
        elif marker in _BLOCKS and _is_admitted(length, segments, budget, warnings):
            _collect(marker, source.read(offset + 2, length - 2), segments)
        offset += length
    raise malformed("JPEG", f"it has more than {budget.limits.max_structures} segments")


def _is_admitted(length: int, segments: _Segments, budget: Budget, warnings: Warnings) -> bool:
    """Tell whether a metadata segment should be read."""
    segments.size += length
    limit = budget.limits.max_block_bytes
    if segments.size > limit:
        warnings.add(f"Metadata segments beyond {limit} bytes were left out.")
        return False
    # The bytes are copied twice: when they are read and when the segments are joined.
    return budget.admit_block(2 * length)


def _next_marker(source: ByteSource, offset: int) -> tuple[int, int]:
    """Return the code of the next marker and the offset after it, skipping stray bytes.

    Decoders skip such bytes too, and any number of 0xFF may precede a marker.
    """
    marker = source.read(offset, 2)
    if marker[0] == 0xFF and marker[1] not in {0x00, 0xFF}:
        return marker[1], offset + 2
    for length in _growing(source, offset):
        window = source.read(offset, length)
        found = window.translate(_MARKER_CLASSES).find(_MARKER)
        if found >= 0:
            return window[found + 1], offset + found + 2
        # The last byte may be the first of a marker.
        offset += length - 1
    raise OutOfBounds


def _growing(source: ByteSource, offset: int) -> Iterator[int]:
    """Yield the lengths of successive reads from ``offset``, which overlap by one byte."""
    length = _FIRST_SEARCH_BYTES
    while offset + 1 < source.size:
        length = min(length, source.size - offset)
        yield length
        offset += length - 1
        length = min(2 * length, _SEARCH_BYTES)


def _collect(marker: int, payload: bytes, segments: _Segments) -> None:
    if marker == _APP1:
        _collect_app1(payload, segments)
    elif marker == _APP2:
        if payload.startswith(_ICC):
            segments.icc.append(payload[len(_ICC) :])
    else:
        for signature in _PHOTOSHOP:
            if payload.startswith(signature):
                segments.photoshop.append(payload[len(signature) :])


def _collect_app1(payload: bytes, segments: _Segments) -> None:
    if payload.startswith(_EXIF):
        block = payload[6:]
        # A block of more than 64 KB continues in the next segments, without a TIFF header.
        if segments.exif and not block.startswith(_TIFF_SIGNATURES):
            segments.exif[-1].append(block)
        else:
            segments.exif.append([block])
    elif payload.startswith(_XMP):
        segments.xmp.append(payload[len(_XMP) :])
    elif payload.startswith(_XMP_EXTENSION):
        segments.xmp_extensions.append(payload[len(_XMP_EXTENSION) :])


def _join_icc(chunks: list[bytes], warnings: Warnings) -> bytes | None:
    """Join the chunks of a profile, each of which has its number and the number of chunks."""
    if not chunks:
        return None
    by_number = {chunk[0]: chunk[2:] for chunk in chunks if len(chunk) > 2}
    total = max((chunk[1] for chunk in chunks if len(chunk) > 2), default=0)
    numbers = sorted(by_number)
    if numbers != list(range(1, total + 1)):
        warnings.add("ICC: a chunk of the profile is missing.")
        if 1 not in by_number:
            return None
    return b"".join(by_number[number] for number in numbers)


def _join_xmp_extensions(segments: _Segments, budget: Budget, warnings: Warnings) -> list[bytes]:
    """Join the portions, in any order, of the extended packets whose GUIDs the main packets name."""
    portions: dict[bytes, dict[int, bytes]] = {
        guid: {} for packet in segments.xmp for guid in _EXTENDED_GUID.findall(packet)
    }
    sizes: dict[bytes, int] = {}
    for segment in segments.xmp_extensions:
        guid = segment[:_GUID_LENGTH]
        if guid not in portions:
            continue
        sizes[guid], start = struct.unpack_from(">II", segment.ljust(_GUID_LENGTH + 8, b"\0"), _GUID_LENGTH)
        portions[guid][start] = segment[_GUID_LENGTH + 8 :]
    packets = []
    for guid, size in sizes.items():
        packet = bytearray()
        for start in sorted(portions[guid]):
            if start != len(packet):
                break
            packet += portions[guid][start]
        if len(packet) == size:
            packets.append(bytes(packet[: budget.limits.max_block_bytes]))
        else:
            warnings.add("XMP: a portion of the extended packet is missing.")
    return packets


def _has_end_marker(source: ByteSource, image_data: int) -> bool:
    """Tell whether an EOI marker follows the start of the compressed data.

    Compressed data cannot contain the marker's bytes, so the search starts at the end of the file.
    Cameras may append any amount of data after the marker.
    """
    end, length = source.size, _FIRST_SEARCH_BYTES
    while end > image_data:
        start = max(end - length, image_data)
        # The reads overlap by one byte, because a marker may cross their boundary.
        if b"\xff\xd9" in source.peek(start, min(end + 1, source.size) - start):
            return True
        end, length = start, min(2 * length, _SEARCH_BYTES)
    return False
