"""Random access to bytes by absolute offset, over a stream or in memory."""

import io
import os
from typing import BinaryIO, Protocol

_WINDOW_BYTES = 512


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
        self._window_start = self._window_end = 0
        self.size = stream.seek(0, io.SEEK_END)
        self._descriptor = _file_descriptor(stream)

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        end = offset + length
        if self._window_start <= offset <= end <= self._window_end:
            return self._window[offset - self._window_start : end - self._window_start]
        if not 0 <= offset <= end <= self.size:
            raise OutOfBounds
        wanted = max(_WINDOW_BYTES, length)
        if self._descriptor is not None:
            found = os.pread(self._descriptor, wanted, offset)
        else:
            self._stream.seek(offset)
            found = self._stream.read(wanted)
        if len(found) < length:
            raise OutOfBounds
        self._window, self._window_start, self._window_end = found, offset, offset + len(found)
        return found[:length]


def _file_descriptor(stream: BinaryIO) -> int | None:
    """The descriptor of a stream that is a file: reading it by offset costs one call and no buffer."""
    # A named temporary file of the standard library is such a stream in a wrapper.
    file = getattr(stream, "file", stream)
    if not isinstance(file, io.BufferedReader | io.BufferedRandom | io.FileIO):
        return None
    file.flush()
    return file.fileno()
