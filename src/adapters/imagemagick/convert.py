"""Runs ``convert`` on one image, once for all renditions."""

import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from adapters.imagemagick.command import ConvertCommand
from adapters.imagemagick.image_file import ImageFile, image_file
from adapters.imagemagick.process import ConfinedProcess, OutputTooLong, ProcessLimits, ProcessTimedOut
from adapters.imagemagick.reference_image import reference_image
from adapters.request_deadline import RequestDeadline
from adapters.temporary_storage import translated_disk_errors
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_SRGB = Path(__file__).parent / "color_profiles" / "srgb.jpg"
"""An image in sRGB: the policy allows reading a profile from an image, but not from a profile file."""
_ICC_IDENTIFIER = b"ICC_PROFILE\0"
_ICC_BYTES_PER_SEGMENT = 65_519
_MAX_ICC_SEGMENTS = 255
_COLORS = (
    # Viewers usually convert this way: colours that exist in both spaces are unchanged, and black is black.
    *("-intent", "relative", "-black-point-compensation"),
    # With 16 bits in place of floating-point numbers, version 7 needs a sixth of the time.
    *("-define", "profile:highres-transform=false"),
)
_ORIENTING: dict[int, tuple[str, ...]] = {
    1: (),
    2: ("-flop",),
    3: ("-rotate", "180"),
    4: ("-flip",),
    5: ("-transpose",),
    6: ("-rotate", "90"),
    7: ("-transverse",),
    8: ("-rotate", "270"),
}
"""Operators by the value of EXIF Orientation."""
_ENCODING = ("-strip", "-quality", "80", "-define", "webp:method=4")
_OUTPUT = "webp:-"
_BYTES_PER_PIXEL = 4
_BYTES_PER_WEBP = 4096
"""More than a WebP needs besides its pixels."""
_WEBP_HEADER_BYTES = 12
_SHARE_OF_TIME = 0.9
"""The share of the remaining time for an image; the rest is for the reference image."""


class ConvertFailed(Exception):
    """``convert`` did not make all pictures. The image or the renderer may be at fault."""

    def __init__(self, reason: str, *, exit_code: int | None = None) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Drawing:
    """How ``convert`` is to read and display an image."""

    image_format: ImageFormat
    pieces: Sequence[bytes | range] | None = None
    """What to read instead of the file, as bytes and ranges of it; ``None`` for the file itself."""
    shrunk_size: tuple[int, int] | None = None
    """The width and height at which a JPEG may be decoded."""
    has_margin: bool = False
    """Whether the first frame does not cover exactly the canvas."""
    color_profile: bytes | None = None
    orientation: int = 1
    """The EXIF Orientation of the decoded picture."""


class Convert:
    """Starts one ``convert`` per image, with one decoder, under our policy.

    It reads no metadata. It writes the pictures to its standard output; version 6 does so through files.
    """

    def __init__(
        self,
        command: ConvertCommand,
        limits: ProcessLimits,
        temporary_directory: Path | None,
        deadline: RequestDeadline,
    ) -> None:
        self._command = command
        self._limits = limits
        self._temporary_directory = temporary_directory
        self._deadline = deadline

    def pictures(
        self, content: BinaryIO, drawing: Drawing, sides_px: Sequence[int]
    ) -> Generator[bytes, None, None]:
        """Yield a WebP for each of these longest sides, in ascending order, as soon as it is written.

        Raises ConvertFailed if any is missing, or ServiceUnavailable if ``convert`` cannot be started or
        the machine is too slow.
        """
        count = 0
        with (
            image_file(
                content,
                drawing.image_format,
                drawing.pieces,
                self._temporary_directory,
                writes_files=True,
            ) as file,
            self._process(file, drawing, sides_px) as process,
        ):
            try:
                for picture in _webps(process.blocks()):
                    yield picture
                    count += 1
            except OutputTooLong:
                raise ConvertFailed("its output is too long") from None
            except ProcessTimedOut as timeout:
                if timeout.was_waiting:
                    raise ConvertFailed("it waited indefinitely") from None
                logger.warning("convert did not get enough processor time")
                raise ServiceUnavailable("Images cannot be rendered fast enough at the moment.") from None
            if count != len(sides_px):
                raise ConvertFailed(process.errors or "it printed no error", exit_code=process.exit_code)

    def _process(self, file: ImageFile, drawing: Drawing, sides_px: Sequence[int]) -> ConfinedProcess:
        limits = replace(
            self._limits,
            output_bytes=sum(_BYTES_PER_PIXEL * side * side + _BYTES_PER_WEBP for side in sides_px),
            timeout_s=min(self._limits.timeout_s, self._deadline.remaining_s() * _SHARE_OF_TIME),
        )
        profiles = [_SRGB]
        if drawing.color_profile:
            profiles.insert(0, _profile_image(drawing.color_profile, file.working_directory))
        try:
            return ConfinedProcess(
                (*self._command.arguments, *_arguments(file.target, drawing, profiles, sides_px)),
                environment={**file.environment(), **self._command.environment},
                directory=file.working_directory,
                limits=limits,
                keep_errors=True,
            )
        except OSError as error:
            logger.exception("convert could not be started")
            raise ServiceUnavailable("Images cannot be rendered at the moment.") from error


def _arguments(
    target: str, drawing: Drawing, profiles: Sequence[Path], sides_px: Sequence[int]
) -> Iterator[str]:
    yield from ("-quiet", "-define", "profile:skip=*")
    if drawing.shrunk_size:
        yield from ("-define", "jpeg:size={}x{}".format(*drawing.shrunk_size))
    yield target
    # Some decoders read metadata even so.
    yield from ("+profile", "*", "+define", "profile:skip")
    # Input must be buffered, because some decoders read byte by byte. Output must not be, so that a picture
    # is available as soon as it is written.
    yield from ("-define", "stream:buffer-size=0")
    if drawing.has_margin:
        yield from ("-alpha", "set", "-coalesce")
    *smaller, largest = sides_px
    # The box is a square, so that the picture can be rotated after it is shrunk.
    yield from ("-resize", _box(largest), *_COLORS)
    for profile in profiles:
        yield from ("-profile", f"jpeg:{profile}")
    yield from ("-colorspace", "sRGB", *_ORIENTING[drawing.orientation], *_ENCODING)
    for side in smaller:
        yield from ("(", "+clone", "-resize", _box(side), "-write", _OUTPUT, "+delete", ")")
    yield _OUTPUT


def _box(side_px: int) -> str:
    """Return the geometry that shrinks a picture into a square and never enlarges it."""
    return f"{side_px}x{side_px}>"


def _profile_image(profile: bytes, directory: Path) -> Path:
    """Write an image with a colour profile (ICC.1:2022, annex B.4). Raises ServiceUnavailable."""
    pieces = [
        profile[start : start + _ICC_BYTES_PER_SEGMENT]
        for start in range(0, len(profile), _ICC_BYTES_PER_SEGMENT)
    ][:_MAX_ICC_SEGMENTS]
    segments = b"".join(
        b"\xff\xe2"
        + (len(piece) + 16).to_bytes(2, "big")
        + _ICC_IDENTIFIER
        + bytes([number, len(pieces)])
        + piece
        for number, piece in enumerate(pieces, 1)
    )
    path = directory / "profile.jpg"
    with translated_disk_errors():
        image = reference_image(ImageFormat.JPEG).read_bytes()
        path.write_bytes(image[:2] + segments + image[2:])
    return path


def _webps(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Split the output into WebPs, each of which starts with its length (RFC 9649, 2.3)."""
    written = bytearray()
    for block in blocks:
        written += block
        while len(written) >= _WEBP_HEADER_BYTES:
            size = int.from_bytes(written[4:8], "little") + 8
            if len(written) < size:
                break
            yield bytes(written[:size])
            del written[:size]
