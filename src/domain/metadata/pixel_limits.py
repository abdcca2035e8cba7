"""Limits on the dimensions of an image."""

from dataclasses import dataclass

from domain.metadata.errors import ImageDimensionsExceeded


@dataclass(frozen=True, slots=True)
class PixelLimits:
    """The largest dimensions, in pixels as stored, that an image may have."""

    max_pixels: int = 250_000_000
    max_side_px: int = 65_535

    def check(self, width: int, height: int) -> None:
        """Return if an image may have these dimensions. Raises ImageDimensionsExceeded."""
        size = f"The image has {width} x {height} pixels"
        if max(width, height) > self.max_side_px:
            raise ImageDimensionsExceeded(f"{size}; a side may have at most {self.max_side_px}.")
        if width * height > self.max_pixels:
            raise ImageDimensionsExceeded(f"{size}; it may have at most {self.max_pixels} in total.")
