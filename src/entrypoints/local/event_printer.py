"""Prints the events of the bus, as one of its subscribers, and posts them to the developer's webhook."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from entrypoints.local.webhook import Webhook

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_WAIT_S = 1
_PAUSE_AFTER_FAILURE_S = 1
_BATCH_SIZE = 10


class EventPrinter:
    """Receives events from a subscription's queue, prints them, and posts them to ``webhook``, if given."""

    def __init__(
        self,
        client: "SQSClient",
        queue_url: str,
        say: Callable[[str], None],
        webhook: Webhook | None = None,
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._say = say
        self._webhook = webhook

    async def run(self, stopped: asyncio.Event) -> None:
        """Print until ``stopped`` is set."""
        while not stopped.is_set():
            try:
                messages = await asyncio.to_thread(self._receive)
                # Concurrently, so that a slow webhook responds to all before the queue delivers them again.
                await asyncio.gather(*(self._tell(message, stopped) for message in messages))
            except (BotoCoreError, ClientError) as error:
                print(f"warning: events cannot be received: {error}", file=sys.stderr, flush=True)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)

    async def _tell(self, message: "MessageTypeDef", stopped: asyncio.Event) -> None:
        self._say(line_of(json.loads(message["Body"])))
        if self._webhook is None or await self._webhook.post(message["Body"], stopped):
            await asyncio.to_thread(self._delete, message)

    def _receive(self) -> list["MessageTypeDef"]:
        answer = self._client.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=_BATCH_SIZE, WaitTimeSeconds=_WAIT_S
        )
        return answer.get("Messages", [])

    def _delete(self, message: "MessageTypeDef") -> None:
        self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])


def line_of(event: dict[str, object]) -> str:
    """Format an event from EventBridge for the terminal."""
    return f"event {event['detail-type']}: {json.dumps(event['detail'])}"
