"""Reads image sequences of HEIC and AVIF: picture tracks of an ISO base media file (14496-12, 23008-12).

A file may have a sequence and no still image. Decoders of still images cannot read it, so they receive
the sequence's first picture as a still image.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.embedded_metadata.byte_source import ByteSource
from adapters.embedded_metadata.isobmff_boxes import Box, BoxReader

_PICTURE_HANDLERS = frozenset({b"pict", b"vide"})
_CONFIGURATIONS = {b"av01": b"av1C", b"hvc1": b"hvcC", b"hev1": b"hvcC"}
_BRANDS = {b"av01": b"avif", b"hvc1": b"heic", b"hev1": b"heic"}
_SAMPLE_ENTRY_BYTES = 78
"""Bytes of a VisualSampleEntry before the boxes in it."""
_MATRIX_AT = (40, 52)
"""Offset of the matrix in a ``tkhd`` box, by the box's version."""
_MATRICES = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""EXIF Orientation by the track's matrix, whose rows are the images of the x and y axes."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The picture track of a sequence."""

    coding: bytes
    width: int
    height: int
    orientation: int
    configuration: bytes
    """The payload of the decoder's configuration box."""
    properties: tuple[Box, ...]
    """The boxes that describe the pictures."""
    first: range
    """Byte range of the first picture in the file."""


def count_samples(boxes: BoxReader, source: ByteSource, moov: Box) -> int:
    """Count the frames of an image sequence: the samples of its longest picture track."""
    return max(
        (_sample_count(source, sizes) for _, table in _tables(boxes, source, moov)
         for sizes in boxes.children(table, b"stsz")),
        default=0,
    )  # fmt: skip


def find_sequence(boxes: BoxReader, source: ByteSource, moov: Box) -> Sequence | None:
    """Find the first picture track whose pictures can be converted to still images.

    Raises OutOfBounds if a box, or the first picture, lies outside the file.
    """
    for track, table in _tables(boxes, source, moov):
        entry = _first_of(boxes, source, _only(boxes, table, b"stsd"))
        first = _first_sample(boxes, source, table)
        if entry is None or first is None or entry.kind not in _CONFIGURATIONS:
            continue
        width, height = struct.unpack(">HH", source.read(entry.start + 24, 4))
        properties = tuple(boxes.between(source, entry.start + _SAMPLE_ENTRY_BYTES, entry.end))
        for box in properties:
            if box.kind == _CONFIGURATIONS[entry.kind] and box.end - box.start <= _MAX_CONFIGURATION_BYTES:
                configuration = source.read(box.start, box.end - box.start)
                orientation = _orientation(source, _only(boxes, track, b"tkhd"))
                return Sequence(entry.kind, width, height, orientation, configuration, properties, first)
    return None


_MAX_CONFIGURATION_BYTES = 64 * 1024


def as_still(sequence: Sequence) -> list[bytes | range]:
    """Make a still image of the sequence's first picture, in bytes and a range of the sequence's file."""
    head = _box(b"ftyp", _BRANDS[sequence.coding] + bytes(4) + b"mif1miaf" + _BRANDS[sequence.coding])
    size = len(sequence.first)
    # Offsets have a fixed width, so the size of the box does not depend on them.
    length = len(_meta(sequence, 0, size))
    meta = _meta(sequence, len(head) + length + 8, size)
    return [head + meta + struct.pack(">I4s", size + 8, b"mdat"), sequence.first]


def _meta(sequence: Sequence, offset: int, size: int) -> bytes:
    properties = _full_box(b"ispe", struct.pack(">II", sequence.width, sequence.height))
    properties += _box(_CONFIGURATIONS[sequence.coding], sequence.configuration)
    item = _full_box(b"infe", struct.pack(">HH4sB", 1, 0, sequence.coding, 0), version=2)
    return _full_box(
        b"meta",
        _full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + _full_box(b"pitm", struct.pack(">H", 1))
        + _full_box(b"iloc", struct.pack(">HHHHHII", 0x4400, 1, 1, 0, 1, offset, size))
        + _full_box(b"iinf", struct.pack(">H", 1) + item)
        # The configuration is marked as essential to the item, its dimensions are not.
        + _box(
            b"iprp", _box(b"ipco", properties) + _full_box(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 1, 0x82))
        ),
    )


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", len(payload) + 8, kind) + payload


def _full_box(kind: bytes, payload: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + payload)


def _tables(boxes: BoxReader, source: ByteSource, moov: Box) -> Iterator[tuple[Box, Box]]:
    """Yield the picture tracks, each with a table of its samples."""
    for track in boxes.children(moov, b"trak"):
        for media in boxes.children(track, b"mdia"):
            handlers = boxes.children(media, b"hdlr")
            if not any(source.read(box.start + 8, 4) in _PICTURE_HANDLERS for box in handlers):
                continue
            for information in boxes.children(media, b"minf"):
                for table in boxes.children(information, b"stbl"):
                    yield track, table


def _sample_count(source: ByteSource, sizes: Box) -> int:
    """Return the sample count of an ``stsz`` box, limited to what its table, or the file, can hold."""
    fields = source.read(sizes.start + 4, 8)
    each, count = int.from_bytes(fields[:4], "big"), int.from_bytes(fields[4:], "big")
    room = source.size // each if each else (sizes.end - sizes.start - 12) // 4
    return min(count, max(room, 0))


def _only(boxes: BoxReader, parent: Box, kind: bytes) -> Box | None:
    return next(boxes.children(parent, kind), None)


def _first_of(boxes: BoxReader, source: ByteSource, descriptions: Box | None) -> Box | None:
    """Return the first entry of an ``stsd`` box; before it are a version, flags and the entry count."""
    if descriptions is None:
        return None
    return next(boxes.between(source, descriptions.start + 8, descriptions.end), None)


def _first_sample(boxes: BoxReader, source: ByteSource, table: Box) -> range | None:
    """Return the range of the first sample, at the start of the first chunk. Raises OutOfBounds."""
    sizes, chunks = _only(boxes, table, b"stsz"), _only(boxes, table, b"stco")
    width = 4
    if chunks is None:
        chunks, width = _only(boxes, table, b"co64"), 8
    if sizes is None or chunks is None or not _sample_count(source, sizes):
        return None
    each = int.from_bytes(source.read(sizes.start + 4, 4), "big")
    size = each or int.from_bytes(source.read(sizes.start + 12, 4), "big")
    start = int.from_bytes(source.read(chunks.start + 8, width), "big")
    if size:
        source.read(start + size - 1, 1)
    return range(start, start + size) if size else None


def _orientation(source: ByteSource, header: Box | None) -> int:
    """Return the EXIF Orientation that equals a track's matrix, or 1 if none does."""
    if header is None:
        return 1
    version = source.read(header.start, 1)[0]
    at = header.start + _MATRIX_AT[min(version, 1)]
    a, b, _, c, d = struct.unpack(">iiiii", source.read(at, 20))
    return _MATRICES.get(tuple((number > 0) - (number < 0) for number in (a, b, c, d)), 1)
