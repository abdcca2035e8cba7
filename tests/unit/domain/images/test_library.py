"""Uploading, listing, reading, linking to and deleting images, on an in-memory store."""

import base64
import hashlib
from datetime import timedelta
from itertools import count
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.declared import MAX_FILENAME_BYTES, clean_filename, parse_sha256
from domain.images.errors import (
    ChecksumMismatch,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageNotReady,
    ImageTooLarge,
    InvalidCursor,
    UnsupportedImageType,
)
from domain.images.inspection import ImageInspector
from domain.images.model import (
    Image,
    ImageLimits,
    ImageRef,
    ImageStatus,
    Original,
    Rejection,
    StoredImage,
)
from domain.images.upload import StoredPiece, Upload
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.library import (
    DeleteImage,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    ListImages,
)
from domain.images.use_cases.small_upload import UploadImage
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import ExtractedMetadata
from domain.shared.caller import Caller
from domain.shared.errors import DomainError, InvalidRequest, PermissionDenied
from domain.shared.image_format import ImageFormat
from tests.support.fakes.image_store import InMemoryImageStore
from tests.support.fakes.upload_store import InMemoryIdempotencyStore, InMemoryUploadStore
from tests.support.samples import CALLER, NOW, extracted_metadata, image_ref, metadata_document

JPEG = b"\xff\xd8\xff\xe0 some pixels"
LIMITS = ImageLimits(max_small_upload_bytes=100)
OTHER = Caller(user_id="another-user", username="another-user")


class Extractor:
    """Reads the same from every file, or fails."""

    def __init__(self) -> None:
        self.error: DomainError | None = None

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        if self.error:
            raise self.error
        return extracted_metadata(image_format)


class Application:
    """The use cases on one store."""

    def __init__(self, policy: UploadPolicy | None = None, limits: ImageLimits = LIMITS) -> None:
        numbers = count(1)
        self.store = InMemoryImageStore(lambda: NOW)
        self.extractor = Extractor()
        self.upload = UploadImage(
            policy or UploadPolicy(),
            ImageInspector(self.extractor, limits),
            self.store,
            limits,
            InMemoryIdempotencyStore(),
            lambda: NOW,
            lambda size: next(numbers).to_bytes(size, "big"),
        )
        self.list = ListImages(self.store)
        self.uploads = InMemoryUploadStore(self.store, lambda: NOW)
        self.get = GetImage(self.store, self.uploads)
        self.metadata = GetImageMetadata(self.store, self.uploads)
        self.link = GetContentLink(self.store, self.uploads, timedelta(minutes=5))
        self.delete = DeleteImage(self.store)


@pytest.fixture
def app() -> Application:
    return Application()


def test_an_upload_is_stored_with_its_document(app: Application) -> None:
    image = app.upload(CALLER, JPEG, filename="holiday.jpg")

    assert image.status is ImageStatus.READY
    assert (image.content_type, image.size_bytes, image.filename) == (
        "image/jpeg",
        len(JPEG),
        "holiday.jpg",
    )
    assert image.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (image.width, image.height) == (320, 240)
    assert image.created_at == NOW
    assert app.get(CALLER, image.id) == image
    assert app.metadata(CALLER, image.id) == image.metadata
    assert [content for content, _ in app.store.originals.values()] == [JPEG]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_as_large_as_it_is_displayed(orientation: int) -> None:
    document = metadata_document()
    turned = document.model_copy(
        update={"image": document.image.model_copy(update={"orientation": orientation})}
    )

    shown = Image.of(StoredImage(image_ref(), ImageStatus.READY), turned)

    assert (shown.width, shown.height) == ((320, 240) if orientation < 5 else (240, 320))
    assert (turned.image.width, turned.image.height) == (320, 240)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnsupportedImageType),
        (b"text", UnsupportedImageType),
        (JPEG + bytes(100), ImageTooLarge),
    ],
)
def test_what_is_no_acceptable_image_is_refused(
    app: Application, content: bytes, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        app.upload(CALLER, content)
    assert app.store.originals == {}


def test_the_limit_and_the_other_way_in_are_named(app: Application) -> None:
    with pytest.raises(ImageTooLarge, match=r"at most 100 bytes.*POST /v1/uploads"):
        app.upload(CALLER, JPEG + bytes(100))


def test_an_image_of_exactly_the_limit_is_accepted(app: Application) -> None:
    assert app.upload(CALLER, JPEG.ljust(100)).size_bytes == 100


def test_a_format_that_is_not_allowed_is_refused() -> None:
    app = Application(limits=ImageLimits(formats=frozenset({ImageFormat.PNG})))

    with pytest.raises(UnsupportedImageType, match="png"):
        app.upload(CALLER, JPEG)


def test_an_unreadable_image_is_refused_and_nothing_stored(app: Application) -> None:
    app.extractor.error = UnreadableImage("The image cannot be read.")

    with pytest.raises(UnreadableImage):
        app.upload(CALLER, JPEG)
    assert app.store.originals == {}


@pytest.mark.parametrize("limits", [ImageLimits(max_side_px=319), ImageLimits(max_pixels=320 * 240 - 1)])
def test_dimensions_over_a_limit_are_refused(limits: ImageLimits) -> None:
    app = Application(limits=limits)

    with pytest.raises(ImageDimensionsExceeded, match="320 x 240"):
        app.upload(CALLER, JPEG)
    assert app.store.originals == {}


def test_a_caller_without_the_permission_may_not_upload() -> None:
    app = Application(UploadPolicy(requires_permission=True))

    with pytest.raises(PermissionDenied, match="images:upload"):
        app.upload(CALLER, JPEG)
    allowed = Caller(CALLER.user_id, CALLER.username, permissions=frozenset({"images:upload"}))
    assert app.upload(allowed, JPEG).status is ImageStatus.READY


def test_a_declared_checksum_is_compared(app: Application) -> None:
    digest = hashlib.sha256(JPEG).digest()

    with pytest.raises(ChecksumMismatch):
        app.upload(CALLER, JPEG, sha256=hashlib.sha256(b"other").hexdigest())
    assert app.store.originals == {}
    app.upload(CALLER, JPEG, sha256=digest.hex().upper())
    app.upload(CALLER, JPEG, sha256=base64.b64encode(digest).decode())


@pytest.mark.parametrize(
    "text", ["", "x", "00" * 31, "z" * 64, "é" * 64, base64.b64encode(bytes(31)).decode()]
)
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_sha256(text)
    assert [error.field for error in refused.value.errors] == ["sha256"]


@given(st.binary(min_size=32, max_size=32))
def test_a_checksum_is_read_in_both_spellings(digest: bytes) -> None:
    assert parse_sha256(digest.hex()) == parse_sha256(base64.b64encode(digest).decode()) == digest.hex()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("\x00\u202egpj.exe", "gpj.exe"),
        (" spaced.jpg ", "spaced.jpg"),
        ("\udc80.jpg", ".jpg"),
        ("folder/", ""),
    ],
)
def test_a_file_name_is_kept_without_folders_and_controls(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


def test_a_file_name_may_have_the_length_that_file_systems_allow() -> None:
    assert clean_filename("é" * 127) == "é" * 127
    with pytest.raises(InvalidRequest, match=str(MAX_FILENAME_BYTES)):
        clean_filename("é" * 128)


def test_a_file_name_of_nothing_is_no_name(app: Application) -> None:
    assert app.upload(CALLER, JPEG, filename="folder/").filename is None


@given(st.text())
def test_any_file_name_is_cleaned_or_refused(name: str) -> None:
    try:
        kept = clean_filename(name)
    except InvalidRequest:
        return
    assert "/" not in kept
    assert kept.isprintable()
    assert len(kept.encode()) <= MAX_FILENAME_BYTES


def test_pages_lead_to_each_other(app: Application) -> None:
    uploaded = {app.upload(CALLER, JPEG).id for _ in range(3)}

    first = app.list(CALLER, limit=2)
    last = app.list(CALLER, limit=2, cursor=first.next_cursor)

    assert (len(first.items), len(last.items)) == (2, 1)
    assert {image.id for image in first.items + last.items} == uploaded
    assert last.next_cursor is None
    assert all(image.metadata is None for image in first.items)


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_page_has_1_to_100_images(app: Application, limit: int) -> None:
    with pytest.raises(InvalidRequest, match="from 1 to 100"):
        app.list(CALLER, limit=limit)


@given(st.text(max_size=60))
def test_a_cursor_that_was_not_issued_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        Application().list(CALLER, limit=1, cursor=cursor)


@pytest.mark.parametrize("image_id", ["", "..", "x" * 26, image_ref(9).image_id])
def test_an_unknown_image_does_not_exist(app: Application, image_id: str) -> None:
    for use in (app.get, app.metadata, app.link, app.delete):
        with pytest.raises(ImageNotFound):
            use(CALLER, image_id)


def test_another_users_image_does_not_exist(app: Application) -> None:
    image = app.upload(CALLER, JPEG)

    for use in (app.get, app.metadata, app.link, app.delete):
        with pytest.raises(ImageNotFound):
            use(OTHER, image.id)
    assert app.get(CALLER, image.id) == image


def test_a_pending_image_has_neither_metadata_nor_content(app: Application) -> None:
    image = app.upload(CALLER, JPEG)
    ref = next(iter(app.store.originals))
    content, original = app.store.originals[ref]
    app.store.delete(ref)
    app.store.save_original(ref, content, original)

    pending = app.get(CALLER, image.id)

    assert (pending.status, pending.metadata, pending.width) == (ImageStatus.PENDING, None, None)
    assert pending.sha256 == image.sha256
    for use in (app.metadata, app.link):
        with pytest.raises(ImageNotReady, match="pending"):
            use(CALLER, image.id)


def test_a_rejected_image_says_why(app: Application) -> None:
    ref = image_ref()
    app.store.save_rejection(ref, Rejection(code="unreadable-image", detail="It cannot be read."))

    rejected = app.get(CALLER, ref.image_id)

    assert rejected.status is ImageStatus.REJECTED
    assert rejected.rejection == Rejection(code="unreadable-image", detail="It cannot be read.")
    assert rejected.content_type is None
    with pytest.raises(ImageNotReady, match="rejected"):
        app.metadata(CALLER, ref.image_id)


def test_an_image_that_is_deleted_while_it_is_read_does_not_exist(app: Application) -> None:
    class Vanishing(InMemoryImageStore):
        def load_metadata(self, ref):  # type: ignore[no-untyped-def]
            return None

    store = Vanishing(lambda: NOW)
    store.originals = app.store.originals
    image = app.upload(CALLER, JPEG)
    ref = next(iter(app.store.originals))
    store.save_metadata(ref, metadata_document(JPEG))

    with pytest.raises(ImageNotFound):
        GetImageMetadata(store, app.uploads)(CALLER, image.id)


def test_a_link_expires_after_the_set_time(app: Application) -> None:
    image = app.upload(CALLER, JPEG)

    link = app.link(CALLER, image.id)

    assert link.expires_at == (NOW + timedelta(minutes=5)).replace(microsecond=0)


def test_a_deleted_image_is_gone(app: Application) -> None:
    image = app.upload(CALLER, JPEG)

    app.delete(CALLER, image.id)

    for use in (app.get, app.delete):
        with pytest.raises(ImageNotFound):
            use(CALLER, image.id)
    assert app.list(CALLER, limit=10).items == ()


class TestIdempotency:
    def test_the_same_request_makes_the_same_image(self, app: Application) -> None:
        first = app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key")

        assert app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key") == first
        assert len(app.store.originals) == 1

    def test_an_interrupted_request_is_finished_by_its_repetition(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG, idempotency_key="key")
        ref = ImageRef(CALLER.user_id, image.id)
        app.store.remove(ref, {StoredPiece.METADATA})
        assert app.get(CALLER, image.id).status is ImageStatus.PENDING

        assert app.upload(CALLER, JPEG, idempotency_key="key") == image
        app.store.remove(ref, {StoredPiece.METADATA, StoredPiece.ORIGINAL})
        assert app.upload(CALLER, JPEG, idempotency_key="key") == image
        assert app.get(CALLER, image.id) == image

    @pytest.mark.parametrize("filename", [None, "b.jpg"])
    def test_a_key_belongs_to_one_request(self, app: Application, filename: str | None) -> None:
        app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key")

        with pytest.raises(IdempotencyKeyReused):
            app.upload(CALLER, JPEG, filename=filename, idempotency_key="key")
        with pytest.raises(IdempotencyKeyReused):
            app.upload(CALLER, JPEG + b"!", filename="a.jpg", idempotency_key="key")
        assert len(app.store.originals) == 1

    def test_a_key_belongs_to_one_user(self, app: Application) -> None:
        assert app.upload(CALLER, JPEG, idempotency_key="key").id != (
            app.upload(OTHER, JPEG, idempotency_key="key").id
        )

    def test_a_deleted_image_does_not_come_back(self, app: Application) -> None:
        app.delete(CALLER, app.upload(CALLER, JPEG, idempotency_key="key").id)

        with pytest.raises(IdempotencyKeyReused, match="deleted"):
            app.upload(CALLER, JPEG, idempotency_key="key")
        assert app.store.originals == {}

    @pytest.mark.parametrize("key", ["", "a b", "é", "a" * 256])
    def test_a_malformed_key_is_refused(self, app: Application, key: str) -> None:
        with pytest.raises(InvalidRequest, match="Idempotency-Key"):
            app.upload(CALLER, JPEG, idempotency_key=key)
        assert app.store.originals == {}


@pytest.mark.parametrize("read", ["metadata", "link"])
def test_an_announced_image_is_not_ready_and_worth_asking_again(app: Application, read: str) -> None:
    app.uploads.announce(image_ref(), Upload(ImageFormat.JPEG, 5))

    with pytest.raises(ImageNotReady) as refused:
        getattr(app, read)(CALLER, image_ref().image_id)

    assert refused.value.retry_after_s


def test_an_image_that_was_stored_while_it_was_looked_for_is_found(app: Application) -> None:
    ref = image_ref()

    def find_announced(_: ImageRef) -> None:
        app.store.save_original(ref, JPEG, Original(ImageFormat.JPEG, len(JPEG)))

    app.uploads.find_announced = find_announced  # type: ignore[method-assign]

    assert app.get(CALLER, ref.image_id).status is ImageStatus.PENDING
