"""The product's inspector with its default limits and the ImageMagick for the tests."""

from functools import cache

from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from tests.support.imagemagick import identify_command


@cache
def extractor() -> ImageMagickMetadataExtractor:
    """The extractor that an upload goes through."""
    return ImageMagickMetadataExtractor(identify_command())


@cache
def inspector() -> ImageInspector:
    """The inspector that an upload goes through."""
    return ImageInspector(extractor(), ImageLimits())
