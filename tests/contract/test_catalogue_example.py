"""The example of docs/events.md with the events that the code publishes, on the emulator."""

import json
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.eventbridge.event_bus import SOURCE, detail_of
from adapters.s3.object_keys import document_key
from domain.images.events import ImageChange
from domain.images.record import ImageRecord
from entrypoints.local.emulator import CREDENTIALS, REGION, Emulator
from tests.support.example_programs import load_program
from tests.support.records import accepted, document_of, pending, ref_at
from tests.support.samples import NOW

PROGRAM = Path(__file__).parents[2] / "terraform/examples/on-image-ready/catalogue.py"
WAITING = pending(ref_at(0))
READY = accepted(WAITING)


def message(before: ImageRecord, after: ImageRecord | None) -> dict[str, str]:
    """What the queue has of a change, as EventBridge delivers it."""
    event = ImageChange(before, after, NOW + timedelta(seconds=1)).event()
    assert event
    body = {"detail-type": event.type.value, "source": SOURCE, "detail": detail_of(event)}
    return {"messageId": str(uuid4()), "body": json.dumps(body)}


READY_MESSAGE, DELETED_MESSAGE = message(WAITING, READY), message(READY, None)


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    name = f"images-{uuid4()}"
    emulator.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return name


@pytest.fixture
def example(emulator: Emulator, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program, with an empty table."""
    table = f"catalogue-{uuid4()}"
    emulator.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "image_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "image_id", "KeyType": "HASH"}],
    )
    settings = {
        "AWS_ENDPOINT_URL": emulator.endpoint_url,
        "CATALOGUE_TABLE": table,
        "IMAGES_BUCKET": bucket,
    }
    for name, value in {**CREDENTIALS, **settings}.items():
        monkeypatch.setenv(name, value)
    return load_program(PROGRAM)


@pytest.fixture
def stored(emulator: Emulator, bucket: str) -> None:
    """The document of the ready image."""
    emulator.client("s3").put_object(
        Bucket=bucket,
        Key=document_key(READY.ref),
        Body=document_of(camera_model="X100V", captured_at="2026-03-01T12:00:00").to_json(),
    )


def entries(example: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = example.catalogue.scan()["Items"]
    return items


def take(example: Any, *messages: dict[str, str]) -> Any:
    return example.handler({"Records": list(messages)}, None)


@pytest.mark.usefixtures("stored")
def test_a_ready_image_is_noted_once(example: Any) -> None:
    assert take(example, READY_MESSAGE, READY_MESSAGE) == {"batchItemFailures": []}

    assert entries(example) == [
        {
            "image_id": READY.ref.image_id,
            "user_id": READY.ref.owner_id,
            "version": READY.version,
            "camera_model": "X100V",
            "captured_at": "2026-03-01T12:00:00",
        }
    ]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("order", list(permutations([READY_MESSAGE, DELETED_MESSAGE, READY_MESSAGE])))
def test_a_deleted_image_stays_deleted_in_any_order_of_events(example: Any, order: Any) -> None:
    assert take(example, *order) == {"batchItemFailures": []}

    [entry] = entries(example)
    assert (entry["deleted"], entry["version"]) == (True, READY.version + 1)
    assert "camera_model" not in entry


def test_an_image_that_is_already_gone_is_not_a_failure(example: Any) -> None:
    assert take(example, READY_MESSAGE) == {"batchItemFailures": []}
    assert entries(example) == []


def test_only_the_failed_message_is_delivered_again(example: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "BUCKET", "no-such-bucket")

    answer = take(example, DELETED_MESSAGE, {**READY_MESSAGE, "messageId": "failed"})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "failed"}]}
    assert len(entries(example)) == 1
