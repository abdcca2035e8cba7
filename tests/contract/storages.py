"""A storage of images as a contract test needs it: its ports, and what clients send to it."""

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

import httpx
import pytest

from adapters.s3.idempotency import S3IdempotencyStore
from adapters.s3.image_store import S3ImageStore
from adapters.s3.incoming import S3IncomingStore
from adapters.s3.uploads import S3UploadStore
from domain.images.ports import IdempotencyStore, ImageStore, IncomingStore, UploadStore
from domain.images.upload import SignedRequest, UploadForm
from entrypoints.local.emulator import REGION
from tests.support.fakes.image_store import InMemoryImageStore
from tests.support.fakes.s3 import InMemoryS3
from tests.support.fakes.upload_store import InMemoryIdempotencyStore, InMemoryUploadStore


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


class _S3Adapters:
    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket
        self.images: ImageStore = S3ImageStore(self.client, self.bucket, utc_now)
        self.uploads: UploadStore = S3UploadStore(self.client, self.bucket, utc_now)
        self.incoming: IncomingStore = S3IncomingStore(self.client, self.bucket)
        self.idempotency: IdempotencyStore = S3IdempotencyStore(self.client, self.bucket)


class AwsBackend(Protocol):
    def client(self, service: str) -> Any: ...


class S3Storage(_S3Adapters):
    """In an emulator, over HTTP."""

    def __init__(self, aws: AwsBackend) -> None:
        client = aws.client("s3")
        bucket = f"images-{uuid4()}"
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        super().__init__(client, bucket)

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        answer = httpx.post(form.url, data=dict(form.fields), files={"file": ("file", content)}, timeout=30)
        return answer.is_success

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        return httpx.request(request.method, request.url, content=content, timeout=30).is_success


class S3ModelStorage(_S3Adapters):
    """The S3 adapters on the model of S3 with which their concurrency is tested."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()
        super().__init__(self.s3, "images")

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        return self.s3.post_form(dict(form.fields), content)

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        return self.s3.send_part(request.url, content)


@pytest.fixture(params=["memory", "s3-model", "emulator", "localstack"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each storage in turn, empty."""
    if request.param == "memory":
        return FakeStorage()
    if request.param == "s3-model":
        return S3ModelStorage()
    return S3Storage(request.getfixturevalue(request.param))
