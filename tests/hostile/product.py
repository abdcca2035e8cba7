"""The product's own inspector with its default limits and the ImageMagick that the tests are to use."""

import os
from functools import cache
from pathlib import Path

from adapters.imagemagick import ImageMagickMetadataExtractor, locate_identify
from domain.image_inspection import ImageInspector
from domain.images import ImageLimits


def _path_setting(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


@cache
def extractor() -> ImageMagickMetadataExtractor:
    """The extractor of an upload."""
    limits = ImageLimits()
    command = locate_identify(
        imagemagick_home=_path_setting("IMAGEMAGICK_HOME"), identify_path=_path_setting("IDENTIFY_PATH")
    )
    return ImageMagickMetadataExtractor(
        command, max_pixels=limits.max_pixels, max_side_px=limits.max_side_px
    )


@cache
def inspector() -> ImageInspector:
    """The inspector that an upload goes through."""
    return ImageInspector(extractor(), ImageLimits())
