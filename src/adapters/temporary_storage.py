"""Files and directories of our own that live for one call, on a disk that may be full or read-only."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from domain.shared.errors import ServiceUnavailable


@contextmanager
def storage_failures() -> Iterator[None]:
    """Says of every failure to keep something on disk that it may pass; the cause is for the log."""
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable("There is no room for temporary files at the moment.") from error


@contextmanager
def temporary_file(suffix: str) -> Iterator[IO[bytes]]:
    """A new file, gone in the end. Raises ServiceUnavailable if it cannot be made or written out."""
    with storage_failures():
        file = tempfile.NamedTemporaryFile(suffix=suffix)  # noqa: SIM115 - closed below
    try:
        yield file
    finally:
        with storage_failures():
            file.close()


@contextmanager
def temporary_directory(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new directory that only this user can enter, removed in the end with all that is in it.

    Raises ServiceUnavailable if it cannot be made or removed.
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
        # Mostly it is empty; to find that out first would take longer than all the rest.
        directory.rmdir()
    except OSError:
        shutil.rmtree(directory)
