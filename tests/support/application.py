"""The use cases of images on stores in memory, as a test or a schedule of concurrent callers needs them."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.images.acceptance import Acceptance, DuplicatePolicy
from domain.images.account import Quotas
from domain.images.inspection import ImageInspector
from domain.images.links import ImageViews
from domain.images.model import ImageLimits, ImageRef
from domain.images.ports import ImageRecords
from domain.images.query import ImageQuery
from domain.images.removal import ImageRemoval
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.account_deletion import CloseAccount, SettleAccount
from domain.images.use_cases.direct_upload import (
    AbortUpload,
    CompleteUpload,
    CreatedUpload,
    CreateUpload,
    ListParts,
    SignMultipartOperation,
    SignParts,
    UploadRequest,
)
from domain.images.use_cases.due_work import QueueDueWork
from domain.images.use_cases.own_images import (
    DeleteImages,
    EditImage,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    GetUsage,
    ListImages,
)
from domain.images.use_cases.rendering import RenderImage, RequestRenditions
from domain.images.use_cases.settling import SettleImage
from domain.images.use_cases.small_upload import UploadImage
from domain.images.view import Image
from domain.images.work import Work
from domain.renditions.model import RenditionSpec
from domain.shared.caller import Caller
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.fakes.image_store import InMemoryBytes, InMemoryImageStore, InMemoryIncomingStore
from tests.support.fakes.metadata_extractor import RememberingMetadataExtractor
from tests.support.fakes.renderer import RememberingRenderer
from tests.support.fakes.work_queue import InMemoryRenderQueue, InMemoryWorkQueue
from tests.support.samples import CALLER, NOW, extracted_metadata

JPEG = b"\xff\xd8\xff\xe0 some pixels"
PART = InMemoryIncomingStore.limits.min_part_bytes
LARGE = JPEG.ljust(2 * PART + 7, b"\0")
MINUTE = timedelta(minutes=1)


class SettableClock:
    """Blocks until it is told to continue."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


class Application:
    """All use cases of images; a test can inspect and change what they share."""

    def __init__(
        self,
        *,
        records: ImageRecords | None = None,
        limits: ImageLimits | None = None,
        policy: UploadPolicy | None = None,
        quotas: Quotas | None = None,
        duplicates: DuplicatePolicy = DuplicatePolicy.REPORT,
        clock: SettableClock | None = None,
        renditions: tuple[RenditionSpec, ...] = (),
        before_request: Callable[[str], None] = lambda _: None,
        watched: Callable[[ImageRecords], ImageRecords] = lambda records: records,
    ) -> None:
        self.clock = clock = clock or SettableClock()
        self.limits = limits = limits or ImageLimits(max_direct_upload_bytes=PART)
        policy, quotas = policy or UploadPolicy(), quotas or Quotas()
        self.memory_records = InMemoryImageRecords(clock, before_request)
        self.records = records = watched(records or self.memory_records)
        self.bytes = InMemoryBytes(before_request=before_request)
        self.images = images = InMemoryImageStore(self.bytes, clock)
        self.incoming = incoming = InMemoryIncomingStore(self.bytes, clock)
        self.queue = InMemoryWorkQueue(before_request)
        self.extractor = RememberingMetadataExtractor({}, others=extracted_metadata)
        numbers = count(1)

        def random_bytes(size: int) -> bytes:
            return next(numbers).to_bytes(size, "big")

        self.inspector = inspector = ImageInspector(self.extractor, limits)
        acceptance = Acceptance(records, duplicates, tuple(spec.name for spec in renditions))
        views = ImageViews(images, MINUTE)
        removal = ImageRemoval(records, images, incoming, clock)
        self.upload = UploadImage(
            policy,
            inspector,
            records,
            images,
            acceptance,
            removal,
            limits,
            quotas,
            clock,
            random_bytes,
            views,
        )
        self.create = CreateUpload(
            policy, records, incoming, limits, quotas, clock, random_bytes, 15 * MINUTE
        )
        self.sign_parts = SignParts(records, incoming, clock, MINUTE)
        self.sign_operation = SignMultipartOperation(records, incoming, clock, MINUTE)
        self.list_parts = ListParts(records, incoming, clock)
        self.complete = CompleteUpload(records, incoming)
        self.abort = AbortUpload(records, removal)
        self.list = ListImages(records, views)
        self.get = GetImage(records, images, views)
        self.get_metadata = GetImageMetadata(records, images)
        self.get_link = GetContentLink(records, views)
        self.edit = EditImage(records, views)
        self.delete = DeleteImages(records, removal)
        self.usage = GetUsage(records, quotas)
        self.settle = SettleImage(inspector, records, images, incoming, acceptance, removal, limits, clock)
        self.renderer = RememberingRenderer({JPEG: (4000, 3000)})
        self.render = RenderImage(records, images, self.renderer, renditions)
        self.render_queue = InMemoryRenderQueue()
        self.request_renditions = RequestRenditions(records, self.render_queue, renditions)
        self.close_account = CloseAccount(records, clock)
        self.settle_account = SettleAccount(records, images, self.queue, clock)
        self.queue_due = QueueDueWork(records, self.queue, clock, 15 * MINUTE)

    def announce(self, content: bytes = JPEG, *, caller: Caller = CALLER, **more: Any) -> CreatedUpload:
        """Announce these bytes."""
        return self.create(caller, UploadRequest("image/jpeg", len(content), **more))

    def send(self, content: bytes = JPEG, **more: Any) -> ImageRef:
        """Send a form, which arrives and is not settled yet."""
        created = self.announce(content, **more)
        assert created.form
        assert self.incoming.send_form(created.form, content)
        return ref_of(created)

    def send_parts(self, image_id: str, *numbers: int, content: bytes = LARGE) -> None:
        """Send these parts of an upload that was announced with parts of the minimum size."""
        for part in self.sign_parts(CALLER, image_id, numbers):
            at = (part.number - 1) * PART
            assert self.incoming.send_part(part.request, content[at : at + part.size_bytes])

    def items(self) -> tuple[Image, ...]:
        """What the caller's list shows."""
        return self.list(CALLER, ImageQuery(), limit=100).items

    def run_due_work(self) -> None:
        """Do all work that is due, until the queue is empty."""
        self.queue_due()
        self.run_queue()

    def run_queue(self) -> None:
        """Settle what is in the queue."""
        while self.queue.sent:
            self.settle_work(self.queue.sent.pop(0))

    def settle_work(self, work: Work) -> None:
        """Settle an image or an account."""
        if work.ref:
            self.settle(work.ref)
        else:
            self.settle_account(work.owner_id)


def ref_of(created: CreatedUpload) -> ImageRef:
    """The caller's image that was announced."""
    return ImageRef(CALLER.user_id, created.image.id)


def sha256_of(content: bytes) -> str:
    """The checksum as records keep it."""
    return hashlib.sha256(content).hexdigest()
