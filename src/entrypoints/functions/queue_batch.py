"""Deals with the batches of messages with which SQS invokes a function."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_FIRST_RETRY_S = 60
_LAST_RETRY_S = 3600
_BACKOFF = 4

_logger = Logger(service="images-upload-api")


def deal_with_batch(
    event: dict[str, Any],
    context: Any,
    deal_with: Callable[[dict[str, Any]], None],
    retry_early: Callable[[SQSRecord], None],
) -> dict[str, Any]:
    """Deal with each message, which is JSON. Returns which of them failed, so that SQS brings them again.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """

    def deal_with_record(record: SQSRecord) -> None:
        try:
            deal_with(record.json_body)
        except Exception:
            _logger.warning("The message will come again", message_id=record.message_id, exc_info=True)
            retry_early(record)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, deal_with_record, processor, context))


def retry_delay_s(receive_count: int) -> int:
    """Seconds until the retry of a message that has failed this many times, counted from 1."""
    delay: int = _FIRST_RETRY_S * _BACKOFF ** (receive_count - 1)
    return min(delay, _LAST_RETRY_S)


def shorten_delay(client: "SQSClient", queue_url: str, record: SQSRecord) -> None:
    """Shorten the time for which a failed message is hidden, if possible.

    The queue hides it for several times the function's time limit, which is right while it is dealt
    with, and long once that has failed.
    """
    try:
        client.change_message_visibility(
            QueueUrl=queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=retry_delay_s(int(record.attributes.approximate_receive_count)),
        )
    except (BotoCoreError, ClientError):
        _logger.warning("The message will come again late", message_id=record.message_id, exc_info=True)
