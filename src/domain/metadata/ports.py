"""What reading metadata needs from the outside world."""

from typing import BinaryIO, Protocol

from domain.metadata.model import ExtractedMetadata
from domain.shared.image_format import ImageFormat


class MetadataExtractor(Protocol):
    """Reads an image's properties and metadata without decoding its pixels."""

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image in ``content``, a seekable stream from which nothing else reads meanwhile.

        ``image_format`` is the format that the first bytes say; the stream is read as that and
        nothing else. A stream with a file's path as its ``name`` is read in place. Metadata that is
        damaged or beyond a limit is left out with a warning.

        Raises UnreadableImage if it is not an image of that format, or ImageDimensionsExceeded if
        its dimensions are beyond what the extractor is set to read. Raises ServiceUnavailable if it
        cannot be read for now and a good image could not either.
        """
        ...
