"""What every store of incoming bytes promises, on each implementation of it."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain.images.errors import UploadIncomplete, UploadNotFound
from domain.images.model import ImageRef
from domain.images.record import Announcement, UploadWay
from domain.images.upload import MultipartOperation, MultipartPlan, UploadedPart
from domain.shared.image_format import ImageFormat
from tests.contract.storages import S3Storage, Storage, on_s3, storage, utc_now
from tests.support.samples import image_ref

__all__ = ["on_s3", "storage"]

CONTENT = b"\xff\xd8\xff\xe0 some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ANNOUNCED = Announcement(UploadWay.FORM, len(CONTENT), utc_now(), ImageFormat.JPEG, SHA256)
MINUTE = timedelta(minutes=1)
MIB = 1024 * 1024
CHUNKS = [bytes([number]) * 5 * MIB for number in range(2)] + [b"the end"]
WHOLE = b"".join(CHUNKS)


def arrive(storage: Storage, ref: ImageRef, content: bytes = CONTENT) -> None:
    announced = replace(ANNOUNCED, size_bytes=len(content), sha256=None)
    assert storage.send_form(storage.incoming.create_form(ref, announced, MINUTE), content)


def etag_of(storage: Storage, ref: ImageRef) -> str:
    with storage.incoming.open(ref, 0) as opened:
        assert opened
        return opened.etag


def incoming(storage: Storage, ref: ImageRef) -> bytes | None:
    with storage.incoming.open(ref, 4) as opened:
        if opened is None:
            return None
        assert opened.header == CONTENT[:4] or opened.size_bytes != len(CONTENT)
        with opened.download() as stream:
            return stream.read()


def original(storage: Storage, ref: ImageRef, image_format: ImageFormat = ImageFormat.JPEG) -> bytes | None:
    with storage.images.open_original(ref, image_format) as stream:
        return None if stream is None else stream.read()


def begin_multipart(storage: Storage, ref: ImageRef) -> MultipartPlan:
    announced = Announcement(UploadWay.MULTIPART, len(WHOLE), utc_now(), part_bytes=5 * MIB)
    return MultipartPlan(storage.incoming.begin_multipart(ref, announced), 5 * MIB)


def send_parts(storage: Storage, ref: ImageRef, plan: MultipartPlan, *numbers: int) -> None:
    for number in numbers:
        content = CHUNKS[number - 1]
        request = storage.incoming.sign_part(ref, plan, number, len(content), MINUTE)
        assert storage.send_part(request, content)


def test_nothing_has_come_in_at_first(storage: Storage) -> None:
    assert incoming(storage, image_ref()) is None
    storage.incoming.remove(image_ref())


def test_a_form_brings_the_bytes_in(storage: Storage) -> None:
    form = storage.incoming.create_form(image_ref(), ANNOUNCED, MINUTE)
    assert timedelta() < form.expires_at - utc_now() <= MINUTE

    assert storage.send_form(form, CONTENT)

    with storage.incoming.open(image_ref(), 6) as opened:
        assert opened
        assert (opened.size_bytes, opened.header) == (len(CONTENT), CONTENT[:6])
        with opened.download() as stream:
            assert stream.read(4) == CONTENT[:4]
            stream.seek(0)
            assert stream.read() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"!", b""])
def test_a_form_only_accepts_the_announced_size(storage: Storage, content: bytes) -> None:
    announced = replace(ANNOUNCED, sha256=None)

    assert not storage.send_form(storage.incoming.create_form(image_ref(), announced, MINUTE), content)


def test_bytes_that_are_sent_again_replace_the_first(storage: Storage) -> None:
    arrive(storage, image_ref())
    first = etag_of(storage, image_ref())

    arrive(storage, image_ref(), b"x" * len(CONTENT))

    assert etag_of(storage, image_ref()) != first
    with storage.incoming.open(image_ref(), 100) as opened:
        assert opened
        assert opened.header == b"x" * len(CONTENT)


def test_accepted_bytes_become_the_original_under_their_real_format(storage: Storage) -> None:
    arrive(storage, image_ref())
    etag = etag_of(storage, image_ref())

    assert storage.incoming.accept(image_ref(), etag, ImageFormat.PNG, "Été.png")
    assert storage.incoming.accept(image_ref(), etag, ImageFormat.PNG, "Été.png")

    assert original(storage, image_ref(), ImageFormat.PNG) == CONTENT
    assert incoming(storage, image_ref()) == CONTENT
    storage.incoming.remove(image_ref())
    assert incoming(storage, image_ref()) is None
    assert original(storage, image_ref(), ImageFormat.PNG) == CONTENT


def test_bytes_that_were_replaced_or_are_gone_are_not_accepted(storage: Storage) -> None:
    arrive(storage, image_ref())
    etag = etag_of(storage, image_ref())
    arrive(storage, image_ref(), b"x" * len(CONTENT))
    assert not storage.incoming.accept(image_ref(), etag, ImageFormat.JPEG, None)
    storage.incoming.remove(image_ref())

    assert not storage.incoming.accept(image_ref(), etag, ImageFormat.JPEG, None)

    assert original(storage, image_ref()) is None


def test_parts_are_listed_and_put_together(storage: Storage) -> None:
    plan = begin_multipart(storage, image_ref())
    assert storage.incoming.list_parts(image_ref(), plan) == ()
    send_parts(storage, image_ref(), plan, 3, 1)

    assert [(part.number, part.size_bytes) for part in storage.incoming.list_parts(image_ref(), plan)] == [
        (1, 5 * MIB),
        (3, len(CHUNKS[2])),
    ]
    assert incoming(storage, image_ref()) is None
    send_parts(storage, image_ref(), plan, 2)
    storage.incoming.complete_multipart(image_ref(), plan, storage.incoming.list_parts(image_ref(), plan))

    assert incoming(storage, image_ref()) == WHOLE
    with pytest.raises(UploadNotFound):
        storage.incoming.list_parts(image_ref(), plan)
    assert storage.incoming.accept(image_ref(), etag_of(storage, image_ref()), ImageFormat.TIFF, None)
    assert original(storage, image_ref(), ImageFormat.TIFF) == WHOLE


# MiniStack has no such limit.
@pytest.mark.parametrize("storage", ["memory", "localstack"], indirect=True)
def test_only_the_last_part_may_be_smaller_than_the_limit(storage: Storage) -> None:
    plan = begin_multipart(storage, image_ref())
    for number, size in [(1, storage.incoming.limits.min_part_bytes - 1), (2, 1)]:
        request = storage.incoming.sign_part(image_ref(), plan, number, size, MINUTE)
        assert storage.send_part(request, bytes(size))
    parts = storage.incoming.list_parts(image_ref(), plan)

    with pytest.raises(UploadIncomplete):
        storage.incoming.complete_multipart(image_ref(), plan, parts)


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_part_has_exactly_its_planned_size(storage: Storage, difference: int) -> None:
    plan = begin_multipart(storage, image_ref())
    request = storage.incoming.sign_part(image_ref(), plan, 3, len(CHUNKS[2]), MINUTE)

    assert not storage.send_part(request, bytes(len(CHUNKS[2]) + difference))


def test_a_part_that_changed_is_not_assembled(storage: Storage) -> None:
    plan = begin_multipart(storage, image_ref())
    send_parts(storage, image_ref(), plan, 1)
    stale = UploadedPart(1, 5 * MIB, hashlib.md5(b"other").hexdigest())

    with pytest.raises(UploadIncomplete):
        storage.incoming.complete_multipart(image_ref(), plan, [stale])


def test_all_uploads_but_one_can_be_aborted(storage: Storage) -> None:
    kept, other = begin_multipart(storage, image_ref()), begin_multipart(storage, image_ref())

    storage.incoming.abort_multiparts(image_ref(), but=kept.upload_id)

    assert storage.incoming.list_parts(image_ref(), kept) == ()
    with pytest.raises(UploadNotFound):
        storage.incoming.list_parts(image_ref(), other)


def test_an_aborted_upload_accepts_no_more_parts(storage: Storage) -> None:
    plan = begin_multipart(storage, image_ref())
    request = storage.incoming.sign_part(image_ref(), plan, 3, len(CHUNKS[2]), MINUTE)

    other = begin_multipart(storage, image_ref(1))
    forgotten = begin_multipart(storage, image_ref())

    storage.incoming.abort_multiparts(image_ref())
    storage.incoming.abort_multiparts(image_ref())

    assert storage.incoming.list_parts(image_ref(1), other) == ()
    with pytest.raises(UploadNotFound):
        storage.incoming.list_parts(image_ref(), forgotten)

    assert not storage.send_part(request, CHUNKS[2])
    with pytest.raises(UploadNotFound):
        storage.incoming.list_parts(image_ref(), plan)
    with pytest.raises(UploadNotFound):
        storage.incoming.complete_multipart(image_ref(), plan, [])


class TestOnS3:
    @pytest.fixture
    def storage(self, emulator) -> S3Storage:  # type: ignore[no-untyped-def]
        return S3Storage(emulator)

    def test_a_form_that_was_tampered_with_is_refused(self, storage: S3Storage) -> None:
        form = storage.incoming.create_form(image_ref(), ANNOUNCED, MINUTE)

        for field, value in (
            ("key", form.fields["key"].replace("incoming/", "users/")),
            ("Content-Type", "text/html"),
            ("x-amz-meta-filename", "other"),
            ("x-amz-checksum-sha256", "AAAA"),
        ):
            assert not storage.send_form(replace(form, fields={**form.fields, field: value}), CONTENT)
        assert storage.send_form(form, CONTENT)

    def test_a_form_carries_the_checksum_that_s3_is_to_verify(self, storage: S3Storage) -> None:
        form = storage.incoming.create_form(image_ref(), ANNOUNCED, MINUTE)

        assert form.fields["x-amz-checksum-algorithm"] == "SHA256"
        assert len(form.fields["x-amz-checksum-sha256"]) == 44

    def test_an_accepted_original_carries_what_is_known_of_it(self, storage: S3Storage) -> None:
        arrive(storage, image_ref())
        storage.incoming.accept(image_ref(), etag_of(storage, image_ref()), ImageFormat.JPEG, "Été.jpg")

        [key] = [key for key in storage.all_keys() if "original" in key]
        head = storage.client.head_object(Bucket=storage.bucket, Key=key, ChecksumMode="ENABLED")
        assert head["ContentType"] == "image/jpeg"
        assert head["CacheControl"] == "private, max-age=31536000, immutable"
        assert head["Metadata"] == {"filename": "%C3%89t%C3%A9.jpg"}

    def test_a_client_can_list_and_complete_parts_itself(self, storage: S3Storage) -> None:
        plan = begin_multipart(storage, image_ref())
        send_parts(storage, image_ref(), plan, 1, 2, 3)

        listing = storage.incoming.sign_multipart_operation(
            image_ref(), plan, MultipartOperation.LIST_PARTS, MINUTE
        )
        assert httpx.request(listing.method, listing.url).text.count("<PartNumber>") == 3
        completion = storage.incoming.sign_multipart_operation(
            image_ref(), plan, MultipartOperation.COMPLETE, MINUTE
        )
        parts = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>{part.etag}</ETag></Part>"
            for part in storage.incoming.list_parts(image_ref(), plan)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        assert httpx.request(completion.method, completion.url, content=body).is_success
        assert incoming(storage, image_ref()) == WHOLE
