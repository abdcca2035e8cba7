"""Whatever happens at the same time, again, or only in part, uploads end in a state that can stay.

Clients, deletions and the ingest function run on the S3 adapters and a model of S3, interleaved request
by request in an order that Hypothesis chooses, and are killed between any two requests. Messages come
late, more than once and in any order, and come again after a failure, as from SQS.

``SCHEDULES`` in the environment is how many schedules each test tries.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from adapters.s3.idempotency import S3IdempotencyStore
from adapters.s3.image_store import S3ImageStore
from adapters.s3.incoming import S3IncomingStore
from adapters.s3.layout import image_of_key
from adapters.s3.uploads import S3UploadStore
from domain.images.errors import ImageNotFound
from domain.images.inspection import ImageInspector
from domain.images.model import Image, ImageLimits, ImageRef, ImageStatus
from domain.images.upload import UploadForm
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.direct_upload import CreateUpload, UploadRequest
from domain.images.use_cases.ingest import IngestImage
from domain.images.use_cases.library import DeleteImage, GetImage, ListImages
from domain.images.use_cases.small_upload import UploadImage
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractedMetadata, MetadataDocument
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.fakes.s3 import InMemoryS3
from tests.support.samples import CALLER, extracted_metadata
from tests.support.schedules import Activity, Scheduler

GOOD = b"\xff\xd8\xff\xe0 good"
ALSO_GOOD = b"\xff\xd8\xff\xe0 fine"
UNREADABLE = b"\xff\xd8\xff\xe0 bad!"
NO_IMAGE = b"<html></html"[: len(GOOD)]
CONTENTS = (GOOD, ALSO_GOOD, UNREADABLE, NO_IMAGE)
ACCEPTABLE = {GOOD, ALSO_GOOD}
assert {len(content) for content in CONTENTS} == {len(GOOD)}


class Extractor:
    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        if content.read() == UNREADABLE:
            raise UnreadableImage("The image cannot be read.")
        return extracted_metadata(image_format)


class World:
    """The application, its storage with the queue behind it, and everyone who uses it."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.s3 = InMemoryS3(self.scheduler.before_request)
        self.messages: list[ImageRef] = []
        self._seen = 0
        self._deliveries: dict[Activity, ImageRef] = {}
        numbers, ticks = count(1), count()
        start = datetime(2026, 3, 1, tzinfo=UTC)

        def clock() -> datetime:
            return start + timedelta(milliseconds=next(ticks))

        def random_bytes(size: int) -> bytes:
            return next(numbers).to_bytes(size, "big")

        client: Any = self.s3
        limits = ImageLimits()
        inspector = ImageInspector(Extractor(), limits)
        images = S3ImageStore(client, "images", clock)
        uploads = S3UploadStore(client, "images", clock)
        incoming = S3IncomingStore(client, "images")
        policy = UploadPolicy()
        idempotency = S3IdempotencyStore(client, "images")
        self.upload = UploadImage(policy, inspector, images, limits, idempotency, clock, random_bytes)
        self.create = CreateUpload(policy, uploads, limits, clock, random_bytes, timedelta(minutes=15))
        self.delete = DeleteImage(images)
        self.get = GetImage(images, uploads)
        self.list = ListImages(images)
        self.ingest = IngestImage(inspector, images, incoming, limits)
        self.delete_account = lambda: images.delete_all(CALLER.user_id)

    def announce(self) -> tuple[ImageRef, UploadForm]:
        """A direct upload, announced before anything else happens."""
        created = self.create(CALLER, UploadRequest("image/jpeg", len(GOOD)))
        assert created.form
        return ImageRef(CALLER.user_id, created.image.id), created.form

    def start(self, name: str, run: Callable[[], Any]) -> Activity:
        return self.scheduler.start(name, run)

    def collect_messages(self) -> None:
        """What was created in the bucket since the last time is in the queue now."""
        refs = [image_of_key(key) for key in self.s3.created[self._seen :]]
        self._seen = len(self.s3.created)
        self.messages += [ref for ref in refs if ref]

    def deliver(self, index: int, *, keep: bool = False) -> Activity:
        """Invoke the ingest function with a message; with ``keep``, it will come once more."""
        ref = self.messages[index] if keep else self.messages.pop(index)
        activity = self.start(f"ingest {len(self.scheduler.steps)}", lambda: self.ingest(ref))
        self._deliveries[activity] = ref
        return activity

    def take_note_of_ends(self) -> None:
        """The message of an invocation that died or failed comes again."""
        for activity, ref in list(self._deliveries.items()):
            if activity.finished:
                del self._deliveries[activity]
                if activity.killed or activity.error:
                    assert activity.error is None or isinstance(activity.error, ServiceUnavailable)
                    self.messages.append(ref)

    def settle(self) -> None:
        """Let everything that has begun end, and the queue become empty; then a day passes."""
        while self.scheduler.running:
            self.scheduler.run_alone(self.scheduler.running[0])
        self.take_note_of_ends()
        self.collect_messages()
        for _ in range(1000):
            if not self.messages:
                break
            self.scheduler.run_alone(self.deliver(0))
            self.take_note_of_ends()
            self.collect_messages()
        assert not self.messages, "the queue does not become empty"
        self.s3.objects = {
            key: value for key, value in self.s3.objects.items() if not key.startswith("uploads/")
        }

    def kept(self, ref: ImageRef) -> dict[str, bytes]:
        """What lies in the folder of an image, by name."""
        prefix = f"users/{ref.owner_id}/images/{ref.image_id}/"
        return {
            key.removeprefix(prefix): value.content
            for key, value in self.s3.objects.items()
            if key.startswith(prefix)
        }

    def require_ready(self, ref: ImageRef, contents: set[bytes]) -> None:
        kept = self.kept(ref)
        assert sorted(kept) == ["metadata.json", "original.jpg"]
        assert kept["original.jpg"] in contents
        document = MetadataDocument.model_validate_json(kept["metadata.json"])
        assert document.image.sha256 == hashlib.sha256(kept["original.jpg"]).hexdigest()
        image = self.get(CALLER, ref.image_id)
        assert (image.status, image.metadata) == (ImageStatus.READY, document)

    def require_rejected(self, ref: ImageRef) -> None:
        assert sorted(self.kept(ref)) == ["rejection.json"]
        image = self.get(CALLER, ref.image_id)
        assert image.status is ImageStatus.REJECTED
        assert image.rejection
        assert image.rejection.detail

    def require_gone(self, ref: ImageRef) -> None:
        assert self.kept(ref) == {}
        with pytest.raises(ImageNotFound):
            self.get(CALLER, ref.image_id)


def interleave(world: World, data: st.DataObject, *, turns: int = 30) -> None:
    """Turns of what has been started, in any order, with crashes and deliveries between them.

    A turn has a few steps: what goes wrong mostly needs few changes at the right moments, rather than
    many.
    """
    for _ in range(turns):
        world.collect_messages()
        world.take_note_of_ends()
        running, waiting = world.scheduler.running, world.messages
        if not running and not waiting:
            return
        action = data.draw(st.integers(0, 11), label="action")
        if waiting and (action <= 3 or not running) and len(running) < 5:
            index = data.draw(st.integers(0, len(waiting) - 1), label="message")
            world.deliver(index, keep=action <= 1)
        elif running:
            activity = running[data.draw(st.integers(0, len(running) - 1), label="who")]
            if action == 4:
                world.scheduler.kill(activity)
                continue
            for _ in range(data.draw(st.integers(1, 9), label="steps")):
                if not activity.finished:
                    world.scheduler.step(activity)


RUNS = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def succeeded(activity: Activity) -> bool:
    return activity.finished and not activity.killed and activity.error is None


@RUNS
@given(data=st.data(), sent=st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=3))
def test_direct_uploads_end_ready_or_rejected(data: st.DataObject, sent: list[bytes]) -> None:
    """A client sends bytes, maybe several times, and other ones."""
    world = World()
    ref, form = world.announce()
    senders = [
        world.start(
            f"client {number}", lambda content=content: world.s3.post_form(dict(form.fields), content)
        )
        for number, content in enumerate(sent)
    ]

    interleave(world, data)
    world.settle()

    arrived = {content for content, sender in zip(sent, senders, strict=True) if succeeded(sender)}
    if not arrived:
        world.require_gone(ref)
    elif arrived <= ACCEPTABLE:
        world.require_ready(ref, arrived)
    elif not arrived & ACCEPTABLE or world.get(CALLER, ref.image_id).status is ImageStatus.REJECTED:
        world.require_rejected(ref)
    else:
        world.require_ready(ref, arrived & ACCEPTABLE)
    event(f"{len(arrived)} kinds of bytes arrived")


MOMENTS = range(16)
"""After how many of one's requests the other one acts: more than either ever sends."""


def start_reading(world: World, steps: int) -> tuple[ImageRef, UploadForm, Activity]:
    """Bytes have arrived, and a function has taken some steps of reading them."""
    ref, form = world.announce()
    world.s3.post_form(dict(form.fields), GOOD)
    world.collect_messages()
    reader = world.deliver(0)
    advance(world, reader, steps)
    return ref, form, reader


def advance(world: World, activity: Activity, steps: int) -> None:
    for _ in range(steps):
        if not activity.finished:
            world.scheduler.step(activity)


def deliver_all(world: World) -> None:
    """Deal with every message that there is now, while what is under way waits."""
    world.collect_messages()
    while world.messages:
        world.scheduler.run_alone(world.deliver(0))
        world.take_note_of_ends()
        world.collect_messages()


@pytest.mark.parametrize("steps", MOMENTS)
def test_an_image_can_be_deleted_at_any_moment_of_its_reading(steps: int) -> None:
    world = World()
    ref, _, _ = start_reading(world, steps)

    world.delete(CALLER, ref.image_id)
    world.settle()

    world.require_gone(ref)


@pytest.mark.parametrize("steps", MOMENTS)
def test_an_image_can_be_read_at_any_moment_of_its_deletion(steps: int) -> None:
    world = World()
    ref, form = world.announce()
    world.s3.post_form(dict(form.fields), GOOD)
    deletion = world.start("deletion", lambda: world.delete(CALLER, ref.image_id))
    advance(world, deletion, steps)

    deliver_all(world)
    world.settle()

    assert deletion.error is None
    world.require_gone(ref)


@pytest.mark.parametrize("steps", MOMENTS)
@pytest.mark.parametrize("is_read_meanwhile", [False, True])
def test_other_bytes_can_arrive_at_any_moment_of_the_reading(steps: int, is_read_meanwhile: bool) -> None:
    world = World()
    ref, form, _ = start_reading(world, steps)

    world.s3.post_form(dict(form.fields), ALSO_GOOD)
    if is_read_meanwhile:
        deliver_all(world)
    world.settle()

    world.require_ready(ref, {GOOD, ALSO_GOOD})


def test_a_slow_reader_does_not_describe_what_another_one_accepted() -> None:
    """One function has read bytes when other ones arrive, which a second function accepts first."""
    world = World()
    ref, form = world.announce()
    world.s3.post_form(dict(form.fields), GOOD)
    world.collect_messages()
    slow = world.deliver(0)
    world.scheduler.run_until(slow, "copy to")
    world.s3.post_form(dict(form.fields), ALSO_GOOD)
    world.collect_messages()
    fast = world.deliver(0)
    world.scheduler.run_until(fast, "put")

    world.scheduler.run_alone(slow)
    world.settle()

    world.require_ready(ref, {ALSO_GOOD})


def test_a_copy_that_outlives_the_deletion_of_its_image_does_not_stay() -> None:
    """Storage may take minutes to copy a large image, and end after the image was deleted."""
    world = World()
    ref, form = world.announce()
    world.s3.post_form(dict(form.fields), GOOD)
    incoming = dict(world.s3.objects)
    world.collect_messages()
    reader = world.deliver(0)
    world.scheduler.run_until(reader, "copy to")
    world.delete(CALLER, ref.image_id)
    # The copy had begun before: it finds its source.
    world.s3.objects |= {key: value for key, value in incoming.items() if "/incoming." in key}

    world.scheduler.run_until(reader, "put")
    assert "original.jpg" in world.kept(ref)
    world.settle()

    world.require_gone(ref)


@RUNS
@given(data=st.data(), sent=st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=2))
def test_a_deleted_image_leaves_nothing_behind(data: st.DataObject, sent: list[bytes]) -> None:
    """A client sends bytes, and deletes the image before, meanwhile or afterwards."""
    world = World()
    ref, form = world.announce()
    for number, content in enumerate(sent):
        world.start(
            f"client {number}", lambda content=content: world.s3.post_form(dict(form.fields), content)
        )
    deletion = world.start("deletion", lambda: world.delete(CALLER, ref.image_id))

    interleave(world, data)
    interrupted = deletion.killed
    if interrupted:
        # Whoever gets no answer tries again.
        deletion = world.start("deletion again", lambda: world.delete(CALLER, ref.image_id))
        interleave(world, data, turns=10)
    world.settle()

    if deletion.error is not None:
        # Nothing was left of it, which only an interrupted deletion may have brought about.
        assert isinstance(deletion.error, ImageNotFound)
        assert interrupted
    if not deletion.killed:
        world.require_gone(ref)
    event("killed" if deletion.killed else "deleted")


@RUNS
@given(data=st.data(), repeats=st.integers(1, 3), key=st.sampled_from([None, "key"]))
def test_small_uploads_are_stored_once_and_whole(
    data: st.DataObject, repeats: int, key: str | None
) -> None:
    """A client uploads the same image several times, also at the same time, also without an answer."""
    world = World()
    clients = [
        world.start(f"client {number}", lambda: world.upload(CALLER, GOOD, idempotency_key=key))
        for number in range(repeats)
    ]

    interleave(world, data)
    while world.scheduler.running:
        world.scheduler.run_alone(world.scheduler.running[0])
    world.take_note_of_ends()
    if key and not any(succeeded(client) for client in clients):
        # Whoever gets no answer tries again.
        clients.append(world.start("again", lambda: world.upload(CALLER, GOOD, idempotency_key=key)))
    world.settle()

    images: list[Image] = [client.result for client in clients if succeeded(client)]
    for image in images:
        world.require_ready(ImageRef(CALLER.user_id, image.id), {GOOD})
    stored = [image.id for image in world.list(CALLER, limit=100).items]
    if key:
        assert stored == list({image.id for image in images})
        assert len(stored) == 1
    else:
        assert len(images) <= len(stored) <= repeats
    for image_id in stored:
        world.require_ready(ImageRef(CALLER.user_id, image_id), {GOOD})
    folders = {key.split("/")[3] for key in world.s3.objects}
    assert folders == set(stored)


@RUNS
@given(data=st.data())
def test_a_small_upload_that_is_deleted_while_it_is_stored_leaves_nothing(data: st.DataObject) -> None:
    """The image can be seen, and deleted, as soon as its bytes are there."""
    world = World()
    upload = world.start("client", lambda: world.upload(CALLER, GOOD))
    originals: list[str] = []
    for _ in range(20):
        if upload.finished or originals:
            break
        world.scheduler.step(upload)
        originals = [key for key in world.s3.objects if "/original." in key]
    ref = image_of_key(originals[0])
    assert ref
    deletion = world.start("deletion", lambda: world.delete(CALLER, ref.image_id))

    interleave(world, data)
    world.settle()

    if succeeded(deletion):
        world.require_gone(ref)
    elif upload.killed or deletion.killed:
        assert sorted(world.kept(ref)) in ([], ["metadata.json", "original.jpg"])


@RUNS
@given(data=st.data(), content=st.sampled_from(CONTENTS))
def test_nothing_comes_back_after_an_account_was_deleted(data: st.DataObject, content: bytes) -> None:
    """All ways in are in use while the account is deleted."""
    world = World()
    _, form = world.announce()
    world.start("direct", lambda: world.s3.post_form(dict(form.fields), content))
    world.start("small", lambda: world.upload(CALLER, GOOD, idempotency_key="key"))
    world.start("new", world.announce)
    deletion = world.start("deletion", world.delete_account)

    interleave(world, data)
    if deletion.killed:
        deletion = world.start("deletion again", world.delete_account)
    world.settle()

    assert not deletion.error
    assert world.s3.objects == {}


@RUNS
@given(data=st.data(), content=st.sampled_from([GOOD, NO_IMAGE]))
def test_a_status_never_goes_back(data: st.DataObject, content: bytes) -> None:
    """A client that asks again and again sees pending first, and then one other status for good."""
    world = World()
    ref, form = world.announce()
    seen: list[ImageStatus] = []

    def poll() -> None:
        seen.extend(world.get(CALLER, ref.image_id).status for _ in range(6))

    world.start("client", lambda: world.s3.post_form(dict(form.fields), content))
    polling = world.start("polling", poll)

    interleave(world, data)
    world.settle()

    assert polling.error is None
    last = seen[-1] if seen else ImageStatus.PENDING
    assert all(status in (ImageStatus.PENDING, last) for status in seen)
    assert seen == sorted(seen, key=lambda status: status is not ImageStatus.PENDING)
