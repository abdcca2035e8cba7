"""One hostile file and its allowed outcomes."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from tests.support.image_factory import jpeg, pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import Ifd, ascii_text

WITNESS = "Witness 1"
"""The camera model in a valid block next to a hostile one; it must survive."""


@dataclass(frozen=True)
class Accepted:
    """What must be read if the file is accepted.

    ``values`` must be there, by block and name. ``subset_of`` holds all values that the blocks may
    have, where a damaged file may lose some but must not change or invent any. No text of
    ``never`` may occur anywhere in the document.
    """

    image: Mapping[str, Any] = field(
        default_factory=lambda: {"width": pixels.WIDTH, "height": pixels.HEIGHT}
    )
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    subset_of: Mapping[str, Mapping[str, Any]] | None = None
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostileFile:
    """A hostile file: its name, how it is made, and its outcome.

    With ``accepted`` alone it must be accepted, with ``codes`` alone refused with one of these error
    codes; with both, either is right.
    """

    name: str
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()
    accepted: Accepted | None = None

    @cached_property
    def content(self) -> bytes:
        """The file's bytes, the same in every run."""
        return self.make()


TOO_LARGE = "image-dimensions-exceeded"
UNREADABLE = "unreadable-image"
UNSUPPORTED = "unsupported-image-type"


def refused(name: str, make: Callable[[], bytes], *codes: str) -> HostileFile:
    """A file that must be refused with one of these codes."""
    return HostileFile(name, make, frozenset(codes))


def accepted(name: str, make: Callable[[], bytes], **right: Any) -> HostileFile:
    """A file that must be accepted with the right data; see :class:`Accepted`."""
    return HostileFile(name, make, accepted=Accepted(**right))


def either(name: str, make: Callable[[], bytes], *codes: str, **right: Any) -> HostileFile:
    """A file that may be accepted with the right data or be refused (as unreadable by default)."""
    return HostileFile(name, make, frozenset(codes or {UNREADABLE}), Accepted(**right))


def witness_exif() -> Ifd:
    """A healthy EXIF block."""
    return Ifd({0x0110: ascii_text(WITNESS)})


WITNESS_VALUES: Mapping[str, Mapping[str, Any]] = {"exif": {"Model": WITNESS}}


def jpeg_around(*segments: bytes, witness: bool = True) -> bytes:
    """A good JPEG with these segments behind those of a healthy EXIF block."""
    own = jpeg.metadata_segments(Blocks(exif=witness_exif())) if witness else b""
    picture = jpeg.encoded()
    return picture[:2] + own + b"".join(segments) + picture[2:]


def jpeg_with_exif(block: bytes) -> bytes:
    """A good JPEG whose only EXIF block is this one."""
    return jpeg_around(jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE + block), witness=False)


@cache
def zeros_deflated(size: int) -> bytes:
    """``size`` zero bytes as a zlib stream about a thousandth as long."""
    compressor = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [compressor.compress(block[: min(len(block), size - at)]) for at in range(0, size, len(block))]
    return b"".join([*parts, compressor.flush()])
