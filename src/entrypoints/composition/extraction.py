"""Makes the metadata extractor that the functions and the command line share."""

from pathlib import Path
from typing import Annotated

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.imagemagick import ImageMagickMetadataExtractor, locate_identify
from adapters.imagemagick.process import ProcessLimits
from adapters.request_deadline import RequestDeadline
from entrypoints.composition.environment import FROM_JSON
from entrypoints.composition.settings import PixelSettings


class ExtractionSettings(PixelSettings):
    """What reading images needs, from environment variables."""

    imagemagick_home: Path | None = None
    """The directory of our ImageMagick bundle, such as ``/opt/imagemagick``."""
    identify_path: Path | None = None
    """An installed ``identify`` or ``magick``; without either setting, the PATH is searched."""

    metadata_limits: Annotated[ReaderLimits, FROM_JSON] = ReaderLimits()
    """A JSON object of the limits that differ from the defaults; ``docs/metadata.md`` lists them."""
    identify_limits: Annotated[ProcessLimits, FROM_JSON] = ProcessLimits()
    """Likewise, of one run of ``identify``."""


def make_extractor(
    settings: ExtractionSettings, deadline: RequestDeadline | None = None
) -> ImageMagickMetadataExtractor:
    """Make the extractor that the settings describe, which keeps the deadline.

    Raises ImageMagickNotFound.
    """
    return ImageMagickMetadataExtractor(
        locate_identify(imagemagick_home=settings.imagemagick_home, identify_path=settings.identify_path),
        max_pixels=settings.max_pixels,
        max_side_px=settings.max_side_px,
        reader_limits=settings.metadata_limits,
        process_limits=settings.identify_limits,
        deadline=deadline,
    )
