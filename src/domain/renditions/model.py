"""Renditions: how they are specified, and what was made."""

import re
from dataclasses import dataclass
from typing import ClassVar

from domain.shared.image_format import ImageFormat

MAX_SIDE_PX = 4096
"""The largest value that can be set for the longer side of a rendition."""
MAX_RENDITIONS = 5
"""How many renditions of an image can be set."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class RenditionSpec:
    """A rendition to make of each image. Raises :class:`ValueError` if it is invalid."""

    name: str
    """Lower-case letters, digits and hyphens: part of a key in storage."""
    max_side_px: int
    """The most pixels that the longer side may have; smaller images are not enlarged."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                "The name of a rendition must be up to 32 lower-case letters, digits and hyphens: "
                f"{self.name}"
            )
        if not 1 <= self.max_side_px <= MAX_SIDE_PX:
            raise ValueError(f"The longer side of {self.name} must have 1 to {MAX_SIDE_PX} pixels.")

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """Return the width and height of the rendition of an image with this displayed size."""
        longest = max(width, height)
        if longest <= self.max_side_px:
            return width, height
        return self._scaled(width, longest), self._scaled(height, longest)

    def _scaled(self, side: int, longest: int) -> int:
        return max(int(side * self.max_side_px / longest + 0.5), 1)


THUMBNAIL = RenditionSpec("thumbnail", 320)
PREVIEW = RenditionSpec("preview", 1600)
DEFAULT_RENDITIONS = (THUMBNAIL, PREVIEW)


def parse_specs(text: str) -> tuple[RenditionSpec, ...]:
    """Parse a list such as ``thumbnail=320,preview=1600``, smallest first in the result.

    An empty text means no renditions. Raises ValueError.
    """
    pairs = [item.partition("=") for item in text.split(",")] if text.strip() else []
    if not all(size.strip().isdecimal() for _, _, size in pairs):
        raise ValueError("Renditions must be a list such as thumbnail=320,preview=1600.")
    specs = tuple(RenditionSpec(name.strip(), int(size)) for name, _, size in pairs)
    if len({spec.name for spec in specs}) < len(specs):
        raise ValueError("No two renditions may have the same name.")
    if len(specs) > MAX_RENDITIONS:
        raise ValueError(f"There may be at most {MAX_RENDITIONS} renditions.")
    return tuple(sorted(specs, key=lambda spec: (spec.max_side_px, spec.name)))


@dataclass(frozen=True, slots=True)
class StoredRendition:
    """What is known of a stored rendition."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture of an image as displayed: upright, in sRGB, not animated, without any metadata."""

    image_format: ClassVar[ImageFormat] = ImageFormat.WEBP

    name: str
    width: int
    height: int
    content: bytes

    @property
    def stored(self) -> StoredRendition:
        """What to record of it once its content is stored."""
        return StoredRendition(self.name, self.width, self.height)
