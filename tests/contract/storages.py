"""A storage of images as a contract test needs it: its ports, and what clients send to it."""

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

import httpx
import pytest

from adapters.s3.image_store import S3ImageStore
from adapters.s3.incoming_store import S3IncomingStore
from domain.images.model import ImageRef
from domain.images.ports import ImageStore, IncomingStore
from domain.images.upload import SignedRequest, UploadForm
from entrypoints.local.emulator import REGION
from tests.support.fakes.image_store import InMemoryBytes, InMemoryImageStore, InMemoryIncomingStore


def utc_now() -> datetime:
    return datetime.now(UTC)


class Storage(Protocol):
    """The stores of one storage, and its clients."""

    images: ImageStore
    incoming: IncomingStore

    def renditions(self) -> set[tuple[ImageRef, str]]:
        """Name all renditions that are there."""
        ...

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        """Send a form. Returns whether the storage accepted it."""
        ...

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        """Send one part. Returns whether the storage accepted it."""
        ...


class FakeStorage:
    def __init__(self) -> None:
        self.bytes = InMemoryBytes()
        incoming = InMemoryIncomingStore(self.bytes, utc_now)
        self.images: ImageStore = InMemoryImageStore(self.bytes, utc_now)
        self.incoming: IncomingStore = incoming
        self.send_form = incoming.send_form
        self.send_part = incoming.send_part

    def renditions(self) -> set[tuple[ImageRef, str]]:
        return {(ref, name) for ref, made in self.bytes.renditions.items() for name in made}


class AwsBackend(Protocol):
    def client(self, service: str) -> Any: ...


class S3Storage:
    """In an emulator, over HTTP."""

    def __init__(self, aws: AwsBackend) -> None:
        self.client = aws.client("s3")
        self.bucket = f"images-{uuid4()}"
        self.client.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.images: ImageStore = S3ImageStore(self.client, self.bucket, utc_now)
        self.incoming: IncomingStore = S3IncomingStore(self.client, self.bucket, utc_now)

    def send_form(self, form: UploadForm, content: bytes) -> bool:
        answer = httpx.post(form.url, data=dict(form.fields), files={"file": ("file", content)}, timeout=30)
        return answer.is_success

    def send_part(self, request: SignedRequest, content: bytes) -> bool:
        return httpx.request(request.method, request.url, content=content, timeout=30).is_success

    def renditions(self) -> set[tuple[ImageRef, str]]:
        parts = [key.split("/") for key in self.all_keys() if "/renditions/" in key]
        return {(ImageRef(key[1], key[3]), key[5].removesuffix(".webp")) for key in parts}

    def all_keys(self) -> list[str]:
        """Everything in the bucket."""
        page = self.client.list_objects_v2(Bucket=self.bucket)
        return [item["Key"] for item in page.get("Contents", [])]


@pytest.fixture(params=["memory", "emulator", "localstack"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each storage in turn, empty."""
    if request.param == "memory":
        return FakeStorage()
    return S3Storage(request.getfixturevalue(request.param))


@pytest.fixture(params=["emulator", "localstack"])
def on_s3(request: pytest.FixtureRequest) -> S3Storage:
    """Each storage that speaks S3's protocol, empty."""
    return S3Storage(request.getfixturevalue(request.param))
