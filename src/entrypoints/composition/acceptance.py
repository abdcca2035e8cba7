"""Composes how images become ready, whichever way they come in."""

from domain.images.acceptance import Acceptance
from domain.images.ports import ImageRecords
from entrypoints.composition.settings import ImageSettings


def acceptance(settings: ImageSettings, records: ImageRecords) -> Acceptance:
    """Compose it."""
    return Acceptance(records, settings.duplicates, tuple(spec.name for spec in settings.renditions))
