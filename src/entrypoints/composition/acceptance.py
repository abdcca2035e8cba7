"""Composes how images become ready, however they are uploaded."""

from domain.images.acceptance import Acceptance
from domain.images.ports import ImageRecords
from entrypoints.composition.settings import ImageSettings


def acceptance(settings: ImageSettings, records: ImageRecords) -> Acceptance:
    """Compose the acceptance of images."""
    return Acceptance(records, settings.duplicates, tuple(spec.name for spec in settings.renditions))
