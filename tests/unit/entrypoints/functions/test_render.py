"""The render function, called with messages as SQS delivers them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from dependency_injector import providers

from adapters.sqs.render_queue import SqsRenderQueue
from domain.images.model import ImageRef
from domain.shared.errors import ServiceUnavailable
from entrypoints.composition.render_queue import RenderQueueAdapters, RenderQueueSettings
from entrypoints.functions import render
from tests.support.samples import image_ref

REF = image_ref(1)
Message = dict[str, Any]


def ready(ref: ImageRef = REF, **changes: Any) -> str:
    """The bus's event for an image that became ready."""
    event = {
        "version": "0",
        "source": "images-upload-api",
        "detail-type": "image.ready",
        "detail": {"event_id": "1", "user_id": ref.owner_id, "image_id": ref.image_id},
    }
    return json.dumps(event | changes)


class Queue:
    """Stands in for the client of SQS."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.delays: list[int] = []

    def send_message(self, **parameters: Any) -> None:
        self.sent.append(parameters["MessageBody"])

    def change_message_visibility(self, **parameters: Any) -> None:
        self.delays.append(parameters["VisibilityTimeout"])


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue, adapters = Queue(), RenderQueueAdapters()
    adapters.settings.override(providers.Object(RenderQueueSettings(render_queue_url="https://queue")))
    adapters.sqs_client.override(providers.Object(queue))
    monkeypatch.setattr(render, "_queue", lambda: adapters)
    return queue


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[ImageRef]:
    refs: list[ImageRef] = []
    monkeypatch.setattr(render, "_use_case", lambda: refs.append)
    return refs


Invoke = Callable[[str], list[str]]


@pytest.fixture
def invoke(queue: Queue) -> Invoke:
    """Invokes the function; gives the ids of the messages that failed."""

    def invoke(body: str) -> list[str]:
        message = {
            "messageId": "1",
            "receiptHandle": "handle",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
        }
        answer = render.handler({"Records": [message]}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return invoke


def test_an_image_that_became_ready_is_rendered(invoke: Invoke, rendered: list[ImageRef]) -> None:
    assert invoke(ready()) == []
    assert rendered == [REF]


def test_an_image_whose_renditions_are_requested_is_rendered(
    invoke: Invoke, rendered: list[ImageRef], queue: Queue
) -> None:
    client: Any = queue
    SqsRenderQueue(client, "https://queue").send(REF)

    assert invoke(queue.sent[0]) == []
    assert rendered == [REF]


@pytest.mark.parametrize("change", [{"source": "another"}, {"detail-type": "image.deleted"}])
def test_other_events_are_none_of_its_business(
    invoke: Invoke, rendered: list[ImageRef], change: Message
) -> None:
    assert invoke(ready(**change)) == []
    assert rendered == []


@pytest.mark.parametrize("body", ["{", "[]", '{"task": "render"}'])
def test_a_message_that_cannot_be_understood_fails(invoke: Invoke, body: str) -> None:
    assert invoke(body) == ["1"]


def test_a_failed_message_is_retried_early(
    invoke: Invoke, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: ImageRef) -> None:
        raise ServiceUnavailable("-")

    monkeypatch.setattr(render, "_use_case", lambda: fail)

    assert invoke(ready()) == ["1"]
    assert queue.delays == [60]


def test_a_queue_can_keep_its_own_delay(
    invoke: Invoke, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RenderQueueSettings(render_queue_url="https://queue", retry_early=False)
    render._queue().settings.override(providers.Object(settings))

    assert invoke("{") == ["1"]
    assert queue.delays == []
