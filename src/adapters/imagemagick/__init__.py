"""The metadata extractor: ImageMagick's ``identify`` combined with the embedded metadata reader."""

from adapters.imagemagick.command import IdentifyCommand, ImageMagickNotFound, locate_identify
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from adapters.imagemagick.process import ProcessLimits

__all__ = [
    "IdentifyCommand",
    "ImageMagickMetadataExtractor",
    "ImageMagickNotFound",
    "ProcessLimits",
    "locate_identify",
]
