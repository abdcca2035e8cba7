"""Finds the boxes of an ISO base media file (ISO/IEC 14496-12, section 4.2)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import malformed

_BOX_HEADER = struct.Struct(">I4s")


@dataclass(slots=True)
class Box:
    """A box: its type and the position of its payload."""

    kind: bytes
    start: int
    """Offset of the payload."""
    end: int


class BoxReader:
    """Walks the boxes of one file, up to a limit.

    The methods raise UnreadableImage for a box with an impossible size or for too many boxes, and
    OutOfBounds for a box that ends outside its parent. ``name`` is the format for error messages.
    """

    def __init__(self, source: ByteSource, budget: Budget, name: str) -> None:
        self._file = source
        self._limit = budget.limits.max_structures
        self._name = name
        self._count = 0

    def of_file(self) -> Iterator[Box]:
        """Yield the boxes of the file, up to data that a camera has appended and that is not a box."""
        offset = 0
        while offset + 8 <= self._file.size and self._file.read(offset + 4, 4).isalnum():
            box = self._box(self._file, offset, self._file.size)
            yield box
            offset = box.end

    def children(self, parent: Box, kind: bytes) -> Iterator[Box]:
        """Return the boxes of one type that are directly in another box of the file."""
        return (box for box in self.between(self._file, parent.start, parent.end) if box.kind == kind)

    def between(self, source: ByteSource, start: int, end: int) -> Iterator[Box]:
        """Yield the boxes between two offsets of ``source``: the file, or a block of it in memory."""
        offset = start
        while offset + 8 <= end:
            box = self._box(source, offset, end)
            yield box
            offset = box.end

    def _box(self, source: ByteSource, offset: int, end: int) -> Box:
        self._count += 1
        if self._count > self._limit:
            raise malformed(self._name, f"it has more than {self._limit} boxes")
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
        return Box(kind, payload, offset + size)
