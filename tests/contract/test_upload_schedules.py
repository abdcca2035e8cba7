"""Images end in a stable state, whatever happens at the same time, repeatedly or only in part.

Clients, deletions, the ingest function and the schedule run on stores that stop before each request. They
are interleaved request by request in an order that Hypothesis chooses, are killed between any two
requests, and have requests refused. Messages come late, more than once and in any order, and come again
after a failure, as from SQS.

The bytes are in memory; the records are in memory too and, for fewer schedules, those of DynamoDB in moto.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.dynamodb.schema import table_definition
from domain.images.acceptance import DuplicatePolicy
from domain.images.account import Usage
from domain.images.errors import (
    AccountClosed,
    DuplicateImage,
    ImageNotFound,
    UploadNotFound,
)
from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import ImageRecords
from domain.images.record import WRITERS_END_WITHIN, ImageRecord
from domain.images.upload import UploadForm
from domain.images.use_cases.direct_upload import UploadRequest
from domain.images.view import Image
from domain.images.work import Work
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import MetadataDocument
from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import DEFAULT_RENDITIONS
from domain.shared.errors import ServiceUnavailable
from entrypoints.local.emulator import REGION
from tests.support.application import MINUTE, Application, SettableClock, ref_of
from tests.support.samples import CALLER
from tests.support.schedules import Activity, Scheduler

GOOD = b"\xff\xd8\xff\xe0 good"
ALSO_GOOD = b"\xff\xd8\xff\xe0 fine"
UNREADABLE = b"\xff\xd8\xff\xe0 bad!"
NO_IMAGE = b"<html></html"[: len(GOOD)]
CONTENTS = (GOOD, ALSO_GOOD, UNREADABLE, NO_IMAGE)
ACCEPTABLE = {GOOD, ALSO_GOOD}
assert {len(content) for content in CONTENTS} == {len(GOOD)}

MakeRecords = Callable[[SettableClock, Callable[[str], None]], ImageRecords | None]


class World:
    """The application, its storage with the queue behind it, and all of its users."""

    def __init__(
        self, make_records: MakeRecords, duplicates: DuplicatePolicy = DuplicatePolicy.REPORT
    ) -> None:
        self.scheduler = Scheduler()
        self.to_render: list[ImageRef] = []
        """Images of which the events function has told that they are ready."""
        clock = SettableClock()
        self.app = Application(
            records=make_records(clock, self.scheduler.before_request),
            clock=clock,
            duplicates=duplicates,
            renditions=DEFAULT_RENDITIONS,
            before_request=self.scheduler.before_request,
            watched=lambda records: WatchedRecords(records, self.to_render.append),
        )
        self.app.renderer.known = {GOOD: (4000, 3000), ALSO_GOOD: UnrenderableImage("It has no picture.")}
        self.app.extractor.errors = {UNREADABLE: UnreadableImage("It cannot be read.")}
        self.messages = self.app.queue.sent
        self.deaths = 0
        self._deliveries: dict[Activity, Callable[[], None]] = {}
        """By invocation, the function that delivers its message again."""

    def announce(self) -> tuple[ImageRef, UploadForm]:
        """Announce a form before anything else happens."""
        created = self.app.create(CALLER, UploadRequest("image/jpeg", len(GOOD)))
        assert created.form
        return ref_of(created), created.form

    def start(self, name: str, run: Callable[[], Any]) -> Activity:
        self.app.clock.advance(timedelta(milliseconds=1))
        return self.scheduler.start(name, run)

    def send(self, ref: ImageRef, form: UploadForm, content: bytes) -> None:
        """Send a form as a browser does; storage notifies the queue."""
        self.scheduler.before_request("post")
        assert self.app.incoming.send_form(form, content)
        self.messages.append(Work(ref.owner_id, ref.image_id))

    def deliver(self, index: int, *, keep: bool = False) -> Activity:
        """Invoke the ingest function with a message; with ``keep``, it will be delivered once more."""
        work = self.messages[index] if keep else self.messages.pop(index)
        activity = self.start(f"ingest {len(self.scheduler.steps)}", lambda: self.app.settle_work(work))
        self._deliveries[activity] = lambda: self.messages.append(work)
        return activity

    def deliver_ready(self, index: int, *, keep: bool = False) -> Activity:
        """Invoke the render function in the same way."""
        ref = self.to_render[index] if keep else self.to_render.pop(index)
        activity = self.start(f"render {len(self.scheduler.steps)}", lambda: self.app.render(ref))
        self._deliveries[activity] = lambda: self.to_render.append(ref)
        return activity

    def kill(self, activity: Activity) -> None:
        self.deaths += 1
        self.scheduler.kill(activity)

    def fail(self, activity: Activity) -> None:
        if activity.next_request:
            # Who cannot say that nothing became of an attempt to render has died at it.
            self.deaths += 1
            self.scheduler.fail(activity)

    def take_note_of_ends(self) -> None:
        """Deliver the message of an invocation that died or failed again."""
        for activity, bring_back in list(self._deliveries.items()):
            if activity.finished:
                del self._deliveries[activity]
                if activity.killed or activity.error:
                    assert activity.error is None or isinstance(activity.error, ServiceUnavailable)
                    bring_back()

    def finish(self) -> None:
        """Let everything that has begun end."""
        while self.scheduler.running:
            self.scheduler.run_alone(self.scheduler.running[0])
        self.take_note_of_ends()

    def settle(self) -> None:
        """Let everything end, and the queue become empty, while hours pass in which the schedule runs."""
        self.finish()
        for hours in (0, 1, 25, 1):
            self.app.clock.advance(timedelta(hours=hours))
            self.app.queue_due()
            for _ in range(1000):
                if not self.messages and not self.to_render:
                    break
                self.scheduler.run_alone(self.deliver(0) if self.messages else self.deliver_ready(0))
                self.take_note_of_ends()
            assert not self.messages, "the queue does not become empty"
            assert not self.to_render, "the queue does not become empty"
        assert self.app.queue_due().count == 0, "something stays due"
        self.require_consistent()

    def require_consistent(self) -> None:
        """Check that nothing is stored without a record, and that the usage is the sum of the records."""
        items = {ImageRef(CALLER.user_id, image.id): image for image in self.app.items()}
        ready = {ref for ref, image in items.items() if image.status is ImageStatus.READY}
        stored = self.app.bytes
        assert set(stored.originals) == set(stored.documents) == ready
        assert not stored.incoming
        assert set(stored.renditions) <= ready
        # Of two requests that begin parts at the same moment, one may die before it ends its own: they
        # are empty, and the bucket's rule for unfinished uploads removes them.
        assert all(ref in ready and not parts for ref, parts in stored.parts.values())
        assert all(image.status is not ImageStatus.PENDING for image in items.values())
        account = self.app.records.find_account(CALLER.user_id)
        expected = Usage(len(ready), sum(items[ref].size_bytes for ref in ready))
        assert account.usage == expected
        for ref in ready:
            self.require_ready(ref, {stored.originals[ref][1]})
        by_bytes = Counter(items[ref].sha256 for ref in ready)
        for sha256, number in by_bytes.items():
            assert sha256
            assert len(self.app.records.find_same_bytes(CALLER.user_id, sha256)) == number

    def require_ready(self, ref: ImageRef, contents: set[bytes]) -> None:
        content, stored = self.app.bytes.originals[ref][1], self.app.bytes.documents[ref]
        assert content in contents
        document = MetadataDocument.model_validate_json(stored)
        assert document.image.sha256 == hashlib.sha256(content).hexdigest()
        image = self.app.get(CALLER, ref.image_id).image
        assert (image.status, image.metadata) == (ImageStatus.READY, document)
        self.require_rendered(ref)

    def require_rendered(self, ref: ImageRef) -> None:
        """Check that an image has all renditions, or says why not."""
        record = self.app.records.find(ref)
        assert record
        shown = {rendition.name for rendition in record.renditions}
        stored = self.app.bytes.renditions.get(ref, {}).keys()
        if record.renditions_error is None:
            assert shown == stored == {spec.name for spec in DEFAULT_RENDITIONS}
        else:
            assert shown <= stored
            assert self.app.bytes.originals[ref][1] == ALSO_GOOD or self.deaths > 1

    def require_rejected(self, ref: ImageRef) -> None:
        image = self.app.get(CALLER, ref.image_id).image
        assert image.status is ImageStatus.REJECTED
        assert image.rejection
        assert image.rejection.detail

    def require_gone(self, ref: ImageRef) -> None:
        assert ref not in self.app.bytes.refs
        with pytest.raises(ImageNotFound):
            self.app.get(CALLER, ref.image_id)


class WatchedRecords:
    """Records whose stream tells of each image that becomes ready."""

    def __init__(self, records: ImageRecords, tell: Callable[[ImageRef], None]) -> None:
        self._records = records
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def save(self, before: ImageRecord, after: ImageRecord, **options: Any) -> None:
        self._records.save(before, after, **options)
        if before.status is ImageStatus.PENDING and after.status is ImageStatus.READY:
            self._tell(after.ref)


def interleave(world: World, data: st.DataObject, *, turns: int = 30) -> None:
    """Turns of what has been started, in any order, with crashes and deliveries between them.

    A turn has a few steps: what goes wrong mostly needs few changes at the right moments, rather than
    many.
    """
    for _ in range(turns):
        world.take_note_of_ends()
        running, count = world.scheduler.running, len(world.messages)
        waiting = count + len(world.to_render)
        if not running and not waiting:
            return
        action = data.draw(st.integers(0, 12), label="action")
        if waiting and (action <= 3 or not running) and len(running) < 5:
            index = data.draw(st.integers(0, waiting - 1), label="message")
            if index < count:
                world.deliver(index, keep=action <= 1)
            else:
                world.deliver_ready(index - count, keep=action <= 1)
        elif action == 12:
            let_time_pass(world, data.draw(st.sampled_from([MINUTE, 31 * MINUTE]), label="pause"), data)
            world.start("schedule", world.app.queue_due)
        elif running:
            activity = running[data.draw(st.integers(0, len(running) - 1), label="who")]
            if action in {4, 5}:
                (world.kill if action == 4 else world.fail)(activity)
                continue
            for _ in range(data.draw(st.integers(1, 9), label="steps")):
                if not activity.finished:
                    world.scheduler.step(activity)


def let_time_pass(world: World, pause: timedelta, data: st.DataObject) -> None:
    """Advance the clock; no request and no invocation outlives a long pause."""
    if pause > WRITERS_END_WITHIN:
        for activity in list(world.scheduler.running):
            is_killed = data.draw(st.booleans(), label="killed")
            (world.kill if is_killed else world.scheduler.run_alone)(activity)
    world.app.clock.advance(pause)


def succeeded(activity: Activity) -> bool:
    return activity.finished and not activity.killed and activity.error is None


def in_memory(*_: Any) -> None:
    """The records of the application itself."""


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION, aws_access_key_id="-", aws_secret_access_key="-")


class ScheduledClient:
    """A client of DynamoDB that waits for its turn before each request."""

    def __init__(self, client: Any, before_request: Callable[[str], None]) -> None:
        self._client = client
        self._before_request = before_request

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def request(**parameters: Any) -> Any:
            self._before_request(operation)
            return getattr(self._client, operation)(**parameters)

        return request


@pytest.fixture
def on_moto(moto_client: Any) -> MakeRecords:
    def make(clock: SettableClock, before_request: Callable[[str], None]) -> ImageRecords:
        table = f"records-{uuid4()}"
        moto_client.create_table(**table_definition(table))
        client: Any = ScheduledClient(moto_client, before_request)
        return DynamoDbImageRecords(client, table, clock, lambda _: None)

    return make


def runs(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        # To look for a smaller schedule takes minutes; the one that failed can be reproduced.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )


IN_MEMORY, ON_MOTO = runs(60), runs(8)


def direct_uploads(make: MakeRecords, data: st.DataObject, sent: list[bytes]) -> None:
    """A client sends bytes, maybe several times, and other ones."""
    world = World(make)
    ref, form = world.announce()
    senders = [
        world.start(f"client {number}", lambda content=content: world.send(ref, form, content))
        for number, content in enumerate(sent)
    ]

    interleave(world, data)
    world.settle()

    arrived = {content for content, sender in zip(sent, senders, strict=True) if succeeded(sender)}
    status = world.app.get(CALLER, ref.image_id).image.status
    if not arrived:
        world.require_rejected(ref)
    elif status is ImageStatus.READY:
        world.require_ready(ref, arrived & ACCEPTABLE)
    else:
        world.require_rejected(ref)
        rejection = world.app.get(CALLER, ref.image_id).image.rejection
        assert rejection
        if len(arrived) == 1 and arrived <= ACCEPTABLE:
            assert rejection.code == "upload-expired"
    event(f"{len(arrived)} kinds of bytes arrived: {status.value}")


SENT = st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=3)


@IN_MEMORY
@given(data=st.data(), sent=SENT)
def test_direct_uploads_end_ready_or_rejected(data: st.DataObject, sent: list[bytes]) -> None:
    direct_uploads(in_memory, data, sent)


@ON_MOTO
@given(data=st.data(), sent=SENT)
def test_direct_uploads_end_ready_or_rejected_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, sent: list[bytes]
) -> None:
    direct_uploads(on_moto, data, sent)


def uploads_in_parts(make: MakeRecords, data: st.DataObject, repeats: int) -> None:
    """Equal requests begin an upload in parts, the client sends it, completes it and may give it up."""
    world = World(make)
    app = world.app
    request = UploadRequest("image/jpeg", len(GOOD), multipart=True)
    made: list[str] = []

    def client() -> None:
        created = app.create(CALLER, request, idempotency_key="key")
        made.append(created.image.id)
        if created.multipart is None:
            return
        try:
            app.send_parts(created.image.id, 1, content=GOOD)
            app.complete(CALLER, created.image.id)
        except UploadNotFound:
            return  # the other one has completed it, or it is settled already
        world.messages.append(Work(CALLER.user_id, created.image.id))

    for number in range(repeats):
        world.start(f"client {number}", client)
    interleave(world, data)
    world.settle()

    assert len(set(made)) <= 1
    assert len(app.items()) <= 1
    event(f"{[image.status.value for image in app.items()]}")


@IN_MEMORY
@given(data=st.data(), repeats=st.integers(1, 2))
def test_uploads_in_parts_are_one_image(data: st.DataObject, repeats: int) -> None:
    uploads_in_parts(in_memory, data, repeats)


@ON_MOTO
@given(data=st.data(), repeats=st.integers(1, 2))
def test_uploads_in_parts_are_one_image_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, repeats: int
) -> None:
    uploads_in_parts(on_moto, data, repeats)


def deleted_image(make: MakeRecords, data: st.DataObject, sent: list[bytes]) -> None:
    """A client sends bytes, and deletes the image before, during or after that."""
    world = World(make)
    ref, form = world.announce()
    for number, content in enumerate(sent):
        world.start(f"client {number}", lambda content=content: world.send(ref, form, content))
    deletion = world.start("deletion", lambda: world.app.delete.delete_one(CALLER, ref.image_id))

    interleave(world, data)
    was_killed = deletion.killed
    if was_killed:
        # Whoever gets no answer tries again.
        deletion = world.start("deletion again", lambda: world.app.delete.delete_one(CALLER, ref.image_id))
        interleave(world, data, turns=10)
    world.settle()

    if deletion.error is not None:
        assert isinstance(deletion.error, ImageNotFound | ServiceUnavailable)
        assert was_killed or isinstance(deletion.error, ServiceUnavailable)
    if not deletion.killed and not isinstance(deletion.error, ServiceUnavailable):
        world.require_gone(ref)
    event("killed" if deletion.killed else "deleted")


@IN_MEMORY
@given(data=st.data(), sent=SENT)
def test_a_deleted_image_leaves_nothing_behind(data: st.DataObject, sent: list[bytes]) -> None:
    deleted_image(in_memory, data, sent)


@ON_MOTO
@given(data=st.data(), sent=SENT)
def test_a_deleted_image_leaves_nothing_behind_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, sent: list[bytes]
) -> None:
    deleted_image(on_moto, data, sent)


def small_uploads(
    make: MakeRecords, data: st.DataObject, repeats: int, key: str | None, duplicates: DuplicatePolicy
) -> None:
    """A client uploads the same image several times, also at the same time, also without an answer."""
    world = World(make, duplicates)
    app = world.app
    clients = [
        world.start(f"client {number}", lambda: app.upload(CALLER, GOOD, idempotency_key=key))
        for number in range(repeats)
    ]

    interleave(world, data)
    world.finish()
    if key and not any(map(succeeded, clients)):
        # Whoever gets no answer tries again.
        clients.append(world.start("again", lambda: app.upload(CALLER, GOOD, idempotency_key=key)))
    world.settle()

    images: list[Image] = [client.result for client in clients if succeeded(client)]
    for client in clients:
        # An image is given up, and not found, where its request is stopped for a minute.
        assert client.error is None or isinstance(
            client.error, DuplicateImage | ImageNotFound | ServiceUnavailable
        )
    stored = [image.id for image in app.items()]
    assert {image.id for image in images} <= set(stored)
    if key:
        assert len({image.id for image in images}) <= 1
        assert len(stored) <= 1
    if duplicates is DuplicatePolicy.REJECT:
        assert sum(image.status is ImageStatus.READY for image in app.items()) <= 1
    elif not key:
        assert len(stored) <= repeats
        originals = [image for image in app.items() if image.duplicate_of is None]
        assert len(originals) == bool(stored)
    event(f"{len(images)} answers, {len(stored)} stored")


SMALL = {
    "data": st.data(),
    "repeats": st.integers(1, 3),
    "key": st.sampled_from([None, "key"]),
    "duplicates": st.sampled_from(DuplicatePolicy),
}


@IN_MEMORY
@given(**SMALL)
def test_small_uploads_are_stored_once_and_whole(
    data: st.DataObject, repeats: int, key: str | None, duplicates: DuplicatePolicy
) -> None:
    small_uploads(in_memory, data, repeats, key, duplicates)


@ON_MOTO
@given(**SMALL)
def test_small_uploads_are_stored_once_and_whole_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, repeats: int, key: str | None, duplicates: DuplicatePolicy
) -> None:
    small_uploads(on_moto, data, repeats, key, duplicates)


@runs(20)
@given(data=st.data(), repeats=st.integers(1, 3), key=st.sampled_from([None, "key"]))
def test_refused_duplicates_are_published(data: st.DataObject, repeats: int, key: str | None) -> None:
    """A client uploads an image again that it has already, several times at once."""
    world = World(in_memory, DuplicatePolicy.REJECT)
    app = world.app
    first = app.upload(CALLER, GOOD)
    clients = [
        world.start(f"client {number}", lambda: app.upload(CALLER, GOOD, idempotency_key=key))
        for number in range(repeats)
    ]

    interleave(world, data)
    world.settle()

    for client in clients:
        assert client.killed or isinstance(client.error, DuplicateImage | ServiceUnavailable)
    assert [image.id for image in app.items()] == [first.id]


def deleted_account(make: MakeRecords, data: st.DataObject, content: bytes) -> None:
    """All kinds of uploads are in use while the account is deleted."""
    world = World(make)
    app = world.app
    ref, form = world.announce()

    def close() -> None:
        app.close_account.begin_deletion(CALLER.user_id)

    world.start("direct", lambda: world.send(ref, form, content))
    uploads = [
        world.start("small", lambda: app.upload(CALLER, GOOD, idempotency_key="key")),
        world.start("new", world.announce),
        world.start("delete", lambda: app.delete.delete_one(CALLER, ref.image_id)),
    ]
    deletion = world.start("deletion", close)

    interleave(world, data)
    if deletion.killed or deletion.error:
        deletion = world.start("deletion again", close)
    world.settle()

    assert deletion.error is None
    for upload in uploads:
        assert isinstance(upload.error, AccountClosed | ImageNotFound | ServiceUnavailable | None)
    assert app.bytes.refs == set()
    assert app.items() == ()
    assert app.records.find_account(CALLER.user_id).deleted_at


@IN_MEMORY
@given(data=st.data(), content=st.sampled_from(CONTENTS))
def test_nothing_comes_back_after_an_account_was_deleted(data: st.DataObject, content: bytes) -> None:
    deleted_account(in_memory, data, content)


@ON_MOTO
@given(data=st.data(), content=st.sampled_from(CONTENTS))
def test_nothing_comes_back_after_an_account_was_deleted_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, content: bytes
) -> None:
    deleted_account(on_moto, data, content)


@IN_MEMORY
@given(data=st.data(), content=st.sampled_from([GOOD, NO_IMAGE]))
def test_a_status_never_goes_back(data: st.DataObject, content: bytes) -> None:
    """A client that polls sees pending first, and then one other status that never changes."""
    world = World(in_memory)
    ref, form = world.announce()
    seen: list[ImageStatus] = []

    def poll() -> None:
        seen.extend(world.app.get(CALLER, ref.image_id).image.status for _ in range(6))

    world.start("client", lambda: world.send(ref, form, content))
    polling = world.start("polling", poll)

    interleave(world, data)
    world.settle()

    assert isinstance(polling.error, ServiceUnavailable | None)
    last = seen[-1] if seen else ImageStatus.PENDING
    assert all(status in (ImageStatus.PENDING, last) for status in seen)
    assert seen == sorted(seen, key=lambda status: status is not ImageStatus.PENDING)


def deleted_rendering(make: MakeRecords, data: st.DataObject, content: bytes) -> None:
    """A ready image is rendered several times at once, and edited and deleted at the same time."""
    world = World(make)
    ref = ImageRef(CALLER.user_id, world.app.upload(CALLER, content).id)
    for number in range(2):
        words = {"title": f"title {number}"}
        world.start(f"edit {number}", lambda words=words: world.app.edit(CALLER, ref.image_id, words))
    is_deleted = data.draw(st.booleans(), label="deleted")
    if is_deleted:
        world.start("deletion", lambda: world.app.delete.delete_one(CALLER, ref.image_id))

    interleave(world, data)
    world.settle()

    record = world.app.records.find(ref)
    if record is None:
        assert is_deleted
        world.require_gone(ref)
    else:
        world.require_ready(ref, {content})
    event("gone" if record is None else "failed" if record.renditions_error else "rendered")


@IN_MEMORY
@given(data=st.data(), content=st.sampled_from([GOOD, ALSO_GOOD]))
def test_a_ready_image_has_renditions_or_says_why_not_until_it_is_deleted(
    data: st.DataObject, content: bytes
) -> None:
    deleted_rendering(in_memory, data, content)


@ON_MOTO
@given(data=st.data(), content=st.sampled_from([GOOD, ALSO_GOOD]))
def test_a_ready_image_has_renditions_or_says_why_not_until_it_is_deleted_on_dynamodb(
    on_moto: MakeRecords, data: st.DataObject, content: bytes
) -> None:
    deleted_rendering(on_moto, data, content)


MOMENTS = range(16)
"""After how many of one's requests the other one acts: more than either ever sends."""


@pytest.mark.parametrize("steps", MOMENTS)
@pytest.mark.parametrize("act", ["delete", "send other bytes", "settle"])
def test_anything_can_happen_at_any_moment_of_the_reading(steps: int, act: str) -> None:
    world = World(in_memory)
    ref, form = world.announce()
    world.send(ref, form, GOOD)
    reader = world.deliver(0)
    for _ in range(steps):
        if not reader.finished:
            world.scheduler.step(reader)

    if act == "delete":
        world.app.delete.delete_one(CALLER, ref.image_id)
    elif act == "send other bytes":
        world.send(ref, form, ALSO_GOOD)
    else:
        world.app.settle(ref)
    world.settle()

    if act == "delete":
        world.require_gone(ref)
    elif act == "settle":
        world.require_ready(ref, {GOOD})
    elif world.app.get(CALLER, ref.image_id).image.status is ImageStatus.READY:
        world.require_ready(ref, {GOOD, ALSO_GOOD})
    else:
        rejection = world.app.get(CALLER, ref.image_id).image.rejection
        assert rejection
        assert rejection.code == "upload-overwritten"


@pytest.mark.parametrize("steps", MOMENTS)
def test_an_image_can_be_read_at_any_moment_of_its_deletion(steps: int) -> None:
    world = World(in_memory)
    ref, form = world.announce()
    world.send(ref, form, GOOD)
    deletion = world.start("deletion", lambda: world.app.delete.delete_one(CALLER, ref.image_id))
    for _ in range(steps):
        if not deletion.finished:
            world.scheduler.step(deletion)

    world.scheduler.run_alone(world.deliver(0))
    world.settle()

    assert deletion.error is None
    world.require_gone(ref)


@pytest.mark.parametrize("steps", MOMENTS)
@pytest.mark.parametrize("ends", ["goes on", "dies"])
def test_an_image_can_be_deleted_at_any_moment_of_its_rendering(steps: int, ends: str) -> None:
    world = World(in_memory)
    ref = ImageRef(CALLER.user_id, world.app.upload(CALLER, GOOD).id)
    rendering = world.deliver_ready(0)
    for _ in range(steps):
        if not rendering.finished:
            world.scheduler.step(rendering)

    world.app.delete.delete_one(CALLER, ref.image_id)
    if ends == "dies" and not rendering.finished:
        world.kill(rendering)
    world.settle()

    world.require_gone(ref)
    assert not world.app.bytes.renditions


@pytest.mark.parametrize("steps", MOMENTS)
def test_a_rendering_that_dies_once_at_any_moment_is_done_again(steps: int) -> None:
    world = World(in_memory)
    ref = ImageRef(CALLER.user_id, world.app.upload(CALLER, GOOD).id)
    rendering = world.deliver_ready(0)
    for _ in range(steps):
        if not rendering.finished:
            world.scheduler.step(rendering)

    if not rendering.finished:
        world.kill(rendering)
    world.settle()

    world.require_ready(ref, {GOOD})
