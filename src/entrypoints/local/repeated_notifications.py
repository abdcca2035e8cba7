"""Notifies the queue of work again of what clients have sent straight to storage.

S3 delivers a notification at least once. The emulator loses it if it is killed after it has stored an
object and before it has saved the queue.
"""

import asyncio
import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from adapters.s3.object_keys import INCOMING_PREFIX, image_of_incoming_key
from adapters.sqs.work_queue import SqsWorkQueue
from domain.images.work import Work
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_POLL_S = 1
_WAITING: "list[QueueAttributeNameType]" = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


class RepeatedNotifications:
    """Queues, once, each image whose bytes have come in and are in no message.

    That is known as soon as the queue is empty: repeating a notification that is still waiting would make
    the queue longer with every start.
    """

    def __init__(self, storage: "S3Client", bucket: str, queues: "SQSClient", queue_url: str) -> None:
        self._storage = storage
        self._bucket = bucket
        self._queues = queues
        self._queue_url = queue_url

    async def run(self, stopped: asyncio.Event) -> None:
        """Wait until the queue is empty or ``stopped`` is set."""
        while not stopped.is_set():
            try:
                if await asyncio.to_thread(self._is_empty):
                    await asyncio.to_thread(self._repeat)
                    return
            except (BotoCoreError, ClientError, ServiceUnavailable) as error:
                print(f"warning: notifications cannot be repeated: {error}", file=sys.stderr, flush=True)
            try:
                await asyncio.wait_for(stopped.wait(), _POLL_S)
            except TimeoutError:
                continue

    def _is_empty(self) -> bool:
        answer = self._queues.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=_WAITING)
        return all(int(answer["Attributes"][name]) == 0 for name in _WAITING)

    def _repeat(self) -> None:
        queue = SqsWorkQueue(self._queues, self._queue_url)
        pages = self._storage.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=INCOMING_PREFIX):
            for stored in page.get("Contents", []):
                if ref := image_of_incoming_key(stored["Key"]):
                    queue.send(Work(ref.owner_id, ref.image_id))
