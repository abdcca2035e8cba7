"""Passes a queue's messages to a Lambda handler, as an SQS event source mapping does.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from entrypoints.local.emulator import REGION
from entrypoints.local.gateway import Invoke

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

BATCH_SIZE = 1
"""As deployed: a message that kills the function's process must not make others fail with it."""
_WAIT_S = 1
"""The longest wait for messages, and so the longest time to stop."""
_PAUSE_AFTER_FAILURE_S = 1


class QueuePoller:
    """Receives messages in batches, invokes the function, and deletes the messages that succeeded.

    The others become visible again after the queue's timeout, and finally go to its dead-letter queue.
    """

    def __init__(
        self,
        client: "SQSClient",
        queue_url: str,
        queue_arn: str,
        invoke: Invoke,
        function: str,
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._queue_arn = queue_arn
        self._invoke = invoke
        self._function = function

    async def run(self, stopped: asyncio.Event) -> None:
        """Poll until ``stopped`` is set; finish the current batch first."""
        while not stopped.is_set():
            try:
                messages = await asyncio.to_thread(self._receive)
                if messages and not stopped.is_set():
                    await self._process(messages)
            except (BotoCoreError, ClientError) as error:
                print(f"warning: the queue cannot be polled: {error}", file=sys.stderr, flush=True)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)

    async def _process(self, messages: list["MessageTypeDef"]) -> None:
        event = {"Records": [self._record(message) for message in messages]}
        try:
            answer = await self._invoke(self._function, event)
        except Exception as error:  # after any failure, the messages are received again
            print(f"warning: the function {self._function} failed: {error!r}", file=sys.stderr, flush=True)
            return
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            await asyncio.to_thread(self._delete, done)

    def _receive(self) -> list["MessageTypeDef"]:
        answer = self._client.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=BATCH_SIZE,
            WaitTimeSeconds=_WAIT_S,
            MessageSystemAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def _delete(self, messages: list["MessageTypeDef"]) -> None:
        self._client.delete_message_batch(
            QueueUrl=self._queue_url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ],
        )

    def _record(self, message: "MessageTypeDef") -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._queue_arn,
            "awsRegion": REGION,
        }
