"""Starts the embedded AWS emulator for tests, with its own temporary state."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.local.emulator import Emulator


@contextmanager
def running_emulator() -> Iterator[Emulator]:
    """An emulator on a free loopback port, which checks signatures, policies and codes."""
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder:
        emulator = Emulator.start(Path(folder))
        try:
            yield emulator
        finally:
            emulator.stop()
