"""Makes the metadata extractor that the functions and the command line share."""

from adapters.imagemagick import ImageMagickMetadataExtractor, locate_identify
from entrypoints.composition.settings import ExtractionSettings


def make_extractor(settings: ExtractionSettings) -> ImageMagickMetadataExtractor:
    """The extractor that the settings say. Raises ImageMagickNotFound."""
    return ImageMagickMetadataExtractor(
        locate_identify(imagemagick_home=settings.imagemagick_home, identify_path=settings.identify_path),
        max_pixels=settings.max_pixels,
        max_side_px=settings.max_side_px,
        reader_limits=settings.metadata_limits,
        process_limits=settings.identify_limits,
    )
