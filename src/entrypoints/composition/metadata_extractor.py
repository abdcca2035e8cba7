"""Creates the metadata extractor for the functions and the command line."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.imagemagick.command import locate_identify
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from adapters.imagemagick.process import ProcessLimits
from adapters.request_deadline import RequestDeadline
from domain.metadata.pixel_limits import PixelLimits
from entrypoints.composition.environment import FROM_JSON, EnvironmentSettings

_PIXEL_LIMITS = PixelLimits()


class MetadataExtractorSettings(EnvironmentSettings):
    """The settings for reading images."""

    max_pixels: int = Field(default=_PIXEL_LIMITS.max_pixels, gt=0)
    max_side_px: int = Field(default=_PIXEL_LIMITS.max_side_px, gt=0)

    imagemagick_home: Path | None = None
    """The directory of our ImageMagick bundle, such as ``/opt/imagemagick``."""
    identify_path: Path | None = None
    """An installed ``identify`` or ``magick``; without either setting, the PATH is searched."""

    metadata_limits: Annotated[ReaderLimits, FROM_JSON] = ReaderLimits()
    """A JSON object with the limits that differ from the defaults; ``docs/metadata.md`` lists all."""
    identify_limits: Annotated[ProcessLimits, FROM_JSON] = ProcessLimits()
    """A JSON object with the limits on one run of ``identify`` that differ from the defaults."""


def metadata_extractor(
    settings: MetadataExtractorSettings, deadline: RequestDeadline | None = None
) -> ImageMagickMetadataExtractor:
    """Create the extractor, which keeps the deadline. Raises ImageMagickNotFound."""
    return ImageMagickMetadataExtractor(
        locate_identify(imagemagick_home=settings.imagemagick_home, identify_path=settings.identify_path),
        pixel_limits=PixelLimits(settings.max_pixels, settings.max_side_px),
        reader_limits=settings.metadata_limits,
        process_limits=settings.identify_limits,
        deadline=deadline,
    )
