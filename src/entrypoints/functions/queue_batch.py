"""Processes the batches of messages with which SQS invokes a function."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_FIRST_RETRY_S = 60
_LAST_RETRY_S = 3600
_BACKOFF = 4

_logger = Logger(service="images-upload-api")


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message as SQS passes it to a function."""

    id: str
    receipt_handle: str
    receive_count: int


def process_batch(
    event: dict[str, Any],
    process: Callable[[dict[str, Any]], None],
    retry_early: Callable[[QueueMessage], None],
) -> dict[str, Any]:
    """Process each message, which is JSON. Returns which of them failed, so that SQS delivers them again.

    Powertools' batch processor would do the same, but its imports take a tenth of a cold start.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    failures = []
    for record in event["Records"]:
        message = QueueMessage(
            record["messageId"],
            record["receiptHandle"],
            int(record["attributes"]["ApproximateReceiveCount"]),
        )
        try:
            process(json.loads(record["body"]))
        except Exception:
            _logger.warning("The message will be delivered again", message_id=message.id, exc_info=True)
            failures.append({"itemIdentifier": message.id})
            retry_early(message)
    return {"batchItemFailures": failures}


def retry_delay_s(receive_count: int) -> int:
    """Return the seconds until the retry of a message that has failed this many times, counted from 1."""
    delay: int = _FIRST_RETRY_S * _BACKOFF ** (receive_count - 1)
    return min(delay, _LAST_RETRY_S)


def shorten_delay(client: "SQSClient", queue_url: str, message: QueueMessage) -> None:
    """Shorten the visibility timeout of a failed message, if possible.

    The queue hides a message for several times the function's time limit. That is right during
    processing, but too long after a failure.
    """
    try:
        client.change_message_visibility(
            QueueUrl=queue_url,
            ReceiptHandle=message.receipt_handle,
            VisibilityTimeout=retry_delay_s(message.receive_count),
        )
    except (BotoCoreError, ClientError):
        _logger.warning("The message will be delivered late", message_id=message.id, exc_info=True)
