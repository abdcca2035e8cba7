"""The product's own inspector with its default limits."""

from functools import cache

from adapters.imagemagick import ImageMagickMetadataExtractor
from domain.image_inspection import ImageInspector
from domain.images import ImageLimits


@cache
def inspector() -> ImageInspector:
    """The inspector that an upload goes through."""
    return ImageInspector(ImageMagickMetadataExtractor(), ImageLimits())
