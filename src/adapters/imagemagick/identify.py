"""Runs ``identify`` on one image and parses its output."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.image_file import ImageFile, image_file
from adapters.imagemagick.process import ConfinedProcess, OutputTooLong, ProcessLimits, ProcessTimedOut
from adapters.request_deadline import RequestDeadline
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_FORMAT = "%w %h %z %[colorspace] %[version]\n"
"""Only numbers and names from ImageMagick's own lists: no text with which an image could inject lines."""
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


class IdentifyFailed(Exception):
    """``identify`` did not describe an image. The image or ``identify`` may be at fault."""


@dataclass(frozen=True, slots=True)
class IdentifiedImage:
    """What ``identify`` reports about an image."""

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
        """Wait for the result. Raises IdentifyFailed, or ServiceUnavailable if the machine is too slow."""
        try:
            exit_code, written = self._process.output()
        except OutputTooLong:
            raise IdentifyFailed("its output is too long") from None
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

    It must use the decoder of the sniffed format and our policy, and it sees the file under a name of our
    choice.
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
        with (
            image_file(content, image_format, excerpt, self._temporary_directory) as file,
            self._process(file) as process,
        ):
            yield IdentifyRun(process)

    def _timeout_s(self) -> float:
        """Return at most half of the remaining time: the other half is for the reference image."""
        return min(self._limits.timeout_s, self._deadline.remaining_s() / 2)

    def _process(self, file: ImageFile) -> ConfinedProcess:
        limits = replace(
            self._limits,
            file_bytes=self._limits.file_bytes if file.directory else 0,
            timeout_s=self._timeout_s(),
        )
        try:
            return ConfinedProcess(
                (*self._command.arguments, *_OPTIONS, "-format", _FORMAT, file.target),
                environment={**file.environment(), **self._command.environment},
                directory=file.working_directory,
                limits=limits,
            )
        except OSError as error:
            logger.exception("identify could not be started")
            raise ServiceUnavailable("Images cannot be read at the moment.") from error
