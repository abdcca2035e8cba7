"""Uploading small images through the API, on stores in memory."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.images.acceptance import DuplicatePolicy
from domain.images.account import Quotas
from domain.images.errors import (
    AccountClosed,
    ChecksumMismatch,
    DuplicateImage,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageTooLarge,
    QuotaExceeded,
    UnsupportedImageType,
)
from domain.images.model import ImageLimits, ImageRef, ImageStatus
from domain.images.record import Announcement, UploadWay
from domain.images.upload_policy import UploadPolicy
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.caller import Caller
from domain.shared.errors import DomainError, InvalidRequest, PermissionDenied, ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.application import JPEG, MINUTE, Application, sha256_of
from tests.support.samples import CALLER, NOW

OTHER = Caller(user_id="another-user", username="another-user")


@pytest.fixture
def app() -> Application:
    return Application(limits=ImageLimits(max_small_upload_bytes=100))


def test_an_upload_is_stored_with_its_document(app: Application) -> None:
    image = app.upload(CALLER, JPEG, filename="holiday.jpg")

    assert image.status is ImageStatus.READY
    assert (image.content_type, image.size_bytes, image.filename) == (
        "image/jpeg",
        len(JPEG),
        "holiday.jpg",
    )
    assert image.sha256 == sha256_of(JPEG)
    assert (image.width, image.height) == (320, 240)
    assert image.created_at == NOW
    assert image.content_url == f"memory://{CALLER.user_id}/{image.id}/holiday.jpg"
    assert image.urls_expire_at == (NOW + MINUTE).replace(microsecond=0)
    assert app.get(CALLER, image.id).image == image
    assert image.metadata
    assert app.get_metadata(CALLER, image.id).content == image.metadata.to_json()
    assert [content for _, content in app.bytes.originals.values()] == [JPEG]
    assert list(app.bytes.filenames.values()) == ["holiday.jpg"]
    [record] = app.memory_records.records.values()
    assert record.announced == Announcement(
        UploadWay.SMALL, len(JPEG), NOW + MINUTE, ImageFormat.JPEG, sha256_of(JPEG)
    )


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
    assert app.bytes.refs == set()
    assert app.items() == ()


def test_the_limit_and_the_other_way_in_are_named(app: Application) -> None:
    with pytest.raises(
        ImageTooLarge, match=r"^The image has 116 bytes; at most 100 bytes can be uploaded this way\.$"
    ):
        app.upload(CALLER, JPEG.ljust(116))


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
    assert app.bytes.refs == set()
    assert app.items() == ()


def test_dimensions_over_a_limit_are_refused(app: Application) -> None:
    app.extractor.pixel_limits = PixelLimits(max_side_px=319)

    with pytest.raises(ImageDimensionsExceeded, match="320 x 240"):
        app.upload(CALLER, JPEG)


def test_a_caller_without_the_permission_may_not_upload() -> None:
    app = Application(policy=UploadPolicy(requires_permission=True))

    with pytest.raises(PermissionDenied, match="images:upload"):
        app.upload(CALLER, JPEG)
    allowed = Caller(CALLER.user_id, CALLER.username, permissions=frozenset({"images:upload"}))
    assert app.upload(allowed, JPEG).status is ImageStatus.READY


def test_a_declared_checksum_is_compared(app: Application) -> None:
    digest = hashlib.sha256(JPEG).digest()

    with pytest.raises(
        ChecksumMismatch, match=r"^The received bytes do not have the declared SHA-256 checksum\.$"
    ):
        app.upload(CALLER, JPEG, sha256=sha256_of(b"other"))
    assert app.bytes.refs == set()
    app.upload(CALLER, JPEG, sha256=digest.hex().upper())
    app.upload(CALLER, JPEG, sha256=base64.b64encode(digest).decode())


def test_a_malformed_checksum_is_refused_under_the_name_that_it_was_sent_with(app: Application) -> None:
    with pytest.raises(InvalidRequest, match=r"^x-checksum-sha256 must be") as refusal:
        app.upload(CALLER, JPEG, sha256="x")
    assert [error.field for error in refusal.value.errors] == ["x-checksum-sha256"]


def test_a_file_name_of_nothing_is_no_name(app: Application) -> None:
    assert app.upload(CALLER, JPEG, filename="folder/").filename is None


@pytest.mark.parametrize(
    "quotas", [Quotas(max_images=1), Quotas(max_bytes=2 * len(JPEG) - 1)], ids=["images", "bytes"]
)
def test_an_image_beyond_a_quota_is_refused_and_nothing_stored(quotas: Quotas) -> None:
    app = Application(quotas=quotas)
    first = app.upload(CALLER, JPEG)

    with pytest.raises(QuotaExceeded, match="at most"):
        app.upload(CALLER, JPEG)

    assert [image.id for image in app.items()] == [first.id]
    assert len(app.bytes.originals) == 1
    app.delete.delete_one(CALLER, first.id)
    app.upload(CALLER, JPEG)


class TestDuplicates:
    def test_a_duplicate_names_the_oldest_image_with_its_bytes(self, app: Application) -> None:
        first = app.upload(CALLER, JPEG)
        app.clock.advance(MINUTE)
        second = app.upload(CALLER, JPEG)
        app.clock.advance(MINUTE)
        third = app.upload(CALLER, JPEG)

        assert (first.duplicate_of, second.duplicate_of, third.duplicate_of) == (None, first.id, first.id)

    def test_another_users_image_is_no_duplicate(self, app: Application) -> None:
        app.upload(CALLER, JPEG)

        assert app.upload(OTHER, JPEG).duplicate_of is None

    def test_a_duplicate_can_be_refused_and_leaves_nothing(self) -> None:
        app = Application(duplicates=DuplicatePolicy.REJECT)
        first = app.upload(CALLER, JPEG, idempotency_key="first")

        with pytest.raises(DuplicateImage, match=first.id):
            app.upload(CALLER, JPEG, idempotency_key="second")

        assert [image.id for image in app.items()] == [first.id]
        assert len(app.bytes.originals) == 1
        assert app.upload(CALLER, JPEG, idempotency_key="first") == first
        app.delete.delete_one(CALLER, first.id)
        assert app.upload(CALLER, JPEG, idempotency_key="second").status is ImageStatus.READY

    @pytest.mark.parametrize("request_", ["save ", "remove "])
    def test_a_duplicate_is_refused_also_where_an_equal_request_was_refused_meanwhile(
        self, request_: str
    ) -> None:
        first = ""

        def before(request: str) -> None:
            nonlocal first
            if first and request.startswith(request_):
                [pending] = [image.id for image in app.items() if image.id != first]
                first = ""
                app.delete.delete_one(CALLER, pending)

        app = Application(duplicates=DuplicatePolicy.REJECT, before_request=before)
        first = kept = app.upload(CALLER, JPEG).id

        with pytest.raises(DuplicateImage, match=kept):
            app.upload(CALLER, JPEG, idempotency_key="key")

        assert [image.id for image in app.items()] == [kept]
        assert {ref.image_id for ref in app.bytes.refs} == {kept}


class TestIdempotency:
    def test_the_same_request_makes_the_same_image(self, app: Application) -> None:
        first = app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key")

        assert app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key") == first
        assert len(app.bytes.originals) == 1

    @pytest.mark.parametrize("request_", ["put original", "put document"])
    def test_an_interrupted_request_is_finished_by_its_repetition(self, request_: str) -> None:
        died = False

        def die(request: str) -> None:
            nonlocal died
            if request.startswith(request_) and not died:
                died = True
                raise ServiceUnavailable("-")

        app = Application(before_request=die)
        with pytest.raises(ServiceUnavailable):
            app.upload(CALLER, JPEG, idempotency_key="key")
        [pending] = app.items()
        assert pending.status is ImageStatus.PENDING

        image = app.upload(CALLER, JPEG, idempotency_key="key")

        assert (image.id, image.status) == (pending.id, ImageStatus.READY)
        assert app.get(CALLER, image.id).image == image

    @pytest.mark.parametrize("filename", ["a.jpg", None])
    def test_a_request_is_known_by_its_bytes_and_file_name(
        self, app: Application, filename: str | None
    ) -> None:
        """Claims are stored: those of the version before are to be known."""
        app.upload(CALLER, JPEG, filename=filename, idempotency_key="key")

        [claim] = app.memory_records.claims.values()
        assert claim.fingerprint == sha256_of(f"{sha256_of(JPEG)}\n{filename or ''}".encode())

    @pytest.mark.parametrize("filename", [None, "b.jpg"])
    def test_a_key_belongs_to_one_request(self, app: Application, filename: str | None) -> None:
        app.upload(CALLER, JPEG, filename="a.jpg", idempotency_key="key")

        with pytest.raises(IdempotencyKeyReused):
            app.upload(CALLER, JPEG, filename=filename, idempotency_key="key")
        with pytest.raises(IdempotencyKeyReused):
            app.upload(CALLER, JPEG + b"!", filename="a.jpg", idempotency_key="key")
        assert len(app.bytes.originals) == 1

    def test_a_key_belongs_to_one_user(self, app: Application) -> None:
        assert app.upload(CALLER, JPEG, idempotency_key="key").id != (
            app.upload(OTHER, JPEG, idempotency_key="key").id
        )

    def test_a_key_is_forgotten_after_a_day(self, app: Application) -> None:
        first = app.upload(CALLER, JPEG, idempotency_key="key")
        app.clock.advance(timedelta(days=1))

        assert app.upload(CALLER, JPEG, idempotency_key="key").id != first.id

    def test_a_key_that_is_released_meanwhile_is_free(self) -> None:
        died: list[ImageRef] = []

        def before(request: str) -> None:
            if request.startswith("put original") and not died:
                died.append(next(iter(app.memory_records.records)))
                raise ServiceUnavailable("-")
            if died and request == f"find {died[0].image_id}":
                record = app.memory_records.records[died[0]]
                app.records.remove(record, record.withdraw(app.clock()), release_key=True)

        app = Application(before_request=before)
        with pytest.raises(ServiceUnavailable):
            app.upload(CALLER, JPEG, idempotency_key="key")

        image = app.upload(CALLER, JPEG, idempotency_key="key")

        assert image.id != died[0].image_id
        assert [stored.id for stored in app.items()] == [image.id]

    def test_a_deleted_image_does_not_come_back(self, app: Application) -> None:
        app.delete.delete_one(CALLER, app.upload(CALLER, JPEG, idempotency_key="key").id)

        with pytest.raises(IdempotencyKeyReused, match="deleted"):
            app.upload(CALLER, JPEG, idempotency_key="key")
        assert app.bytes.refs == set()

    @pytest.mark.parametrize("key", ["", "a b", "é", "a" * 256])
    def test_a_malformed_key_is_refused(self, app: Application, key: str) -> None:
        with pytest.raises(InvalidRequest, match="The idempotency key must have 1 to 255") as refused:
            app.upload(CALLER, JPEG, idempotency_key=key)
        assert [error.field for error in refused.value.errors] == ["idempotency_key"]
        assert app.items() == ()


class TestMeanwhile:
    """What others do between two requests of an upload."""

    def _before_acceptance(
        self, act: str, duplicates: DuplicatePolicy = DuplicatePolicy.REPORT
    ) -> tuple[Application, list[str]]:
        done: list[str] = []

        def before(request: str) -> None:
            if request.startswith("save ") and not done:
                done.append(request)
                ref = next(iter(app.bytes.originals))
                if act == "close":
                    app.close_account.begin_deletion(ref.owner_id)
                elif act == "delete":
                    app.delete.delete_one(CALLER, ref.image_id)
                else:
                    app.clock.advance(MINUTE)
                    app.settle(ref)

        app = Application(before_request=before, duplicates=duplicates)
        return app, done

    def test_an_image_that_was_settled_by_another_is_the_same(self) -> None:
        app, done = self._before_acceptance("settle")

        image = app.upload(CALLER, JPEG)

        assert done
        assert app.get(CALLER, image.id).image.metadata == image.metadata
        assert image.status is ImageStatus.READY

    @pytest.mark.parametrize("duplicates", DuplicatePolicy)
    def test_an_image_that_was_deleted_leaves_nothing(self, duplicates: DuplicatePolicy) -> None:
        app, _ = self._before_acceptance("delete", duplicates)

        with pytest.raises(ImageNotFound, match=r"^The image was deleted while it was being stored\.$"):
            app.upload(CALLER, JPEG)
        assert app.bytes.refs == set()

    def test_nothing_is_stored_for_an_account_that_is_being_deleted(self) -> None:
        app, _ = self._before_acceptance("close")

        with pytest.raises(AccountClosed):
            app.upload(CALLER, JPEG)
        assert app.bytes.refs == set()
        with pytest.raises(AccountClosed):
            app.upload(CALLER, JPEG)

    def test_a_repetition_of_what_was_rejected_since_tells_that(self) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)
        image = app.upload(CALLER, JPEG, idempotency_key="key")
        ref = ImageRef(CALLER.user_id, image.id)
        ready = app.memory_records.records[ref]
        unread = replace(ready, status=ImageStatus.PENDING, content=None)
        app.memory_records.records[ref] = unread.reject(UnreadableImage("-"))
        requests.clear()

        assert app.upload(CALLER, JPEG, idempotency_key="key").status is ImageStatus.REJECTED
        assert [request.split()[0] for request in requests] == ["add", "find"]
