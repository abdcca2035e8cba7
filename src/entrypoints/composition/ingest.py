"""Composes the use case of the ``ingest`` function."""

from domain.images.inspection import ImageInspector
from domain.images.use_cases.ingest import IngestImage
from entrypoints.composition.image_adapters import ImageAdapters


def ingest_image(adapters: ImageAdapters) -> IngestImage:
    """Compose what brings one image to rest."""
    limits = adapters.settings().image_limits
    inspector = ImageInspector(adapters.metadata_extractor(), limits)
    return IngestImage(inspector, adapters.image_store(), adapters.incoming_store(), limits)
