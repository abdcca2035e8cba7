"""The schedule for due work, which Terraform creates in AWS."""

import asyncio
import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from adapters.sqs.work_queue import DUE_MESSAGE

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

INTERVAL_S = 10


class Schedule:
    """Requests a search for due work immediately, and then every :data:`INTERVAL_S` seconds."""

    def __init__(self, client: "SQSClient", queue_url: str, interval_s: float = INTERVAL_S) -> None:
        self._client = client
        self._queue_url = queue_url
        self._interval_s = interval_s

    async def run(self, stopped: asyncio.Event) -> None:
        """Send messages to the queue of work until ``stopped`` is set."""
        while not stopped.is_set():
            try:
                await asyncio.to_thread(self._send)
            except (BotoCoreError, ClientError) as error:
                print(f"warning: due work cannot be queued: {error}", file=sys.stderr, flush=True)
            try:
                await asyncio.wait_for(stopped.wait(), self._interval_s)
            except TimeoutError:
                continue

    def _send(self) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=DUE_MESSAGE)
