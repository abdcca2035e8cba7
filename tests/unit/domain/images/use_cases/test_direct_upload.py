"""Uploads straight to storage, as far as the client sends them, on stores in memory."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.account import Quotas
from domain.images.errors import (
    AccountClosed,
    IdempotencyKeyReused,
    ImageTooLarge,
    QuotaExceeded,
    UnsupportedImageType,
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
)
from domain.images.model import ImageLimits, ImageRef, ImageStatus
from domain.images.record import Announcement, UploadWay
from domain.images.upload import (
    DEFAULT_PART_BYTES,
    MAX_PART_BYTES,
    MultipartOperation,
    MultipartPlan,
    UploadedPart,
    choose_part_bytes,
    missing_parts,
)
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.direct_upload import MAX_SIGNED_PARTS, UploadRequest
from domain.shared.caller import Caller
from domain.shared.errors import InvalidRequest, PermissionDenied, ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.application import JPEG, LARGE, MINUTE, PART, Application, ref_of
from tests.support.fakes.image_store import InMemoryIncomingStore
from tests.support.samples import CALLER, NOW, image_ref

LIMITS = InMemoryIncomingStore.limits

OTHER = Caller(user_id="another-user", username="another-user")


@pytest.fixture
def app() -> Application:
    return Application()


def begin_large(app: Application, **more: Any) -> str:
    created = app.create(CALLER, UploadRequest("image/jpeg", len(LARGE), part_bytes=PART), **more)
    assert created.multipart
    return created.multipart.image_id


class TestCreate:
    def test_a_small_file_gets_a_form(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpg", len(JPEG), filename="C:\\a.jpg"))

        assert created.form
        assert created.form.expires_at == (NOW + 15 * MINUTE).replace(microsecond=0)
        assert created.multipart is None
        image = created.image
        assert (image.status, image.content_type, image.size_bytes, image.filename) == (
            ImageStatus.PENDING,
            "image/jpeg",
            len(JPEG),
            "a.jpg",
        )
        assert app.get(CALLER, image.id).image == image
        assert app.items() == (image,)

    @pytest.mark.parametrize(("size", "wanted"), [(PART + 1, False), (5, True)])
    def test_a_large_file_or_one_for_which_it_is_wanted_is_sent_in_parts(
        self, app: Application, size: int, wanted: bool
    ) -> None:
        created = app.create(CALLER, UploadRequest("image/tiff", size, multipart=wanted))

        assert created.form is None
        assert created.multipart
        assert created.multipart.plan.part_bytes == DEFAULT_PART_BYTES
        assert created.multipart.expires_at - NOW == timedelta(hours=24)

    @pytest.mark.parametrize(
        ("multipart", "expected"),
        [
            (False, Announcement(UploadWay.FORM, 5, NOW + 30 * MINUTE, ImageFormat.TIFF, "0" * 64)),
            (
                True,
                Announcement(
                    UploadWay.MULTIPART,
                    5,
                    NOW + timedelta(days=1),
                    ImageFormat.TIFF,
                    "0" * 64,
                    PART,
                    "upload-1",
                ),
            ),
        ],
    )
    def test_what_is_declared_is_kept_in_the_record(
        self, app: Application, multipart: bool, expected: Announcement
    ) -> None:
        request = UploadRequest(
            "image/tiff", 5, sha256="0" * 64, filename="a.tif", multipart=multipart, part_bytes=PART
        )

        ref = ref_of(app.create(CALLER, request, idempotency_key="key"))

        record = app.memory_records.records[ref]
        assert (record.announced, record.due_at, record.filename) == (
            expected,
            expected.expires_at,
            "a.tif",
        )
        [claim] = app.memory_records.claims.values()
        assert record.idempotency_key_hash == claim.key_hash

    @pytest.mark.parametrize("size", [PART - 1, PART])
    def test_a_file_up_to_the_limit_of_a_form_gets_one(self, app: Application, size: int) -> None:
        assert app.create(CALLER, UploadRequest("image/png", size)).form

    @pytest.mark.parametrize("content_type", [None, "", "application/octet-stream"])
    def test_a_type_need_not_be_declared(self, app: Application, content_type: str | None) -> None:
        created = app.create(CALLER, UploadRequest(content_type, 5))

        assert created.image.content_type is None

    @pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml"])
    def test_a_declared_type_that_is_not_allowed_is_refused(
        self, app: Application, content_type: str
    ) -> None:
        with pytest.raises(UnsupportedImageType, match="image/avif, image/gif"):
            app.create(CALLER, UploadRequest(content_type, 5))

    @pytest.mark.parametrize(("direct", "multipart"), [(5, 50), (50, 5)])
    def test_a_file_above_all_limits_is_refused(self, direct: int, multipart: int) -> None:
        limits = ImageLimits(max_direct_upload_bytes=direct, max_multipart_upload_bytes=multipart)
        app = Application(limits=limits)

        with pytest.raises(ImageTooLarge, match=r"^The image has 51 bytes; it may have at most 50\.$"):
            app.create(CALLER, UploadRequest("image/png", 51))
        assert app.create(CALLER, UploadRequest("image/png", 50)).image.size_bytes == 50

    def test_the_limit_of_storage_holds_even_if_more_is_configured(self) -> None:
        app = Application(limits=ImageLimits(max_multipart_upload_bytes=2 * LIMITS.max_upload_bytes))
        most = LIMITS.max_upload_bytes

        with pytest.raises(ImageTooLarge, match=f"at most {most}"):
            app.create(CALLER, UploadRequest("image/tiff", most + 1))
        assert app.create(CALLER, UploadRequest("image/tiff", most)).multipart

    @pytest.mark.parametrize(
        "wrong", [{"sha256": "x"}, {"filename": "a" * 256}, {"part_bytes": LIMITS.min_part_bytes - 1}]
    )
    def test_a_malformed_declaration_is_refused(self, app: Application, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequest):
            app.create(CALLER, UploadRequest("image/png", 5, **wrong))
        assert app.items() == ()

    def test_a_missing_permission_is_named(self) -> None:
        with pytest.raises(PermissionDenied, match="images:upload"):
            Application(policy=UploadPolicy(requires_permission=True)).create(
                CALLER, UploadRequest("image/png", 5)
            )

    def test_pending_uploads_have_a_quota(self) -> None:
        app = Application(quotas=Quotas(max_pending=1))
        created = app.announce()

        with pytest.raises(QuotaExceeded, match="1 pending"):
            app.announce()
        app.abort(CALLER, created.image.id)
        app.announce()

    def test_nothing_can_be_announced_once_the_account_is_being_deleted(self, app: Application) -> None:
        app.close_account.begin_deletion(CALLER.user_id)

        with pytest.raises(AccountClosed):
            app.announce()

    def test_nothing_can_be_sent_or_completed_once_the_account_is_being_deleted(
        self, app: Application
    ) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)
        app.close_account.begin_deletion(CALLER.user_id)

        with pytest.raises(UploadNotFound):
            app.sign_parts(CALLER, image_id, [1])
        with pytest.raises(UploadNotFound):
            app.sign_operation(CALLER, image_id, MultipartOperation.COMPLETE)
        with pytest.raises(UploadNotFound):
            app.complete(CALLER, image_id)
        assert app.bytes.incoming == {}


class TestIdempotency:
    def test_equal_requests_make_one_image(self, app: Application) -> None:
        request = UploadRequest("image/jpeg", len(JPEG), filename="a.jpg")
        first = app.create(CALLER, request, idempotency_key="key")
        second = app.create(CALLER, request, idempotency_key="key")

        assert second.image == first.image
        assert second.form
        assert app.incoming.send_form(second.form, JPEG)
        assert len(app.items()) == 1

    def test_equal_requests_have_one_upload_in_parts(self, app: Application) -> None:
        image_id = begin_large(app, idempotency_key="key")
        app.send_parts(image_id, 1)

        assert begin_large(app, idempotency_key="key") == image_id

        assert [part.number for part in app.list_parts(CALLER, image_id)[1]] == [1]
        assert len(app.bytes.parts) == 1

    def test_another_request_may_not_have_the_key(self, app: Application) -> None:
        begin_large(app, idempotency_key="key")

        with pytest.raises(IdempotencyKeyReused):
            app.create(CALLER, UploadRequest("image/png", 5), idempotency_key="key")

    def test_small_uploads_have_keys_of_their_own(self, app: Application) -> None:
        image_id = begin_large(app, idempotency_key="key")

        assert app.upload(CALLER, JPEG, idempotency_key="key").id != image_id

    def test_what_has_arrived_since_needs_no_way_to_send_it(self, app: Application) -> None:
        request = UploadRequest("image/jpeg", len(JPEG))
        created = app.create(CALLER, request, idempotency_key="key")
        assert created.form
        app.incoming.send_form(created.form, JPEG)
        app.settle(ref_of(created))

        again = app.create(CALLER, request, idempotency_key="key")

        assert (again.image.id, again.image.status) == (created.image.id, ImageStatus.READY)
        assert (again.form, again.multipart) == (None, None)

    def test_a_form_never_outlives_the_wait_for_its_bytes(self, app: Application) -> None:
        request = UploadRequest("image/jpeg", len(JPEG))
        first = app.create(CALLER, request, idempotency_key="key")
        app.clock.advance(10 * MINUTE)
        again = app.create(CALLER, request, idempotency_key="key")
        assert first.form
        assert again.form
        assert again.form.expires_at == first.form.expires_at

        app.clock.advance(5 * MINUTE - timedelta(seconds=1))
        assert app.create(CALLER, request, idempotency_key="key").form
        app.clock.advance(timedelta(milliseconds=1))
        with pytest.raises(
            UploadExpired,
            match=r"^The upload was created too long ago; create it again with another idempotency key\.$",
        ):
            app.create(CALLER, request, idempotency_key="key")

    def test_parts_that_were_begun_by_a_request_that_died_are_begun_again(self) -> None:
        died = False

        def die(request: str) -> None:
            nonlocal died
            if request.startswith("save") and not died:
                died = True
                raise ServiceUnavailable("-")

        app = Application(before_request=die)
        with pytest.raises(ServiceUnavailable):
            begin_large(app, idempotency_key="key")

        image_id = begin_large(app, idempotency_key="key")

        app.send_parts(image_id, 1, 2, 3)
        assert len(app.items()) == 1
        app.complete(CALLER, image_id)
        app.settle(ImageRef(CALLER.user_id, image_id))
        assert app.items()[0].status is ImageStatus.READY
        assert app.bytes.parts == {}

    @pytest.mark.parametrize("meanwhile", ["begun", "deleted"])
    def test_of_concurrent_requests_one_begins_the_parts(self, meanwhile: str) -> None:
        other: list[Any] = []

        def act(request: str) -> None:
            if request.startswith("save") and not other:
                other.append(None)
                if meanwhile == "begun":
                    other[0] = begin_large(app, idempotency_key="key")
                else:
                    app.abort(CALLER, app.items()[0].id)

        app = Application(before_request=act)
        if meanwhile == "begun":
            assert begin_large(app, idempotency_key="key") == other[0]
            app.send_parts(other[0], 1)
            assert len(app.bytes.parts) == 1
        else:
            with pytest.raises(UploadNotFound):
                begin_large(app, idempotency_key="key")


class TestParts:
    def test_parts_that_are_missing_are_named_and_can_still_be_sent(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 3, 1)

        multipart, parts = app.list_parts(CALLER, image_id)
        assert [(part.number, part.size_bytes) for part in parts] == [(1, PART), (3, 7)]
        assert multipart.plan.part_count(multipart.size_bytes) == 3
        with pytest.raises(UploadIncomplete, match=r"^Parts that are missing or have the wrong size: 2\.$"):
            app.complete(CALLER, image_id)

        app.send_parts(image_id, 2)
        image = app.complete(CALLER, image_id)
        assert (image.status, image.size_bytes) == (ImageStatus.PENDING, len(LARGE))
        assert app.bytes.incoming[ImageRef(CALLER.user_id, image_id)] == LARGE

    def test_completing_can_be_repeated(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)
        app.complete(CALLER, image_id)
        assert app.complete(CALLER, image_id).status is ImageStatus.PENDING

        app.settle(ImageRef(CALLER.user_id, image_id))

        assert app.complete(CALLER, image_id).status is ImageStatus.READY

    def test_an_upload_that_is_deleted_while_it_is_completed_is_not_found(self) -> None:
        acted = False

        def act(request: str) -> None:
            nonlocal acted
            if request.startswith("complete") and not acted:
                acted = True
                app.abort(CALLER, image_id)

        app = Application(before_request=act)
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)

        with pytest.raises(UploadNotFound):
            app.complete(CALLER, image_id)

    def test_what_was_given_up_cannot_be_completed(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)
        app.abort(CALLER, image_id)

        assert app.bytes.parts == {}
        for operation in (app.complete, app.abort, app.list_parts):
            with pytest.raises(UploadNotFound):
                operation(CALLER, image_id)

    def test_a_ready_image_is_no_upload_to_give_up(self, app: Application) -> None:
        ref = app.send()
        app.settle(ref)

        for image_id in (ref.image_id, app.upload(CALLER, JPEG).id):
            with pytest.raises(UploadNotFound):
                app.abort(CALLER, image_id)

    def test_after_a_day_no_more_parts_are_signed(self, app: Application) -> None:
        image_id = begin_large(app)
        app.clock.advance(timedelta(hours=24))

        with pytest.raises(UploadNotFound):
            app.sign_parts(CALLER, image_id, [1])

    @pytest.mark.parametrize("numbers", [[], [1] * (MAX_SIGNED_PARTS + 1)])
    def test_1_to_100_parts_are_signed_at_once(self, app: Application, numbers: list[int]) -> None:
        image_id = begin_large(app)

        assert len(app.sign_parts(CALLER, image_id, [1] * MAX_SIGNED_PARTS)) == MAX_SIGNED_PARTS
        with pytest.raises(InvalidRequest) as refusal:
            app.sign_parts(CALLER, image_id, numbers)
        [error] = refusal.value.errors
        assert (error.field, error.message) == ("part_numbers", "must name 1 to 100 parts")
        assert refusal.value.detail == "part_numbers must name 1 to 100 parts."

    @pytest.mark.parametrize("numbers", [[0], [4], [-1], [1, 2, 3, 4]])
    def test_other_parts_than_planned_are_refused(self, app: Application, numbers: list[int]) -> None:
        with pytest.raises(InvalidRequest):
            app.sign_parts(CALLER, begin_large(app), numbers)

    def test_operations_for_storage_are_signed(self, app: Application) -> None:
        image_id = begin_large(app)

        assert app.sign_operation(CALLER, image_id, MultipartOperation.LIST_PARTS).method == "GET"
        assert app.sign_operation(CALLER, image_id, MultipartOperation.COMPLETE).method == "POST"

    def test_what_is_no_id_is_not_looked_for(self) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)

        with pytest.raises(UploadNotFound):
            app.complete(CALLER, "unknown")
        assert requests == []

    @pytest.mark.parametrize("image_id", ["unknown", image_ref(7).image_id])
    def test_an_unknown_upload_is_not_found(self, app: Application, image_id: str) -> None:
        for operation in (app.complete, app.abort, app.list_parts):
            with pytest.raises(UploadNotFound):
                operation(CALLER, image_id)

    def test_another_users_upload_is_not_found(self, app: Application) -> None:
        image_id = begin_large(app)

        for operation in (app.complete, app.abort, app.list_parts):
            with pytest.raises(UploadNotFound):
                operation(OTHER, image_id)

    def test_a_form_has_no_parts(self, app: Application) -> None:
        created = app.announce()

        for operation in (app.complete, app.list_parts):
            with pytest.raises(
                UploadNotFound, match=r"^There is no unfinished upload for an image with this id\.$"
            ):
                operation(CALLER, created.image.id)

    def test_many_missing_parts_are_counted(self, app: Application) -> None:
        request = UploadRequest("image/tiff", 20 * PART, part_bytes=PART)
        created = app.create(CALLER, request)

        with pytest.raises(UploadIncomplete, match=r": 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10 more\.$"):
            app.complete(CALLER, created.image.id)

    def test_as_many_missing_parts_as_are_named_are_all_of_them(self, app: Application) -> None:
        request = UploadRequest("image/tiff", 10 * PART, part_bytes=PART)
        created = app.create(CALLER, request)

        with pytest.raises(UploadIncomplete, match=r": 1, 2, 3, 4, 5, 6, 7, 8, 9, 10\.$"):
            app.complete(CALLER, created.image.id)

    def test_an_upload_that_changes_all_the_time_can_be_given_up_later(self) -> None:
        def change(request: str) -> None:
            if request.startswith("remove"):
                app.edit(CALLER, created.image.id, {"title": "again"})

        app = Application(before_request=change)
        created = app.announce()

        with pytest.raises(ServiceUnavailable) as refusal:
            app.abort(CALLER, created.image.id)
        assert refusal.value.detail == "The upload keeps changing; please try again."
        assert refusal.value.retry_after_s == 1

    def test_an_upload_that_changes_once_is_given_up(self) -> None:
        changed = False

        def change(request: str) -> None:
            nonlocal changed
            if request.startswith("remove") and not changed:
                changed = True
                app.edit(CALLER, created.image.id, {"title": "once"})

        app = Application(before_request=change)
        created = app.announce()

        app.abort(CALLER, created.image.id)

        assert changed
        assert app.items() == ()

    def test_a_part_of_another_size_counts_as_missing(self) -> None:
        plan = MultipartPlan("id", PART)
        parts = [UploadedPart(1, PART, "a"), UploadedPart(2, PART - 1, "b"), UploadedPart(9, 1, "c")]

        assert missing_parts(plan, 3 * PART, parts) == [2, 3]


@given(size=st.integers(1, LIMITS.max_upload_bytes), wanted=st.none() | st.integers(0, 2 * MAX_PART_BYTES))
def test_planned_parts_make_up_the_whole_and_storage_accepts_them(size: int, wanted: int | None) -> None:
    try:
        plan = MultipartPlan("id", choose_part_bytes(LIMITS, size, wanted))
    except InvalidRequest:
        assert wanted is not None
        assert not LIMITS.min_part_bytes <= wanted <= MAX_PART_BYTES or wanted * LIMITS.max_parts < size
        return
    total = plan.part_count(size)
    last = plan.part_length(total, size)
    assert total <= LIMITS.max_parts
    assert LIMITS.min_part_bytes <= plan.part_bytes <= MAX_PART_BYTES
    assert (total - 1) * plan.part_bytes + last == size
    assert 1 <= last <= plan.part_bytes
