"""Implements the queue of work with Amazon SQS, and defines our messages in it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.images.work import Work
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_SETTLE = "settle"
_QUEUE_DUE_WORK = "queue-due-work"
DUE_MESSAGE = json.dumps({"task": _QUEUE_DUE_WORK})
"""The message of the schedule, which asks to queue all due work. Terraform repeats it."""


class SqsWorkQueue:
    """Implements :class:`domain.images.ports.WorkQueue` with one queue."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, work: Work) -> None:
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=message_of(work))
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailable("The queue is unavailable; please try again.") from error


def message_of(work: Work) -> str:
    """Encode this work as a message."""
    message = {"task": _SETTLE, "owner_id": work.owner_id, "image_id": work.image_id}
    return json.dumps({name: value for name, value in message.items() if value is not None})


def work_of_message(message: Mapping[str, Any]) -> Work | None:
    """Decode the work in a message, or return ``None`` for another kind of message."""
    if message.get("task") != _SETTLE:
        return None
    return Work(message["owner_id"], message.get("image_id"))


def asks_for_due_work(message: Mapping[str, Any]) -> bool:
    """Tell whether a message is the schedule's :data:`DUE_MESSAGE`."""
    return message.get("task") == _QUEUE_DUE_WORK
