"""The layout of an image file: its structure, and where its raw metadata blocks are."""

from dataclasses import dataclass, field

from adapters.embedded_metadata.byte_source import ByteSource
from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.errors import UnreadableImage


class Warnings:
    """Collects messages for the user about what could not be read: each once, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Add a message, unless it has already been added or the limit is reached."""
        if len(self._texts) < self._limit:
            self._texts[text] = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages in the order in which they were first added."""
        return tuple(self._texts)


@dataclass(slots=True)
class Layout:
    """The structure of one image file. A value is ``None`` if the format does not record it."""

    width: int | None = None
    """Pixels of the first frame as stored."""
    height: int | None = None
    decoded_size: tuple[int, int] | None = None
    """Width and height before the file's own crop, if the format has crops."""
    has_margin: bool = False
    """Whether the first frame does not cover exactly the canvas."""
    is_grey: bool = False
    """Whether the samples have one grey channel, alpha aside, as far as the format tells."""
    bit_depth: int | None = None
    """Bits per sample."""
    frames: int = 1
    orientation: int | None = None
    """The EXIF Orientation that equals the file's own transformations, if its format has any."""
    exif: list[ByteSource] = field(default_factory=list)
    """TIFF structures, the main one first: the EXIF blocks, or the file itself if it is a TIFF."""
    iptc: bytes | None = None
    """IPTC-IIM datasets."""
    iptc_digest: bytes | None = None
    """MD5 digest of the IPTC block at the time when the file's XMP was last written."""
    xmp: list[bytes] = field(default_factory=list)
    """XMP packets, the main one first."""
    icc: bytes | None = None
    creation_time: bytes | None = None
    """The ``Creation Time`` text of a PNG."""
    is_camera_raw: bool = False
    """Whether it is a preview in a camera raw file."""
    upright: list[bytes | range] | None = None
    """The file, as bytes and ranges of it, with an orientation of 1 in place of its own; ``None`` if
    decoders are known to ignore the orientation."""
    excerpt: list[bytes | range] | None = None
    """The image without its metadata, as bytes and ranges of the file, for a decoder that must not see
    the rest; ``None`` if it can read the whole file."""


class Excerpt:
    """Decides, while a file is read, which pieces of it a decoder receives."""

    def __init__(self, limits: ReaderLimits) -> None:
        self._limits = limits
        self._ranges: list[list[int]] = []
        self._omitted_bytes = 0
        self._omitted_blocks = 0

    def keep(self, start: int, stop: int) -> None:
        """Mark a range of the file as needed for the image."""
        if self._ranges and self._ranges[-1][1] == start:
            self._ranges[-1][1] = stop
        else:
            self._ranges.append([start, stop])

    def omit(self, size: int) -> None:
        """Mark a block of ``size`` bytes as not needed."""
        self._omitted_bytes += size
        self._omitted_blocks += 1

    def pieces(self) -> list[bytes | range] | None:
        """Return what the decoder receives in place of the file, or ``None`` for the file itself."""
        limits = self._limits
        is_small = (
            self._omitted_bytes <= limits.max_delegated_bytes
            and self._omitted_blocks <= limits.max_delegated_blocks
        )
        return None if is_small else [range(start, stop) for start, stop in self._ranges]


def truncated(image_format: str) -> UnreadableImage:
    """Make the error for a file that ends before its image does."""
    return UnreadableImage(f"The {image_format} image is incomplete: the file ends before the image does.")


def malformed(image_format: str, what: str) -> UnreadableImage:
    """Make the error for a file whose structure violates its format."""
    return UnreadableImage(f"The {image_format} image cannot be read: {what}.")
