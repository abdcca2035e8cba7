"""Reads TIFF 6.0 and BigTIFF: dimensions, pages, completeness. The file itself is its EXIF block."""

from collections.abc import Iterator
from operator import add

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.camera_raw import is_camera_raw
from adapters.embedded_metadata.layout import Layout, Warnings, malformed, truncated
from adapters.embedded_metadata.tiff_structure import INTEGER_TYPES, Entry, NotTiff, TiffStructure

_WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _COMPRESSION, _SAMPLES_PER_PIXEL = 0x0100, 0x0101, 0x0102, 0x0103, 0x0115
_PHOTOMETRIC, _ORIENTATION = 0x0106, 0x0112
_UNCOMPRESSED = 1
_GREY = frozenset({0, 1})
"""Values of PhotometricInterpretation: white is zero, black is zero."""
_UPRIGHT = 1
_MAX_BITS_PER_SAMPLE = 64
_STRIPS = (0x0111, 0x0117)
_JPEG_STREAM = 0x0201
"""Offset of the picture in TIFF 6.0's obsolete JPEG compression."""
_TILES = (0x0144, 0x0145)


def read_tiff(source: ByteSource, budget: Budget, warnings: Warnings) -> Layout:
    """Read the structure of a TIFF. Raises UnreadableImage if image data of its first page is missing."""
    try:
        structure = TiffStructure(source, budget, warnings, "TIFF")
    except NotTiff:
        raise malformed("TIFF", "its header is damaged") from None
    try:
        entries, _ = structure.directory(structure.first_directory)
        first = {entry.tag: entry for entry in entries}
        if _WIDTH not in first or _HEIGHT not in first:
            raise malformed("TIFF", "its first directory has no dimensions")
        if not first.keys() & {_STRIPS[0], _TILES[0], _JPEG_STREAM}:
            raise malformed("TIFF", "its first directory has no image data")
        layout = Layout(
            width=structure.integer(first[_WIDTH]), height=structure.integer(first[_HEIGHT]), exif=[source]
        )
        bits = structure.integer(first[_BITS_PER_SAMPLE]) if _BITS_PER_SAMPLE in first else None
        layout.bit_depth = bits if bits and 0 < bits <= _MAX_BITS_PER_SAMPLE else None
        layout.is_grey = _PHOTOMETRIC in first and structure.integer(first[_PHOTOMETRIC]) in _GREY
        if _ORIENTATION in first:
            layout.upright = _turned_upright(structure, source, first[_ORIENTATION])
        _require_image_data(structure, source, first, budget)
    except OutOfBounds:
        raise truncated("TIFF") from None
    layout.frames = max(structure.count_directories(structure.first_directory), 1)
    layout.is_camera_raw = is_camera_raw(source, budget)
    return layout


def _turned_upright(
    structure: TiffStructure, source: ByteSource, orientation: Entry
) -> list[bytes | range] | None:
    """Return the file with another orientation, unless its own is the default."""
    if structure.integer(orientation) in {None, _UPRIGHT}:
        return None
    start, value = orientation.data_offset, structure.encoded(orientation, _UPRIGHT)
    return [range(start), value, range(start + len(value), source.size)]


def _require_image_data(
    structure: TiffStructure, source: ByteSource, first: dict[int, Entry], budget: Budget
) -> None:
    """Raise :class:`OutOfBounds` if a strip or tile does not end within the file."""
    for offsets_tag, counts_tag in (_STRIPS, _TILES):
        offsets, counts = first.get(offsets_tag), first.get(counts_tag)
        if offsets is None or counts is None or offsets.value_count != counts.value_count:
            continue
        if not {offsets.field_type, counts.field_type} <= INTEGER_TYPES:
            raise malformed("TIFF", "its strip offsets or sizes are not integers")
        limit = budget.limits.max_strips
        if offsets.value_count > limit:
            raise malformed("TIFF", f"it has more than {limit} strips or tiles")
        ends = _ends(structure, offsets, counts)
        if _is_single_and_uncompressed(structure, first, offsets):
            # Some writers give no size or a wrong one; decoders then use the dimensions.
            ends = iter([_end_of_single(structure, first, offsets, counts)])
        if any(end > source.size for end in ends):
            raise OutOfBounds


def _ends(structure: TiffStructure, offsets: Entry, counts: Entry) -> Iterator[int]:
    """Yield the offset of the last end among each few thousand strips."""
    for starts, sizes in zip(structure.integers(offsets), structure.integers(counts), strict=True):
        yield max(map(add, starts, sizes))


def _end_of_single(structure: TiffStructure, first: dict[int, Entry], offsets: Entry, counts: Entry) -> int:
    size = _picture_bytes(structure, first)
    return (structure.integer(offsets) or 0) + min(structure.integer(counts) or size, size)


def _is_single_and_uncompressed(structure: TiffStructure, first: dict[int, Entry], offsets: Entry) -> bool:
    compression = first.get(_COMPRESSION)
    return offsets.value_count == 1 and (
        compression is None or structure.integer(compression) == _UNCOMPRESSED
    )


def _picture_bytes(structure: TiffStructure, first: dict[int, Entry]) -> int:
    """Compute the bytes of the picture's samples, with rows padded to whole bytes (TIFF 6.0, section 7)."""
    width, height, bits, samples = (
        (structure.integer(first[tag]) if tag in first else None) or default
        for tag, default in ((_WIDTH, 0), (_HEIGHT, 0), (_BITS_PER_SAMPLE, 1), (_SAMPLES_PER_PIXEL, 1))
    )
    return (width * bits * samples + 7) // 8 * height
