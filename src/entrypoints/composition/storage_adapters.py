"""The adapters to the storage of images, created on first use and individually replaceable."""

from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.request_deadline import RequestDeadline
from adapters.s3.image_store import S3ImageStore
from domain.images.ports import ImageRecords, ImageStore
from domain.shared.clock import Clock
from entrypoints.composition import aws_clients
from entrypoints.composition.settings import ImageSettings
from entrypoints.composition.system_clock import utc_now

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


def _clock() -> Clock:
    return utc_now


def _link_client(settings: ImageSettings, client: "S3Client", deadline: RequestDeadline) -> "S3Client":
    endpoint_url = settings.s3_public_endpoint_url
    return aws_clients.s3_client(deadline, endpoint_url) if endpoint_url else client


def _image_records(client: "DynamoDBClient", settings: ImageSettings, clock: Clock) -> ImageRecords:
    return DynamoDbImageRecords(client, settings.records_table, clock)


def _image_store(
    client: "S3Client", link_client: "S3Client", settings: ImageSettings, clock: Clock
) -> ImageStore:
    return S3ImageStore(client, settings.images_bucket, clock, link_client)


class StorageAdapters(containers.DeclarativeContainer):
    """Settings, AWS clients and adapters of every function that handles stored images."""

    settings = providers.Singleton(ImageSettings.from_environment)
    clock = providers.Singleton(_clock)

    deadline = providers.Singleton(RequestDeadline)
    s3_read_timeout_s = providers.Object(aws_clients.S3_READ_TIMEOUT_S)
    s3_client = providers.Singleton(aws_clients.s3_client, deadline, read_timeout_s=s3_read_timeout_s)
    s3_link_client = providers.Singleton(_link_client, settings, s3_client, deadline)
    dynamodb_client = providers.Singleton(aws_clients.dynamodb_client, deadline)

    image_records = providers.Singleton(_image_records, dynamodb_client, settings, clock)
    image_store = providers.Singleton(_image_store, s3_client, s3_link_client, settings, clock)
