"""Temporary files and directories, on a disk that may be full or read-only."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from domain.shared.errors import ServiceUnavailable


@contextmanager
def storage_failures() -> Iterator[None]:
    """Raise ServiceUnavailable for every OSError in the ``with`` block; the cause is for the log."""
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable("There is no space for temporary files at the moment.") from error


@contextmanager
def temporary_file(suffix: str) -> Iterator[IO[bytes]]:
    """Create a file that is deleted in the end. Raises ServiceUnavailable if it cannot be written."""
    with storage_failures():
        file = tempfile.NamedTemporaryFile(suffix=suffix)  # noqa: SIM115 - closed below
    try:
        yield file
    finally:
        with storage_failures():
            file.close()


@contextmanager
def temporary_directory(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Create a directory that only this user can enter, and remove it with its content in the end.

    Raises ServiceUnavailable if it cannot be created or removed.
    """
    with storage_failures():
        directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield directory
    finally:
        with storage_failures():
            _remove(directory)


def _remove(directory: Path) -> None:
    try:
        # It is usually empty, and checking that first would take longer.
        directory.rmdir()
    except OSError:
        shutil.rmtree(directory)
