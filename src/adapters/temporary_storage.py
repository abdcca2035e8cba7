"""Temporary files and directories, on a disk that may be full or read-only.

A killed process leaves them behind. On AWS Lambda, they even remain for the process that replaces it. So
each is locked (flock) while its process lives, and the first use in another process removes those without
a lock.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from domain.shared.errors import ServiceUnavailable

_PREFIX = "images-upload-api-"


@contextmanager
def translated_disk_errors() -> Iterator[None]:
    """Raise ServiceUnavailable for every OSError in the ``with`` block. The cause is for the log only."""
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable("There is no space for temporary files at the moment.") from error


@contextmanager
def temporary_file(suffix: str) -> Iterator[IO[bytes]]:
    """Create a file and delete it in the end. Raises ServiceUnavailable if it cannot be written."""
    with translated_disk_errors():
        file = _locked_file(suffix)
    try:
        yield file
    finally:
        with translated_disk_errors():
            file.close()


@contextmanager
def temporary_directory(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Create a directory that only this user can enter, and remove it with its content in the end.

    Raises ServiceUnavailable if it cannot be created or removed.
    """
    with translated_disk_errors():
        directory, descriptor = _locked_directory(prefix, parent)
    try:
        yield directory
    finally:
        with translated_disk_errors():
            try:
                _remove(directory)
            finally:
                os.close(descriptor)


def _locked_file(suffix: str) -> IO[bytes]:
    folder = Path(tempfile.gettempdir())
    _remove_left_over(folder)
    while True:
        file = tempfile.NamedTemporaryFile(prefix=_PREFIX, suffix=suffix)  # noqa: SIM115 - closed by the caller
        if _lock(file.fileno(), Path(file.name)):
            return file
        with suppress(FileNotFoundError):
            file.close()


def _locked_directory(prefix: str, parent: Path | None) -> tuple[Path, int]:
    folder = parent or Path(tempfile.gettempdir())
    _remove_left_over(folder)
    while True:
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX + prefix, dir=folder))
        try:
            descriptor = os.open(directory, os.O_RDONLY)
        except FileNotFoundError:
            continue
        if _lock(descriptor, directory):
            return directory, descriptor
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> bool:
    """Lock a new file or directory. Returns false if another process has already removed it."""
    with suppress(OSError):  # where locks do not work, no process removes it
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return path.exists()


@cache
def _remove_left_over(folder: Path) -> None:
    """Remove what ended processes have left in the folder. Does so once per process."""
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.is_dir():
                    _remove(path)
                else:
                    path.unlink()
            finally:
                os.close(descriptor)


def _remove(directory: Path) -> None:
    try:
        # It is usually empty, and checking that first would take longer.
        directory.rmdir()
    except OSError:
        shutil.rmtree(directory)
