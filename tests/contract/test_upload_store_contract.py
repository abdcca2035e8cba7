"""What every store of uploads, of incoming images and of idempotency keys promises."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain.images.errors import ImageNotFound, UploadIncomplete, UploadNotFound
from domain.images.model import ImageRef, ImageStatus, Original, Rejection
from domain.images.upload import (
    IdempotencyRecord,
    IncomingImage,
    MultipartOperation,
    MultipartPlan,
    StoredPiece,
    Upload,
    UploadedPart,
)
from domain.shared.image_format import ImageFormat
from tests.contract.storages import S3Storage, Storage, storage, utc_now
from tests.support.samples import image_ref, metadata_document

__all__ = ["storage"]

CONTENT = b"\xff\xd8\xff\xe0 some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
UPLOAD = Upload(ImageFormat.JPEG, len(CONTENT), SHA256, "Été à l'île.jpg")
MINUTE = timedelta(minutes=1)
MIB = 1024 * 1024
CHUNKS = [bytes([number]) * 5 * MIB for number in range(2)] + [b"the end"]


def arrive(storage: Storage, ref: ImageRef, content: bytes = CONTENT, upload: Upload = UPLOAD) -> None:
    upload = replace(upload, size_bytes=len(content), sha256=None)
    storage.uploads.announce(ref, upload)
    assert storage.send_form(storage.uploads.create_form(ref, upload, MINUTE), content)


def found(storage: Storage, ref: ImageRef) -> IncomingImage:
    incoming = storage.incoming.find_incoming(ref)
    assert incoming
    return incoming


def begin_multipart(storage: Storage, ref: ImageRef) -> Upload:
    upload = replace(UPLOAD, size_bytes=sum(map(len, CHUNKS)), sha256=None)
    upload_id = storage.uploads.start_multipart(ref, upload)
    upload = replace(upload, multipart=MultipartPlan(upload_id, 5 * MIB))
    storage.uploads.announce(ref, upload)
    return upload


def send_parts(storage: Storage, ref: ImageRef, upload: Upload, *numbers: int) -> None:
    for number in numbers:
        request = storage.uploads.sign_part(ref, upload, number, MINUTE)
        assert storage.send_part(request, CHUNKS[number - 1])


def test_what_was_announced_is_remembered(storage: Storage) -> None:
    upload = replace(UPLOAD, multipart=MultipartPlan("id", 5 * MIB))
    storage.uploads.announce(image_ref(), upload)

    assert storage.uploads.find_announced(image_ref()) == upload
    assert storage.incoming.parts(image_ref()) == {StoredPiece.ANNOUNCEMENT}
    assert storage.uploads.find_announced(image_ref(1)) is None
    assert storage.images.find(image_ref()) is None


def test_a_form_brings_the_bytes_in(storage: Storage) -> None:
    storage.uploads.announce(image_ref(), UPLOAD)
    form = storage.uploads.create_form(image_ref(), UPLOAD, MINUTE)

    assert timedelta() < form.expires_at - utc_now() <= MINUTE
    assert storage.send_form(form, CONTENT)

    incoming = found(storage, image_ref())
    assert (incoming.size_bytes, incoming.declared_size_bytes) == (len(CONTENT), len(CONTENT))
    assert (incoming.declared_format, incoming.declared_sha256) == (ImageFormat.JPEG, SHA256)
    assert incoming.filename == UPLOAD.filename
    assert storage.incoming.parts(image_ref()) == {StoredPiece.ANNOUNCEMENT, StoredPiece.INCOMING}


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"!"])
def test_a_form_takes_exactly_the_announced_size(storage: Storage, content: bytes) -> None:
    form = storage.uploads.create_form(image_ref(), UPLOAD, MINUTE)

    assert not storage.send_form(form, content)
    assert storage.incoming.find_incoming(image_ref()) is None


def test_incoming_bytes_are_a_pending_image(storage: Storage) -> None:
    arrive(storage, image_ref())

    image = storage.images.find(image_ref())

    assert image
    assert image.status is ImageStatus.PENDING
    assert image.original
    assert (image.original.image_format, image.original.size_bytes) == (ImageFormat.JPEG, len(CONTENT))
    assert image.original.filename == UPLOAD.filename
    [listed] = storage.images.list_images(image_ref().owner_id, limit=5).images
    assert (listed.status, listed.original) == (
        ImageStatus.PENDING,
        Original(ImageFormat.JPEG, len(CONTENT)),
    )
    assert storage.images.load_metadata(image_ref()) is None
    with pytest.raises(ImageNotFound), storage.images.open_original(image_ref()):
        pass


def test_incoming_bytes_are_read_as_they_were_sent(storage: Storage) -> None:
    arrive(storage, image_ref())
    incoming = found(storage, image_ref())

    assert storage.incoming.read_header(image_ref(), incoming, 4) == CONTENT[:4]
    assert storage.incoming.read_header(image_ref(), incoming, 4000) == CONTENT
    with storage.incoming.open_incoming(image_ref(), incoming) as stream:
        assert stream.read() == CONTENT
        stream.seek(2)
        assert stream.read(2) == CONTENT[2:4]


def test_bytes_that_were_replaced_are_no_longer_read_or_accepted(storage: Storage) -> None:
    arrive(storage, image_ref())
    before = found(storage, image_ref())
    arrive(storage, image_ref(), CONTENT[::-1])

    assert found(storage, image_ref()) != before
    with pytest.raises(ImageNotFound):
        storage.incoming.read_header(image_ref(), before, 4)
    with pytest.raises(ImageNotFound), storage.incoming.open_incoming(image_ref(), before):
        pass
    assert not storage.incoming.accept(image_ref(), before, Original(ImageFormat.JPEG, len(CONTENT)))
    assert StoredPiece.ORIGINAL not in storage.incoming.parts(image_ref())


def test_bytes_that_are_gone_are_no_longer_read_or_accepted(storage: Storage) -> None:
    arrive(storage, image_ref())
    incoming = found(storage, image_ref())
    storage.incoming.remove(image_ref(), {StoredPiece.INCOMING})

    assert storage.incoming.find_incoming(image_ref()) is None
    with pytest.raises(ImageNotFound):
        storage.incoming.read_header(image_ref(), incoming, 4)
    with pytest.raises(ImageNotFound), storage.incoming.open_incoming(image_ref(), incoming):
        pass
    assert not storage.incoming.accept(image_ref(), incoming, Original(ImageFormat.JPEG, len(CONTENT)))


def test_accepted_bytes_become_the_original_under_their_real_format(storage: Storage) -> None:
    arrive(storage, image_ref())
    original = Original(ImageFormat.PNG, len(CONTENT), SHA256, UPLOAD.filename)

    assert storage.incoming.accept(image_ref(), found(storage, image_ref()), original)

    assert StoredPiece.ORIGINAL in storage.incoming.parts(image_ref())
    with storage.images.open_original(image_ref()) as stream:
        assert stream.read() == CONTENT
    storage.images.save_metadata(image_ref(), metadata_document(CONTENT))
    image = storage.images.find(image_ref())
    assert image
    assert image.status is ImageStatus.READY
    assert image.original
    assert (image.original.image_format, image.original.filename) == (ImageFormat.PNG, UPLOAD.filename)


def test_a_rejection_leaves_nothing_else(storage: Storage) -> None:
    arrive(storage, image_ref())

    storage.images.save_rejection(image_ref(), Rejection(code="unreadable-image", detail="-"))

    assert storage.incoming.parts(image_ref()) == {StoredPiece.REJECTION}


@pytest.mark.parametrize("part", [StoredPiece.ANNOUNCEMENT, StoredPiece.INCOMING, StoredPiece.ORIGINAL])
def test_pieces_are_removed_one_by_one(storage: Storage, part: StoredPiece) -> None:
    arrive(storage, image_ref())
    storage.images.save_original(image_ref(), CONTENT, Original(ImageFormat.JPEG, len(CONTENT)))
    storage.images.save_metadata(image_ref(), metadata_document(CONTENT))
    before = storage.incoming.parts(image_ref())

    storage.incoming.remove(image_ref(), {part})
    storage.incoming.remove(image_ref(), {part})

    assert storage.incoming.parts(image_ref()) == before - {part}


def test_a_deleted_image_is_withdrawn_with_all_that_was_sent(storage: Storage) -> None:
    arrive(storage, image_ref())

    assert storage.images.delete(image_ref())

    assert storage.incoming.parts(image_ref()) == {StoredPiece.WITHDRAWAL}
    assert storage.images.is_withdrawn(image_ref())
    assert not storage.images.is_withdrawn(image_ref(1))
    storage.incoming.remove(image_ref(), set(StoredPiece))
    assert storage.images.is_withdrawn(image_ref())


def test_an_announced_image_can_be_deleted(storage: Storage) -> None:
    storage.uploads.announce(image_ref(), UPLOAD)

    assert storage.images.delete(image_ref())

    assert storage.uploads.find_announced(image_ref()) is None
    assert storage.incoming.parts(image_ref()) == {StoredPiece.WITHDRAWAL}


def test_deleting_what_does_not_exist_leaves_no_trace(storage: Storage) -> None:
    assert not storage.images.delete(image_ref())

    assert storage.incoming.parts(image_ref()) == frozenset()


def test_all_of_an_owner_is_withdrawn_with_what_is_under_way(storage: Storage) -> None:
    arrive(storage, image_ref(0))
    upload = begin_multipart(storage, image_ref(1))
    other = image_ref(owner_id="other")
    arrive(storage, other)

    storage.images.delete_all(image_ref().owner_id)
    storage.images.delete_all(image_ref().owner_id)

    for number in range(3):
        assert storage.incoming.parts(image_ref(number)) == {StoredPiece.WITHDRAWAL}
    with pytest.raises(UploadNotFound):
        storage.uploads.list_parts(image_ref(1), upload)
    assert StoredPiece.INCOMING in storage.incoming.parts(other)
    assert not storage.images.is_withdrawn(other)


def test_parts_are_listed_and_put_together(storage: Storage) -> None:
    upload = begin_multipart(storage, image_ref())
    assert storage.uploads.list_parts(image_ref(), upload) == ()
    send_parts(storage, image_ref(), upload, 3, 1)

    assert [(part.number, part.size_bytes) for part in storage.uploads.list_parts(image_ref(), upload)] == [
        (1, 5 * MIB),
        (3, len(CHUNKS[2])),
    ]
    assert storage.incoming.find_incoming(image_ref()) is None
    send_parts(storage, image_ref(), upload, 2)
    storage.uploads.complete_multipart(image_ref(), upload, storage.uploads.list_parts(image_ref(), upload))

    incoming = found(storage, image_ref())
    assert (incoming.size_bytes, incoming.filename) == (upload.size_bytes, UPLOAD.filename)
    with storage.incoming.open_incoming(image_ref(), incoming) as stream:
        assert stream.read() == b"".join(CHUNKS)
    with pytest.raises(UploadNotFound):
        storage.uploads.list_parts(image_ref(), upload)


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_part_has_exactly_its_planned_size(storage: Storage, difference: int) -> None:
    upload = begin_multipart(storage, image_ref())
    request = storage.uploads.sign_part(image_ref(), upload, 3, MINUTE)

    assert not storage.send_part(request, bytes(len(CHUNKS[2]) + difference))


def test_a_part_that_changed_is_not_put_together(storage: Storage) -> None:
    upload = begin_multipart(storage, image_ref())
    send_parts(storage, image_ref(), upload, 1)
    stale = UploadedPart(1, 5 * MIB, hashlib.md5(b"other").hexdigest())

    with pytest.raises(UploadIncomplete):
        storage.uploads.complete_multipart(image_ref(), upload, [stale])


def test_a_deleted_upload_takes_no_more_parts(storage: Storage) -> None:
    upload = begin_multipart(storage, image_ref())
    request = storage.uploads.sign_part(image_ref(), upload, 3, MINUTE)

    storage.images.delete(image_ref())

    assert not storage.send_part(request, CHUNKS[2])
    with pytest.raises(UploadNotFound):
        storage.uploads.list_parts(image_ref(), upload)
    with pytest.raises(UploadNotFound):
        storage.uploads.complete_multipart(image_ref(), upload, [])


def test_an_upload_that_is_not_in_parts_has_none(storage: Storage) -> None:
    storage.uploads.announce(image_ref(), UPLOAD)

    with pytest.raises(UploadNotFound):
        storage.uploads.list_parts(image_ref(), UPLOAD)


def test_an_idempotency_key_names_the_first_image(storage: Storage) -> None:
    first, second = IdempotencyRecord("a", "image-1"), IdempotencyRecord("b", "image-2")

    assert storage.idempotency.claim("owner", "key", first) == first
    assert storage.idempotency.claim("owner", "key", second) == first
    assert storage.idempotency.claim("owner", "other key", second) == second
    assert storage.idempotency.claim("other", "key", second) == second


def test_concurrent_claims_of_a_key_agree(storage: Storage) -> None:
    records = [IdempotencyRecord("a", f"image-{number}") for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        claimed = set(pool.map(lambda record: storage.idempotency.claim("owner", "key", record), records))

    assert len(claimed) == 1
    assert claimed <= set(records)


class TestOnS3:
    @pytest.fixture
    def storage(self, emulator) -> S3Storage:  # type: ignore[no-untyped-def]
        return S3Storage(emulator)

    def test_a_form_that_was_tampered_with_is_refused(self, storage: S3Storage) -> None:
        form = storage.uploads.create_form(image_ref(), UPLOAD, MINUTE)

        for field, value in (
            ("key", form.fields["key"].replace("incoming", "original")),
            ("Content-Type", "text/html"),
            ("x-amz-meta-filename", "other"),
            ("x-amz-checksum-sha256", "AAAA"),
        ):
            assert not storage.send_form(replace(form, fields={**form.fields, field: value}), CONTENT)
        assert storage.send_form(form, CONTENT)

    def test_a_form_carries_the_checksum_that_s3_is_to_verify(self, storage: S3Storage) -> None:
        form = storage.uploads.create_form(image_ref(), UPLOAD, MINUTE)

        assert form.fields["x-amz-checksum-algorithm"] == "SHA256"
        assert bytes.fromhex(SHA256).hex() == SHA256
        assert len(form.fields["x-amz-checksum-sha256"]) == 44

    def test_a_client_can_list_and_complete_parts_itself(self, storage: S3Storage) -> None:
        upload = begin_multipart(storage, image_ref())
        send_parts(storage, image_ref(), upload, 1, 2, 3)

        listing = storage.uploads.sign_multipart_operation(
            image_ref(), upload, MultipartOperation.LIST_PARTS, MINUTE
        )
        assert httpx.request(listing.method, listing.url).text.count("<PartNumber>") == 3
        completion = storage.uploads.sign_multipart_operation(
            image_ref(), upload, MultipartOperation.COMPLETE, MINUTE
        )
        parts = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>{part.etag}</ETag></Part>"
            for part in storage.uploads.list_parts(image_ref(), upload)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        assert httpx.request(completion.method, completion.url, content=body).is_success
        assert found(storage, image_ref()).size_bytes == upload.size_bytes
