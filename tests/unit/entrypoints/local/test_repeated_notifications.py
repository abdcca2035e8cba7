"""Repeating notifications that the emulator may have lost."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.s3.object_keys import incoming_key
from adapters.sqs.work_queue import work_of_message
from domain.images.work import Work
from entrypoints.local.emulator import Emulator
from entrypoints.local.repeated_notifications import RepeatedNotifications
from tests.support.records import ref_at

BUCKET = "images-repeated-notifications"


@pytest.fixture
def storage(emulator: Emulator) -> Iterator[Any]:
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield client
    for stored in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=stored["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def queue_url(emulator: Emulator) -> Iterator[str]:
    queues = emulator.client("sqs")
    url = queues.create_queue(QueueName="repeated-notifications")["QueueUrl"]
    yield url
    queues.delete_queue(QueueUrl=url)


def test_images_are_queued_once_and_only_when_nothing_is_waiting(
    emulator: Emulator, storage: Any, queue_url: str
) -> None:
    queues, ref = emulator.client("sqs"), ref_at(0)
    storage.put_object(Bucket=BUCKET, Key=incoming_key(ref), Body=b"-")
    storage.put_object(Bucket=BUCKET, Key="incoming/of-nobody", Body=b"-")
    queues.send_message(QueueUrl=queue_url, MessageBody="waiting")

    def received() -> list[Any]:
        answer = queues.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return list(answer.get("Messages", []))

    async def repeat() -> list[str]:
        repeated = asyncio.create_task(
            RepeatedNotifications(storage, BUCKET, queues, queue_url).run(asyncio.Event())
        )
        done, _ = await asyncio.wait([repeated], timeout=1.5)
        assert not done
        [waiting] = received()
        done, _ = await asyncio.wait([repeated], timeout=1.5)
        assert not done, "the message is still being processed"
        queues.delete_message(QueueUrl=queue_url, ReceiptHandle=waiting["ReceiptHandle"])
        await asyncio.wait_for(repeated, 30)
        return [message["Body"] for message in received()]

    [body] = asyncio.run(repeat())

    assert work_of_message(json.loads(body)) == Work(ref.owner_id, ref.image_id)


def test_stopping_does_not_wait_for_the_queue(emulator: Emulator, storage: Any, queue_url: str) -> None:
    queues, stopped = emulator.client("sqs"), asyncio.Event()
    queues.send_message(QueueUrl=queue_url, MessageBody="waiting")

    async def stop() -> None:
        repeated = asyncio.create_task(
            RepeatedNotifications(storage, BUCKET, queues, queue_url).run(stopped)
        )
        stopped.set()
        await asyncio.wait_for(repeated, 10)

    asyncio.run(stop())
