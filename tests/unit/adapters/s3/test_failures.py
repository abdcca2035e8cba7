"""The S3 adapters when S3 fails, or changes between two requests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from domain.images.errors import ImageNotFound, UploadNotFound
from domain.images.model import Original, Rejection
from domain.images.upload import IdempotencyRecord, IncomingImage, MultipartPlan, StoredPiece, Upload
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.contract.storages import S3ModelStorage
from tests.support.samples import CALLER, image_ref, metadata_document

REF = image_ref()
CONTENT = b"\xff\xd8\xff\xe0 some bytes"
UPLOAD = Upload(ImageFormat.JPEG, len(CONTENT), filename="a.jpg")
IN_PARTS = replace(UPLOAD, multipart=MultipartPlan("upload-1", 5 * 1024**2))
INCOMING = IncomingImage('"etag"', len(CONTENT), ImageFormat.JPEG)
ORIGINAL = Original(ImageFormat.JPEG, len(CONTENT))


def slow_down(operation: str = "PutObject", code: str = "SlowDown") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "-"}}, operation)


def opened(stream: Any) -> None:
    with stream:
        pass


REQUESTS: list[Callable[[S3ModelStorage], Any]] = [
    lambda storage: storage.images.save_original(REF, CONTENT, ORIGINAL),
    lambda storage: opened(storage.images.open_original(REF)),
    lambda storage: storage.images.save_metadata(REF, metadata_document()),
    lambda storage: storage.images.load_metadata(REF),
    lambda storage: storage.images.save_rejection(REF, Rejection(code="-", detail="-")),
    lambda storage: storage.images.find(REF),
    lambda storage: storage.images.list_images(CALLER.user_id, limit=5),
    lambda storage: storage.images.delete(REF),
    lambda storage: storage.images.is_withdrawn(REF),
    lambda storage: storage.images.delete_all(CALLER.user_id),
    lambda storage: storage.uploads.announce(REF, UPLOAD),
    lambda storage: storage.uploads.find_announced(REF),
    lambda storage: storage.uploads.start_multipart(REF, UPLOAD),
    lambda storage: storage.uploads.list_parts(REF, IN_PARTS),
    lambda storage: storage.uploads.complete_multipart(REF, IN_PARTS, []),
    lambda storage: storage.incoming.parts(REF),
    lambda storage: storage.incoming.remove(REF, {StoredPiece.INCOMING}),
    lambda storage: storage.incoming.find_incoming(REF),
    lambda storage: storage.incoming.read_header(REF, INCOMING, 10),
    lambda storage: opened(storage.incoming.open_incoming(REF, INCOMING)),
    lambda storage: storage.incoming.accept(REF, INCOMING, ORIGINAL),
    lambda storage: storage.idempotency.claim("owner", "key", IdempotencyRecord("a", "b")),
]


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize(
    "failure", [slow_down(), EndpointConnectionError(endpoint_url="https://s3")], ids=["refusal", "network"]
)
def test_a_failure_of_s3_is_said_to_pass(
    request_: Callable[[S3ModelStorage], Any], failure: Exception
) -> None:
    storage = S3ModelStorage()

    def fail(_: str) -> None:
        raise failure

    storage.s3._before_request = fail

    with pytest.raises(ServiceUnavailable) as raised:
        request_(storage)
    assert "SlowDown" not in str(raised.value)


def arrived() -> S3ModelStorage:
    storage = S3ModelStorage()
    storage.send_form(storage.uploads.create_form(REF, UPLOAD, timedelta(minutes=1)), CONTENT)
    return storage


def before(storage: S3ModelStorage, request: str, change: Callable[[], object]) -> None:
    """Make a change just before the first such request."""

    def look(sent: str) -> None:
        if request in sent:
            storage.s3._before_request = lambda _: None
            change()

    storage.s3._before_request = look


WRITES: dict[str, Callable[[S3ModelStorage], object]] = {
    "original": lambda storage: storage.images.save_original(REF, CONTENT, ORIGINAL),
    "document": lambda storage: storage.images.save_metadata(REF, metadata_document()),
    "rejection": lambda storage: storage.images.save_rejection(REF, Rejection(code="-", detail="-")),
    "announcement": lambda storage: storage.uploads.announce(REF, UPLOAD),
    "withdrawal": lambda storage: storage.images.delete_all(CALLER.user_id),
    "idempotency record": lambda storage: storage.idempotency.claim(
        "owner", "key", IdempotencyRecord("a", "b")
    ),
    "accepted original": lambda storage: storage.incoming.accept(
        REF, storage.incoming.find_incoming(REF) or INCOMING, ORIGINAL
    ),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made, without making them."""
    pauses: list[float] = []
    monkeypatch.setattr("adapters.s3.objects.time.sleep", pauses.append)
    return pauses


def conflicts(storage: S3ModelStorage, number: int, code: str) -> None:
    """Let this many writes meet other ones of the same key."""
    left = number

    def conflict(request: str) -> None:
        nonlocal left
        if left and ("put" in request or "copy" in request):
            left -= 1
            raise slow_down(code=code)

    storage.s3._before_request = conflict


@every_write
@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "OperationAborted"])
def test_a_write_that_meets_another_one_is_repeated(
    pauses: list[float], write: Callable[[S3ModelStorage], object], code: str
) -> None:
    storage = arrived()
    conflicts(storage, 3, code)
    before = len(storage.s3.created)

    write(storage)

    assert len(pauses) == 3
    assert len(storage.s3.created) == before + 1


@every_write
def test_a_write_that_keeps_meeting_others_may_be_stored_later(
    pauses: list[float], write: Callable[[S3ModelStorage], object]
) -> None:
    storage = arrived()
    conflicts(storage, 1000, "ConditionalRequestConflict")

    with pytest.raises(ServiceUnavailable):
        write(storage)
    assert sum(pauses) < 2


def test_a_write_that_meets_one_that_is_stored_leaves_that(pauses: list[float]) -> None:
    storage = S3ModelStorage()
    record, other = IdempotencyRecord("a", "b"), IdempotencyRecord("a", "other")

    def conflict(request: str) -> None:
        if "put" in request:
            storage.s3._before_request = lambda _: None
            storage.idempotency.claim("owner", "key", other)
            raise slow_down(code="ConditionalRequestConflict")

    storage.s3._before_request = conflict

    assert storage.idempotency.claim("owner", "key", record) == other
    assert len(pauses) == 1


def test_incoming_bytes_that_go_while_they_are_looked_at_are_not_there() -> None:
    storage = arrived()
    before(storage, "head", storage.s3.objects.clear)

    assert storage.incoming.find_incoming(REF) is None


def test_an_image_that_goes_while_it_is_looked_at_is_not_there() -> None:
    storage = arrived()
    before(storage, "head", storage.s3.objects.clear)

    assert storage.images.find(REF) is None


def test_an_image_that_is_accepted_while_it_is_looked_at_is_found() -> None:
    storage = arrived()
    incoming = storage.incoming.find_incoming(REF)
    assert incoming

    def accept() -> None:
        storage.incoming.accept(REF, incoming, ORIGINAL)
        storage.incoming.remove(REF, {StoredPiece.INCOMING})

    before(storage, "head", accept)

    found = storage.images.find(REF)
    assert found
    assert found.original
    assert found.original.sha256


def test_an_original_that_goes_while_it_is_opened_is_not_found() -> None:
    storage = S3ModelStorage()
    storage.images.save_original(REF, CONTENT, ORIGINAL)
    before(storage, "get", storage.s3.objects.clear)

    with pytest.raises(ImageNotFound), storage.images.open_original(REF):
        pass


def test_a_record_that_expires_while_it_is_claimed_is_claimed_again_later() -> None:
    storage = S3ModelStorage()
    storage.idempotency.claim("owner", "key", IdempotencyRecord("a", "b"))
    before(storage, "get", storage.s3.objects.clear)

    with pytest.raises(ServiceUnavailable):
        storage.idempotency.claim("owner", "key", IdempotencyRecord("a", "b"))


def test_a_multipart_upload_that_is_over_can_be_deleted() -> None:
    storage = S3ModelStorage()
    storage.uploads.announce(REF, IN_PARTS)

    assert storage.images.delete(REF)
    with pytest.raises(UploadNotFound):
        storage.uploads.complete_multipart(REF, IN_PARTS, [])


def test_an_empty_upload_has_no_header() -> None:
    storage = S3ModelStorage()

    assert storage.incoming.read_header(REF, replace(INCOMING, size_bytes=0), 10) == b""


def test_another_error_of_an_abort_is_not_hidden() -> None:
    storage = S3ModelStorage()
    storage.uploads.announce(REF, IN_PARTS)

    def fail() -> None:
        raise slow_down("AbortMultipartUpload")

    before(storage, "abort", fail)

    with pytest.raises(ServiceUnavailable):
        storage.images.delete(REF)
