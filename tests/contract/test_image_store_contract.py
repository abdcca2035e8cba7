"""What every image store promises, on each implementation of it."""

import hashlib
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import pytest

from adapters.s3.image_store import S3ImageStore
from domain.images.errors import ChecksumMismatch, ImageNotFound
from domain.images.model import ImageRef, ImageStatus, Original, Rejection
from domain.images.ports import ImageStore
from domain.shared.image_format import ImageFormat
from tests.contract.storages import S3ModelStorage
from tests.support.fakes.image_store import InMemoryImageStore
from tests.support.samples import image_ref, metadata_document

CONTENT = b"\xff\xd8\xff\xe0 some bytes"
ORIGINAL = Original(ImageFormat.JPEG, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "Été à l'île.jpg")


def _now() -> datetime:
    return datetime.now(UTC)


class AwsBackend(Protocol):
    def client(self, service: str) -> Any: ...


def _s3_store(backend: AwsBackend) -> S3ImageStore:
    client = backend.client("s3")
    bucket = f"images-{uuid4()}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return S3ImageStore(client, bucket, _now)


@pytest.fixture(params=["memory", "s3-model", "emulator", "localstack"])
def store(request: pytest.FixtureRequest) -> ImageStore:
    if request.param == "memory":
        return InMemoryImageStore(_now)
    if request.param == "s3-model":
        return S3ModelStorage().images
    return _s3_store(request.getfixturevalue(request.param))


@pytest.fixture(params=["emulator", "localstack"])
def on_s3(request: pytest.FixtureRequest) -> S3ImageStore:
    return _s3_store(request.getfixturevalue(request.param))


def _save_ready(store: ImageStore, ref: ImageRef) -> None:
    store.save_original(ref, CONTENT, ORIGINAL)
    store.save_metadata(ref, metadata_document(CONTENT))


def test_an_unknown_image_is_not_found(store: ImageStore) -> None:
    assert store.find(image_ref()) is None
    assert store.load_metadata(image_ref()) is None
    assert store.delete(image_ref()) is False
    with pytest.raises(ImageNotFound), store.open_original(image_ref()):
        pass


def test_an_original_alone_is_pending(store: ImageStore) -> None:
    store.save_original(image_ref(), CONTENT, ORIGINAL)

    found = store.find(image_ref())

    assert found is not None
    assert found.status is ImageStatus.PENDING
    assert found.original == ORIGINAL


def test_an_original_with_its_document_is_ready(store: ImageStore) -> None:
    _save_ready(store, image_ref())

    found = store.find(image_ref())

    assert found is not None
    assert (found.status, found.original) == (ImageStatus.READY, ORIGINAL)
    assert store.load_metadata(image_ref()) == metadata_document(CONTENT)


def test_the_original_bytes_come_back_as_they_were_stored(store: ImageStore) -> None:
    store.save_original(image_ref(), CONTENT, ORIGINAL)

    with store.open_original(image_ref()) as stream:
        assert stream.read(4) == CONTENT[:4]
        stream.seek(0)
        assert stream.read() == CONTENT


def test_bytes_that_do_not_match_their_checksum_are_not_stored(store: ImageStore) -> None:
    other = Original(ImageFormat.JPEG, len(CONTENT), hashlib.sha256(b"other").hexdigest())

    with pytest.raises(ChecksumMismatch):
        store.save_original(image_ref(), CONTENT, other)

    assert store.find(image_ref()) is None


def test_a_checksum_is_found_where_none_was_given(store: ImageStore) -> None:
    store.save_original(image_ref(), CONTENT, Original(ImageFormat.PNG, len(CONTENT)))

    found = store.find(image_ref())

    assert found is not None
    assert found.original is not None
    assert found.original.sha256 == ORIGINAL.sha256


def test_what_is_stored_is_never_overwritten(store: ImageStore) -> None:
    _save_ready(store, image_ref())

    store.save_original(image_ref(), b"other", Original(ImageFormat.JPEG, 5))
    store.save_metadata(image_ref(), metadata_document(b"other"))

    with store.open_original(image_ref()) as stream:
        assert stream.read() == CONTENT
    assert store.load_metadata(image_ref()) == metadata_document(CONTENT)


def test_a_rejection_says_why_and_removes_the_original(store: ImageStore) -> None:
    store.save_original(image_ref(), CONTENT, ORIGINAL)
    rejection = Rejection(code="unreadable-image", detail="The image cannot be read.")

    store.save_rejection(image_ref(), rejection)

    found = store.find(image_ref())
    assert found is not None
    assert (found.status, found.rejection, found.original) == (ImageStatus.REJECTED, rejection, None)
    with pytest.raises(ImageNotFound), store.open_original(image_ref()):
        pass
    with pytest.raises(ImageNotFound):
        store.content_link(found, timedelta(minutes=5))


def test_a_list_is_newest_first_and_shows_each_status(store: ImageStore) -> None:
    _save_ready(store, image_ref(0))
    store.save_original(image_ref(1), CONTENT, ORIGINAL)
    store.save_original(image_ref(2), CONTENT, ORIGINAL)
    store.save_rejection(image_ref(2), Rejection(code="unreadable-image", detail="-"))

    page = store.list_images(image_ref().owner_id, limit=10)

    assert [image.ref for image in page.images] == [image_ref(0), image_ref(1), image_ref(2)]
    assert [image.status.value for image in page.images] == ["ready", "pending", "rejected"]
    assert page.images[0].original == Original(ImageFormat.JPEG, len(CONTENT))
    assert page.has_more is False


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_show_every_image_once(store: ImageStore, limit: int) -> None:
    for number in range(4):
        _save_ready(store, image_ref(number))

    seen: list[ImageRef] = []
    after = None
    while True:
        page = store.list_images(image_ref().owner_id, limit=limit, after=after)
        assert len(page.images) <= limit
        seen += [image.ref for image in page.images]
        if not page.has_more:
            break
        after = seen[-1].image_id

    assert seen == [image_ref(number) for number in range(4)]


def test_owners_do_not_see_each_other(store: ImageStore) -> None:
    mine, theirs = image_ref(owner_id="mine"), image_ref(owner_id="theirs")
    _save_ready(store, theirs)

    assert store.find(mine) is None
    assert store.list_images("mine", limit=10).images == ()
    assert store.delete(mine) is False
    assert store.find(theirs) is not None


def test_a_deleted_image_is_gone_whole(store: ImageStore) -> None:
    _save_ready(store, image_ref(0))
    _save_ready(store, image_ref(1))

    assert store.delete(image_ref(0)) is True

    assert store.find(image_ref(0)) is None
    assert store.load_metadata(image_ref(0)) is None
    assert [image.ref for image in store.list_images(image_ref().owner_id, limit=10).images] == [
        image_ref(1)
    ]


def test_all_of_an_owner_can_be_deleted(store: ImageStore) -> None:
    for number in range(3):
        _save_ready(store, image_ref(number))
    _save_ready(store, image_ref(owner_id="other"))

    store.delete_all(image_ref().owner_id)
    store.delete_all(image_ref().owner_id)

    assert store.list_images(image_ref().owner_id, limit=10).images == ()
    assert store.find(image_ref(owner_id="other")) is not None


def test_a_link_tells_when_it_expires(store: ImageStore) -> None:
    _save_ready(store, image_ref())
    found = store.find(image_ref())
    assert found is not None

    link = store.content_link(found, timedelta(minutes=5))

    assert timedelta(minutes=4) < link.expires_at - _now() <= timedelta(minutes=5)


def test_a_link_gives_the_bytes_their_sniffed_type_and_their_name(on_s3: S3ImageStore) -> None:
    _save_ready(on_s3, image_ref())
    found = on_s3.find(image_ref())
    assert found is not None

    with urllib.request.urlopen(on_s3.content_link(found, timedelta(minutes=5)).url) as response:
        assert response.read() == CONTENT
        assert response.headers["content-type"] == "image/jpeg"
        assert response.headers["content-disposition"] == (
            'inline; filename="_t_ _ l\'_le.jpg"; '
            "filename*=UTF-8''%C3%89t%C3%A9%20%C3%A0%20l%27%C3%AEle.jpg"
        )


def test_a_tampered_link_gives_nothing(on_s3: S3ImageStore) -> None:
    _save_ready(on_s3, image_ref(0))
    found = on_s3.find(image_ref(0))
    assert found is not None
    url = on_s3.content_link(found, timedelta(minutes=5)).url

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("original.jpg", "metadata.json"))

    assert refused.value.code == 403
    refused.value.close()
