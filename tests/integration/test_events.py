"""What the records set in motion, from the table to a subscriber of the bus, in the local server."""

import json
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.dynamodb.image_records import DynamoDbImageRecords
from domain.images.account import Quotas
from domain.images.record import Tombstone
from entrypoints.local.provisioning import TABLE
from tests.integration.backend import Backend, LocalServer
from tests.support.records import accepted, pending, ref_at

pytestmark = pytest.mark.local_server


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


def test_changes_that_nobody_was_told_of_yet_are_published_after_everything_was_killed(
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
