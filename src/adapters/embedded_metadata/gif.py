"""Reads GIF89a: logical screen, frames, completeness, and the metadata in application extensions."""

import re
from contextlib import suppress

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Layout, Warnings, malformed, truncated

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_INTRODUCER = re.compile(rb"[\x21\x2c\x3b]")
_APPLICATION = 0xFF
_XMP = b"XMP DataXMP"
_ICC = b"ICCRGBG1012"
_XMP_MAGIC_TRAILER = 257
"""Length of the bytes 01 FF FE … 01 00 after a packet, which end its sub-blocks (XMP part 3)."""
_FIRST_WINDOW_BYTES = 256
_WINDOW_BYTES = 64 * 1024


def read_gif(source: ByteSource, budget: Budget, warnings: Warnings) -> Layout:
    """Read the structure and blocks of a GIF. Raises UnreadableImage if it ends before its trailer.

    If bytes that belong to no block follow a complete frame, the position of the next block is unknown, and
    viewers show what they have. Such a file may end without a trailer.
    """
    layout = Layout(bit_depth=8, frames=0)
    walk = _Walk(source, budget, warnings, layout)
    try:
        walk.to_trailer()
    except OutOfBounds:
        if not walk.is_out_of_step:
            raise truncated("GIF") from None
    if layout.frames == 0:
        raise malformed("GIF", "it has no image")
    return layout


class _Walk:
    """Walks a GIF from block to block."""

    def __init__(self, source: ByteSource, budget: Budget, warnings: Warnings, layout: Layout) -> None:
        self._source = source
        self._budget = budget
        self._warnings = warnings
        self._layout = layout
        self.is_out_of_step = False
        """Whether bytes that belong to no block followed a complete frame."""

    def to_trailer(self) -> None:
        """Read every block. Raises OutOfBounds where the file ends before its trailer."""
        source, layout = self._source, self._layout
        screen = source.read(6, 7)
        layout.width = int.from_bytes(screen[0:2], "little")
        layout.height = int.from_bytes(screen[2:4], "little")
        offset = 13 + _color_table_bytes(screen[4])
        limits = self._budget.limits
        sub_blocks = _SubBlocks(source, limits.max_sub_blocks)
        for _ in range(limits.max_structures):
            introducer = source.read(offset, 1)[0]
            if introducer == _TRAILER:
                return
            if introducer == _IMAGE:
                descriptor = source.read(offset + 1, 9)
                if layout.frames == 0:
                    # Left, top, width and height; ``screen`` begins with the canvas's width and height.
                    layout.has_margin = descriptor[:8] != bytes(4) + screen[:4]
                # The descriptor, a local colour table and the LZW code size precede the data.
                offset = sub_blocks.skip(offset + 11 + _color_table_bytes(descriptor[8]))
                layout.frames += 1
            elif introducer == _EXTENSION:
                offset = _read_extension(source, offset, sub_blocks, layout, self._budget, self._warnings)
            else:
                self.is_out_of_step |= introducer != 0 and layout.frames > 0
                offset = _next_introducer(source, offset, self._warnings)
        raise malformed("GIF", f"it has more than {limits.max_structures} blocks")


def _next_introducer(source: ByteSource, offset: int, warnings: Warnings) -> int:
    """Find the offset of the next block as GIF87a prescribes ("general file format")."""
    length = _FIRST_WINDOW_BYTES
    while True:
        window = source.read(offset, min(length, source.size - offset))
        if not window:
            raise OutOfBounds
        match = _INTRODUCER.search(window)
        # Some encoders write a second zero at the end of a block.
        if window[: match.start() if match else None].strip(b"\0"):
            warnings.add("GIF: bytes that belong to no block were skipped.")
        if match:
            return offset + match.start()
        offset += len(window)
        length = min(2 * length, _WINDOW_BYTES)


def _color_table_bytes(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _read_extension(
    source: ByteSource,
    offset: int,
    sub_blocks: "_SubBlocks",
    layout: Layout,
    budget: Budget,
    warnings: Warnings,
) -> int:
    label, size = source.read(offset + 1, 2)
    body = offset + 2
    if label == _APPLICATION and size == len(_XMP):
        identifier = source.read(offset + 3, size)
        data = offset + 3 + size
        if identifier in {_XMP, _ICC}:
            end = sub_blocks.skip(data)
            limit = budget.limits.max_block_bytes
            if end - data > limit:
                warnings.add(f"GIF: an extension of more than {limit} bytes was left out.")
            elif not (identifier == _ICC and layout.icc):
                with suppress(BudgetSpent):
                    budget.charge_block(2 * (end - data))
                    _keep(identifier, source.read(data, end - data), layout, budget)
            return end
    return sub_blocks.skip(body)


def _keep(identifier: bytes, data: bytes, layout: Layout, budget: Budget) -> None:
    if identifier == _XMP:
        layout.xmp.append(_xmp_packet(data, budget))
    else:
        layout.icc = _join_sub_blocks(data, budget)


def _xmp_packet(data: bytes, budget: Budget) -> bytes:
    """Return the packet without its magic trailer; some writers use ordinary sub-blocks instead."""
    if len(data) > _XMP_MAGIC_TRAILER and data[-_XMP_MAGIC_TRAILER - 1 :].startswith(b"\x01\xff\xfe"):
        return data[: -_XMP_MAGIC_TRAILER - 1]
    if data[:1] in {b"<", b"\xef"}:
        return data[: -_XMP_MAGIC_TRAILER - 1]
    return _join_sub_blocks(data, budget)


def _join_sub_blocks(data: bytes, budget: Budget) -> bytes:
    joined = bytearray()
    offset = 0
    while offset < len(data) and (size := data[offset]):
        budget.charge_elements()
        joined += data[offset + 1 : offset + 1 + size]
        offset += size + 1
    return bytes(joined)


class _SubBlocks:
    """Finds the end of a series of sub-blocks, each of which is a size and that many bytes."""

    def __init__(self, source: ByteSource, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._left = limit

    def skip(self, offset: int) -> int:
        """Return the offset after the sub-blocks that start at ``offset``."""
        wanted = _FIRST_WINDOW_BYTES
        while True:
            window = self._source.read(offset, min(wanted, self._source.size - offset))
            if not window:
                raise OutOfBounds
            position, is_end = self._walk(window)
            offset += position
            if is_end:
                return offset
            wanted = min(2 * wanted, _WINDOW_BYTES)

    def _walk(self, window: bytes) -> tuple[int, bool]:
        """Return the end of the sub-blocks that start within the window, and whether the series ends.

        In most series, nearly all sub-blocks have the same size. So runs of equal sizes are skipped in one
        step, and the step doubles as long as that succeeds.
        """
        position, length, last, ahead, steps = 0, len(window), 0, 1, 0
        while position < length:
            size = window[position]
            steps += 1
            if not size:
                break
            if size == last:
                row = window[position : position + ahead * (size + 1) : size + 1]
                if row.count(size) == len(row):
                    position += len(row) * (size + 1)
                    ahead *= 2
                    continue
            last, ahead = size, 1
            position += size + 1
        self._left -= steps
        if self._left < 0:
            raise malformed("GIF", f"it has more than {self._limit} sub-blocks of different sizes")
        return (position + 1, True) if position < length else (position, False)
