"""The adapters behind the operations on images, created on first use and individually replaceable."""

import secrets
from typing import TYPE_CHECKING

from dependency_injector import providers

from adapters.request_deadline import RequestDeadline
from adapters.s3.incoming_store import S3IncomingStore
from domain.images.ids import RandomBytes
from domain.images.ports import IncomingStore
from domain.metadata.ports import MetadataExtractor
from domain.shared.clock import Clock
from entrypoints.composition.metadata_extractor import MetadataExtractorSettings, metadata_extractor
from entrypoints.composition.settings import ImageSettings
from entrypoints.composition.storage_adapters import StorageAdapters

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def _random_bytes() -> RandomBytes:
    return secrets.token_bytes


def _incoming_store(
    client: "S3Client", link_client: "S3Client", settings: ImageSettings, clock: Clock
) -> IncomingStore:
    return S3IncomingStore(client, settings.images_bucket, clock, link_client)


def _metadata_extractor(
    settings: MetadataExtractorSettings, deadline: RequestDeadline
) -> MetadataExtractor:
    return metadata_extractor(settings, deadline)


class ImageAdapters(StorageAdapters):
    """The adapters of the functions ``images`` and ``ingest``."""

    extractor_settings = providers.Singleton(MetadataExtractorSettings.from_environment)
    random_bytes = providers.Singleton(_random_bytes)

    incoming_store = providers.Singleton(
        _incoming_store,
        StorageAdapters.s3_client,
        StorageAdapters.s3_link_client,
        StorageAdapters.settings,
        StorageAdapters.clock,
    )
    metadata_extractor = providers.Singleton(
        _metadata_extractor, extractor_settings, StorageAdapters.deadline
    )
