"""Distinguishes camera raw files, whose image is only a preview, from other TIFFs."""

from collections.abc import Iterator

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.tiff_structure import INTEGER_TYPES, Entry, NotTiff, TiffStructure

_COMPRESSION, _PHOTOMETRIC, _SUB_IFDS = 0x0103, 0x0106, 0x014A
_CFA_PHOTOMETRICS = frozenset({32803, 34892})
"""Colour filter array (TIFF/EP) and linear raw (DNG)."""
_RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 32772, 34713, 34892, 65000, 65535})
"""Sony's, Epson's, Samsung's two, Nikon's, DNG's lossy one, Kodak's and Pentax's."""
_RAW_TAGS = frozenset({0x828E, 0x8606, 0xC612, 0xC634})
"""TIFF/EP's pattern of colour filters, Leaf's data, DNG's version, and DNG's or Sony's private data."""
_SIGNATURES = (b"CR", b"\xba\xb0\xac\xbb", b"IIII", b"MMMM")
"""After the header: Canon's CR2 and the raw TIFF before it, Phase One's IIQ in either byte order."""
_HEADER_BYTES = 8
_MAX_DIRECTORIES = 16


def is_camera_raw(source: ByteSource, budget: Budget) -> bool:
    """Tell whether a TIFF has raw sensor data in its directories or those below them.

    Only the first :data:`_MAX_DIRECTORIES` directories are checked; damaged ones are skipped.
    """
    try:
        if source.read(_HEADER_BYTES, 4).startswith(_SIGNATURES):
            return True
        # The code that reads the directories' metadata warns about damage.
        structure = TiffStructure(source, budget, Warnings(0), "TIFF")
        return any(_is_raw(structure, entries) for entries in _directories(structure))
    except (NotTiff, OutOfBounds, BudgetSpent):
        return False


def _directories(structure: TiffStructure) -> Iterator[dict[int, Entry]]:
    waiting, seen = [structure.first_directory], {0}
    while waiting and len(seen) <= _MAX_DIRECTORIES:
        offset = waiting.pop(0)
        if offset in seen:
            continue
        seen.add(offset)
        try:
            entries, following = structure.directory(offset)
        except OutOfBounds:
            continue
        by_tag = {entry.tag: entry for entry in entries}
        yield by_tag
        waiting += [*_below(structure, by_tag.get(_SUB_IFDS)), following]


def _below(structure: TiffStructure, pointers: Entry | None) -> list[int]:
    """Return the offsets of the directories below one."""
    if pointers is None or pointers.field_type not in INTEGER_TYPES:
        return []
    if pointers.value_count > _MAX_DIRECTORIES:
        return []
    try:
        return [offset for offsets in structure.integers(pointers) for offset in offsets]
    except OutOfBounds:
        return []


def _is_raw(structure: TiffStructure, entries: dict[int, Entry]) -> bool:
    if not _RAW_TAGS.isdisjoint(entries):
        return True
    return (
        _integer(structure, entries.get(_PHOTOMETRIC)) in _CFA_PHOTOMETRICS
        or _integer(structure, entries.get(_COMPRESSION)) in _RAW_COMPRESSIONS
    )


def _integer(structure: TiffStructure, entry: Entry | None) -> int | None:
    try:
        return structure.integer(entry) if entry else None
    except OutOfBounds:
        return None
