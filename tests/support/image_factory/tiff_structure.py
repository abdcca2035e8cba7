"""Writes TIFF structures: image file directories and their fields (TIFF 6.0 §2; BigTIFF).

An EXIF block and a TIFF file are both such a structure. Built on ``struct`` alone, so that what a
test expects never comes from the code under test.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

ByteOrder = Literal["<", ">"]


class FieldType(IntEnum):
    """The types of a field's values."""

    BYTE = 1
    ASCII = 2
    SHORT = 3
    LONG = 4
    RATIONAL = 5
    SBYTE = 6
    UNDEFINED = 7
    SSHORT = 8
    SLONG = 9
    SRATIONAL = 10
    FLOAT = 11
    DOUBLE = 12
    IFD = 13
    LONG8 = 16
    SLONG8 = 17
    IFD8 = 18
    UTF8 = 129


_CODES = {
    FieldType.SBYTE: "b",
    FieldType.SHORT: "H",
    FieldType.LONG: "I",
    FieldType.SSHORT: "h",
    FieldType.SLONG: "i",
    FieldType.FLOAT: "f",
    FieldType.DOUBLE: "d",
    FieldType.IFD: "I",
    FieldType.LONG8: "Q",
    FieldType.SLONG8: "q",
    FieldType.IFD8: "Q",
}


@dataclass(frozen=True)
class Field:
    """The values of one tag. ``raw`` holds bytes as they are, ``values`` numbers still to be packed."""

    type: FieldType
    values: tuple[int | float, ...] = ()
    raw: bytes | None = None

    def encode(self, order: ByteOrder) -> tuple[int, bytes]:
        """The count of values and their bytes."""
        if self.raw is not None:
            return len(self.raw), self.raw
        if self.type in (FieldType.RATIONAL, FieldType.SRATIONAL):
            code = "I" if self.type is FieldType.RATIONAL else "i"
            return len(self.values) // 2, struct.pack(f"{order}{len(self.values)}{code}", *self.values)
        return len(self.values), struct.pack(f"{order}{len(self.values)}{_CODES[self.type]}", *self.values)


def ascii_text(text: str, encoding: str = "utf-8") -> Field:
    """NUL-terminated text."""
    return Field(FieldType.ASCII, raw=text.encode(encoding) + b"\0")


def utf8_text(text: str) -> Field:
    """NUL-terminated text of the type that EXIF 3.0 added."""
    return Field(FieldType.UTF8, raw=text.encode() + b"\0")


def undefined(value: bytes) -> Field:
    """Opaque bytes."""
    return Field(FieldType.UNDEFINED, raw=value)


def byte(*values: int) -> Field:
    """Unsigned 8-bit numbers."""
    return Field(FieldType.BYTE, raw=bytes(values))


def short(*values: int) -> Field:
    """Unsigned 16-bit numbers."""
    return Field(FieldType.SHORT, values)


def long(*values: int) -> Field:
    """Unsigned 32-bit numbers."""
    return Field(FieldType.LONG, values)


def rational(*numerators_and_denominators: int) -> Field:
    """Unsigned fractions, given as numerator, denominator, numerator…"""
    return Field(FieldType.RATIONAL, numerators_and_denominators)


def signed_rational(*numerators_and_denominators: int) -> Field:
    """Signed fractions, given as numerator, denominator, numerator…"""
    return Field(FieldType.SRATIONAL, numerators_and_denominators)


@dataclass(frozen=True)
class DataBlocks:
    """Blocks of data kept elsewhere in the structure (strips, a thumbnail); the field holds offsets."""

    blocks: tuple[bytes, ...]


@dataclass(frozen=True)
class Ifd:
    """One image file directory: fields by tag, directories of its own among them, and its successor."""

    entries: Mapping[int, "Field | DataBlocks | Ifd"] = field(default_factory=dict)
    successor: "Ifd | None" = None


@dataclass(frozen=True)
class _Layout:
    order: ByteOrder
    count: str
    number: str
    entry_size: int
    offset_type: FieldType
    ifd_type: FieldType

    @property
    def inline(self) -> int:
        return struct.calcsize("<" + self.number)


def _layout(order: ByteOrder, *, big: bool) -> _Layout:
    if big:
        return _Layout(order, "Q", "Q", 20, FieldType.LONG8, FieldType.IFD8)
    return _Layout(order, "H", "I", 12, FieldType.LONG, FieldType.LONG)


def tiff_structure(ifd: Ifd, order: ByteOrder = "<", *, big: bool = False) -> bytes:
    """The structure whose first directory is ``ifd``; ``big`` makes it a BigTIFF."""
    mark = b"II" if order == "<" else b"MM"
    if big:
        header = mark + struct.pack(order + "HHHQ", 43, 8, 0, 16)
    else:
        header = mark + struct.pack(order + "HI", 42, 8)
    return header + _write_ifd(ifd, len(header), _layout(order, big=big))


def _write_ifd(ifd: Ifd, start: int, layout: _Layout) -> bytes:
    count_size = struct.calcsize("<" + layout.count)
    table_size = count_size + layout.entry_size * len(ifd.entries) + layout.inline
    table = bytearray(struct.pack(layout.order + layout.count, len(ifd.entries)))
    data = bytearray()

    def append(block: bytes) -> int:
        # Values begin on a word boundary (TIFF 6.0 §2); BigTIFF asks for eight bytes.
        data.extend(bytes(-(start + table_size + len(data)) % layout.inline))
        offset = start + table_size + len(data)
        data.extend(block)
        return offset

    def append_ifd(child: Ifd) -> int:
        data.extend(bytes(-(start + table_size + len(data)) % layout.inline))
        offset = start + table_size + len(data)
        data.extend(_write_ifd(child, offset, layout))
        return offset

    for tag, entry in sorted(ifd.entries.items()):
        if isinstance(entry, Ifd):
            kind, offsets = layout.ifd_type, (append_ifd(entry),)
            count, value = Field(layout.offset_type, offsets).encode(layout.order)
        elif isinstance(entry, DataBlocks):
            kind = layout.offset_type
            count, value = Field(kind, tuple(append(block) for block in entry.blocks)).encode(layout.order)
        else:
            kind = entry.type
            count, value = entry.encode(layout.order)
        if len(value) > layout.inline:
            value = struct.pack(layout.order + layout.number, append(value))
        table += struct.pack(layout.order + "HH" + layout.number, tag, kind, count)
        table += value.ljust(layout.inline, b"\0")
    successor = append_ifd(ifd.successor) if ifd.successor else 0
    table += struct.pack(layout.order + layout.number, successor)
    return bytes(table + data)
