"""Provides an image to ImageMagick: in place, or as a copy with a name of our choice."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adapters.temporary_storage import temporary_directory, translated_disk_errors
from domain.shared.image_format import ImageFormat

_CODERS = {image_format: image_format.value for image_format in ImageFormat} | {
    # The HEIC coder reads AVIF in every version, unlike "avif:".
    ImageFormat.AVIF: "heic"
}
_PLAIN_PATH = re.compile(r"/[\w /.,()+=-]+")
"""Paths without characters that are special to ImageMagick, such as ``%d``, ``[``, ``*`` and ``:``."""
_WRITES_FILES = frozenset({ImageFormat.TIFF})
"""Formats that need a temporary file: ImageMagick 7 lists the directories of some TIFFs in one."""
_NO_DIRECTORY = Path("/dev/null")
"""Stands for a directory in which nothing can be created."""
_COPY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ImageFile:
    """The first frame of an image as ImageMagick sees it."""

    target: str
    """The argument that names the file and forces the decoder."""
    directory: Path | None
    """The directory for the program's temporary files; ``None`` if it needs none."""

    @property
    def working_directory(self) -> Path:
        """The directory in which to start the program."""
        return self.directory or Path("/")

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the program; it inherits no others."""
        directory = str(self.directory or _NO_DIRECTORY)
        return {
            # The output is ASCII, and any other locale would have to be loaded.
            "LC_ALL": "C",
            "HOME": directory,
            "TMPDIR": directory,
            "MAGICK_TEMPORARY_PATH": directory,
            "MAGICK_THREAD_LIMIT": "1",
            "OMP_NUM_THREADS": "1",
        }


@contextmanager
def image_file(
    content: BinaryIO,
    image_format: ImageFormat,
    excerpt: Sequence[bytes | range] | None,
    temporary_directories: Path | None,
    *,
    writes_files: bool = False,
) -> Iterator[ImageFile]:
    """Provide the image in place, or a copy or excerpt of it in a temporary directory.

    ``writes_files`` asks for that directory in any case; it is created in ``temporary_directories``.
    Raises ServiceUnavailable if the directory or the copy cannot be created.
    """
    path = _plain_path(content) if excerpt is None else None
    with ExitStack() as stack:
        directory = None
        if writes_files or path is None or image_format in _WRITES_FILES:
            directory = stack.enter_context(temporary_directory("imagemagick-", temporary_directories))
            path = path or str(_copied(content, excerpt, directory))
        yield ImageFile(f"{_CODERS[image_format]}:{path}[0]", directory)


def _copied(content: BinaryIO, excerpt: Sequence[bytes | range] | None, directory: Path) -> Path:
    """Copy the image, or an excerpt of it, to a file in ``directory``. Raises ServiceUnavailable."""
    target = directory / "image"
    with translated_disk_errors():
        copy = target.open("wb", buffering=0)
    with copy:
        for block in _blocks(content, excerpt):
            with translated_disk_errors():
                _write(copy.fileno(), block)
    return target


def _blocks(content: BinaryIO, excerpt: Sequence[bytes | range] | None) -> Iterator[bytes]:
    if excerpt is None:
        content.seek(0)
        while block := content.read(_COPY_BYTES):
            yield block
    for piece in excerpt or ():
        if isinstance(piece, bytes):
            yield piece
            continue
        content.seek(piece.start)
        for start in range(piece.start, piece.stop, _COPY_BYTES):
            yield content.read(min(_COPY_BYTES, piece.stop - start))


def _write(descriptor: int, block: bytes) -> None:
    """Write a whole block: when a disk fills up, one write is short and only the next one fails."""
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def _plain_path(content: BinaryIO) -> str | None:
    """Return the path, without symbolic links, of the file that the stream reads.

    Returns ``None`` if there is none, or if it has characters that are special to ImageMagick.
    """
    name = getattr(content, "name", None)
    if not isinstance(name, str):
        return None
    try:
        content.flush()
        path = _real_path(name, content.fileno())
        is_same = os.path.samestat(os.stat(path), os.fstat(content.fileno()))  # noqa: PTH116 - faster
    except (OSError, ValueError):
        return None
    return path if is_same and _PLAIN_PATH.fullmatch(path) else None


def _real_path(name: str, descriptor: int) -> str:
    """Return the path of an open file without symbolic links, on Linux in one system call."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - a quarter of Path's time
    except OSError:  # not Linux
        return os.path.realpath(name)
