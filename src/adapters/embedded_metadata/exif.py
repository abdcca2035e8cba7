"""Decodes EXIF (CIPA DC-008-2023, EXIF 3.0): the tags of the image, Exif, GPS and interoperability IFDs."""

from array import array
from dataclasses import dataclass, field

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.exif_tags import EXIF_TAGS, GPS_TAGS, INTEROPERABILITY_TAGS
from adapters.embedded_metadata.exif_types import HOME, STANDARD_TYPES, SUPERSEDED, Directory
from adapters.embedded_metadata.exif_values import ValueDecoder, is_usable
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.tiff_structure import (
    LONG,
    Entry,
    NotTiff,
    TiffStructure,
)
from domain.metadata.model import Tags

_EXIF_IFD, _GPS_IFD, _INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005
_SUB_IFDS, _GLOBAL_PARAMETERS_IFD = 0x014A, 0x0190
_XMP, _IPTC, _PHOTOSHOP, _ICC = 0x02BC, 0x83BB, 0x8649, 0x8773
_POINTERS = frozenset({_EXIF_IFD, _GPS_IFD, _INTEROPERABILITY_IFD, _SUB_IFDS, _GLOBAL_PARAMETERS_IFD})
_BLOCKS = {_XMP: "xmp", _IPTC: "iptc", _PHOTOSHOP: "photoshop", _ICC: "icc"}
_NAMES = {
    Directory.IMAGE: EXIF_TAGS,
    Directory.EXIF: EXIF_TAGS,
    Directory.GPS: GPS_TAGS,
    Directory.INTEROPERABILITY: INTEROPERABILITY_TAGS,
}

_NOT_USABLE, _NOT_AT_HOME, _NOT_OF_THE_TYPE = 4, 2, 1
"""Defects of a value by weight: the value is not usable, its tag is superseded or in the wrong place, or it
has another field type than the standard's."""


@dataclass(slots=True)
class ExifTags:
    """The decoded tags, and the other blocks that a TIFF keeps in tags."""

    exif: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)
    xmp: bytes | None = None
    iptc: bytes | None = None
    photoshop: bytes | None = None
    icc: bytes | None = None


def decode_exif(source: ByteSource, budget: Budget, warnings: Warnings) -> ExifTags:
    """Decode the tags of an EXIF block or a TIFF file; damage gives a warning, and the rest is kept.

    If a tag occurs more than once, the first usable value in the directory and with the field type of the
    standard wins. Numbers stay numbers, rationals become decimals of ten significant digits, and several
    values a list. A zero denominator gives ``null`` in a list, otherwise no tag. Bytes without a published
    meaning become ``{"size_bytes": …, "sha256": …}``.
    """
    try:
        return _ExifDecoder(source, budget, warnings).decode()
    except NotTiff:
        warnings.add("EXIF: the block has no TIFF header and was left out.")
        return ExifTags()


class _Selection:
    """The best value of each tag, wherever and however often the tag occurs."""

    def __init__(self, budget: Budget, warnings: Warnings, structure: TiffStructure) -> None:
        self.tags: Tags = {}
        self._budget = budget
        self._lacking: dict[str, int] = {}
        self._values = ValueDecoder(structure, budget, warnings)

    def consider(self, name: str, entry: Entry, directory: Directory) -> None:
        """Keep the entry's value if it has fewer defects than the best so far.

        Raises OutOfBounds or BudgetSpent.
        """
        lacking = _lacking_entry(name, entry, directory)
        best = self._lacking.get(name)
        if best is not None and lacking >= best:
            return
        value = self._values.value(name, entry)
        if value is None:
            return
        lacking += 0 if is_usable(name, value) else _NOT_USABLE
        if (best is None or lacking < best) and self._budget.keep(self.tags, name, value):
            self._lacking[name] = lacking


def _lacking_entry(name: str, entry: Entry, directory: Directory) -> int:
    lacking = 0
    if HOME.get(name, directory) is not directory or entry.tag in SUPERSEDED:
        lacking += _NOT_AT_HOME
    if entry.field_type not in STANDARD_TYPES.get(name, {entry.field_type}):
        lacking += _NOT_OF_THE_TYPE
    return lacking


class _ExifDecoder:
    def __init__(self, source: ByteSource, budget: Budget, warnings: Warnings) -> None:
        self._budget = budget
        self._warnings = warnings
        self._structure = TiffStructure(source, budget, warnings, "EXIF")
        self._exif = _Selection(budget, warnings, self._structure)
        self._gps = _Selection(budget, warnings, self._structure)
        self._result = ExifTags(exif=self._exif.tags, gps=self._gps.tags)

    def decode(self) -> ExifTags:
        """Read the image directory and those that it points to."""
        pointers = self._read(self._structure.first_directory, Directory.IMAGE)
        if (offset := pointers.get(_EXIF_IFD)) is not None:
            inner = self._read(offset, Directory.EXIF)
            # Writers link the GPS and interoperability directories from either the Exif IFD or IFD0.
            pointers = inner | pointers
        if (offset := pointers.get(_INTEROPERABILITY_IFD)) is not None:
            self._read(offset, Directory.INTEROPERABILITY)
        if (offset := pointers.get(_GPS_IFD)) is not None:
            self._read(offset, Directory.GPS)
        return self._result

    def _read(self, offset: int, directory: Directory) -> dict[int, int]:
        """Decode one directory and return the offsets of the directories that it points to."""
        pointers: dict[int, int] = {}
        try:
            entries, _ = self._structure.directory(offset)
        except OutOfBounds:
            self._warnings.add("EXIF: a directory lies outside the block.")
            return pointers
        except BudgetSpent:
            return pointers
        names = _NAMES[directory]
        for entry in entries:
            name = names.get(entry.tag) or f"0x{entry.tag:04x}"
            try:
                if names is not EXIF_TAGS or entry.tag not in _POINTERS:
                    self._read_entry(entry, name, directory)
                elif (target := self._structure.integer(entry)) is not None:
                    pointers.setdefault(entry.tag, target)
            except BudgetSpent:
                # A smaller value may still fit.
                continue
            except OutOfBounds:
                self._warnings.add(f"EXIF: the value of {name} lies outside the block.")
        return pointers

    def _read_entry(self, entry: Entry, name: str, directory: Directory) -> None:
        """Keep the block that an entry holds, or consider its value."""
        limit = self._budget.limits.max_block_bytes
        if entry.size > limit:
            self._warnings.add(f"EXIF: {name} has more than {limit} bytes.")
        elif _NAMES[directory] is EXIF_TAGS and entry.tag in _BLOCKS:
            self._keep_block(entry)
        else:
            (self._gps if directory is Directory.GPS else self._exif).consider(name, entry, directory)

    def _keep_block(self, entry: Entry) -> None:
        result = self._result
        name = _BLOCKS[entry.tag]
        if not getattr(result, name):
            data = self._structure.block(entry)
            setattr(result, name, _in_byte_order(entry, data) if entry.tag == _IPTC else data)


def _in_byte_order(entry: Entry, data: bytes) -> bytes:
    """Return IPTC bytes in order if they were stored as 32-bit numbers of the other byte order."""
    if entry.field_type == LONG and data[:1] != b"\x1c" and data[3:4] == b"\x1c":
        numbers = array("I", data)
        numbers.byteswap()
        return numbers.tobytes()
    return data
