"""Runs ``identify`` on one image and parses its answer."""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.process import ConfinedProcess, OutputTooLong, ProcessLimits, ProcessTimedOut
from adapters.request_deadline import RequestDeadline
from adapters.temporary_storage import storage_failures, temporary_directory
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_CODERS = {image_format: image_format.value for image_format in ImageFormat} | {
    # The HEIC coder reads AVIF in every version, unlike "avif:".
    ImageFormat.AVIF: "heic"
}
_FORMAT = "%w %h %z %[colorspace] %[version]\n"
"""Only numbers, and names from ImageMagick's own lists: no text that an image could inject lines into."""
_OPTIONS = (
    *("-define", "profile:skip=*", "-define", "tiff:exif-properties=false"),
    *("-define", "tiff:gps-properties=false", "-ping"),
)
"""Read the header only, without metadata: our reader is faster, and damaged metadata must not matter."""
_ANSWER = re.compile(
    r"(?P<width>[0-9]{1,10}) (?P<height>[0-9]{1,10}) (?P<depth>[0-9]{1,3}) "
    r"(?P<color_space>[A-Za-z0-9]{1,32}) ImageMagick (?P<version>[0-9][0-9A-Za-z.-]{0,31}) [^\n]*\n",
    re.ASCII,
)
_PLAIN_PATH = re.compile(r"/[\w /.,()+=-]+")
"""Paths without characters that are special to ImageMagick, such as ``%d``, ``[``, ``*`` and ``:``."""
_WRITES_FILES = frozenset({ImageFormat.TIFF})
"""Formats that ImageMagick 7 needs a temporary file for: it lists the directories of some TIFFs in one."""
_NO_DIRECTORY = Path("/dev/null")
"""Stands for a directory in which nothing can be created."""
_COPY_BYTES = 256 * 1024


class IdentifyFailed(Exception):
    """``identify`` gave no answer about an image; the image or ``identify`` may be at fault."""


@dataclass(frozen=True, slots=True)
class IdentifiedImage:
    """What ``identify`` says about an image."""

    width: int
    height: int
    depth: int
    color_space: str
    version: str


class IdentifyRun:
    """A run of ``identify`` on one image."""

    def __init__(self, process: ConfinedProcess) -> None:
        self._process = process

    def answer(self) -> IdentifiedImage:
        """Wait for the answer. Raises IdentifyFailed, or ServiceUnavailable if the machine is too slow."""
        try:
            exit_code, written = self._process.output()
        except OutputTooLong:
            raise IdentifyFailed("it printed too much") from None
        except ProcessTimedOut as timeout:
            if timeout.was_waiting:
                raise IdentifyFailed("it waited indefinitely") from None
            logger.warning("identify did not get enough processor time")
            raise ServiceUnavailable("Images cannot be read fast enough at the moment.") from None
        answer = _ANSWER.fullmatch(written.decode("ascii", "replace"))
        if exit_code or not answer:
            raise IdentifyFailed(f"exit code {exit_code}")
        return IdentifiedImage(
            width=int(answer["width"]),
            height=int(answer["height"]),
            depth=int(answer["depth"]),
            color_space=answer["color_space"],
            version=answer["version"],
        )


class Identify:
    """Starts one ``identify -ping`` for an image.

    It is forced to use the decoder of the sniffed format and our policy, and it sees the file under a
    name that we chose.
    """

    def __init__(
        self,
        command: IdentifyCommand,
        limits: ProcessLimits,
        temporary_directory: Path | None,
        deadline: RequestDeadline,
    ) -> None:
        self._command = command
        self._limits = limits
        self._temporary_directory = temporary_directory
        self._deadline = deadline

    @contextmanager
    def started(
        self, content: BinaryIO, image_format: ImageFormat, excerpt: Sequence[bytes | range] | None
    ) -> Iterator[IdentifyRun]:
        """Start reading the image in place, or a copy or excerpt of it in a temporary directory.

        Raises ServiceUnavailable if ``identify`` cannot be started.
        """
        path = _plain_path(content) if excerpt is None else None
        with ExitStack() as stack:
            directory, file_bytes = _NO_DIRECTORY, 0
            if path is None or image_format in _WRITES_FILES:
                directory = stack.enter_context(temporary_directory("identify-", self._temporary_directory))
                file_bytes = self._limits.file_bytes
            limits = replace(self._limits, file_bytes=file_bytes, timeout_s=self._timeout_s())
            target = f"{_CODERS[image_format]}:{path or _copied(content, excerpt, directory)}[0]"
            yield IdentifyRun(stack.enter_context(self._process(target, directory, limits)))

    def _timeout_s(self) -> float:
        """Return at most half of the remaining time: the other half is for the reference image."""
        return min(self._limits.timeout_s, self._deadline.remaining_s() / 2)

    def _process(self, target: str, directory: Path, limits: ProcessLimits) -> ConfinedProcess:
        environment = {
            # The answer is ASCII, and any other locale would have to be loaded.
            "LC_ALL": "C",
            "HOME": str(directory),
            "TMPDIR": str(directory),
            "MAGICK_TEMPORARY_PATH": str(directory),
            "MAGICK_THREAD_LIMIT": "1",
            "OMP_NUM_THREADS": "1",
            **self._command.environment,
        }
        try:
            return ConfinedProcess(
                (*self._command.arguments, *_OPTIONS, "-format", _FORMAT, target),
                environment=environment,
                directory=Path("/") if directory is _NO_DIRECTORY else directory,
                limits=limits,
            )
        except OSError as error:
            logger.exception("identify could not be started")
            raise ServiceUnavailable("Images cannot be read at the moment.") from error


def _copied(content: BinaryIO, excerpt: Sequence[bytes | range] | None, directory: Path) -> Path:
    """Copy the image, or an excerpt of it, to a file in ``directory``. Raises ServiceUnavailable."""
    target = directory / "image"
    with storage_failures():
        copy = target.open("wb", buffering=0)
    with copy:
        for block in _blocks(content, excerpt):
            with storage_failures():
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
