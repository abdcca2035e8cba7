"""The metadata extractor and the renderer, which run ImageMagick's ``identify`` and ``convert``."""

from adapters.imagemagick.command import (
    ConvertCommand,
    IdentifyCommand,
    ImageMagickNotFound,
    locate_convert,
    locate_identify,
)
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.renderer import ImageMagickRenderer

__all__ = [
    "ConvertCommand",
    "IdentifyCommand",
    "ImageMagickMetadataExtractor",
    "ImageMagickNotFound",
    "ImageMagickRenderer",
    "ProcessLimits",
    "locate_convert",
    "locate_identify",
]
