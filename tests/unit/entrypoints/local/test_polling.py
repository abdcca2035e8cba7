"""Polling the queue of work."""

import asyncio
import re
from pathlib import Path
from typing import Any

from entrypoints.local.polling import BATCH_SIZE, QueuePoller

FUNCTIONS = Path(__file__).parents[4] / "terraform" / "functions.tf"


class Queue:
    """A queue with these messages."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = list(bodies)
        self.deleted: list[str] = []

    def receive_message(self, **options: Any) -> Any:
        received, self.bodies = (
            self.bodies[: options["MaxNumberOfMessages"]],
            self.bodies[options["MaxNumberOfMessages"] :],
        )
        return {
            "Messages": [
                {"MessageId": body, "ReceiptHandle": body, "Body": body, "MD5OfBody": ""}
                for body in received
            ]
        }

    def delete_message_batch(self, **options: Any) -> Any:
        self.deleted += [entry["ReceiptHandle"] for entry in options["Entries"]]


def test_each_message_is_handled_separately_as_deployed() -> None:
    queue, stopped = Queue("first", "fatal", "last"), asyncio.Event()
    client: Any = queue

    async def invoke(name: str, event: dict[str, Any]) -> dict[str, Any]:
        bodies = [record["body"] for record in event["Records"]]
        if bodies == ["last"]:
            stopped.set()
        if "fatal" in bodies:
            raise RuntimeError(name)
        return {"batchItemFailures": []}

    asyncio.run(QueuePoller(client, "https://queue", "arn:aws:sqs:queue", invoke, "ingest").run(stopped))

    assert queue.deleted == ["first", "last"]


def test_the_batches_are_as_large_as_the_deployed_functions() -> None:
    ingest = FUNCTIONS.read_text().partition('module "ingest_function"')[2].partition("\n}\n")[0]

    assert re.findall(r"batch_size\s+= (\d+)", ingest) == [str(BATCH_SIZE)]
