"""What every image store promises, on each implementation of it."""

import hashlib
import urllib.error
import urllib.request
from datetime import timedelta

import pytest

from adapters.s3.stored_originals import S3StoredOriginals
from domain.images.errors import ChecksumMismatch
from domain.images.model import ImageRef
from domain.images.ports import ImageStore
from domain.images.record import Announcement, UploadWay
from domain.images.upload import MultipartPlan
from domain.renditions.model import Rendition
from domain.shared.image_format import ImageFormat
from tests.contract.storages import S3Storage, Storage, on_s3, storage, utc_now
from tests.support.samples import image_ref

__all__ = ["on_s3", "storage"]

CONTENT = b"\xff\xd8\xff\xe0 some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
DOCUMENT = '{"summary":{"title":"Été"}}'.encode()
PICTURE = b"RIFF picture"
NAME = "Été à l'île.jpg"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(storage: Storage) -> ImageStore:
    return storage.images


def save(store: ImageStore, ref: ImageRef, content: bytes = CONTENT) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    store.save_original(ref, content, image_format=ImageFormat.JPEG, sha256=sha256, filename=NAME)


def original(store: ImageStore, ref: ImageRef) -> bytes | None:
    with store.open_original(ref, ImageFormat.JPEG) as stream:
        return None if stream is None else stream.read()


def arrive(storage: Storage, ref: ImageRef) -> None:
    announced = Announcement(UploadWay.FORM, len(CONTENT), utc_now())
    assert storage.send_form(storage.incoming.create_form(ref, announced, MINUTE), CONTENT)


def has_arrived(storage: Storage, ref: ImageRef) -> bool:
    with storage.incoming.open(ref, 1) as opened:
        return opened is not None


def test_an_unknown_image_has_nothing(store: ImageStore) -> None:
    assert original(store, image_ref()) is None
    assert store.load_document(image_ref()) is None
    store.remove([image_ref()])
    store.remove([])


def test_the_original_bytes_come_back_as_they_were_stored(store: ImageStore) -> None:
    save(store, image_ref())

    with store.open_original(image_ref(), ImageFormat.JPEG) as stream:
        assert stream is not None
        assert stream.read(4) == CONTENT[:4]
        stream.seek(0)
        assert stream.read() == CONTENT
    with store.open_original(image_ref(), ImageFormat.PNG) as stream:
        assert stream is None


def test_bytes_that_do_not_match_their_checksum_are_not_stored(store: ImageStore) -> None:
    other = hashlib.sha256(b"other").hexdigest()

    with pytest.raises(ChecksumMismatch):
        store.save_original(image_ref(), CONTENT, image_format=ImageFormat.JPEG, sha256=other)

    assert original(store, image_ref()) is None


def test_an_original_is_never_overwritten(store: ImageStore) -> None:
    save(store, image_ref())

    save(store, image_ref(), b"other")

    assert original(store, image_ref()) == CONTENT


def test_a_document_comes_back_byte_for_byte(store: ImageStore) -> None:
    store.save_document(image_ref(), b"{}")
    store.save_document(image_ref(), DOCUMENT)

    assert store.load_document(image_ref()) == DOCUMENT


def test_a_removed_image_is_gone_with_what_has_come_in(storage: Storage) -> None:
    for number in range(3):
        save(storage.images, image_ref(number))
        storage.images.save_document(image_ref(number), DOCUMENT)
        arrive(storage, image_ref(number))

    storage.images.remove([image_ref(0), image_ref(2)])

    assert [original(storage.images, image_ref(number)) is None for number in range(3)] == [
        True,
        False,
        True,
    ]
    assert storage.images.load_document(image_ref(0)) is None
    assert storage.images.load_document(image_ref(1)) == DOCUMENT
    assert [has_arrived(storage, image_ref(number)) for number in range(3)] == [False, True, False]


def test_renditions_are_deleted_with_their_image_or_separately(storage: Storage) -> None:
    store = storage.images
    for number in range(3):
        for name in ("thumbnail", "preview"):
            store.save_rendition(image_ref(number), Rendition(name, 320, 240, PICTURE))

    store.remove([image_ref(0)], renditions=["thumbnail", "preview", "never-made"])
    store.remove_renditions(image_ref(1), ["preview"])
    store.remove_renditions(image_ref(9), ["preview"])

    assert storage.renditions() == {
        (image_ref(1), "thumbnail"),
        (image_ref(2), "preview"),
        (image_ref(2), "thumbnail"),
    }
    while store.remove_owner(image_ref().owner_id, limit=1000):
        pass
    assert storage.renditions() == set()


def test_hundreds_of_images_can_be_removed_at_once(storage: Storage) -> None:
    save(storage.images, image_ref(119))

    storage.images.remove([image_ref(number) for number in range(120)])

    assert original(storage.images, image_ref(119)) is None


def test_all_of_an_owner_is_removed_some_at_a_time(storage: Storage) -> None:
    mine, theirs = [image_ref(number) for number in range(3)], image_ref(owner_id="other")
    for ref in (*mine, theirs):
        save(storage.images, ref)
    arrive(storage, image_ref(5))
    announced = Announcement(UploadWay.MULTIPART, 7, utc_now(), part_bytes=5 * 1024**2)
    upload_id = storage.incoming.begin_multipart(image_ref(6), announced)
    part = storage.incoming.sign_part(image_ref(6), MultipartPlan(upload_id, 5 * 1024**2), 1, 7, MINUTE)

    steps = 1
    while storage.images.remove_owner(image_ref().owner_id, limit=2):
        steps += 1

    assert steps > 1
    assert [original(storage.images, ref) for ref in mine] == [None] * 3
    assert not has_arrived(storage, image_ref(5))
    assert not storage.send_part(part, b"a part.")
    assert original(storage.images, theirs) == CONTENT
    assert storage.images.remove_owner(image_ref().owner_id, limit=1000) is False


def test_a_link_says_when_it_expires(store: ImageStore) -> None:
    save(store, image_ref())

    link = store.content_link(image_ref(), ImageFormat.JPEG, NAME, timedelta(minutes=5))

    assert timedelta(minutes=4) < link.expires_at - utc_now() <= timedelta(minutes=5)


class TestOnS3:
    def test_a_link_gives_the_bytes_their_type_and_their_name_and_lets_them_be_cached(
        self, on_s3: S3Storage
    ) -> None:
        save(on_s3.images, image_ref())
        link = on_s3.images.content_link(image_ref(), ImageFormat.JPEG, NAME, MINUTE)

        with urllib.request.urlopen(link.url) as response:
            assert response.read() == CONTENT
            assert response.headers["content-type"] == "image/jpeg"
            assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert response.headers["content-disposition"] == (
                'inline; filename="_t_ _ l\'_le.jpg"; '
                "filename*=UTF-8''%C3%89t%C3%A9%20%C3%A0%20l%27%C3%AEle.jpg"
            )

    def test_a_link_for_head_gives_the_headers_and_never_the_bytes(self, on_s3: S3Storage) -> None:
        save(on_s3.images, image_ref())
        link = on_s3.images.content_link(image_ref(), ImageFormat.JPEG, NAME, MINUTE, without_bytes=True)

        with urllib.request.urlopen(urllib.request.Request(link.url, method="HEAD")) as response:
            assert response.headers["content-length"] == str(len(CONTENT))
            assert response.headers["content-type"] == "image/jpeg"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(link.url)

    def test_a_rendition_is_served_as_it_was_last_stored(self, on_s3: S3Storage) -> None:
        for content in (b"RIFF old", PICTURE):
            on_s3.images.save_rendition(image_ref(), Rendition("thumbnail", 320, 240, content))
        link = on_s3.images.rendition_link(image_ref(), "thumbnail", MINUTE)
        named = on_s3.images.rendition_link(image_ref(), "thumbnail", MINUTE, filename="é.webp")

        with urllib.request.urlopen(link.url) as response:
            assert response.read() == PICTURE
            assert response.headers["content-type"] == "image/webp"
            assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert "content-disposition" not in response.headers
        with urllib.request.urlopen(named.url) as response:
            expected = "inline; filename=\"_.webp\"; filename*=UTF-8''%C3%A9.webp"
            assert response.headers["content-disposition"] == expected
            assert response.headers["content-type"] == "image/webp"
        assert timedelta() < link.expires_at - utc_now() <= MINUTE

    def test_a_tampered_link_gives_nothing(self, on_s3: S3Storage) -> None:
        save(on_s3.images, image_ref())
        on_s3.images.save_document(image_ref(), DOCUMENT)
        url = on_s3.images.content_link(image_ref(), ImageFormat.JPEG, NAME, MINUTE).url

        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url.replace("original.jpg", "metadata.json"))

        assert refused.value.code == 403
        refused.value.close()

    def test_the_original_and_its_document_are_stored_together(self, on_s3: S3Storage) -> None:
        save(on_s3.images, image_ref())
        on_s3.images.save_document(image_ref(), DOCUMENT)

        folder = f"users/{image_ref().owner_id}/images/{image_ref().image_id}"
        assert on_s3.all_keys() == [f"{folder}/metadata.json", f"{folder}/original.jpg"]

    def test_old_versions_of_an_owner_are_removed_too(self, on_s3: S3Storage) -> None:
        on_s3.client.put_bucket_versioning(
            Bucket=on_s3.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        for document in (b"{}", DOCUMENT):
            on_s3.images.save_document(image_ref(), document)
        on_s3.images.remove([image_ref()])
        assert on_s3.all_keys() == []

        while on_s3.images.remove_owner(image_ref().owner_id, limit=1000):
            pass

        left = on_s3.client.list_object_versions(Bucket=on_s3.bucket)
        assert left.get("Versions", []) == left.get("DeleteMarkers", []) == []


class TestStoredOriginals:
    """What S3 alone contains, when the records are lost."""

    def test_every_original_is_listed_with_its_name(self, on_s3: S3Storage) -> None:
        originals = S3StoredOriginals(on_s3.client, on_s3.bucket)
        refs = [image_ref(1), image_ref(2), image_ref(owner_id="other")]
        for ref in refs:
            save(on_s3.images, ref)
            on_s3.images.save_document(ref, DOCUMENT)
        on_s3.images.save_document(image_ref(9), DOCUMENT)
        arrive(on_s3, image_ref(8))

        found = list(originals.list_all())

        assert originals.count() == 3
        assert {original.ref for original in found} == set(refs)
        assert {(original.image_format, original.size_bytes) for original in found} == {
            (ImageFormat.JPEG, len(CONTENT))
        }
        assert {originals.filename_of(original) for original in found} == {NAME}

    def test_other_objects_are_no_originals(self, on_s3: S3Storage) -> None:
        image_id = image_ref().image_id
        for key in (
            f"users/a/images/{image_id}/original.exe",
            "users/a/images/not-an-id/original.jpg",
            f"users/a/images/{image_id}/renditions/original.jpg",
        ):
            on_s3.client.put_object(Bucket=on_s3.bucket, Key=key, Body=b"x")

        assert list(S3StoredOriginals(on_s3.client, on_s3.bucket).list_all()) == []
