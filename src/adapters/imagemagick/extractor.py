"""Implements the metadata extractor port with ``identify`` and the embedded metadata reader."""

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.process import ConfinedProcess, ProcessLimits, ProcessTimedOut
from domain.images.inspection import require_allowed_dimensions
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractedMetadata, ExtractionTool
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_CODERS = {image_format: image_format.value for image_format in ImageFormat} | {
    # The HEIC coder reads AVIF as well, and unlike "avif:" in every version.
    ImageFormat.AVIF: "heic"
}
_FORMAT = "%w %h %z %[colorspace] %[version]\n"
"""Only numbers and names from lists of ImageMagick's own: nothing that an image could put a line into."""
_OPTIONS = ("-define", "profile:skip=*", "-ping")
"""Only the header, and no metadata profiles: the reader reads them, in less time."""
_ANSWER = re.compile(
    r"(?P<width>[0-9]{1,10}) (?P<height>[0-9]{1,10}) (?P<depth>[0-9]{1,3}) "
    r"(?P<color_space>[A-Za-z0-9]{1,32}) ImageMagick (?P<version>[0-9][0-9A-Za-z.-]{0,31}) [^\n]*\n",
    re.ASCII,
)
_PLAIN_PATH = re.compile(r"/[\w /.,()+=-]+")
"""Paths without a character that ImageMagick gives a meaning, such as ``%d``, ``[``, ``*`` and ``:``."""
_WRITES_FILES = frozenset({ImageFormat.TIFF})
"""Formats that ImageMagick 7 needs temporary files for: of some TIFFs it lists the directories in one."""
_NO_DIRECTORY = Path("/dev/null")
"""Stands for a directory in which nothing can be made."""
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_COPY_BYTES = 256 * 1024
_READER_LIMITS = ReaderLimits()
_PROCESS_LIMITS = ProcessLimits()
_ISO_MEDIA = frozenset({ImageFormat.HEIC, ImageFormat.AVIF})
_HAS_CANVAS = _ISO_MEDIA | {ImageFormat.GIF, ImageFormat.WEBP}


@dataclass(frozen=True, slots=True)
class _Identified:
    """What ``identify`` says of an image."""

    width: int
    height: int
    depth: int
    color_space: str
    version: str


class ImageMagickMetadataExtractor:
    """One ``identify -ping`` per image decides whether it is readable, and what its pixels are.

    Its decoder is forced to be that of the sniffed format, it knows only our policy, and it sees the
    file under a name of our own. What an image says in text never passes through it: the metadata
    blocks are read in this process, by a bounded reader, while ``identify`` runs.
    """

    def __init__(
        self,
        command: IdentifyCommand,
        *,
        max_pixels: int,
        max_side_px: int,
        reader_limits: ReaderLimits = _READER_LIMITS,
        process_limits: ProcessLimits = _PROCESS_LIMITS,
        temporary_directory: Path | None = None,
    ) -> None:
        self._command = command
        self._max_pixels = max_pixels
        self._max_side_px = max_side_px
        self._reader = EmbeddedMetadataReader(reader_limits)
        self._process_limits = process_limits
        self._limits_in_place = replace(process_limits, file_bytes=0)
        self._temporary_directory = temporary_directory

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image; see :class:`domain.metadata.ports.MetadataExtractor`."""
        container, budget, warnings = self._reader.read_structure(content, image_format)
        if container.width is not None and container.height is not None:
            self._require_dimensions(container.width, container.height)
        with self._started(content, image_format, container.excerpt) as process:
            embedded = self._reader.decode(container, budget, warnings)
            identified = self._answer(process)
        self._require_dimensions(identified.width, identified.height)
        width, height, depth = identified.width, identified.height, identified.depth
        color_space = identified.color_space
        if image_format in _HAS_CANVAS and container.width and container.height:
            # Where identify tells of the first frame, or of the picture already rotated, the file
            # itself tells of the canvas as it is stored.
            width, height = container.width, container.height
        if image_format in _ISO_MEDIA:
            # Here identify tells of the decoder's output: of eight bits, and in versions before 7
            # named by the coding (YCbCr) of colours that are RGB.
            depth = container.bit_depth or depth
            color_space = "sRGB" if color_space == "YCbCr" else color_space
        elif image_format is ImageFormat.TIFF:
            # Builds of ImageMagick with 16 bits per sample say no more than that of 32-bit samples.
            depth = max(depth, container.bit_depth or depth)
        return embedded.joined_with(
            image_format=image_format,
            width=width,
            height=height,
            bit_depth=depth,
            color_space=color_space,
            extracted_with=ExtractionTool(tool="ImageMagick", version=identified.version),
        )

    def _require_dimensions(self, width: int, height: int) -> None:
        require_allowed_dimensions(
            width, height, max_pixels=self._max_pixels, max_side_px=self._max_side_px
        )

    @contextmanager
    def _started(
        self, content: BinaryIO, image_format: ImageFormat, excerpt: Sequence[bytes | range] | None
    ) -> Iterator[ConfinedProcess]:
        """``identify``, reading the image in place, or a copy or excerpt in a directory of its own."""
        path = _plain_path(content) if excerpt is None else None
        with ExitStack() as stack:
            directory, limits = _NO_DIRECTORY, self._limits_in_place
            if path is None or image_format in _WRITES_FILES:
                directory = stack.enter_context(_own_directory(self._temporary_directory))
                limits = self._process_limits
            target = f"{_CODERS[image_format]}:{path or _copied(content, excerpt, directory)}[0]"
            yield stack.enter_context(self._process(target, directory, limits))

    def _process(self, target: str, directory: Path, limits: ProcessLimits) -> ConfinedProcess:
        environment = {
            # Its answer is ASCII, and any other locale would have to be loaded.
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

    def _answer(self, process: ConfinedProcess) -> _Identified:
        try:
            exit_code, written = process.output()
        except ProcessTimedOut:
            raise UnreadableImage(
                f"The image cannot be read within {self._process_limits.timeout_s:g} seconds."
            ) from None
        if exit_code in {_NOT_FOUND, _NOT_EXECUTABLE}:
            logger.error("identify could not be loaded", extra={"exit_code": exit_code})
            raise ServiceUnavailable("Images cannot be read at the moment.")
        answer = _ANSWER.fullmatch(written.decode("ascii", "replace"))
        if exit_code or not answer:
            logger.info("identify refused an image", extra={"exit_code": exit_code})
            raise UnreadableImage("The bytes cannot be read as an image of their format.")
        return _Identified(
            width=int(answer["width"]),
            height=int(answer["height"]),
            depth=int(answer["depth"]),
            color_space=answer["color_space"],
            version=answer["version"],
        )


@contextmanager
def _own_directory(parent: Path | None) -> Iterator[Path]:
    """A new directory that only this user can enter, removed in the end with all that is in it."""
    directory = Path(tempfile.mkdtemp(prefix="identify-", dir=parent))
    try:
        yield directory
    finally:
        try:
            # Mostly it is empty; to find that out first would take longer than all the rest.
            directory.rmdir()
        except OSError:
            shutil.rmtree(directory)


def _copied(content: BinaryIO, excerpt: Sequence[bytes | range] | None, directory: Path) -> Path:
    """The image, or the excerpt of it, as a file in ``directory``."""
    target = directory / "image"
    with target.open("wb") as copy:
        if excerpt is None:
            content.seek(0)
            shutil.copyfileobj(content, copy)
        for part in excerpt or ():
            _append(part, content, copy)
    return target


def _append(part: bytes | range, content: BinaryIO, copy: BinaryIO) -> None:
    if isinstance(part, bytes):
        copy.write(part)
        return
    content.seek(part.start)
    copy.writelines(
        content.read(min(_COPY_BYTES, part.stop - start))
        for start in range(part.start, part.stop, _COPY_BYTES)
    )


def _plain_path(content: BinaryIO) -> str | None:
    """The path, without symbolic links, of the very file that the stream reads.

    ``None`` if there is none, or if ImageMagick would see more in it than a path.
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
    """The path of an open file without symbolic links, where the system tells that, in a single step."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - a quarter of Path's time
    except OSError:  # not Linux
        return os.path.realpath(name)
