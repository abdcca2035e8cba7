"""The layout of an image file: its structure, and where its raw metadata blocks are."""

from dataclasses import dataclass, field

from adapters.embedded_metadata.byte_source import ByteSource
from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.errors import UnreadableImage


class Warnings:
    """Collects, for the user, what could not be read; each text once, and only so many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Note a text unless it was noted before or there are too many."""
        if len(self._texts) < self._limit:
            self._texts[text] = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the order of their first occurrence."""
        return tuple(self._texts)


@dataclass(slots=True)
class Layout:
    """The structure of one image file. A value is absent if the format does not tell it."""

    width: int | None = None
    """Pixels of the first frame as stored."""
    height: int | None = None
    decoded_size: tuple[int, int] | None = None
    """Width and height before the file's own crop, where there may be one."""
    bit_depth: int | None = None
    """Bits per sample."""
    frames: int = 1
    orientation: int | None = None
    """The EXIF Orientation that equals the file's own transformations, where its format has any."""
    exif: list[ByteSource] = field(default_factory=list)
    """TIFF structures, the main one first: the EXIF blocks, or the file itself if it is a TIFF."""
    iptc: bytes | None = None
    """IPTC-IIM datasets."""
    iptc_digest: bytes | None = None
    """The MD5 digest of the IPTC block that was in the file when its XMP was last written."""
    xmp: list[bytes] = field(default_factory=list)
    """XMP packets, the main one first."""
    icc: bytes | None = None
    creation_time: bytes | None = None
    """A PNG's text of when it was made."""
    is_camera_raw: bool = False
    """Whether it is a preview in a camera's raw file."""
    excerpt: list[bytes | range] | None = None
    """The image without its metadata, as bytes and ranges of the file, if that is all that a decoder
    should be shown; ``None`` if it can be shown the file."""


class Excerpt:
    """Decides, while a file is read, which pieces of it a decoder is shown."""

    def __init__(self, limits: ReaderLimits) -> None:
        self._limits = limits
        self._ranges: list[list[int]] = []
        self._omitted_bytes = 0
        self._omitted_blocks = 0

    def keep(self, start: int, stop: int) -> None:
        """Count a range of the file as needed for the image."""
        if self._ranges and self._ranges[-1][1] == start:
            self._ranges[-1][1] = stop
        else:
            self._ranges.append([start, stop])

    def omit(self, size: int) -> None:
        """Count a block of ``size`` bytes as not needed."""
        self._omitted_bytes += size
        self._omitted_blocks += 1

    def pieces(self) -> list[bytes | range] | None:
        """Return what to show in place of the file, or ``None`` to show the file itself."""
        limits = self._limits
        is_small = (
            self._omitted_bytes <= limits.max_delegated_bytes
            and self._omitted_blocks <= limits.max_delegated_blocks
        )
        return None if is_small else [range(start, stop) for start, stop in self._ranges]


def truncated(image_format: str) -> UnreadableImage:
    """The error of a file that ends before its image does."""
    return UnreadableImage(f"The {image_format} image is incomplete: the file ends before the image does.")


def malformed(image_format: str, what: str) -> UnreadableImage:
    """The error of a file whose structure contradicts its format."""
    return UnreadableImage(f"The {image_format} image cannot be read: {what}.")
