"""TIFF 6.0 and BigTIFF files: dimensions, pages, completeness. The file itself is its EXIF block."""

from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.container import Container, Warnings, malformed, truncated
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.tiff_structure import Entry, NotTiff, TiffStructure

_WIDTH, _HEIGHT, _BITS_PER_SAMPLE = 0x0100, 0x0101, 0x0102
_STRIPS = (0x0111, 0x0117)
_TILES = (0x0144, 0x0145)


def read_tiff(source: ByteSource, limits: ReaderLimits, warnings: Warnings) -> Container:
    """The structure of a TIFF. Raises UnreadableImage if image data of its first page is missing."""
    try:
        structure = TiffStructure(source, limits, warnings, "TIFF")
    except NotTiff:
        raise malformed("TIFF", "its header is damaged") from None
    try:
        entries, _ = structure.directory(structure.first_directory)
        first = {entry.tag: entry for entry in entries}
        if _WIDTH not in first or _HEIGHT not in first:
            raise malformed("TIFF", "its first directory has no dimensions")
        container = Container(
            width=structure.integer(first[_WIDTH]), height=structure.integer(first[_HEIGHT]), exif=source
        )
        if bits := first.get(_BITS_PER_SAMPLE):
            container.bit_depth = structure.integer(bits)
        _require_image_data(structure, source, first, limits)
    except OutOfBounds:
        raise truncated("TIFF") from None
    container.frames = max(structure.count_directories(structure.first_directory), 1)
    return container


def _require_image_data(
    structure: TiffStructure, source: ByteSource, first: dict[int, Entry], limits: ReaderLimits
) -> None:
    """Raise :class:`OutOfBounds` if a strip or tile does not end within the file."""
    for offsets_tag, counts_tag in (_STRIPS, _TILES):
        offsets, counts = first.get(offsets_tag), first.get(counts_tag)
        if offsets is None or counts is None or offsets.count != counts.count:
            continue
        if max(offsets.size, counts.size) > limits.max_block_bytes:
            raise malformed("TIFF", f"its list of strips has more than {limits.max_block_bytes} bytes")
        starts = structure.numbers(offsets, structure.data(offsets))
        sizes = structure.numbers(counts, structure.data(counts))
        if any(start + size > source.size for start, size in zip(starts, sizes, strict=True)):
            raise OutOfBounds
