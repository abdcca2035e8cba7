"""Keeps memory for the next image: clearing new pages would take longer than copying the image."""

import ctypes
from contextlib import suppress

_KEPT_BYTES = 32 * 1024 * 1024
"""The largest value that glibc allows."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""


def keep_freed_memory() -> None:
    """Make this process keep freed memory instead of returning it immediately. Needs glibc."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT_BYTES)
