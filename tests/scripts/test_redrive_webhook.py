"""Posting the events that a webhook did not accept, from the emulator's queue to a real receiver."""

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from entrypoints.local.emulator import CREDENTIALS, Emulator
from entrypoints.local.webhook import HEADERS
from scripts import redrive_webhook
from tests.support.event_receiver import EventReceiver

EVENTS = [json.dumps({"detail-type": "image.ready", "detail": {"event_id": str(n)}}) for n in range(3)]


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with EventReceiver() as started:
        yield started


@pytest.fixture
def webhooks(
    emulator: Emulator, receiver: EventReceiver, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, str]]:
    """Terraform's output, for a webhook with undelivered events."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator.endpoint_url}.items():
        monkeypatch.setenv(name, value)
    name = f"webhook-{uuid4()}"
    secret = emulator.client("secretsmanager").create_secret(Name=name, SecretString="Bearer secret")
    queue_url = emulator.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    for event in EVENTS:
        emulator.client("sqs").send_message(QueueUrl=queue_url, MessageBody=event)
    return {
        "archive": {
            "url": receiver.url,
            "secret_arn": secret["ARN"],
            "secret_header": "Authorization",
            "undelivered_queue_url": queue_url,
        }
    }


@pytest.fixture
def run(webhooks: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(name: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(webhooks)))
        return redrive_webhook.main(name)

    return run


def test_what_waits_is_posted_with_the_secret(run: Any, receiver: EventReceiver) -> None:
    assert run("archive") == 0

    assert {request.body.decode() for request in receiver.requests} == set(EVENTS)
    for request in receiver.requests:
        assert (request.path, request.headers["Authorization"]) == ("/events?from=images", "Bearer secret")
        assert HEADERS.items() <= request.headers.items()
    assert run("archive") == 0
    assert len(receiver.requests) == len(EVENTS)


def test_an_event_that_is_not_accepted_stays_for_the_next_run(
    run: Any, receiver: EventReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.statuses = [204, 410]

    assert run("archive") == 1
    assert capsys.readouterr().err == "error: after 1 events, one was not accepted: the response was 410\n"
    assert run("archive") == 0

    taken = [request.body.decode() for request in receiver.requests]
    assert set(taken) == set(EVENTS)
    assert len(taken) == len(EVENTS) + 1


def test_other_names_are_refused(
    run: Any, receiver: EventReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("") == 1

    assert capsys.readouterr().err == "error: name a webhook: WEBHOOK=archive\n"
    assert receiver.requests == []
