"""From a change of a record to its subscribers' queues, while the function that publishes is killed.

The stream, the bus and the queues are the emulator's; the function runs in a process of its own, which dies
between its requests to the bus.
"""

import asyncio
import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.dynamodb.image_records import DynamoDbImageRecords
from domain.images.account import Quotas
from domain.images.record import Tombstone
from entrypoints.local.emulator import Emulator
from entrypoints.local.provisioning import Resources, provision
from entrypoints.local.streaming import StreamFiles, StreamPoller
from entrypoints.local.wiring import function_environment
from entrypoints.local.workers import HandlerWorkers
from tests.support.emulator import running_emulator
from tests.support.records import accepted, pending, ref_at

IMAGES = 25
"""Their events take three requests to the bus, or more."""
DELETED = 5
PATIENCE_S = 60

Kill = Callable[[], None]


class Bus(ThreadingHTTPServer):
    """Passes requests on to the emulator, and kills the function before or after some of them."""

    def __init__(self, emulator: Emulator, deaths: dict[int, str], kill: Kill) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.emulator = urlsplit(emulator.endpoint_url)
        self.deaths = deaths
        self.kill = kill
        self.requests = 0


class _Request(BaseHTTPRequestHandler):
    server: Bus

    def do_POST(self) -> None:
        number, self.server.requests = self.server.requests, self.server.requests + 1
        body = self.rfile.read(int(self.headers["content-length"]))
        death = self.server.deaths.get(number)
        if death == "before":
            self.server.kill()
            return
        with closing(http.client.HTTPConnection(self.server.emulator.netloc, timeout=10)) as connection:
            connection.request("POST", self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        if death == "after":
            self.server.kill()
            return
        with suppress(OSError):
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    with running_emulator() as started:
        yield started


@pytest.fixture(scope="module")
def resources(own_emulator: Emulator) -> Resources:
    return provision(own_emulator, "http://127.0.0.1:1/triggers")


@contextmanager
def function(
    emulator: Emulator, resources: Resources, deaths: dict[int, str], log: Path
) -> Iterator[tuple[HandlerWorkers, Bus]]:
    """The function ``events`` in a process of its own, before a bus at which it dies."""

    def kill() -> None:
        for pid in workers.pids:
            os.kill(pid, signal.SIGKILL)

    bus = Bus(emulator, deaths, kill)
    threading.Thread(target=bus.serve_forever, daemon=True).start()
    environment = function_environment(emulator.endpoint_url, resources)
    workers = HandlerWorkers(1, environment | {"AWS_ENDPOINT_URL_EVENTBRIDGE": bus.url}, log)
    try:
        yield workers, bus
    finally:
        workers.stop()
        bus.shutdown()
        bus.server_close()


def received(emulator: Emulator, queue_url: str) -> list[dict[str, Any]]:
    """Take all events out of a queue."""
    queues, found = emulator.client("sqs"), []
    while messages := queues.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            queues.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return [message for message in found if "detail" in message]


def change_records(emulator: Emulator, resources: Resources) -> tuple[set[str], set[str]]:
    """Make images ready and delete some of them. Returns the ids of all, and of the deleted ones."""
    records = DynamoDbImageRecords(
        emulator.client("dynamodb"), resources.records_table, lambda: datetime.now(UTC)
    )
    far = datetime.now(UTC) + timedelta(days=1)
    ids = []
    for number in range(IMAGES):
        content = b"\xff\xd8\xff\xe0 image %d" % number
        waiting = pending(ref_at(number), content, due_at=far)
        ready = accepted(waiting, content)
        records.add(waiting, Quotas())
        records.save(waiting, ready)
        ids.append(ready.ref.image_id)
        if number < DELETED:
            records.remove(ready, Tombstone(ready.ref, ready.version + 1, far, far, None, far))
    return set(ids), set(ids[:DELETED])


def test_nothing_is_lost_when_the_function_is_killed_and_repeated_events_are_equal(
    own_emulator: Emulator, resources: Resources, tmp_path: Path
) -> None:
    ready, deleted = change_records(own_emulator, resources)
    told: list[dict[str, Any]] = []
    files = StreamFiles(tmp_path / "position", tmp_path / "set-aside")
    # After some were published but not reported, before any were, and late.
    deaths = {1: "after", 2: "before", 4: "after"}

    async def publish(workers: HandlerWorkers) -> None:
        stopped = asyncio.Event()
        poller = StreamPoller(
            own_emulator.client("dynamodbstreams"),
            resources.records_stream_arn,
            files,
            workers.invoke,
            pause_s=0.01,
        )
        running = asyncio.create_task(poller.run(stopped))
        deadline = time.monotonic() + PATIENCE_S
        while len({event["detail"]["event_id"] for event in told}) < IMAGES + DELETED:
            assert time.monotonic() < deadline, told
            told.extend(await asyncio.to_thread(received, own_emulator, resources.printed_queue_url))
        stopped.set()
        await running

    with function(own_emulator, resources, deaths, tmp_path / "log") as (workers, bus):
        asyncio.run(publish(workers))
        assert bus.requests > max(deaths)

    kinds = {(event["detail-type"], event["detail"]["image_id"]) for event in told}
    assert kinds == {("image.ready", each) for each in ready} | {
        ("image.deleted", each) for each in deleted
    }
    repeated = Counter(event["detail"]["event_id"] for event in told)
    assert max(repeated.values()) > 1, "what was published before a death is published again"
    details = {json.dumps([event["detail-type"], event["detail"]], sort_keys=True) for event in told}
    assert len(details) == len(repeated) == IMAGES + DELETED, "an event is the same each time"
    assert not files.set_aside.exists()
    work = received(own_emulator, resources.queue_url)
    assert {event["detail"]["image_id"] for event in work} == deleted
