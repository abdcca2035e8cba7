"""Reads the structure that TIFF files and EXIF blocks share (TIFF 6.0, BigTIFF): directories of entries."""

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import end_of_character

BYTE, ASCII, SHORT, LONG, RATIONAL = 1, 2, 3, 4, 5
SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD = 6, 7, 8, 9, 10, 11, 12, 13
LONG8, SLONG8, IFD8, UTF8 = 16, 17, 18, 129

_FORMATS = {
    BYTE: (1, "B"),
    ASCII: (1, "B"),
    SHORT: (2, "H"),
    LONG: (4, "I"),
    RATIONAL: (8, "II"),
    SBYTE: (1, "b"),
    UNDEFINED: (1, "B"),
    SSHORT: (2, "h"),
    SLONG: (4, "i"),
    SRATIONAL: (8, "ii"),
    FLOAT: (4, "f"),
    DOUBLE: (8, "d"),
    IFD: (4, "I"),
    LONG8: (8, "Q"),
    SLONG8: (8, "q"),
    IFD8: (8, "Q"),
    UTF8: (1, "B"),
}
"""Size of one value in bytes, and its struct format, by field type."""

_VALUES_AT_A_TIME = 4096
_PIECE_BYTES = 64 * 1024
_DECODING_STEPS = 2

INTEGER_TYPES = frozenset({BYTE, SHORT, LONG, SBYTE, SSHORT, SLONG, IFD, LONG8, SLONG8, IFD8})


class NotTiff(Exception):
    """The bytes do not start with a TIFF header."""


class Entry(NamedTuple):
    """One entry of a directory: its tag, field type, number of values, and the values' raw bytes."""

    tag: int
    field_type: int
    value_count: int
    data_offset: int
    """Offset of the values, in the entry itself or elsewhere."""
    size: int


class TiffStructure:
    """Reads directories of a TIFF structure; all offsets count from its header."""

    def __init__(self, source: ByteSource, budget: Budget, warnings: Warnings, block: str) -> None:
        """Read the header. ``block`` is the structure's name in warnings. Raises :class:`NotTiff`."""
        self._source = source
        self._budget = budget
        self._warnings = warnings
        self._block = block
        try:
            header = source.read(0, 8)
        except OutOfBounds:
            raise NotTiff from None
        self.order = {b"II": "<", b"MM": ">"}.get(header[:2], "")
        if not self.order:
            raise NotTiff
        (version,) = struct.unpack(self.order + "H", header[2:4])
        self.is_big = version == 43  # BigTIFF; TIFF's own number is 42
        if self.is_big:
            try:
                (self.first_directory,) = struct.unpack(self.order + "Q", source.read(8, 8))
            except OutOfBounds:
                raise NotTiff from None
        elif version == 42:
            (self.first_directory,) = struct.unpack(self.order + "I", header[4:8])
        else:
            raise NotTiff

    def directory(self, offset: int) -> tuple[list[Entry], int]:
        """Return the entries of the directory at ``offset`` and the offset of the next directory, or 0.

        Entries that lie outside the structure, or have an unknown type, are left out with a warning.
        Raises :class:`OutOfBounds` if there is no directory, or BudgetSpent.
        """
        count_format, entry_format = ("Q", "HHQ8s") if self.is_big else ("H", "HHI4s")
        count_size, entry_size = struct.calcsize("<" + count_format), struct.calcsize("<" + entry_format)
        pointer_format = self.order + ("Q" if self.is_big else "I")
        (count,) = struct.unpack(self.order + count_format, self._source.read(offset, count_size))
        table_offset = offset + count_size
        available = max((self._source.size - table_offset) // entry_size, 0)
        kept = min(count, available, self._budget.limits.max_ifd_entries)
        if kept < count:
            why = "is cut short" if kept == available else f"has more than {kept} entries"
            self._warnings.add(f"{self._block}: a directory {why}; the rest was left out.")
        self._budget.charge_elements(kept)
        table = self._source.read(table_offset, kept * entry_size)
        entries = []
        for index, (tag, field_type, values, inline) in enumerate(
            struct.iter_unpack(self.order + entry_format, table)
        ):
            value_size, _ = _FORMATS.get(field_type, (0, ""))
            if not value_size:
                self._warnings.add(f"{self._block}: an entry of an unknown field type was left out.")
                continue
            size = values * value_size
            data_offset = table_offset + (index + 1) * entry_size - len(inline)
            if size > len(inline):
                (data_offset,) = struct.unpack(pointer_format, inline)
            entries.append(Entry(tag, field_type, values, data_offset, size))
        try:
            end = table_offset + count * entry_size
            (following,) = struct.unpack(
                pointer_format, self._source.read(end, struct.calcsize(pointer_format))
            )
        except OutOfBounds:
            following = 0
        return entries, following

    def start_of(self, entry: Entry, most: int) -> bytes:
        """Read the raw bytes of an entry's values, at most ``most``, without cutting a UTF-8 character.

        Raises :class:`OutOfBounds` if the values are not all in the structure, or BudgetSpent.
        """
        if entry.data_offset + entry.size > self._source.size:
            raise OutOfBounds
        size = min(entry.size, most + 1)
        # The bytes are copied and decoded.
        self._budget.charge_decoding(_DECODING_STEPS * size)
        data = self._source.read(entry.data_offset, size)
        return data if size <= most else data[: end_of_character(data, most)]

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yield the raw bytes of an entry's values in pieces. Raises OutOfBounds or BudgetSpent."""
        self._budget.charge_decoding(_DECODING_STEPS * entry.size)
        end = entry.data_offset + entry.size
        for start in range(entry.data_offset, end, _PIECE_BYTES):
            yield self._source.read(start, min(_PIECE_BYTES, end - start))

    def block(self, entry: Entry) -> bytes:
        """Read the raw bytes of an entry that holds a whole block. Raises OutOfBounds or BudgetSpent."""
        self._budget.charge_block(entry.size)
        return self._source.read(entry.data_offset, entry.size)

    def integers(self, entry: Entry) -> Iterator[tuple[int, ...]]:
        """Yield any number of integer values, a few thousand at a time. Raises OutOfBounds."""
        size, value_format = _FORMATS[entry.field_type]
        for start in range(0, entry.value_count, _VALUES_AT_A_TIME):
            count = min(_VALUES_AT_A_TIME, entry.value_count - start)
            data = self._source.read(entry.data_offset + start * size, count * size)
            yield struct.unpack(f"{self.order}{count}{value_format}", data)

    def numbers(self, entry: Entry, data: bytes) -> list[float]:
        """Unpack the numbers in an entry's raw bytes; a rational is two of them."""
        self._budget.charge_elements(entry.value_count)
        _, value_format = _FORMATS[entry.field_type]
        count = entry.value_count * len(value_format)
        return list(struct.unpack(f"{self.order}{count}{value_format[0]}", data))

    def integer(self, entry: Entry) -> int | None:
        """Read the first value of an integer entry, or return ``None`` if it has none."""
        if entry.field_type not in INTEGER_TYPES or not entry.value_count:
            return None
        size, value_format = _FORMATS[entry.field_type]
        (value,) = struct.unpack(self.order + value_format, self._source.read(entry.data_offset, size))
        return int(value)

    def encoded(self, entry: Entry, value: int) -> bytes:
        """Return the raw bytes of ``value`` in the type of an integer entry."""
        _, value_format = _FORMATS[entry.field_type]
        return struct.pack(self.order + value_format, value)

    def count_directories(self, first: int) -> int:
        """Count the directories linked from offset ``first`` on, each once."""
        seen: set[int] = set()
        offset = first
        count_size, entry_size, pointer_size = (8, 20, 8) if self.is_big else (2, 12, 4)
        order: Literal["little", "big"] = "little" if self.order == "<" else "big"
        try:
            while offset and offset not in seen:
                if len(seen) >= self._budget.limits.max_frames:
                    self._warnings.add(
                        f"{self._block}: pages beyond {self._budget.limits.max_frames} are not counted."
                    )
                    break
                count = int.from_bytes(self._source.read(offset, count_size), order)
                following = self._source.read(offset + count_size + count * entry_size, pointer_size)
                seen.add(offset)
                offset = int.from_bytes(following, order)
        except OutOfBounds:
            self._warnings.add(f"{self._block}: a directory lies outside the file.")
        return len(seen)
