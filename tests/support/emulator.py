"""Starts the embedded AWS emulator for tests, with state of its own that goes when it stops."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.local.emulator import Emulator


@contextmanager
def running_emulator() -> Iterator[Emulator]:
    """An emulator on a free loopback port, with signatures, policies and codes checked."""
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder:
        emulator = Emulator.start(Path(folder))
        try:
            yield emulator
        finally:
            emulator.stop()
