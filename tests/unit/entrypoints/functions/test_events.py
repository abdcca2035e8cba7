"""The events function, called with batches of the stream as Lambda delivers them."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import ANY, Stubber

from adapters.dynamodb.items import item_of_record, item_of_tombstone
from adapters.eventbridge.event_bus import EventBridgePublisher
from domain.images.record import ImageRecord
from entrypoints.functions import events
from tests.support.records import accepted, pending, ref_at, tombstone_of

CREATED = 1_772_368_215


def change(number: int, before: ImageRecord | None, after: ImageRecord | None) -> dict[str, Any]:
    """One record of the stream."""
    items = {"OldImage": before and item_of_record(before), "NewImage": after and item_of_record(after)}
    present = {name: item for name, item in items.items() if item}
    return stream_record(number, present)


def stream_record(number: int, images: dict[str, Any]) -> dict[str, Any]:
    item = next(iter(images.values()))
    return {
        "eventID": str(number),
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": CREATED,
            "Keys": {name: item[name] for name in ("owner_id", "item_key")},
            "SequenceNumber": str(number),
            **images,
        },
    }


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Any:
    client = boto3.client(
        "events", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(events, "_publisher", lambda: EventBridgePublisher(client, "bus"))
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def becoming_ready(number: int) -> dict[str, Any]:
    before = pending(ref_at(number))
    return change(number, before, accepted(before))


def invoke(*records: dict[str, Any]) -> Any:
    return events.handler({"Records": list(records)}, None)["batchItemFailures"]


def test_it_publishes_ids_and_states_and_nothing_else(stub: Any) -> None:
    record = accepted(pending(ref_at(0), filename="secret.jpg"), title="secret")
    entries: list[Any] = []
    stub.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": ANY}
    )
    stub.client.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: entries.extend(params["Entries"])
    )

    assert invoke(change(1, record, None)) == []

    [entry] = entries
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == (
        "bus",
        "images-upload-api",
        "image.deleted",
    )
    detail = json.loads(entry["Detail"])
    assert detail == {
        "event_id": detail["event_id"],
        "version": record.version + 1,
        "occurred_at": "2026-03-01T12:30:15.000Z",
        "user_id": record.ref.owner_id,
        "image_id": record.ref.image_id,
        "previous_status": "ready",
    }
    assert len(detail["event_id"]) == 32


def test_it_publishes_nothing_of_other_changes(stub: Any) -> None:
    tombstone = item_of_tombstone(tombstone_of(pending(ref_at(0))))

    assert (
        invoke(
            change(1, None, pending(ref_at(0))),
            stream_record(2, {"NewImage": tombstone}),
            stream_record(3, {"OldImage": tombstone}),
        )
        == []
    )


def test_lambda_begins_again_with_the_first_event_that_was_not_published(stub: Any) -> None:
    failed = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slowly"}
    stub.add_response(
        "put_events",
        {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, failed, {"EventId": "3"}]},
        {"Entries": ANY},
    )

    assert invoke(*map(becoming_ready, (1, 2, 3))) == [{"itemIdentifier": "2"}]


def test_what_was_published_is_measured_and_nothing_else(
    stub: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slowly"}
    stub.add_response(
        "put_events", {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, failed]}, {"Entries": ANY}
    )

    invoke(*map(becoming_ready, (1, 2)))

    lines = map(json.loads, capsys.readouterr().out.splitlines())
    measured = [line for line in lines if "Uploads" in line]
    assert [(line["way"], line["outcome"]) for line in measured] == [("small", "ready")]


def test_large_batches_are_published_in_order_until_one_fails(stub: Any) -> None:
    stub.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * 10}, {"Entries": ANY}
    )
    stub.add_client_error("put_events", "InternalException")

    assert invoke(*map(becoming_ready, range(1, 13))) == [{"itemIdentifier": "11"}]


def test_everything_is_retried_if_the_bus_cannot_be_reached(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="https://events.example")

    monkeypatch.setattr(stub.client, "put_events", unreachable)

    assert invoke(becoming_ready(7), becoming_ready(8)) == [{"itemIdentifier": "7"}]


def test_a_repeated_record_is_published_as_the_same_event(stub: Any) -> None:
    entries: list[Any] = []
    stub.client.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: entries.extend(params["Entries"])
    )
    for _ in range(2):
        stub.add_response(
            "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": ANY}
        )
        invoke(becoming_ready(1))

    assert entries[0] == entries[1]
