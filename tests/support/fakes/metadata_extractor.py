"""A metadata extractor with known files that fulfils the port's contract."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractedMetadata
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.image_format import ImageFormat

_PIXEL_LIMITS = PixelLimits()


class RememberingMetadataExtractor:
    """Knows the metadata of given files by their bytes.

    Other files are unreadable, unless ``others`` makes up their metadata. Reading fails with :attr:`errors`
    of a file's bytes, else with :attr:`error`.
    """

    def __init__(
        self,
        known: Mapping[bytes, ExtractedMetadata],
        pixel_limits: PixelLimits = _PIXEL_LIMITS,
        others: Callable[[ImageFormat], ExtractedMetadata | None] = lambda _: None,
    ) -> None:
        self._known = dict(known)
        self.others = others
        self.pixel_limits = pixel_limits
        self.error: Exception | None = None
        self.errors: dict[bytes, Exception] = {}
        self.calls = 0

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Return the known metadata of these bytes."""
        self.calls += 1
        content.seek(0)
        read = content.read()
        error = self.errors.get(read, self.error)
        if error:
            raise error
        found = self._known.get(read) or self.others(image_format)
        if found is None or found.image_format is not image_format:
            raise UnreadableImage("The bytes cannot be read as an image of their format.")
        self.pixel_limits.check(found.width, found.height)
        return found
