"""Reads HEIC and AVIF: ISO base media files (ISO/IEC 14496-12) with a meta box of items (23008-12, HEIF).

The properties of the primary item, or of the items it is derived from, give its dimensions, bit depth,
rotation and ICC profile. EXIF and XMP are items of their own: a reference says which image each
describes, and ``iloc`` says where in the file or in the ``idat`` box its bytes are.
"""

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource, ByteSource, OutOfBounds
from adapters.embedded_metadata.image_sequence import as_still, count_samples, find_sequence
from adapters.embedded_metadata.isobmff_boxes import Box, BoxReader
from adapters.embedded_metadata.isobmff_properties import Geometry, bit_depth
from adapters.embedded_metadata.layout import Layout, Warnings, malformed, truncated

_XMP_CONTENT_TYPE = b"application/rdf+xml"
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*")
_EXIF_PREFIX = b"Exif\0\0"
_CODED_ITEMS = frozenset({b"hvc1", b"hev1", b"av01", b"jpeg"})
_IMAGE_ITEMS = _CODED_ITEMS | {b"grid", b"iovl", b"iden", b"tmap"}
_STAND_INS = frozenset({b"iden", b"tmap"})
"""Derived images that show the same picture as their first source, rotated or tone-mapped."""
_MAX_DERIVATIONS = 8
_ENTRIES_PER_ITEM = 4
_PROFILES = frozenset({b"prof", b"rICC"})
_IN_FILE, _IN_IDAT = 0, 1
_PROPERTY_BYTES = 32
"""How many bytes are read of a property that is not a profile."""

_FIELDS = {0: "0s", 1: "B", 2: "H", 4: "I", 8: "Q"}
"""The struct format of a number by its size; ``0s`` takes no bytes."""
_ITEM_ENTRY, _LARGE_ITEM_ENTRY = struct.Struct(">4xH2x4s"), struct.Struct(">4xI2x4s")
"""An ``infe`` entry, by the size of item numbers: the item's number and type."""
_ASSOCIATIONS, _LARGE_ASSOCIATIONS = struct.Struct(">HB"), struct.Struct(">IB")
"""An ``ipma`` entry, by the size of item numbers: the item's number and how many properties it has."""


@dataclass(slots=True)
class _Item:
    kind: bytes = b""
    content_type: bytes = b""
    construction: int = _IN_FILE
    extents: list[tuple[int, int]] = field(default_factory=list)
    properties: list[int] = field(default_factory=list)
    """Numbers of properties in the ``ipco`` box, from 1, in the order in which they apply."""
    origins: list[int] = field(default_factory=list)
    """Numbers of the items that the image is derived from."""
    described: list[int] = field(default_factory=list)
    """Numbers of the items that the metadata describes."""


class _Cursor:
    """Reads big-endian numbers one after another from a box in memory."""

    def __init__(self, block: bytes, box: Box) -> None:
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

    def fields(self, record: struct.Struct) -> tuple[Any, ...]:
        """Read several values at once."""
        start, self.offset = self.offset, self.offset + record.size
        if self.offset > self.end:
            raise OutOfBounds
        return record.unpack_from(self._block, start)

    def text(self) -> bytes:
        """Read the bytes up to a NUL or the end."""
        start, found = self.offset, self._block.find(b"\0", self.offset, self.end)
        self.offset = self.end if found < 0 else found + 1
        return self._block[start : self.end if found < 0 else found]


def read_isobmff(source: ByteSource, budget: Budget, warnings: Warnings, name: str) -> Layout:
    """Read the structure and blocks of a HEIC or AVIF; ``name`` says which.

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
        self._boxes = BoxReader(source, budget, name)
        self._entries = 0
        self._block = b""
        self._meta: ByteSource = source
        self._items: dict[int, _Item] = {}
        self._properties: list[Box] = []
        self._primary = 0
        self._idat: Box | None = None

    def read(self) -> Layout:
        layout = Layout()
        meta = moov = None
        for box in self._boxes.of_file():
            if box.kind == b"meta":
                meta = meta or box
            elif box.kind == b"moov":
                moov = moov or box
        if moov:
            layout.frames = max(count_samples(self._boxes, self._file, moov), 1)
        if meta:
            self._load(meta)
            self._read_meta()
        if self._primary in self._items:
            self._apply_properties(layout)
            self._require_image_data()
            self._read_items(layout)
        elif not moov or not self._apply_sequence(layout, moov):
            raise malformed(self._name, "it has no primary item" if meta else "it has no meta box")
        return layout

    def _load(self, meta: Box) -> None:
        limit = self._budget.limits.max_block_bytes
        if meta.end - meta.start > limit:
            raise malformed(self._name, f"its meta box has more than {limit} bytes")
        if not self._budget.admit_block(meta.end - meta.start):
            raise malformed(self._name, "its meta box is too large")
        self._block = self._file.read(meta.start, meta.end - meta.start)
        self._meta = BlockSource(self._block)

    def _read_meta(self) -> None:
        readers = {
            b"pitm": self._read_pitm,
            b"iinf": self._read_iinf,
            b"iloc": self._read_iloc,
            b"iref": self._read_iref,
        }
        # The meta box is a full box: its children come after a version and flags.
        for box in self._boxes.between(self._meta, 4, self._meta.size):
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
            self._count_entries(1)
            item = self._items[number] = _Item()
        return item

    def _count_entries(self, count: int) -> None:
        """Count items and their extents, properties and references, which share one limit."""
        self._entries += count
        limit = _ENTRIES_PER_ITEM * self._budget.limits.max_items
        if self._entries > limit:
            raise malformed(
                self._name, f"it has more than {limit} items, extents, properties and references"
            )

    def _read_pitm(self, cursor: _Cursor, version: int, _: int) -> None:
        self._primary = cursor.number(2 if version == 0 else 4)

    def _read_iinf(self, cursor: _Cursor, version: int, _: int) -> None:
        cursor.take(2 if version == 0 else 4)
        for box in self._boxes.between(self._meta, cursor.offset, cursor.end):
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
            self._count_entries(count)
            if reference:
                # The data is in another file.
                item.construction = -1
            elif construction:
                item.construction = construction & 15
            for _extent in range(count):
                _, distance, size = cursor.fields(extent)
                item.extents.append(((start or 0) + (distance or 0), size or 0))

    def _read_iref(self, cursor: _Cursor, version: int, _: int) -> None:
        size, code = (2, "H") if version == 0 else (4, "I")
        for box in self._boxes.between(self._meta, cursor.offset, cursor.end):
            reference = _Cursor(self._block, box)
            item, count = self._item(reference.number(size)), reference.number(2)
            self._count_entries(count)
            targets = struct.unpack(f">{count}{code}", reference.take(count * size))
            if box.kind == b"cdsc":
                item.described += targets
            elif box.kind == b"dimg":
                item.origins += targets

    def _field(self, size: int) -> str:
        """Return the struct format of a number of ``size`` bytes; with size 0 it yields ``b""``."""
        if size not in _FIELDS:
            raise malformed(self._name, f"it has numbers of {size} bytes")
        return _FIELDS[size]

    def _read_iprp(self, box: Box) -> None:
        for child in self._boxes.between(self._meta, box.start, box.end):
            if child.kind == b"ipco":
                self._properties = list(self._boxes.between(self._meta, child.start, child.end))
            elif child.kind == b"ipma":
                cursor = _Cursor(self._block, child)
                version = cursor.number(1)
                self._read_ipma(cursor, version, cursor.number(3))

    def _read_ipma(self, cursor: _Cursor, version: int, flags: int) -> None:
        header = _ASSOCIATIONS if version == 0 else _LARGE_ASSOCIATIONS
        # The top bit of an association marks an essential property.
        size, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
        for _ in range(cursor.number(4)):
            number, count = cursor.fields(header)
            self._count_entries(count)
            properties = self._item(number).properties
            associations = cursor.take(count * size)
            for at in range(0, len(associations), size):
                properties.append(int.from_bytes(associations[at : at + size], "big") & mask)

    def _apply_properties(self, layout: Layout) -> None:
        """Read the properties of the primary item, or else of the items it is derived from."""
        primary = self._items[self._primary]
        layout.decoded_size = self._size(primary)
        if not layout.decoded_size:
            raise malformed(self._name, "its primary item has no dimensions")
        geometry = Geometry(*layout.decoded_size)
        for kind, data in self._described(primary):
            if not geometry.apply(kind, data):
                self._warnings.add(f"{self._name}: an invalid crop was left out.")
        layout.width, layout.height = geometry.width, geometry.height
        layout.orientation = geometry.orientation
        lineage = [primary, *self._origins(primary)]
        layout.icc = self._profile(lineage)
        depths = (bit_depth(kind, data) for item in lineage for kind, data in self._described(item))
        # Some grids do not say which items are their tiles.
        others = (bit_depth(*self._property(box)) for box in self._properties)
        layout.bit_depth = next(filter(None, depths), None) or next(filter(None, others), None)

    def _size(self, item: _Item, depth: int = 0) -> tuple[int, int] | None:
        """Return the dimensions of an item, or the displayed dimensions of the image that it stands for."""
        for kind, data in self._described(item):
            if kind == b"ispe":
                size = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
                return size if all(size) else None
        origin = self._items.get(item.origins[0]) if item.kind in _STAND_INS and item.origins else None
        if origin is None or depth > _MAX_DERIVATIONS:
            return None
        size_of_origin = self._size(origin, depth + 1)
        if size_of_origin is None:
            return None
        geometry = Geometry(*size_of_origin)
        for kind, data in self._described(origin):
            geometry.apply(kind, data)
        width, height = geometry.width, geometry.height
        return (height, width) if geometry.is_on_its_side else (width, height)

    def _origins(self, item: _Item) -> Iterator[_Item]:
        """Yield the items that this one is derived from, nearest first, each once, without gain maps."""
        seen = {id(item)}
        waiting = deque([item])
        while waiting:
            derived = waiting.popleft()
            for number in derived.origins[:1] if derived.kind == b"tmap" else derived.origins:
                origin = self._items.get(number)
                if origin is not None and id(origin) not in seen:
                    seen.add(id(origin))
                    waiting.append(origin)
                    yield origin

    def _same_pictures(self) -> set[int]:
        """Return the numbers of the primary item and of the items that show the same picture."""
        numbers = {self._primary}
        number = self._primary
        while (item := self._items.get(number)) and item.kind in _STAND_INS and item.origins:
            number = item.origins[0]
            if number in numbers:
                break
            numbers.add(number)
        return numbers | {
            number
            for number, item in self._items.items()
            if item.kind in _STAND_INS and item.origins and item.origins[0] in numbers
        }

    def _described(self, item: _Item) -> Iterator[tuple[bytes, bytes]]:
        """Yield the properties of an item in the order in which they apply."""
        for number in item.properties:
            if 0 < number <= len(self._properties):
                yield self._property(self._properties[number - 1])

    def _apply_sequence(self, layout: Layout, moov: Box) -> bool:
        """Read the picture track of a file without a still image. Returns whether there is one."""
        sequence = find_sequence(self._boxes, self._file, moov)
        if sequence is None or not sequence.width or not sequence.height:
            return False
        layout.width, layout.height = sequence.width, sequence.height
        layout.orientation = sequence.orientation
        for box in sequence.properties:
            if box.end - box.start > self._budget.limits.max_block_bytes:
                continue
            data = self._file.read(box.start, min(box.end - box.start, _PROPERTY_BYTES))
            layout.bit_depth = layout.bit_depth or bit_depth(box.kind, data)
            size = box.end - box.start - 4
            if box.kind == b"colr" and data[:4] in _PROFILES and self._budget.admit_block(size):
                layout.icc = layout.icc or self._file.read(box.start + 4, size)
        layout.excerpt = as_still(sequence)
        return True

    def _property(self, box: Box) -> tuple[bytes, bytes]:
        """Return the type and the first bytes of a property; many items may share one."""
        return box.kind, self._block[box.start : min(box.end, box.start + _PROPERTY_BYTES)]

    def _profile(self, lineage: list[_Item]) -> bytes | None:
        """Return the ICC profile of the first item with colour information, if that is a profile."""
        for item in lineage:
            boxes = [self._properties[at - 1] for at in item.properties if 0 < at <= len(self._properties)]
            colors = [box for box in boxes if box.kind == b"colr"]
            for box in colors:
                size = box.end - box.start - 4
                if self._property(box)[1][:4] in _PROFILES and self._budget.admit_block(size):
                    return self._block[box.start + 4 : box.end]
            if colors:
                return None
        return None

    def _require_image_data(self) -> None:
        primary = self._items[self._primary]
        if primary.kind in _CODED_ITEMS and not primary.extents:
            raise malformed(self._name, "its primary item has no data")
        for item in self._items.values():
            if item.kind in _IMAGE_ITEMS and item.construction == _IN_FILE:
                for offset, length in item.extents:
                    if offset + length > self._file.size:
                        raise OutOfBounds

    def _read_items(self, layout: Layout) -> None:
        pictures = self._same_pictures()
        for block in ("EXIF", "XMP"):
            items = [item for item in self._items.values() if _is_of(item, block)]
            own = [item for item in items if not pictures.isdisjoint(item.described)]
            # Metadata without a reference is assumed to describe the primary item.
            for item in own or [item for item in items if not item.described]:
                try:
                    data = self._item_data(item, block)
                except OutOfBounds:
                    self._warnings.add(f"{block}: the block lies outside the file.")
                    continue
                if data is None:
                    continue
                if block == "XMP":
                    layout.xmp.append(data)
                else:
                    layout.exif.append(BlockSource(_tiff_of(data)))

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
        # The bytes are copied twice: when they are read and when the extents are joined.
        if not self._budget.admit_block(2 * sum(length for _, length in extents)):
            return None
        return b"".join(source.read(offset, length) for offset, length in extents)


def _is_of(item: _Item, block: str) -> bool:
    if block == "EXIF":
        return item.kind == b"Exif"
    return (
        item.kind == b"mime" and item.content_type.partition(b";")[0].strip().lower() == _XMP_CONTENT_TYPE
    )


def _tiff_of(data: bytes) -> bytes:
    """Return the TIFF structure of an Exif item, whose first four bytes are its offset."""
    start = 4 + int.from_bytes(data[:4], "big")
    if data[start : start + 4] in _TIFF_SIGNATURES:
        return data[start:]
    for prefix in (4, 0):
        tiff = data[prefix:].removeprefix(_EXIF_PREFIX)
        if tiff.startswith(_TIFF_SIGNATURES):
            return tiff
    return data[start:]
