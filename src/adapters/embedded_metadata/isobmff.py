"""HEIC and AVIF: ISO base media files (ISO/IEC 14496-12) with a meta box of items (23008-12, HEIF).

The primary item's properties tell its dimensions, bit depth, rotation and ICC profile; EXIF and XMP
are items of their own, whose bytes ``iloc`` places in the file or in the ``idat`` box.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource, ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Container, Warnings, malformed, truncated

_XMP_CONTENT_TYPE = b"application/rdf+xml"
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*")
_EXIF_PREFIX = b"Exif\0\0"
_CODED_ITEMS = frozenset({b"hvc1", b"hev1", b"av01", b"jpeg"})
_IMAGE_ITEMS = _CODED_ITEMS | {b"grid", b"iovl", b"iden"}
_IN_FILE, _IN_IDAT = 0, 1
_PROPERTY_BYTES = 32
"""All that is looked at of a property, other than of a profile."""

_BOX_HEADER = struct.Struct(">I4s")
_FIELDS = {0: "0s", 1: "B", 2: "H", 4: "I", 8: "Q"}
"""The struct formats of numbers by their size; ``0s`` takes no bytes."""
_ITEM_ENTRY, _LARGE_ITEM_ENTRY = struct.Struct(">4xH2x4s"), struct.Struct(">4xI2x4s")
"""Of ``infe``, by the size of item numbers: the item's number and its kind."""
_ASSOCIATIONS, _LARGE_ASSOCIATIONS = struct.Struct(">HB"), struct.Struct(">IB")
"""Of ``ipma``: an item's number and how many properties it has."""

_UPRIGHT = (1, 0, 0, 1)
_ORIENTATIONS = {
    _UPRIGHT: 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, -1, 1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, 1, -1, 0): 8,
}
"""EXIF Orientation by the matrix (row by row, y downwards) that turns the stored image upright."""


@dataclass(slots=True)
class _Box:
    kind: bytes
    start: int
    """Offset of the payload."""
    end: int


@dataclass(slots=True)
class _Item:
    kind: bytes = b""
    content_type: bytes = b""
    construction: int = _IN_FILE
    extents: list[tuple[int, int]] = field(default_factory=list)
    properties: list[int] = field(default_factory=list)
    """Numbers, from 1, of properties in the ``ipco`` box, in the order in which they apply."""


class _Cursor:
    """Reads big-endian numbers one after another out of a box that is in memory."""

    def __init__(self, block: bytes, box: _Box) -> None:
        self._block = block
        self.end = box.end
        self.offset = box.start

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        start, self.offset = self.offset, self.offset + size
        if self.offset > self.end:
            raise OutOfBounds
        return self._block[start : self.offset]

    def fields(self, layout: struct.Struct) -> tuple[Any, ...]:
        """Several values at once."""
        start, self.offset = self.offset, self.offset + layout.size
        if self.offset > self.end:
            raise OutOfBounds
        return layout.unpack_from(self._block, start)

    def text(self) -> bytes:
        """Bytes up to a NUL or the end."""
        start, found = self.offset, self._block.find(b"\0", self.offset, self.end)
        self.offset = self.end if found < 0 else found + 1
        return self._block[start : self.end if found < 0 else found]


def read_isobmff(source: ByteSource, budget: Budget, warnings: Warnings, name: str) -> Container:
    """The structure and blocks of a HEIC or AVIF, which ``name`` says.

    Raises UnreadableImage if a box, or the data of an image item, lies beyond the end of the file.
    """
    try:
        return _MetaReader(source, budget, warnings, name).read()
    except OutOfBounds:
        raise truncated(name) from None


class _MetaReader:
    def __init__(self, source: ByteSource, budget: Budget, warnings: Warnings, name: str) -> None:
        self._file = source
        self._budget = budget
        self._warnings = warnings
        self._name = name
        self._structures = 0
        self._parts = 0
        self._block = b""
        self._meta: ByteSource = source
        self._items: dict[int, _Item] = {}
        self._properties: list[_Box] = []
        self._primary = 0
        self._idat: _Box | None = None

    def read(self) -> Container:
        container = Container()
        meta = None
        for box in self._file_boxes():
            if box.kind == b"meta" and meta is None:
                meta = box
            elif box.kind == b"moov":
                container.frames = max(self._count_samples(box), 1)
        if meta is None:
            raise malformed(self._name, "it has no meta box")
        limit = self._budget.limits.max_block_bytes
        if meta.end - meta.start > limit:
            raise malformed(self._name, f"its meta box has more than {limit} bytes")
        if not self._budget.admit_block(meta.end - meta.start):
            raise malformed(self._name, "its meta box is too large")
        self._block = self._file.read(meta.start, meta.end - meta.start)
        self._meta = BlockSource(self._block)
        self._read_meta()
        self._apply_properties(container)
        self._require_image_data()
        self._read_items(container)
        return container

    def _file_boxes(self) -> Iterator[_Box]:
        """The boxes of the file, up to what some cameras append to it, which is no box."""
        offset = 0
        while offset + 8 <= self._file.size and self._file.read(offset + 4, 4).isalnum():
            box = self._box(self._file, offset, self._file.size)
            yield box
            offset = box.end

    def _boxes(self, source: ByteSource, start: int, end: int) -> Iterator[_Box]:
        """The boxes between two offsets."""
        offset = start
        while offset + 8 <= end:
            box = self._box(source, offset, end)
            yield box
            offset = box.end

    def _box(self, source: ByteSource, offset: int, end: int) -> _Box:
        """The box at ``offset``. Raises OutOfBounds if it does not end before ``end``."""
        self._structures += 1
        if self._structures > self._budget.limits.max_structures:
            raise malformed(self._name, f"it has more than {self._budget.limits.max_structures} boxes")
        size, kind = _BOX_HEADER.unpack(source.read(offset, 8))
        payload = offset + 8
        if size == 1:
            size = int.from_bytes(source.read(payload, 8), "big")
            payload += 8
        elif size == 0:
            size = end - offset
        if offset + size < payload:
            raise malformed(self._name, "a box has an impossible size")
        if offset + size > end:
            raise OutOfBounds
        return _Box(kind, payload, offset + size)

    def _read_meta(self) -> None:
        readers = {b"pitm": self._read_pitm, b"iinf": self._read_iinf, b"iloc": self._read_iloc}
        # The meta box is a full box: its children come after a version and flags.
        for box in self._boxes(self._meta, 4, self._meta.size):
            if box.kind == b"iprp":
                self._read_iprp(box)
            elif box.kind == b"idat":
                self._idat = box
            elif reader := readers.get(box.kind):
                cursor = _Cursor(self._block, box)
                version = cursor.number(1)
                flags = cursor.number(3)
                reader(cursor, version, flags)

    def _item(self, number: int) -> _Item:
        item = self._items.get(number)
        if item is None:
            self._count_parts(1)
            item = self._items[number] = _Item()
        return item

    def _count_parts(self, count: int) -> None:
        """Count items, or extents or properties of one: there may be as many times four of these."""
        self._parts += count
        limit = self._budget.limits.max_items
        if self._parts > 4 * limit:
            raise malformed(self._name, f"it has more than {limit} items or parts of them")

    def _read_pitm(self, cursor: _Cursor, version: int, _: int) -> None:
        self._primary = cursor.number(2 if version == 0 else 4)

    def _read_iinf(self, cursor: _Cursor, version: int, _: int) -> None:
        cursor.take(2 if version == 0 else 4)
        for box in self._boxes(self._meta, cursor.offset, cursor.end):
            entry_version = self._block[box.start] if box.start < box.end else 0
            if box.kind != b"infe" or entry_version < 2:  # older ones have no type
                continue
            entry = _Cursor(self._block, box)
            number, kind = entry.fields(_ITEM_ENTRY if entry_version == 2 else _LARGE_ITEM_ENTRY)
            item = self._item(number)
            item.kind = kind
            if kind == b"mime":
                entry.text()  # its name
                item.content_type = entry.text()

    def _read_iloc(self, cursor: _Cursor, version: int, _: int) -> None:
        sizes = cursor.number(2)
        offset, length, base = (self._field(sizes >> shift & 15) for shift in (12, 8, 4))
        index = self._field(sizes & 15 if version else 0)
        item_number = "H" if version < 2 else "I"
        construction_method = "H" if version else "0s"
        header = struct.Struct(f">{item_number}{construction_method}H{base}H")
        extent = struct.Struct(f">{index}{offset}{length}")
        for _item in range(cursor.number(2 if version < 2 else 4)):
            number, construction, reference, start, count = cursor.fields(header)
            item = self._item(number)
            self._count_parts(count)
            if reference:
                # The data is in another file.
                item.construction = -1
            elif construction:
                item.construction = construction & 15
            for _extent in range(count):
                _, distance, size = cursor.fields(extent)
                item.extents.append(((start or 0) + (distance or 0), size or 0))

    def _field(self, size: int) -> str:
        """The struct format of a number of so many bytes; that of an absent one yields ``b""``."""
        if size not in _FIELDS:
            raise malformed(self._name, f"it has numbers of {size} bytes")
        return _FIELDS[size]

    def _read_iprp(self, box: _Box) -> None:
        for child in self._boxes(self._meta, box.start, box.end):
            if child.kind == b"ipco":
                self._properties = list(self._boxes(self._meta, child.start, child.end))
            elif child.kind == b"ipma":
                cursor = _Cursor(self._block, child)
                version = cursor.number(1)
                self._read_ipma(cursor, version, cursor.number(3))

    def _read_ipma(self, cursor: _Cursor, version: int, flags: int) -> None:
        header = _ASSOCIATIONS if version == 0 else _LARGE_ASSOCIATIONS
        # The top bit of an association says that the property is essential.
        size, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
        for _ in range(cursor.number(4)):
            number, count = cursor.fields(header)
            self._count_parts(count)
            properties = self._item(number).properties
            associations = cursor.take(count * size)
            for at in range(0, len(associations), size):
                properties.append(int.from_bytes(associations[at : at + size], "big") & mask)

    def _apply_properties(self, container: Container) -> None:
        """Read what the primary item's properties say into ``container``."""
        primary = self._items.get(self._primary)
        if primary is None:
            raise malformed(self._name, "it has no primary item")
        matrix = _UPRIGHT
        for number in primary.properties:
            if not 0 < number <= len(self._properties):
                continue
            box = self._properties[number - 1]
            kind, data = self._property(box)
            if kind == b"ispe":
                container.width = int.from_bytes(data[4:8], "big")
                container.height = int.from_bytes(data[8:12], "big")
            elif kind == b"colr" and data[:4] in {b"prof", b"rICC"}:
                container.icc = container.icc or self._profile(box)
            elif kind in {b"irot", b"imir"}:
                matrix = _transformed(matrix, kind, data)
            else:
                container.bit_depth = container.bit_depth or _bit_depth(kind, data)
        container.orientation = _ORIENTATIONS[matrix]
        if not container.width or not container.height:
            raise malformed(self._name, "its primary item has no dimensions")
        # A grid may leave the bit depth to its tiles.
        depths = (_bit_depth(*self._property(box)) for box in self._properties)
        container.bit_depth = container.bit_depth or next(filter(None, depths), None)

    def _property(self, box: _Box) -> tuple[bytes, bytes]:
        """The kind and the first bytes of a property, which any number of items may have."""
        return box.kind, self._block[box.start : min(box.end, box.start + _PROPERTY_BYTES)]

    def _profile(self, box: _Box) -> bytes | None:
        size = box.end - box.start - 4
        return self._block[box.start + 4 : box.end] if self._budget.admit_block(size) else None

    def _require_image_data(self) -> None:
        primary = self._items[self._primary]
        if primary.kind in _CODED_ITEMS and not primary.extents:
            raise malformed(self._name, "its primary item has no data")
        for item in self._items.values():
            if item.kind in _IMAGE_ITEMS and item.construction == _IN_FILE:
                for offset, length in item.extents:
                    if offset + length > self._file.size:
                        raise OutOfBounds

    def _read_items(self, container: Container) -> None:
        for item in self._items.values():
            is_exif = item.kind == b"Exif" and container.exif is None
            is_xmp = item.kind == b"mime" and item.content_type == _XMP_CONTENT_TYPE and not container.xmp
            if not is_exif and not is_xmp:
                continue
            block = "EXIF" if is_exif else "XMP"
            try:
                data = self._item_data(item, block)
            except OutOfBounds:
                self._warnings.add(f"{block}: the block lies outside the file.")
                continue
            if data is None:
                continue
            if is_xmp:
                container.xmp.append(data)
            else:
                container.exif = BlockSource(_tiff_of(data))

    def _item_data(self, item: _Item, block: str) -> bytes | None:
        source, base = self._file, 0
        if item.construction == _IN_IDAT and self._idat is not None:
            source, base = self._meta, self._idat.start
        elif item.construction != _IN_FILE:
            self._warnings.add(f"{block}: the block is stored in a way that is not supported.")
            return None
        end = self._idat.end if source is self._meta and self._idat else source.size
        extents = [(base + offset, length or end - base - offset) for offset, length in item.extents]
        if sum(length for _, length in extents) > self._budget.limits.max_block_bytes:
            self._warnings.add(
                f"{block}: a block of more than {self._budget.limits.max_block_bytes} bytes was left out."
            )
            return None
        # It is copied once as it is read and once as the extents are joined.
        if not self._budget.admit_block(2 * sum(length for _, length in extents)):
            return None
        return b"".join(source.read(offset, length) for offset, length in extents)

    def _count_samples(self, moov: _Box) -> int:
        """The frames of an image sequence: the most samples that a picture track has."""
        most = 0
        for track in self._children(moov, b"trak"):
            for media in self._children(track, b"mdia"):
                if not any(
                    self._file.read(handler.start + 8, 4) in {b"pict", b"vide"}
                    for handler in self._children(media, b"hdlr")
                ):
                    continue
                for information in self._children(media, b"minf"):
                    for table in self._children(information, b"stbl"):
                        for sizes in self._children(table, b"stsz"):
                            most = max(most, self._sample_count(sizes))
        return most

    def _sample_count(self, sizes: _Box) -> int:
        """What an ``stsz`` box claims, as far as its table, or the file if all are alike, has room."""
        fields = self._file.read(sizes.start + 4, 8)
        each, count = int.from_bytes(fields[:4], "big"), int.from_bytes(fields[4:], "big")
        room = self._file.size // each if each else (sizes.end - sizes.start - 12) // 4
        return min(count, max(room, 0))

    def _children(self, parent: _Box, kind: bytes) -> Iterator[_Box]:
        return (box for box in self._boxes(self._file, parent.start, parent.end) if box.kind == kind)


def _bit_depth(kind: bytes, data: bytes) -> int | None:
    """Bits per sample of a ``pixi``, ``hvcC`` or ``av1C`` property."""
    if kind == b"pixi" and len(data) > 5:
        return data[5] or None
    if kind == b"hvcC" and len(data) > 17:
        return (data[17] & 7) + 8
    if kind == b"av1C" and len(data) > 2:
        high, twelve = data[2] >> 6 & 1, data[2] >> 5 & 1
        return 8 + 2 * high + 2 * (high & twelve)
    return None


def _transformed(matrix: tuple[int, int, int, int], kind: bytes, data: bytes) -> tuple[int, int, int, int]:
    """The matrix followed by a rotation in anticlockwise quarters, or by a mirroring."""
    a, b, c, d = matrix
    value = data[0] if data else 0
    if kind == b"imir":
        # Axis 0 exchanges top and bottom, axis 1 left and right.
        return (-a, -b, c, d) if value & 1 else (a, b, -c, -d)
    for _ in range(value & 3):
        a, b, c, d = c, d, -a, -b
    return a, b, c, d


def _tiff_of(data: bytes) -> bytes:
    """The TIFF structure of an Exif item, whose first four bytes say how far on it starts."""
    start = 4 + int.from_bytes(data[:4], "big")
    if data[start : start + 4] in _TIFF_SIGNATURES:
        return data[start:]
    for prefix in (4, 0):
        tiff = data[prefix:].removeprefix(_EXIF_PREFIX)
        if tiff.startswith(_TIFF_SIGNATURES):
            return tiff
    return data[start:]
