"""What changes of records cause in the local server, from the table to a subscriber of the bus."""

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from adapters.dynamodb.image_records import DynamoDbImageRecords
from domain.images.account import Quotas
from domain.images.record import Tombstone
from entrypoints.local.provisioning import TABLE
from tests.integration.backend import Backend, LocalServer
from tests.integration.users import logged_in_user
from tests.support.event_receiver import EventReceiver
from tests.support.image_factory import photo
from tests.support.records import accepted, pending, ref_at

pytestmark = pytest.mark.local_server

SCHEMAS = Path(__file__).parents[2] / "docs" / "events" / "v1"


class Printed:
    """The events that a server has printed so far."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server

    def stop(self) -> int:
        """Stop the server, and read to the end of what it says."""
        return self._server.stop()

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        lines = [line for line in self._server.output if line[:6] == "event "]
        found = [line.removeprefix("event ").partition(": ") for line in lines]
        return [(kind, json.loads(detail)) for kind, _, detail in found]

    def await_events(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        deadline = time.monotonic() + 30
        while len(self.events()) < count and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        return self.events()


def records_of(backend: Backend) -> DynamoDbImageRecords:
    return DynamoDbImageRecords(backend.aws("dynamodb"), TABLE, lambda: datetime.now(UTC))


def test_unpublished_changes_are_published_after_everything_was_killed(
    tmp_path: Path,
) -> None:
    first = LocalServer(tmp_path)
    records, far = records_of(first.start()), datetime.now(UTC) + timedelta(days=1)
    assert first._process
    # It reads no stream any more; the emulator still answers.
    first._process.send_signal(signal.SIGSTOP)
    waiting = pending(ref_at(0), due_at=far)
    ready = accepted(waiting)
    records.add(waiting, Quotas())
    records.save(waiting, ready)
    records.remove(ready, Tombstone(ready.ref, ready.version + 1, far, far, None, far))
    os.kill(int((tmp_path / "ministack.pid").read_text()), signal.SIGKILL)
    first.stop(signal.SIGKILL)

    second = LocalServer(tmp_path)
    second.start()
    printed = Printed(second)

    events = printed.await_events(2)

    assert printed.stop() == 0
    assert {(kind, detail["image_id"]) for kind, detail in events} == {
        ("image.ready", ready.ref.image_id),
        ("image.deleted", ready.ref.image_id),
    }


def test_changes_of_records_are_published_and_printed_once(tmp_path: Path) -> None:
    first = LocalServer(tmp_path)
    records, far = records_of(first.start()), datetime.now(UTC) + timedelta(days=1)
    printed = Printed(first)
    waiting = pending(ref_at(0), due_at=far)
    ready = accepted(waiting)
    records.add(waiting, Quotas())
    records.save(waiting, ready)
    records.remove(ready, Tombstone(ready.ref, ready.version + 1, far, far, None, far))

    events = printed.await_events(2)

    assert printed.stop() == 0
    assert {kind for kind, _ in events} == {"image.ready", "image.deleted"}
    assert {detail["image_id"] for _, detail in events} == {ready.ref.image_id}

    second = LocalServer(tmp_path)
    records = records_of(second.start())
    printed = Printed(second)
    other = pending(ref_at(5), due_at=far)
    records.add(other, Quotas())
    records.save(other, accepted(other))

    events = printed.await_events(1)

    assert printed.stop() == 0
    assert [(kind, detail["image_id"]) for kind, detail in events] == [("image.ready", other.ref.image_id)]


def agrees_with_its_schema(event: dict[str, Any]) -> bool:
    """Whether the detail has what the schema of its type says, and nothing else."""
    schema = json.loads((SCHEMAS / f"{event['detail-type']}.schema.json").read_text())
    return jsonschema_rs.is_valid({**schema, "additionalProperties": False}, event["detail"])


def reject_an_upload(api: httpx.Client) -> None:
    content = b"no image"
    created = api.post("/v1/uploads", json={"content_type": "image/jpeg", "size": len(content)}).json()
    form = created["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("file", content)}, timeout=30)
    assert sent.is_success, sent.text


def test_what_users_do_is_posted_to_a_webhook_as_the_schemas_say(tmp_path: Path) -> None:
    with EventReceiver() as receiver:
        # Busy at first: it is asked again.
        receiver.statuses = [503]
        server = LocalServer(tmp_path, environment={"WEBHOOK_URL": receiver.url})
        backend = server.start()
        printed = Printed(server)
        user = contextmanager(logged_in_user)
        with user(backend) as leaving, user(backend) as staying:
            assert leaving.upload(photo("jpeg-plain.jpg").content).status_code == 201
            assert leaving.api.delete("/v1/users/me").status_code == 204
            link = staying.upload(photo("jpeg-plain.jpg").content).json()["links"]["self"]
            assert staying.api.patch(link, json={"title": "title"}).status_code == 200
            assert staying.api.delete(link).status_code == 204
            assert staying.upload(photo("png-complete.png").content).status_code == 201
            reject_an_upload(staying.api)
            wanted = {
                ("image.ready", staying.id),
                ("image.updated", staying.id),
                ("image.deleted", staying.id),
                ("image.rejected", staying.id),
                ("image.rendered", staying.id),
                ("image.deleted", leaving.id),
                ("account.deleted", leaving.id),
            }
            deadline = time.monotonic() + 60
            told: set[tuple[str, str]] = set()
            while not wanted <= told and time.monotonic() < deadline:
                receiver.await_requests(len(receiver.requests) + 1, patience_s=1)
                events = [json.loads(request.body) for request in receiver.requests]
                told = {(event["detail-type"], event["detail"]["user_id"]) for event in events}
        assert printed.stop() == 0

    assert wanted <= told
    for event in events:
        assert event.keys() == {
            *("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
        }
        assert event["source"] == "images-upload-api"
        assert agrees_with_its_schema(event), event
    posted = {event["detail"]["event_id"] for event in events}
    assert len(receiver.requests) > len(posted), "what was not taken comes again"
    assert {detail["event_id"] for _, detail in printed.events()} >= posted


def test_events_are_only_posted_to_this_machine(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, environment={"WEBHOOK_URL": "https://example.com/events"})
    server.launch()

    assert server.stop_when_ended() == 1
    assert "".join(server.output) == (
        "error: WEBHOOK_URL is 'https://example.com/events'. Events are posted only to this machine: "
        "set http://127.0.0.1:PORT/PATH.\n"
    )
