"""Keeps memory for the next image: the kernel's clearing of new pages would cost more than the copying."""

import ctypes
from contextlib import suppress

_KEPT_BYTES = 32 * 1024 * 1024
"""The most that glibc allows for single blocks."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""


def keep_freed_memory() -> None:
    """Make this process keep freed memory instead of returning it at once, where the C library is glibc."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT_BYTES)
