"""Decodes EXIF (CIPA DC-008-2023, EXIF 3.0): the tags of the image, Exif, GPS and interoperability IFDs."""

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.container import Warnings
from adapters.embedded_metadata.exif_tags import EXIF_TAGS, GPS_TAGS, INTEROPERABILITY_TAGS
from adapters.embedded_metadata.text import decode_text, limit_text
from adapters.embedded_metadata.tiff_structure import (
    ASCII,
    BYTE,
    DOUBLE,
    FLOAT,
    LONG,
    RATIONAL,
    SRATIONAL,
    UNDEFINED,
    UTF8,
    Entry,
    NotTiff,
    TiffStructure,
)
from domain.metadata import Tags

_EXIF_IFD, _GPS_IFD, _INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005
_SUB_IFDS, _GLOBAL_PARAMETERS_IFD = 0x014A, 0x0190
_XMP, _IPTC, _PHOTOSHOP, _ICC = 0x02BC, 0x83BB, 0x8649, 0x8773
_POINTERS = frozenset({_EXIF_IFD, _GPS_IFD, _INTEROPERABILITY_IFD, _SUB_IFDS, _GLOBAL_PARAMETERS_IFD})
_BLOCKS = frozenset({_XMP, _IPTC, _PHOTOSHOP, _ICC})

_CODED_TEXTS = frozenset({"UserComment", "GPSProcessingMethod", "GPSAreaInformation"})
_PLAIN_TEXTS = frozenset({"ExifVersion", "FlashpixVersion", "InteroperabilityVersion"})
_UTF16_TEXTS = frozenset({"XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"})
_BYTE_NUMBERS = frozenset({"ComponentsConfiguration"})
_SINGLE_BYTES = frozenset({"FileSource", "SceneType"})
_CFA_PATTERN = "CFAPattern"
_COPYRIGHT = "Copyright"
_MAKER_NOTE = "MakerNote"


@dataclass(slots=True)
class ExifTags:
    """The decoded tags, and the other blocks that a TIFF keeps in tags of its own."""

    exif: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)
    xmp: bytes | None = None
    iptc: bytes | None = None
    photoshop: bytes | None = None
    icc: bytes | None = None


def decode_exif(source: ByteSource, budget: Budget, warnings: Warnings) -> ExifTags:
    """The tags of an EXIF block or a TIFF file; damage is noted and the rest kept.

    Numbers are numbers, rationals decimals of ten significant digits (``null`` within a list, and no
    tag, where the denominator is zero), several values a list. Bytes that have no published meaning
    are ``{"size_bytes": …, "sha256": …}``.
    """
    try:
        return _ExifDecoder(source, budget, warnings).decode()
    except NotTiff:
        warnings.add("EXIF: the block has no TIFF header and was left out.")
        return ExifTags()


class _ExifDecoder:
    def __init__(self, source: ByteSource, budget: Budget, warnings: Warnings) -> None:
        self._budget = budget
        self._warnings = warnings
        self._structure = TiffStructure(source, budget, warnings, "EXIF")
        self._result = ExifTags()

    def decode(self) -> ExifTags:
        """Read the image directory and those that it points to."""
        result = self._result
        pointers = self._read(self._structure.first_directory, EXIF_TAGS, result.exif)
        if (offset := pointers.get(_EXIF_IFD)) is not None:
            inner = self._read(offset, EXIF_TAGS, result.exif)
            # Some writers hang the GPS and interoperability directories on the Exif IFD or IFD0 alike.
            pointers = inner | pointers
        if (offset := pointers.get(_INTEROPERABILITY_IFD)) is not None:
            self._read(offset, INTEROPERABILITY_TAGS, result.exif)
        if (offset := pointers.get(_GPS_IFD)) is not None:
            self._read(offset, GPS_TAGS, result.gps)
        return result

    def _read(self, offset: int, names: Mapping[int, str], tags: Tags) -> dict[int, int]:
        """Decode one directory into ``tags``; the offsets of the directories that it points to."""
        pointers: dict[int, int] = {}
        try:
            entries, _ = self._structure.directory(offset)
        except OutOfBounds:
            self._warnings.add("EXIF: a directory lies outside the block.")
            return pointers
        for entry in entries:
            name = names.get(entry.tag) or f"0x{entry.tag:04x}"
            try:
                if names is not EXIF_TAGS or entry.tag not in _POINTERS:
                    self._read_entry(entry, name, names, tags)
                elif (target := self._structure.integer(entry)) is not None:
                    pointers.setdefault(entry.tag, target)
            except BudgetSpent:
                # A smaller value may still fit.
                continue
            except OutOfBounds:
                self._warnings.add(f"EXIF: the value of {name} lies outside the block.")
        return pointers

    def _read_entry(self, entry: Entry, name: str, names: Mapping[int, str], tags: Tags) -> None:
        """Keep the block, or decode the value, that an entry holds."""
        limit = self._budget.limits.max_block_bytes
        if entry.size > limit:
            self._warnings.add(f"EXIF: {name} has more than {limit} bytes.")
        elif names is EXIF_TAGS and entry.tag in _BLOCKS:
            self._keep_block(entry)
        elif name not in tags:
            value = self._value(name, entry, self._structure.data(entry))
            if value is not None:
                self._budget.keep(tags, name, value)

    def _keep_block(self, entry: Entry) -> None:
        data = self._structure.data(entry)
        result = self._result
        if entry.tag == _XMP:
            result.xmp = result.xmp or data
        elif entry.tag == _IPTC:
            result.iptc = result.iptc or _in_byte_order(entry, data)
        elif entry.tag == _PHOTOSHOP:
            result.photoshop = result.photoshop or data
        else:
            result.icc = result.icc or data

    def _value(self, name: str, entry: Entry, data: bytes) -> JsonValue | None:
        """The value of a tag, typed; ``None`` where it has none."""
        if name == _MAKER_NOTE:
            return _opaque(data)
        if name in _UTF16_TEXTS and entry.field_type in {BYTE, UNDEFINED}:
            return self._limited(name, _decode_utf16(data))
        if entry.field_type in {ASCII, UTF8}:
            return self._limited(name, _decode_ascii(name, data))
        if name in _CODED_TEXTS:
            return self._limited(name, _decode_coded_text(data, self._structure.order))
        if name in _PLAIN_TEXTS:
            return self._limited(name, decode_text(data.rstrip(b"\0")))
        if name in _SINGLE_BYTES and entry.field_type in {BYTE, UNDEFINED} and data:
            # Some cameras write four bytes for the one that counts.
            return data[0]
        if name == _CFA_PATTERN and entry.field_type == UNDEFINED:
            return _decode_cfa_pattern(data) or _opaque(data)
        if entry.field_type == UNDEFINED and name not in _BYTE_NUMBERS:
            return _opaque(data)
        if entry.value_count > self._budget.limits.max_values:
            return _opaque(data)
        values = self._numbers(entry, data)
        return values[0] if len(values) == 1 else values or None

    def _limited(self, name: str, text: str) -> str:
        return limit_text(text, f"EXIF: {name}", self._budget, self._warnings)

    def _numbers(self, entry: Entry, data: bytes) -> list[JsonValue]:
        numbers = self._structure.numbers(entry, data)
        if entry.field_type in {RATIONAL, SRATIONAL}:
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return [_decimal(numerator, denominator) for numerator, denominator in pairs]
        if entry.field_type in {FLOAT, DOUBLE}:
            shorten = _shortest_float if entry.field_type == FLOAT else float
            return [shorten(number) if math.isfinite(number) else None for number in numbers]
        return list(numbers)


def _decimal(numerator: float, denominator: float) -> JsonValue:
    if not denominator:
        return None
    if numerator % denominator == 0:
        return int(numerator // denominator)
    return float(f"{numerator / denominator:.10g}")


def _shortest_float(number: float) -> float:
    """The shortest decimal that is the same 32-bit number: 2.8 rather than 2.799999952316284."""
    packed = struct.pack("<f", number)
    for digits in (6, 7, 8):
        shorter = float(f"{number:.{digits}g}")
        if struct.pack("<f", shorter) == packed:
            return shorter
    return float(f"{number:.9g}")


def _opaque(data: bytes) -> dict[str, JsonValue]:
    return {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _in_byte_order(entry: Entry, data: bytes) -> bytes:
    """IPTC bytes that were stored as 32-bit numbers of the other byte order, put right."""
    if entry.field_type == LONG and data[:1] != b"\x1c" and data[3:4] == b"\x1c":
        return b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    return data


def _decode_ascii(name: str, data: bytes) -> str:
    """Text up to its NUL. Copyright has two, the photographer's and the editor's (EXIF 3.0 §4.6.5.7)."""
    if name == _COPYRIGHT:
        parts = [decode_text(part).strip() for part in data.rstrip(b"\0").split(b"\0")[:2]]
        return "\n".join(part for part in parts if part)
    return decode_text(data.partition(b"\0")[0]).rstrip()


def _decode_utf16(data: bytes) -> str:
    return data[: len(data) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0].rstrip()


def _decode_coded_text(data: bytes, order: str) -> str:
    """A text after an eight-byte character code (EXIF 3.0 §4.6.6.4.2): ASCII, JIS, Unicode, undefined."""
    code, text = data[:8].rstrip(b"\0 ").upper(), data[8:]
    if code == b"UNICODE":
        return _decode_unicode(text, order)
    if code == b"JIS":
        try:
            return text.rstrip(b"\0 ").decode("iso2022_jp")
        except UnicodeDecodeError:
            return decode_text(text.rstrip(b"\0 "))
    if code not in {b"ASCII", b""}:
        # The code itself is missing: the text starts at once.
        text = data
    return decode_text(text.partition(b"\0")[0]).rstrip()


def _decode_unicode(text: bytes, order: str) -> str:
    """UTF-16, of whichever byte order the text shows; UTF-8 if it is nothing but ASCII characters.

    EXIF does not say which order; writers use the block's, their machine's, or UTF-8 all the same.
    """
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", "replace").rstrip("\0 ")
    if text.isascii() and b"\0" not in text.rstrip(b"\0"):
        return text.rstrip(b"\0 ").decode()
    low_zeros, high_zeros = text[1::2].count(0), text[::2].count(0)
    is_little = order == "<" if low_zeros == high_zeros else low_zeros > high_zeros
    whole = text[: len(text) // 2 * 2]
    return whole.decode("utf-16-le" if is_little else "utf-16-be", "replace").rstrip("\0 ")


def _decode_cfa_pattern(data: bytes) -> list[JsonValue] | None:
    """Columns, rows and the colours of a pattern; its two numbers come in either byte order."""
    for order in ("<", ">"):
        if len(data) >= 4:
            columns, rows = struct.unpack(order + "HH", data[:4])
            if columns * rows == len(data) - 4:
                return [columns, rows, *data[4:]]
    return None
