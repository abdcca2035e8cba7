"""Direct uploads and what becomes of them, on an in-memory store."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.errors import (
    ImageNotFound,
    ImageTooLarge,
    UnsupportedImageType,
    UploadIncomplete,
    UploadNotFound,
)
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits, ImageRef, ImageStatus, Original, Rejection
from domain.images.upload import (
    DEFAULT_PART_BYTES,
    MAX_MULTIPART_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    MIN_PART_BYTES,
    MultipartOperation,
    MultipartPlan,
    StoredPiece,
    UploadedPart,
    choose_part_bytes,
    missing_parts,
)
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.direct_upload import (
    MAX_SIGNED_PARTS,
    AbortUpload,
    CompleteUpload,
    CreatedUpload,
    CreateUpload,
    ListParts,
    SignMultipartOperation,
    SignParts,
    UploadRequest,
)
from domain.images.use_cases.ingest import IngestImage
from domain.images.use_cases.library import DeleteImage, GetImage, ListImages
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import ExtractedMetadata
from domain.shared.caller import Caller
from domain.shared.errors import DomainError, InvalidRequest, PermissionDenied, ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.fakes.image_store import InMemoryImageStore
from tests.support.fakes.upload_store import InMemoryUploadStore
from tests.support.samples import CALLER, NOW, extracted_metadata, image_ref, metadata_document

JPEG = b"\xff\xd8\xff\xe0 some pixels"
PART = MIN_PART_BYTES
LARGE = JPEG.ljust(2 * PART + 7, b"\0")
OTHER = Caller(user_id="another-user", username="another-user")


class Extractor:
    """Reads the same from every file, or fails."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.calls = 0

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        self.calls += 1
        if self.error:
            raise self.error
        return extracted_metadata(image_format)


class Application:
    def __init__(self, policy: UploadPolicy | None = None, limits: ImageLimits | None = None) -> None:
        limits = limits or ImageLimits(max_direct_upload_bytes=PART)
        numbers = count(1)
        self.images = InMemoryImageStore(lambda: NOW)
        self.uploads = InMemoryUploadStore(self.images, lambda: NOW)
        self.extractor = Extractor()
        minute = timedelta(minutes=1)
        self.create = CreateUpload(
            policy or UploadPolicy(),
            self.uploads,
            limits,
            lambda: NOW,
            lambda size: next(numbers).to_bytes(size, "big"),
            minute,
        )
        self.sign_parts = SignParts(self.uploads, minute)
        self.sign_multipart_operation = SignMultipartOperation(self.uploads, minute)
        self.list_parts = ListParts(self.uploads)
        self.complete = CompleteUpload(self.uploads, self.images)
        self.abort = AbortUpload(self.uploads, self.images)
        self.get = GetImage(self.images, self.uploads)
        self.list = ListImages(self.images)
        self.delete = DeleteImage(self.images)
        self.ingest = IngestImage(ImageInspector(self.extractor, limits), self.images, self.images, limits)

    def send(self, content: bytes = JPEG, **more: Any) -> ImageRef:
        """A form upload that has arrived and was not read yet."""
        created = self.create(CALLER, UploadRequest("image/jpeg", len(content), **more))
        assert created.form
        assert self.uploads.send_form(created.form, content)
        return ref_of(created)

    def send_parts(self, image_id: str, *numbers: int) -> None:
        for part in self.sign_parts(CALLER, image_id, numbers):
            at = (part.number - 1) * PART
            assert self.uploads.send_part(part.request, LARGE[at : at + part.size_bytes])


@pytest.fixture
def app() -> Application:
    return Application()


def ref_of(created: CreatedUpload) -> ImageRef:
    return ImageRef(CALLER.user_id, created.image.id)


def begin_large(app: Application, **more: Any) -> str:
    created = app.create(CALLER, UploadRequest("image/jpeg", len(LARGE), part_bytes=PART, **more))
    assert created.multipart
    return created.multipart.image_id


class TestCreate:
    def test_a_small_file_gets_a_form(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpg", len(JPEG), filename="C:\\a.jpg"))

        assert created.form
        assert created.multipart is None
        image = created.image
        assert (image.status, image.content_type, image.size_bytes, image.filename) == (
            ImageStatus.PENDING,
            "image/jpeg",
            len(JPEG),
            "a.jpg",
        )
        assert app.get(CALLER, image.id) == image
        assert app.list(CALLER, limit=10).items == ()

    @pytest.mark.parametrize(("size", "wanted"), [(PART + 1, False), (5, True)])
    def test_a_large_file_or_one_for_which_it_is_wanted_is_sent_in_parts(
        self, app: Application, size: int, wanted: bool
    ) -> None:
        created = app.create(CALLER, UploadRequest("image/tiff", size, multipart=wanted))

        assert created.form is None
        assert created.multipart
        assert created.multipart.plan.part_bytes == DEFAULT_PART_BYTES
        assert created.multipart.expires_at - NOW == timedelta(hours=24) - timedelta(
            microseconds=NOW.microsecond % 1000
        )

    @pytest.mark.parametrize("content_type", ["", "text/html", "image/svg+xml"])
    def test_a_declared_type_that_is_not_allowed_is_refused(
        self, app: Application, content_type: str
    ) -> None:
        with pytest.raises(UnsupportedImageType, match="image/avif, image/gif"):
            app.create(CALLER, UploadRequest(content_type, 5))

    def test_a_file_above_all_limits_is_refused(self) -> None:
        limits = ImageLimits(max_direct_upload_bytes=5, max_multipart_upload_bytes=50)

        with pytest.raises(ImageTooLarge, match="at most 50"):
            Application(limits=limits).create(CALLER, UploadRequest("image/png", 51))

    @pytest.mark.parametrize("wrong", [{"sha256": "x"}, {"filename": "a" * 256}])
    def test_a_malformed_declaration_is_refused(self, app: Application, wrong: dict[str, str]) -> None:
        with pytest.raises(InvalidRequest):
            app.create(CALLER, UploadRequest("image/png", 5, **wrong))  # type: ignore[arg-type]
        assert app.images.announcements == {}

    def test_a_missing_permission_is_named(self) -> None:
        with pytest.raises(PermissionDenied, match="images:upload"):
            Application(UploadPolicy(requires_permission=True)).create(
                CALLER, UploadRequest("image/png", 5)
            )


class TestParts:
    def test_parts_that_are_missing_are_named_and_can_still_be_sent(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 3, 1)

        multipart, parts = app.list_parts(CALLER, image_id)
        assert [(part.number, part.size_bytes) for part in parts] == [(1, PART), (3, 7)]
        assert multipart.plan.part_count(multipart.upload.size_bytes) == 3
        with pytest.raises(UploadIncomplete, match=r"planned: 2\."):
            app.complete(CALLER, image_id)

        app.send_parts(image_id, 2)
        image = app.complete(CALLER, image_id)
        assert (image.status, image.size_bytes) == (ImageStatus.PENDING, len(LARGE))
        assert app.images.incoming[ImageRef(CALLER.user_id, image_id)][0] == LARGE

    def test_completing_can_be_repeated(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)
        app.complete(CALLER, image_id)
        assert app.complete(CALLER, image_id).status is ImageStatus.PENDING

        app.ingest(ImageRef(CALLER.user_id, image_id))

        assert app.complete(CALLER, image_id).status is ImageStatus.READY

    def test_what_was_given_up_cannot_be_completed(self, app: Application) -> None:
        image_id = begin_large(app)
        app.send_parts(image_id, 1, 2, 3)
        app.abort(CALLER, image_id)

        for operation in (app.complete, app.abort, app.list_parts):
            with pytest.raises(UploadNotFound):
                operation(CALLER, image_id)

    @pytest.mark.parametrize(
        "numbers", [[0], [4], [-1], [1, 2, 3, 4], [], list(range(MAX_SIGNED_PARTS + 1))]
    )
    def test_other_parts_than_planned_are_refused(self, app: Application, numbers: list[int]) -> None:
        with pytest.raises(InvalidRequest):
            app.sign_parts(CALLER, begin_large(app), numbers)

    def test_operations_for_storage_are_signed(self, app: Application) -> None:
        image_id = begin_large(app)

        assert app.sign_multipart_operation(CALLER, image_id, MultipartOperation.LIST_PARTS).method == "GET"
        assert app.sign_multipart_operation(CALLER, image_id, MultipartOperation.COMPLETE).method == "POST"

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
        created = app.create(CALLER, UploadRequest("image/jpeg", 5))

        with pytest.raises(UploadNotFound):
            app.list_parts(CALLER, created.image.id)

    def test_many_missing_parts_are_counted(self, app: Application) -> None:
        request = UploadRequest("image/tiff", 20 * PART, part_bytes=PART)
        created = app.create(CALLER, request)

        with pytest.raises(UploadIncomplete, match="9, 10 and 10 more"):
            app.complete(CALLER, created.image.id)

    @given(size=st.integers(1, MAX_MULTIPART_BYTES), wanted=st.none() | st.integers(0, 2 * MAX_PART_BYTES))
    def test_planned_parts_make_up_the_whole_and_storage_takes_them(
        self, size: int, wanted: int | None
    ) -> None:
        try:
            plan = MultipartPlan("id", choose_part_bytes(size, wanted))
        except InvalidRequest:
            assert wanted is not None
            assert not MIN_PART_BYTES <= wanted <= MAX_PART_BYTES
            return
        total = plan.part_count(size)
        last = plan.part_length(total, size)
        assert total <= MAX_PARTS
        assert MIN_PART_BYTES <= plan.part_bytes <= MAX_PART_BYTES
        assert (total - 1) * plan.part_bytes + last == size
        assert 1 <= last <= plan.part_bytes

    def test_a_part_of_another_size_counts_as_missing(self) -> None:
        plan = MultipartPlan("id", PART)
        parts = [UploadedPart(1, PART, "a"), UploadedPart(2, PART - 1, "b"), UploadedPart(9, 1, "c")]

        assert missing_parts(plan, 3 * PART, parts) == [2, 3]


class TestIngest:
    def test_what_arrived_becomes_a_ready_image(self, app: Application) -> None:
        sha256 = hashlib.sha256(JPEG).hexdigest()
        ref = app.send(sha256=sha256, filename="a.jpg")
        assert app.get(CALLER, ref.image_id).status is ImageStatus.PENDING

        app.ingest(ref)

        image = app.get(CALLER, ref.image_id)
        assert (image.status, image.sha256, image.filename) == (ImageStatus.READY, sha256, "a.jpg")
        assert app.images.parts(ref) == {StoredPiece.ORIGINAL, StoredPiece.METADATA}
        assert app.images.originals[ref][0] == JPEG

    def test_reading_again_changes_nothing(self, app: Application) -> None:
        ref = app.send()
        app.ingest(ref)
        before = app.get(CALLER, ref.image_id)

        app.ingest(ref)

        assert app.get(CALLER, ref.image_id) == before
        assert app.extractor.calls == 1

    @pytest.mark.parametrize(
        ("content", "error", "code"),
        [
            (b"<html>", None, "unsupported-image-type"),
            (JPEG, UnreadableImage("-"), "unreadable-image"),
            (JPEG, ImageDimensionsExceeded("-"), "image-dimensions-exceeded"),
        ],
    )
    def test_what_is_refused_leaves_the_reason_only(
        self, app: Application, content: bytes, error: DomainError | None, code: str
    ) -> None:
        app.extractor.error = error
        ref = app.send(content)

        app.ingest(ref)

        rejection = app.get(CALLER, ref.image_id).rejection
        assert rejection
        assert rejection.code == code
        assert app.images.parts(ref) == {StoredPiece.REJECTION}

    def test_most_of_what_is_refused_is_not_read_whole(self, app: Application) -> None:
        app.ingest(app.send(b"<html>"))

        assert app.extractor.calls == 0

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"declared_sha256": hashlib.sha256(b"other").hexdigest()}, "checksum-mismatch"),
            ({"declared_size_bytes": len(JPEG) + 1}, "upload-incomplete"),
            ({"size_bytes": MAX_MULTIPART_BYTES + 1}, "image-too-large"),
        ],
    )
    def test_what_is_not_as_declared_is_refused(
        self, app: Application, change: dict[str, Any], code: str
    ) -> None:
        ref = app.send()
        content, incoming = app.images.incoming[ref]
        app.images.incoming[ref] = content, replace(incoming, **change)

        app.ingest(ref)

        rejection = app.get(CALLER, ref.image_id).rejection
        assert rejection
        assert rejection.code == code

    @pytest.mark.parametrize("error", [ServiceUnavailable("-"), OSError("no space left"), MemoryError()])
    def test_a_failure_that_is_not_the_images_fault_leaves_it_pending(
        self, app: Application, error: Exception
    ) -> None:
        ref = app.send()
        before = app.images.incoming[ref]
        app.extractor.error = error

        with pytest.raises(type(error)):
            app.ingest(ref)

        assert app.get(CALLER, ref.image_id).status is ImageStatus.PENDING
        assert app.images.incoming[ref] == before
        app.extractor.error = None
        app.ingest(ref)
        assert app.get(CALLER, ref.image_id).status is ImageStatus.READY

    def test_an_original_whose_document_was_never_written_gets_one(self, app: Application) -> None:
        app.images.save_original(image_ref(), JPEG, Original(ImageFormat.JPEG, len(JPEG)))

        app.ingest(image_ref())

        assert app.get(CALLER, image_ref().image_id).status is ImageStatus.READY

    def test_an_original_that_is_no_longer_acceptable_is_rejected(self, app: Application) -> None:
        app.images.save_original(image_ref(), JPEG, Original(ImageFormat.JPEG, len(JPEG)))
        app.extractor.error = UnreadableImage("-")

        app.ingest(image_ref())

        assert app.images.parts(image_ref()) == {StoredPiece.REJECTION}

    def test_a_document_without_an_original_goes(self, app: Application) -> None:
        app.images.save_metadata(image_ref(), metadata_document())

        app.ingest(image_ref())

        assert app.images.parts(image_ref()) == frozenset()

    def test_what_a_rejection_left_goes(self, app: Application) -> None:
        app.images.save_rejection(image_ref(), Rejection(code="unreadable-image", detail="-"))
        app.images.save_original(image_ref(), JPEG, Original(ImageFormat.JPEG, len(JPEG)))

        app.ingest(image_ref())

        assert app.images.parts(image_ref()) == {StoredPiece.REJECTION}

    def test_what_arrives_after_the_deletion_goes(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpeg", len(JPEG)))
        app.delete(CALLER, created.image.id)
        assert created.form
        app.uploads.send_form(created.form, JPEG)

        app.ingest(ref_of(created))

        assert app.images.parts(ref_of(created)) == {StoredPiece.WITHDRAWAL}
        with pytest.raises(ImageNotFound):
            app.get(CALLER, created.image.id)

    def test_an_announcement_alone_stays(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpeg", len(JPEG)))

        app.ingest(ref_of(created))

        assert app.get(CALLER, created.image.id) == created.image

    def test_an_image_that_never_comes_to_rest_is_tried_again_later(self, app: Application) -> None:
        ref = app.send()

        def refuse(*_: object) -> bool:
            return False

        app.images.accept = refuse  # type: ignore[method-assign]
        with pytest.raises(ServiceUnavailable):
            app.ingest(ref)

    @pytest.mark.parametrize("gone", [StoredPiece.ORIGINAL, StoredPiece.INCOMING])
    def test_bytes_that_go_while_they_are_read_are_nobodys_fault(
        self, app: Application, gone: StoredPiece
    ) -> None:
        ref = app.send()
        if gone is StoredPiece.ORIGINAL:
            app.images.save_original(ref, JPEG, Original(ImageFormat.JPEG, len(JPEG)))
        parts = app.images.parts
        calls = count()

        def parts_before_it_went(ref: ImageRef) -> frozenset[StoredPiece]:
            found = parts(ref)
            if next(calls) == 0:
                app.images.remove(ref, {StoredPiece.INCOMING, gone})
            return found

        app.images.parts = parts_before_it_went  # type: ignore[method-assign]

        app.ingest(ref)

        assert parts(ref) == {StoredPiece.ANNOUNCEMENT}

    def test_bytes_that_are_replaced_while_they_are_read_are_read_again(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpeg", len(JPEG)))
        form = created.form
        assert form
        app.uploads.send_form(form, b"<html></html>".ljust(len(JPEG)))
        read_header = app.images.read_header

        def read_header_of_old_bytes(*arguments: Any) -> bytes:
            header = read_header(*arguments)
            app.uploads.send_form(form, JPEG)
            app.images.read_header = read_header  # type: ignore[method-assign]
            return header

        app.images.read_header = read_header_of_old_bytes  # type: ignore[method-assign]

        app.ingest(ref_of(created))

        assert app.get(CALLER, created.image.id).status is ImageStatus.READY

    def test_bytes_that_are_replaced_before_they_are_opened_are_read_again(self, app: Application) -> None:
        created = app.create(CALLER, UploadRequest("image/jpeg", len(JPEG)))
        form = created.form
        assert form
        app.uploads.send_form(form, JPEG[::-1][:-3].rjust(len(JPEG), b"\xff"))
        app.uploads.send_form(form, JPEG[:-1] + b"!")
        open_incoming = app.images.open_incoming

        def open_old_bytes(*arguments: Any) -> Any:
            app.images.open_incoming = open_incoming  # type: ignore[method-assign]
            app.uploads.send_form(form, JPEG)
            return open_incoming(*arguments)

        app.images.open_incoming = open_old_bytes  # type: ignore[method-assign]

        app.ingest(ref_of(created))

        assert app.images.originals[ref_of(created)][0] == JPEG
