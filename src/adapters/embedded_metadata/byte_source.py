"""Random access to bytes by absolute offset, over a stream or in memory."""

import io
import os
from collections.abc import Callable
from typing import BinaryIO, Protocol

_WINDOW_BYTES = 4096
_PEEK_BYTES = 64
_NEAR_BYTES = 256
_MAX_DIRECT_BYTES = 64 * 1024
"""A single system call always returns this many bytes of a regular file if it has them."""
_FILES = frozenset({io.BufferedReader, io.BufferedRandom, io.FileIO})


class OutOfBounds(Exception):
    """The requested bytes are outside the source: a structure is damaged or truncated."""


class ByteSource(Protocol):
    """Bytes that can be read at any offset."""

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        ...

    def peek(self, offset: int, length: int) -> bytes:
        """Read as :meth:`read` does, fastest if nothing nearby is read next."""
        ...


class BlockSource:
    """A block of bytes in memory."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self.size = len(block)

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise OutOfBounds
        return self._block[offset : offset + length]

    peek = read


class StreamSource:
    """A seekable stream of which only the requested bytes are read.

    Small neighbouring reads, such as the fields of a directory, are served from one window. After a
    jump, such as from one chunk of image data to the next, only a little is read.
    """

    def __init__(self, stream: BinaryIO, before_read: Callable[[], None]) -> None:
        """Read ``stream``; ``before_read`` is called whenever it is read, and may raise."""
        self._stream = stream
        self._before_read = before_read
        self._window = b""
        self._window_start = self._window_end = 0
        self.size = stream.seek(0, io.SEEK_END)
        self._descriptor = _file_descriptor(stream)

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from ``offset``. Raises :class:`OutOfBounds`."""
        end = offset + length
        if self._window_start <= offset <= end <= self._window_end:
            return self._window[offset - self._window_start : end - self._window_start]
        if not 0 <= offset <= end <= self.size:
            raise OutOfBounds
        is_near = self._window_start <= offset <= self._window_end + _NEAR_BYTES
        found = self._fetch(offset, max(length, _WINDOW_BYTES if is_near else _PEEK_BYTES))
        if len(found) < length:
            raise OutOfBounds
        self._window, self._window_start, self._window_end = found, offset, offset + len(found)
        return found[:length]

    def peek(self, offset: int, length: int) -> bytes:
        """Read as :meth:`read` does, faster if nothing nearby follows. Raises :class:`OutOfBounds`."""
        found = self._fetch(offset, length)
        if len(found) < length:
            raise OutOfBounds
        return found

    def _fetch(self, offset: int, length: int) -> bytes:
        """Read ``length`` bytes, or fewer at the end of the stream."""
        self._before_read()
        if self._descriptor is None or length > _MAX_DIRECT_BYTES:
            self._stream.seek(offset)
            return self._stream.read(length)
        return os.pread(self._descriptor, length, offset)


def _file_descriptor(stream: BinaryIO) -> int | None:
    """Return the descriptor of a stream that is a file, or ``None``.

    Reading from the descriptor bypasses the stream's buffer, useless for jumps, and halves the time.
    """
    # Named temporary files of the standard library wrap such a stream.
    file = getattr(stream, "file", stream)
    if type(file) not in _FILES:
        return None
    file.flush()
    return int(file.fileno())
