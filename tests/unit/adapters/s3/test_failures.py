"""The S3 adapters when S3 fails, or writes collide."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3.exceptions import ReadTimeoutError

from adapters.s3.image_store import S3ImageStore
from adapters.s3.incoming_store import S3IncomingStore
from domain.images.record import Announcement, UploadWay
from domain.images.upload import MultipartPlan
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.samples import CALLER, NOW, image_ref

REF = image_ref()
CONTENT = b"\xff\xd8\xff\xe0 some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ANNOUNCED = Announcement(UploadWay.MULTIPART, len(CONTENT), NOW, ImageFormat.JPEG)
PLAN = MultipartPlan("upload-1", 5 * 1024**2)


class Stores:
    """Both adapters on a client that is never connected."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "s3",
            region_name="eu-central-1",
            aws_access_key_id="-",
            aws_secret_access_key="-",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.images = S3ImageStore(self.client, "images", lambda: NOW)
        self.incoming = S3IncomingStore(self.client, "images", lambda: NOW)
        self.stubber = Stubber(self.client)

    def refuse(self, operation: str, code: str, status: int = 400) -> None:
        self.stubber.add_client_error(operation, service_error_code=code, http_status_code=status)


@pytest.fixture
def stores() -> Iterator[Stores]:
    stores = Stores()
    with stores.stubber:
        yield stores


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made, without making them."""
    pauses: list[float] = []
    monkeypatch.setattr("adapters.s3.errors.time.sleep", pauses.append)
    return pauses


def opened(context: Any) -> None:
    with context:
        pass


def save_original(stores: Stores) -> None:
    stores.images.save_original(REF, CONTENT, image_format=ImageFormat.JPEG, sha256=SHA256)


def accept(stores: Stores) -> bool:
    return stores.incoming.accept(REF, '"etag"', ImageFormat.JPEG, None)


REQUESTS: dict[str, Callable[[Stores], Any]] = {
    "save original": save_original,
    "open original": lambda stores: opened(stores.images.open_original(REF, ImageFormat.JPEG)),
    "save document": lambda stores: stores.images.save_document(REF, b"{}"),
    "load document": lambda stores: stores.images.load_document(REF),
    "remove": lambda stores: stores.images.remove([REF]),
    "remove owner": lambda stores: stores.images.remove_owner(CALLER.user_id, limit=5),
    "begin": lambda stores: stores.incoming.begin_multipart(REF, ANNOUNCED),
    "list parts": lambda stores: stores.incoming.list_parts(REF, PLAN),
    "complete": lambda stores: stores.incoming.complete_multipart(REF, PLAN, []),
    "abort": lambda stores: stores.incoming.abort_multiparts(REF),
    "open": lambda stores: opened(stores.incoming.open(REF, 5)),
    "accept": accept,
    "remove incoming": lambda stores: stores.incoming.remove(REF),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "SlowDown", "Message": "-"}}, "-"),
        EndpointConnectionError(endpoint_url="https://s3"),
    ],
    ids=["refusal", "network"],
)
def test_a_failure_of_s3_is_reported_as_temporary(
    request_: Callable[[Stores], Any], failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = Stores()

    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(stores.client, "_make_api_call", fail)

    with pytest.raises(ServiceUnavailable) as raised:
        request_(stores)
    assert "SlowDown" not in str(raised.value)


WRITES = {"put_object": save_original, "copy_object": accept}


@pytest.mark.parametrize(("operation", "write"), WRITES.items())
@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "OperationAborted"])
def test_a_write_that_meets_another_one_is_repeated(
    stores: Stores, pauses: list[float], operation: str, write: Callable[[Stores], Any], code: str
) -> None:
    for _ in range(3):
        stores.refuse(operation, code, 409)
    stores.stubber.add_response(operation, {})

    write(stores)

    stores.stubber.assert_no_pending_responses()
    assert len(pauses) == 3
    assert sum(pauses) < 1


@pytest.mark.parametrize(("operation", "write"), WRITES.items())
def test_a_write_that_keeps_meeting_others_was_not_stored(
    stores: Stores, pauses: list[float], operation: str, write: Callable[[Stores], Any]
) -> None:
    for _ in range(6):
        stores.refuse(operation, "ConditionalRequestConflict", 409)

    with pytest.raises(ServiceUnavailable):
        write(stores)
    assert len(pauses) == 5


def test_an_original_that_is_there_already_stays(stores: Stores) -> None:
    stores.refuse("put_object", "PreconditionFailed", 412)

    save_original(stores)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_copy_whose_condition_fails_is_done_only_if_the_original_is_there(
    stores: Stores, is_there: bool
) -> None:
    stores.refuse("copy_object", "PreconditionFailed", 412)
    if is_there:
        stores.stubber.add_response("head_object", {})
    else:
        stores.refuse("head_object", "404", 404)

    assert accept(stores) is is_there


def test_a_copy_is_not_reported_as_done_while_that_is_unknown(stores: Stores) -> None:
    stores.refuse("copy_object", "PreconditionFailed", 412)
    stores.refuse("head_object", "SlowDown", 503)

    with pytest.raises(ServiceUnavailable):
        accept(stores)


def test_objects_that_s3_did_not_remove_are_not_reported_as_gone(stores: Stores) -> None:
    stores.stubber.add_response("delete_objects", {"Errors": [{"Key": "a", "Code": "InternalError"}]})

    with pytest.raises(ServiceUnavailable):
        stores.images.remove([REF])


@pytest.mark.parametrize(("code", "raises"), [("NoSuchUpload", False), ("SlowDown", True)])
def test_an_upload_that_is_over_needs_no_end(stores: Stores, code: str, raises: bool) -> None:
    stores.stubber.add_response("list_multipart_uploads", {"Uploads": [{"UploadId": "upload-1"}]})
    stores.refuse("abort_multipart_upload", code, 404)

    if raises:
        with pytest.raises(ServiceUnavailable):
            stores.incoming.abort_multiparts(REF)
    else:
        stores.incoming.abort_multiparts(REF)


@contextmanager
def a_body_that_breaks_off() -> Iterator[Any]:
    class Breaking(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise ReadTimeoutError(None, "/", "-")  # type: ignore[arg-type]

    yield StreamingBody(Breaking(CONTENT), len(CONTENT))


@pytest.mark.parametrize("name", ["open original", "load document", "open"])
def test_bytes_that_break_off_may_come_whole_later(stores: Stores, name: str) -> None:
    with a_body_that_breaks_off() as body:
        stores.stubber.add_response(
            "get_object", {"Body": body, "ETag": '"etag"', "ContentLength": len(CONTENT)}
        )
        with pytest.raises(ServiceUnavailable):
            REQUESTS[name](stores)


def test_links_are_signed_without_a_request(stores: Stores) -> None:
    stores.images.content_link(REF, ImageFormat.JPEG, "a.jpg", timedelta(minutes=5))
    stores.incoming.create_form(REF, ANNOUNCED, timedelta(minutes=5))
    stores.incoming.sign_part(REF, PLAN, 1, 5, timedelta(minutes=5))
