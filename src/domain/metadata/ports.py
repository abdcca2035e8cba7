"""The port for reading metadata."""

from typing import BinaryIO, Protocol

from domain.metadata.model import ExtractedMetadata
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.image_format import ImageFormat


class MetadataExtractor(Protocol):
    """Reads an image's properties and metadata without decoding its pixels."""

    @property
    def pixel_limits(self) -> PixelLimits:
        """The largest dimensions of an image that can be read."""
        ...

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image in ``content``, a seekable stream that nothing else reads at the same time.

        ``image_format`` is the format that the first bytes indicate; the stream is read only as that.
        A stream with a file's path as its ``name`` is read in place. Metadata that is damaged or
        exceeds a limit is omitted with a warning.

        Raises UnreadableImage if it is not an image of that format, or ImageDimensionsExceeded if its
        dimensions exceed ``pixel_limits``. Raises ServiceUnavailable if reading fails and a
        good image cannot be read either.
        """
        ...
