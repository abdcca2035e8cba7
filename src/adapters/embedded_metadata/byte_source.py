"""Random access to bytes by absolute offset, over a stream or in memory."""

import io
from typing import BinaryIO, Protocol

_WINDOW_BYTES = 4096


class OutOfBounds(Exception):
    """Bytes were asked for that lie outside the source: a damaged or truncated structure."""


class ByteSource(Protocol):
    """Bytes that can be read at any offset."""

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        ...


class BlockSource:
    """The bytes of a block that is in memory."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self.size = len(block)

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise OutOfBounds
        return self._block[offset : offset + length]


class StreamSource:
    """A seekable stream, of which only what is asked for is read.

    Small neighbouring reads, such as those of a row of chunk headers, are served from one window.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._window = b""
        self._window_start = 0
        self.size = stream.seek(0, io.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        start = offset - self._window_start
        if start >= 0 and length >= 0:
            found = self._window[start : start + length]
            if len(found) == length:
                return found
        if offset < 0 or length < 0 or offset + length > self.size:
            raise OutOfBounds
        self._stream.seek(offset)
        found = self._stream.read(max(length, _WINDOW_BYTES))
        if len(found) < length:
            raise OutOfBounds
        self._window, self._window_start = found, offset
        return found if len(found) == length else found[:length]
