"""Implements the queue of images to render with Amazon SQS, and defines our messages in it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.images.model import ImageRef
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_RENDER = "render"


class SqsRenderQueue:
    """Implements :class:`domain.images.ports.RenderQueue` with one queue."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, ref: ImageRef) -> None:
        message = {"task": _RENDER, "owner_id": ref.owner_id, "image_id": ref.image_id}
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailable("The queue is unavailable; please try again.") from error


def image_of_render_message(message: Mapping[str, Any]) -> ImageRef | None:
    """Return the image to render, or ``None`` for another kind of message."""
    if message.get("task") != _RENDER:
        return None
    return ImageRef(message["owner_id"], message["image_id"])
