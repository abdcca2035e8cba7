"""What a container format's module finds in a file: its structure, and the raw metadata blocks."""

from dataclasses import dataclass, field

from adapters.embedded_metadata.byte_source import ByteSource
from domain.errors import UnreadableImage


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
class Container:
    """The structure of one image file. Absent values are those that the format does not tell."""

    width: int | None = None
    """Pixels of the first frame as stored."""
    height: int | None = None
    bit_depth: int | None = None
    """Bits per sample."""
    frames: int = 1
    orientation: int | None = None
    """The EXIF Orientation that equals the container's own transformation, where it has one."""
    exif: ByteSource | None = None
    """A TIFF structure: the EXIF block, or the file itself if it is a TIFF."""
    iptc: bytes | None = None
    """IPTC-IIM datasets."""
    xmp: list[bytes] = field(default_factory=list)
    """XMP packets, the main one first."""
    icc: bytes | None = None


def truncated(image_format: str) -> UnreadableImage:
    """The error of a file that ends before its image does."""
    return UnreadableImage(f"The {image_format} image is incomplete: the file ends before the image does.")


def malformed(image_format: str, what: str) -> UnreadableImage:
    """The error of a file whose structure contradicts its format."""
    return UnreadableImage(f"The {image_format} image cannot be read: {what}.")
