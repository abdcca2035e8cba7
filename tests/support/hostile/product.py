"""The product's own inspector with its default limits and the ImageMagick that the tests are to use."""

from functools import cache

from adapters.imagemagick import ImageMagickMetadataExtractor
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from tests.support.imagemagick import identify_command


@cache
def extractor() -> ImageMagickMetadataExtractor:
    """The extractor that an upload goes through."""
    limits = ImageLimits()
    return ImageMagickMetadataExtractor(
        identify_command(), max_pixels=limits.max_pixels, max_side_px=limits.max_side_px
    )


@cache
def inspector() -> ImageInspector:
    """The inspector that an upload goes through."""
    return ImageInspector(extractor(), ImageLimits())
