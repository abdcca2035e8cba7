"""A storage of images as a contract test needs it: its ports, and what clients send to it."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

import httpx
import pytest

from adapters.s3_idempotency import S3IdempotencyStore
from adapters.s3_image_store import S3ImageStore
from adapters.s3_incoming import S3IncomingStore
from adapters.s3_uploads import S3UploadStore
from domain.ports import IdempotencyStore, ImageStore, IncomingStore, UploadStore
from domain.uploads import SignedRequest, UploadForm
from entrypoints.local.emulator import REGION, Emulator
from tests.fakes.image_store import InMemoryImageStore
from tests.fakes.upload_store import InMemoryIdempotencyStore, InMemoryUploadStore


def utc_now() -> datetime:
    return datetime.now(UTC)


class Storage(Protocol):
    """The stores of one storage, and its clients."""

    images: ImageStore
    uploads: UploadStore
    incoming: IncomingStore
    idempotency: IdempotencyStore

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        """Fill in a form. Tells whether the storage accepted it."""
        ...

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        """Send one part. Tells whether the storage accepted it."""
        ...


class FakeStorage:
    def __init__(self) -> None:
        images = InMemoryImageStore(utc_now)
        uploads = InMemoryUploadStore(images, utc_now)
        self.images: ImageStore = images
        self.incoming: IncomingStore = images
        self.uploads: UploadStore = uploads
        self.idempotency: IdempotencyStore = InMemoryIdempotencyStore()
        self.send_form = uploads.send_form
        self.send_part = uploads.send_part


class S3Storage:
    def __init__(self, emulator: Emulator) -> None:
        self.client = emulator.client("s3")
        self.bucket = f"images-{uuid4()}"
        self.client.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.images: ImageStore = S3ImageStore(self.client, self.bucket, utc_now)
        self.uploads: UploadStore = S3UploadStore(self.client, self.bucket, utc_now)
        self.incoming: IncomingStore = S3IncomingStore(self.client, self.bucket)
        self.idempotency: IdempotencyStore = S3IdempotencyStore(self.client, self.bucket)

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        answer = httpx.post(form.url, data=dict(form.fields), files={"file": ("file", content)}, timeout=30)
        return answer.is_success

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        return httpx.request(request.method, request.url, content=content, timeout=30).is_success


@pytest.fixture(params=["memory", "ministack"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each storage in turn, empty."""
    return FakeStorage() if request.param == "memory" else S3Storage(request.getfixturevalue("emulator"))
