"""The Lambda function ``ingest``: reads what has arrived in storage.

It is invoked with messages of an SQS queue that hold S3's event notifications. They may come late, more
than once and in any order; see :class:`domain.images.use_cases.ingest.IngestImage`. A message whose image
cannot be dealt with for now is reported as failed, so that SQS delivers it again, alone.
"""

from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError
from dependency_injector import providers

from adapters.s3.layout import image_of_key
from domain.images.model import ImageRef
from domain.images.use_cases.ingest import IngestImage
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.ingest import ingest_image
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.time_limit import begin

_S3_READ_TIMEOUT_S = 300
"""S3 takes minutes to copy the largest images, and nobody waits for the answer of this function."""

_FIRST_RETRY_S = 60
_LAST_RETRY_S = 3600
_BACKOFF = 4

_logger = Logger(service="images-upload-api")


@cache
def _adapters() -> ImageAdapters:
    return ImageAdapters(s3_read_timeout_s=providers.Object(_S3_READ_TIMEOUT_S))


@cache
def _ingest_image() -> IngestImage:
    return ingest_image(_adapters())


def retry_delay_s(receive_count: int) -> int:
    """After how long a message is tried again that failed for the given time, counted from 1."""
    delay: int = _FIRST_RETRY_S * _BACKOFF ** (receive_count - 1)
    return min(delay, _LAST_RETRY_S)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Deal with one batch of messages. Returns which of them failed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    begin(_adapters().deadline(), context)
    settled: set[ImageRef] = set()

    def deal_with(record: SQSRecord) -> None:
        try:
            for ref in _images_of(record):
                # All that the batch tells about has happened before: once an image is enough.
                if ref not in settled:
                    _ingest_image()(ref)
                    settled.add(ref)
                    _logger.info("The image was dealt with", image_id=ref.image_id)
        except Exception:
            _logger.warning("The message will come again", message_id=record.message_id, exc_info=True)
            _retry_early(record)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, deal_with, processor, context))


def _retry_early(record: SQSRecord) -> None:
    """Shorten the time for which the message is hidden.

    The queue hides it for several times the function's time limit, which is right while it is dealt
    with, and long once that has failed.
    """
    queue_url = _adapters().settings().uploads_queue_url
    if queue_url is None:
        return
    try:
        _adapters().sqs_client().change_message_visibility(
            QueueUrl=queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=retry_delay_s(int(record.attributes.approximate_receive_count)),
        )
    except (BotoCoreError, ClientError):
        _logger.warning("The message will come again late", message_id=record.message_id, exc_info=True)


def _images_of(record: SQSRecord) -> list[ImageRef]:
    """The images about whose objects the message tells; none for S3's test message."""
    notifications = record.json_body.get("Records", [])
    keys = [unquote_plus(notification["s3"]["object"]["key"]) for notification in notifications]
    return [ref for ref in map(image_of_key, keys) if ref]


# The queue's client is left out: it is for messages that fail.
initialise(_ingest_image)
