"""Composes the use cases of the ``ingest`` function."""

from dataclasses import dataclass
from datetime import timedelta

from domain.images.inspection import ImageInspector
from domain.images.removal import ImageRemoval
from domain.images.use_cases.account_deletion import SettleAccount
from domain.images.use_cases.due_work import QueueDueWork
from domain.images.use_cases.settling import SettleImage
from entrypoints.composition.acceptance import acceptance
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.work_queue import QueueAdapters


@dataclass(frozen=True, slots=True)
class IngestUseCases:
    """The use cases that messages of the queue invoke."""

    settle_image: SettleImage
    settle_account: SettleAccount
    queue_due_work: QueueDueWork


def image_inspector(adapters: ImageAdapters) -> ImageInspector:
    """Compose the inspection of images."""
    settings = adapters.settings()
    return ImageInspector(adapters.metadata_extractor(), settings.image_limits, settings.location)


def settle_image(adapters: ImageAdapters) -> SettleImage:
    """Compose the settling of an image."""
    settings, clock = adapters.settings(), adapters.clock()
    records, images, incoming = adapters.image_records(), adapters.image_store(), adapters.incoming_store()
    return SettleImage(
        image_inspector(adapters),
        records,
        images,
        incoming,
        acceptance(settings, records),
        ImageRemoval(records, images, incoming, clock),
        settings.image_limits,
        clock,
    )


def ingest_use_cases(adapters: ImageAdapters, queue: QueueAdapters) -> IngestUseCases:
    """Compose the settling of images and accounts."""
    settings, clock = adapters.settings(), adapters.clock()
    records, images = adapters.image_records(), adapters.image_store()
    return IngestUseCases(
        settle_image=settle_image(adapters),
        settle_account=SettleAccount(records, images, queue.work_queue(), clock),
        queue_due_work=QueueDueWork(
            records, queue.work_queue(), clock, timedelta(seconds=settings.due_retry_s)
        ),
    )
