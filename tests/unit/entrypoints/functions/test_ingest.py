"""The ingest function, called with batches of messages as SQS delivers them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import EndpointConnectionError
from dependency_injector import providers

from adapters.sqs.work_queue import DUE_MESSAGE, message_of
from domain.images.model import ImageRef
from domain.images.use_cases.due_work import QueuedWork
from domain.images.work import Work
from domain.shared.errors import ServiceUnavailable
from entrypoints.composition.work_queue import QueueAdapters, QueueSettings
from entrypoints.functions import ingest
from tests.support.samples import image_ref

FIRST, SECOND = image_ref(1), image_ref(2)
Batch = dict[str, Any]


def key_of(ref: ImageRef) -> str:
    return f"incoming/{ref.owner_id}/{ref.image_id}"


def message(message_id: str, *keys: str, event: str = "ObjectCreated:Post", **more: Any) -> Batch:
    """A message as S3 sends it: keys are encoded like form values."""
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": event,
            "s3": {
                "bucket": {"name": "images"},
                "object": {"key": quote_plus(key, safe="/"), "size": 5, "sequencer": "0A", **more},
            },
        }
        for key in keys
    ]
    return raw_message(message_id, json.dumps({"Records": records}))


def raw_message(message_id: str, body: str) -> Batch:
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:uploads",
        "awsRegion": "eu-central-1",
    }


class UseCases:
    """Stands in for all that messages call."""

    def __init__(self) -> None:
        self.calls: list[ImageRef] = []
        self.accounts: list[str] = []
        self.due = 0
        self.errors: dict[ImageRef, list[Exception]] = {}

    def settle_image(self, ref: ImageRef) -> None:
        self.calls.append(ref)
        if self.errors.get(ref):
            raise self.errors[ref].pop(0)

    def settle_account(self, owner_id: str) -> None:
        self.accounts.append(owner_id)

    def queue_due_work(self) -> QueuedWork:
        self.due += 1
        return QueuedWork(2, timedelta(minutes=5))


class Queue:
    def __init__(self) -> None:
        self.calls: list[Batch] = []
        self.error: Exception | None = None

    def change_message_visibility(self, **parameters: Any) -> None:
        self.calls.append(parameters)
        if self.error:
            raise self.error


@pytest.fixture
def adapters(monkeypatch: pytest.MonkeyPatch) -> Any:
    adapters: Any = QueueAdapters()
    adapters.settings.override(providers.Object(QueueSettings(uploads_queue_url="https://queue")))
    monkeypatch.setattr(ingest, "_queue", lambda: adapters)
    return adapters


@pytest.fixture
def use_case(monkeypatch: pytest.MonkeyPatch) -> UseCases:
    use_cases = UseCases()
    monkeypatch.setattr(ingest, "_use_cases", lambda: use_cases)
    return use_cases


@pytest.fixture(autouse=True)
def queue(adapters: Any) -> Queue:
    queue = Queue()
    adapters.sqs_client.override(providers.Object(queue))
    return queue


@pytest.fixture
def invoke(use_case: UseCases) -> Callable[..., list[str]]:
    """Invokes the function; gives the ids of the messages that failed."""

    def invoke(*messages: Batch) -> list[str]:
        answer = ingest.handler({"Records": list(messages)}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return invoke


def test_each_image_of_a_batch_is_dealt_with(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    assert invoke(message("1", key_of(FIRST)), message("2", key_of(SECOND))) == []
    assert use_case.calls == [FIRST, SECOND]


def test_a_duplicate_in_a_batch_is_dealt_with_once(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    assert (
        invoke(
            message("1", key_of(FIRST), key_of(FIRST)),
            message("2", key_of(FIRST), versionId="3", event="ObjectCreated:Copy"),
        )
        == []
    )
    assert use_case.calls == [FIRST]


def test_only_failed_messages_are_delivered_again(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    use_case.errors[FIRST] = [ServiceUnavailable("-"), ServiceUnavailable("-")]

    failed = invoke(message("1", key_of(FIRST)), message("2", key_of(SECOND)), message("3", key_of(FIRST)))

    assert failed == ["1", "3"]
    assert use_case.calls == [FIRST, SECOND, FIRST]


def test_a_batch_that_fails_whole_is_reported_message_by_message(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    use_case.errors[FIRST] = [MemoryError()]

    assert invoke(message("1", key_of(FIRST))) == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "images"}),
        json.dumps({"Records": []}),
    ],
)
def test_a_message_about_no_object_is_done(invoke, use_case, body: str) -> None:  # type: ignore[no-untyped-def]
    assert invoke(raw_message("1", body)) == []
    assert use_case.calls == []


@pytest.mark.parametrize(
    "key",
    [
        "incoming/someone/not-an-id",
        f"incoming/someone/{FIRST.image_id}/more",
        f"incoming//{FIRST.image_id}",
        f"users/someone/images/{FIRST.image_id}/original.jpg",
        "else",
    ],
)
def test_an_object_without_an_image_is_ignored(invoke, use_case, key: str) -> None:  # type: ignore[no-untyped-def]
    assert invoke(message("1", key)) == []
    assert use_case.calls == []


def test_keys_are_decoded(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    owner = "an owner+tester@é"

    assert invoke(message("1", key_of(ImageRef(owner, FIRST.image_id)))) == []
    assert use_case.calls == [ImageRef(owner, FIRST.image_id)]


@pytest.mark.parametrize("body", ["{", "[]", '{"Records": [{}]}', '{"Records": [{"s3": {"object": {}}}]}'])
def test_a_message_that_cannot_be_understood_fails(invoke, body: str) -> None:  # type: ignore[no-untyped-def]
    assert invoke(raw_message("1", body), message("2", key_of(FIRST))) == ["1"]


def test_a_failed_message_is_retried_early(invoke, use_case, queue) -> None:  # type: ignore[no-untyped-def]
    use_case.errors[FIRST] = [ServiceUnavailable("-")]
    failing = message("1", key_of(FIRST))
    failing["attributes"]["ApproximateReceiveCount"] = "2"

    assert invoke(failing, message("2", key_of(SECOND))) == ["1"]
    assert queue.calls == [
        {"QueueUrl": "https://queue", "ReceiptHandle": "handle", "VisibilityTimeout": 240}
    ]


def test_a_message_is_retried_even_if_its_delay_cannot_be_changed(invoke, use_case, queue) -> None:  # type: ignore[no-untyped-def]
    use_case.errors[FIRST] = [ServiceUnavailable("-")]
    queue.error = EndpointConnectionError(endpoint_url="https://queue")

    assert invoke(message("1", key_of(FIRST))) == ["1"]


def test_a_queue_can_keep_its_own_delay(invoke, use_case, queue, adapters) -> None:  # type: ignore[no-untyped-def]
    settings = QueueSettings(uploads_queue_url="https://queue", retry_early=False)
    adapters.settings.override(providers.Object(settings))
    use_case.errors[FIRST] = [ServiceUnavailable("-")]

    assert invoke(message("1", key_of(FIRST))) == ["1"]
    assert queue.calls == []


def test_a_deleted_image_is_settled(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    event = {
        "version": "0",
        "source": "images-upload-api",
        "detail-type": "image.deleted",
        "detail": {"event_id": "1", "user_id": FIRST.owner_id, "image_id": FIRST.image_id},
    }

    assert invoke(raw_message("1", json.dumps(event))) == []
    assert use_case.calls == [FIRST]


@pytest.mark.parametrize("change", [{"source": "another"}, {"detail-type": "image.ready"}])
def test_other_events_are_none_of_its_business(invoke, use_case, change) -> None:  # type: ignore[no-untyped-def]
    event = {"source": "images-upload-api", "detail-type": "image.deleted", "detail": {}} | change

    assert invoke(raw_message("1", json.dumps(event))) == []
    assert use_case.calls == []


def test_its_own_messages_are_about_images_and_accounts(invoke, use_case) -> None:  # type: ignore[no-untyped-def]
    work = [Work(FIRST.owner_id, FIRST.image_id), Work("an owner")]

    assert invoke(*(raw_message(str(number), message_of(one)) for number, one in enumerate(work))) == []

    assert use_case.calls == [FIRST]
    assert use_case.accounts == ["an owner"]


def test_the_schedule_has_what_is_due_looked_for_and_measured(  # type: ignore[no-untyped-def]
    invoke, use_case, capsys
) -> None:
    assert invoke(raw_message("1", DUE_MESSAGE)) == []
    assert use_case.due == 1
    measured = [line for line in capsys.readouterr().out.splitlines() if '"Overdue"' in line]
    assert [json.loads(line)["Overdue"] for line in measured] == [[300]]
