"""How images come to rest, whatever has happened to them, on stores in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.images.acceptance import DuplicatePolicy
from domain.images.errors import DuplicateImage, ImageNotFound
from domain.images.ids import created_at
from domain.images.model import ImageLimits, ImageRef, ImageStatus, Rejection
from domain.images.record import BytesClaim
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.renditions.model import DEFAULT_RENDITIONS
from domain.shared.errors import DomainError, ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.application import JPEG, LARGE, MINUTE, PART, Application, ref_of, sha256_of
from tests.support.samples import CALLER, image_ref

OTHER_JPEG = JPEG[:-1] + b"!"
DAY = timedelta(days=1)


@pytest.fixture
def app() -> Application:
    return Application()


def rejection_of(app: Application, ref: ImageRef) -> Rejection:
    rejection = app.get(CALLER, ref.image_id).image.rejection
    assert rejection
    return rejection


def code_of(app: Application, ref: ImageRef) -> str:
    return rejection_of(app, ref).code


def test_what_arrived_becomes_a_ready_image() -> None:
    requests: list[str] = []
    app = Application(before_request=requests.append)
    ref = app.send(sha256=sha256_of(JPEG), filename="a.jpg")
    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.PENDING
    requests.clear()

    app.settle(ref)

    assert requests.count(f"find {ref.image_id}") == 1, "it was settled at once"
    image = app.get(CALLER, ref.image_id).image
    assert (image.status, image.sha256, image.filename) == (ImageStatus.READY, sha256_of(JPEG), "a.jpg")
    assert app.bytes.originals[ref] == (ImageFormat.JPEG, JPEG)
    assert app.bytes.filenames[ref] == "a.jpg"
    assert app.bytes.incoming == {}


def test_the_format_is_what_the_bytes_say(app: Application) -> None:
    content = b"\x89PNG\r\n\x1a\n some pixels"
    ref = app.send(content)

    app.settle(ref)

    assert app.get(CALLER, ref.image_id).image.content_type == "image/png"


def test_the_record_knows_which_of_the_bytes_that_came_in_are_the_image(app: Application) -> None:
    ref = app.send()
    with app.incoming.open(ref, 1) as opened:
        assert opened
        app.settle(ref)

        claim = app.memory_records.records[ref].claim
        assert claim == BytesClaim(opened.etag, sha256_of(JPEG), ImageFormat.JPEG)


def test_settling_again_changes_nothing(app: Application) -> None:
    ref = app.send()
    app.settle(ref)
    before = app.get(CALLER, ref.image_id)

    app.settle(ref)

    assert app.get(CALLER, ref.image_id) == before
    assert app.extractor.calls == 1


def test_settling_what_is_at_rest_or_may_still_arrive_changes_nothing(app: Application) -> None:
    small = app.upload(CALLER, JPEG)
    expected = ref_of(app.announce())

    for image_id in (small.id, expected.image_id):
        before = app.get(CALLER, image_id)
        app.settle(ImageRef(CALLER.user_id, image_id))
        assert app.get(CALLER, image_id) == before


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (b"<html>", None, "unsupported-image-type"),
        (JPEG, UnreadableImage("-"), "unreadable-image"),
        (JPEG, ImageDimensionsExceeded("-"), "image-dimensions-exceeded"),
    ],
)
def test_what_is_refused_leaves_the_reason_only(
    content: bytes, error: DomainError | None, code: str
) -> None:
    requests: list[str] = []
    app = Application(before_request=requests.append)
    app.extractor.error = error
    ref = app.send(content)

    app.settle(ref)

    assert requests.count(f"find {ref.image_id}") == 1, "it was settled at once"
    assert code_of(app, ref) == code
    assert app.bytes.refs == set()
    assert app.usage(CALLER)[0].images == 0


def test_most_of_what_is_refused_is_not_read_whole(app: Application) -> None:
    app.settle(app.send(b"<html>"))

    assert app.extractor.calls == 0


def test_other_bytes_than_announced_are_refused(app: Application) -> None:
    ref = app.send(sha256=sha256_of(JPEG))
    app.bytes.incoming[ref] = OTHER_JPEG

    app.settle(ref)

    assert rejection_of(app, ref) == Rejection(
        code="checksum-mismatch",
        detail="The uploaded bytes do not have the declared SHA-256 checksum.",
    )


def test_another_size_than_announced_is_refused(app: Application) -> None:
    ref = app.send()
    app.bytes.incoming[ref] += b"!"

    app.settle(ref)

    assert rejection_of(app, ref) == Rejection(
        code="upload-incomplete",
        detail=f"The upload has {len(JPEG) + 1} bytes; {len(JPEG)} were declared.",
    )


@pytest.mark.parametrize(("limit", "status"), [(len(JPEG) - 1, "rejected"), (len(JPEG), "ready")])
def test_what_is_above_a_limit_that_was_lowered_since_is_refused(limit: int, status: str) -> None:
    app = Application()
    ref = app.send()
    limits = ImageLimits(
        max_small_upload_bytes=limit, max_direct_upload_bytes=limit, max_multipart_upload_bytes=limit
    )

    replace(app.settle, limits=limits)(ref)

    assert app.get(CALLER, ref.image_id).image.status.value == status
    if status == "rejected":
        assert rejection_of(app, ref) == Rejection(
            code="image-too-large",
            detail=f"The image has {len(JPEG)} bytes; it may have at most {limit}.",
        )


@pytest.mark.parametrize("error", [ServiceUnavailable("-"), OSError("no space left"), MemoryError()])
def test_a_failure_that_is_not_the_images_fault_leaves_it_pending(
    app: Application, error: Exception
) -> None:
    ref = app.send()
    app.extractor.error = error

    with pytest.raises(type(error)):
        app.settle(ref)

    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.PENDING
    assert app.bytes.incoming[ref] == JPEG
    app.extractor.error = None
    app.settle(ref)
    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.READY


def test_what_arrives_after_the_deletion_goes(app: Application) -> None:
    created = app.announce()
    app.delete.delete_one(CALLER, created.image.id)
    assert created.form
    app.incoming.send_form(created.form, JPEG)

    app.settle(ref_of(created))

    assert app.bytes.refs == set()
    with pytest.raises(ImageNotFound):
        app.get(CALLER, created.image.id)


def test_what_never_had_a_record_goes(app: Application) -> None:
    app.bytes.incoming[image_ref()] = JPEG

    app.settle(image_ref())

    assert app.bytes.refs == set()


def test_what_arrives_after_the_image_became_ready_or_was_rejected_goes(app: Application) -> None:
    ready, rejected = app.send(), app.send(b"<html>")
    app.settle(ready)
    app.settle(rejected)
    app.bytes.incoming |= {ready: OTHER_JPEG, rejected: JPEG}

    app.settle(ready)
    app.settle(rejected)

    assert app.bytes.incoming == {}
    assert app.bytes.originals == {ready: (ImageFormat.JPEG, JPEG)}


def test_bytes_that_have_not_arrived_are_waited_for_until_after_the_link_has_expired(
    app: Application,
) -> None:
    created = app.announce()
    app.clock.advance(30 * MINUTE - timedelta(seconds=1))
    app.run_due_work()
    assert app.items()[0].status is ImageStatus.PENDING

    app.clock.advance(timedelta(seconds=1))
    app.run_due_work()

    assert rejection_of(app, ref_of(created)) == Rejection(
        code="upload-expired", detail="The bytes of the image did not arrive in time."
    )


@pytest.mark.parametrize("sha256", [None, sha256_of(LARGE)])
def test_the_checksum_of_an_upload_in_parts_is_that_of_the_whole(
    app: Application, sha256: str | None
) -> None:
    ref = ref_of(app.announce(LARGE, part_bytes=PART, sha256=sha256))
    app.send_parts(ref.image_id, 1, 2, 3)
    app.complete(CALLER, ref.image_id)

    app.settle(ref)

    assert app.get(CALLER, ref.image_id).image.sha256 == sha256_of(LARGE)


def test_bytes_that_arrived_in_time_are_read_however_late(app: Application) -> None:
    ref = app.send()
    app.clock.advance(DAY)

    app.run_due_work()

    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.READY


def test_an_upload_in_parts_is_given_up_after_a_day(app: Application) -> None:
    created = app.announce(LARGE, part_bytes=PART)
    app.send_parts(created.image.id, 1)
    app.clock.advance(DAY)

    app.run_due_work()

    assert code_of(app, ref_of(created)) == "upload-expired"
    assert app.bytes.parts == {}


@pytest.mark.parametrize(
    ("died_at", "stays"), [("put original", False), ("put document", True), ("save", True)]
)
def test_a_small_upload_that_died_is_finished_or_forgotten(died_at: str, stays: bool) -> None:
    alive = True

    def die(request: str) -> None:
        if alive and request.startswith(died_at):
            raise ServiceUnavailable("-")

    app = Application(before_request=die)
    with pytest.raises(ServiceUnavailable):
        app.upload(CALLER, JPEG, idempotency_key="key")
    alive = False
    app.run_due_work()
    assert app.items()[0].status is ImageStatus.PENDING

    app.clock.advance(MINUTE)
    app.run_due_work()

    assert [image.status for image in app.items()] == ([ImageStatus.READY] if stays else [])
    assert app.upload(CALLER, JPEG, idempotency_key="key").status is ImageStatus.READY
    assert len(app.items()) == 1


def test_a_small_upload_that_is_under_way_is_left_alone(app: Application) -> None:
    seen: list[ImageStatus] = []

    def settle(request: str) -> None:
        if request.startswith("put document"):
            ref = next(iter(app.bytes.originals))
            app.settle(ref)
            seen.append(app.items()[0].status)

    app = Application(before_request=settle)

    assert app.upload(CALLER, JPEG).status is ImageStatus.READY
    assert seen == [ImageStatus.PENDING]


@pytest.mark.parametrize("duplicates", DuplicatePolicy)
def test_a_small_upload_that_is_no_longer_acceptable_is_forgotten(duplicates: DuplicatePolicy) -> None:
    alive = True

    def die(request: str) -> None:
        if alive and request.startswith("put document"):
            raise ServiceUnavailable("-")

    app = Application(before_request=die, duplicates=duplicates)
    with pytest.raises(ServiceUnavailable):
        app.upload(CALLER, JPEG, idempotency_key="key")
    alive = False
    if duplicates is DuplicatePolicy.REJECT:
        kept = [app.upload(CALLER, JPEG).id]
    else:
        kept = []
        app.extractor.error = UnreadableImage("-")
    app.clock.advance(MINUTE)

    app.run_due_work()

    assert [image.id for image in app.items()] == kept
    assert {ref.image_id for ref in app.bytes.refs} == set(kept)
    with pytest.raises(UnreadableImage if app.extractor.error else DuplicateImage):
        app.upload(CALLER, JPEG, idempotency_key="key")


class TestRefused:
    """What was sent of a refused image is removed, also where storage fails just then."""

    @pytest.fixture
    def failing(self) -> list[str]:
        return []

    @pytest.fixture
    def app(self, failing: list[str]) -> Application:
        def fail(request: str) -> None:
            if failing and request.startswith(failing[0]):
                raise ServiceUnavailable(failing.pop())

        return Application(before_request=fail, duplicates=DuplicatePolicy.REJECT)

    @pytest.mark.parametrize("content", [JPEG, b"<html></html>"], ids=["duplicate", "no image"])
    def test_its_bytes(self, app: Application, failing: list[str], content: bytes) -> None:
        app.upload(CALLER, JPEG)
        kept = app.bytes.refs
        ref = app.send(content)
        failing.append("remove")

        with pytest.raises(ServiceUnavailable):
            app.settle(ref)
        assert app.bytes.refs != kept
        app.settle(ref)

        assert app.bytes.refs == kept
        assert app.get(CALLER, ref.image_id).image.status is ImageStatus.REJECTED

    def test_its_parts(self, app: Application, failing: list[str]) -> None:
        created = app.announce(LARGE, part_bytes=PART)
        app.send_parts(created.image.id, 1)
        app.clock.advance(DAY)
        failing.append("abort")

        with pytest.raises(ServiceUnavailable):
            app.settle(ref_of(created))
        assert app.bytes.parts
        app.settle(ref_of(created))

        assert app.bytes.parts == {}


class TestClaims:
    """Of the bytes that come in, those that were claimed are the image."""

    def claimed(self, app: Application, content: bytes = JPEG) -> ImageRef:
        """An image whose bytes were claimed by a function that died then."""
        ref = app.send(content)
        record = app.memory_records.records[ref]
        claim = BytesClaim("an earlier tag", sha256_of(content), ImageFormat.JPEG)
        app.records.save(record, record.claim_bytes(claim))
        return ref

    def test_the_claimed_bytes_are_accepted_under_whatever_tag_they_have_now(
        self, app: Application
    ) -> None:
        ref = self.claimed(app)

        app.settle(ref)

        assert app.get(CALLER, ref.image_id).image.sha256 == sha256_of(JPEG)

    @pytest.mark.parametrize("later", [None, OTHER_JPEG, b"<html>"])
    def test_an_original_that_was_copied_before_is_the_image(self, later: bytes | None) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)
        ref = self.claimed(app)
        app.bytes.originals[ref] = ImageFormat.JPEG, app.bytes.incoming.pop(ref)
        if later:
            app.bytes.incoming[ref] = later
        requests.clear()

        app.settle(ref)

        assert requests.count(f"find {ref.image_id}") == 1, "it was settled at once"
        image = app.get(CALLER, ref.image_id).image
        assert (image.status, image.sha256) == (ImageStatus.READY, sha256_of(JPEG))
        assert app.bytes.incoming == {}

    @pytest.mark.parametrize("later", [None, OTHER_JPEG, b"<html>"])
    def test_claimed_bytes_that_are_gone_are_not_replaced_by_others(self, later: bytes | None) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)
        ref = self.claimed(app)
        del app.bytes.incoming[ref]
        if later:
            app.bytes.incoming[ref] = later
        requests.clear()

        app.settle(ref)

        assert requests.count(f"find {ref.image_id}") == 1, "it was settled at once"
        assert rejection_of(app, ref) == Rejection(
            code="upload-overwritten", detail="The bytes were replaced while they were being read."
        )
        assert app.bytes.refs == set()

    @pytest.mark.parametrize(("later", "status"), [(OTHER_JPEG, "rejected"), (JPEG, "ready")])
    def test_bytes_that_are_replaced_before_they_are_copied(self, later: bytes, status: str) -> None:
        replaced = False

        def replace_bytes(request: str) -> None:
            nonlocal replaced
            if request.startswith("copy") and not replaced:
                replaced = True
                app.bytes.incoming[ref] = later

        app = Application(before_request=replace_bytes)
        ref = app.send()

        app.settle(ref)

        assert app.get(CALLER, ref.image_id).image.status.value == status


def test_an_image_that_another_settles_at_the_same_time_is_settled_once() -> None:
    nested = False

    def settle(request: str) -> None:
        nonlocal nested
        if request.startswith("save") and not nested:
            nested = True
            app.settle(ref)

    app = Application(before_request=settle)
    ref = app.send()

    app.settle(ref)

    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.READY
    assert app.usage(CALLER)[0].images == 1


def test_an_image_that_keeps_changing_is_settled_later() -> None:
    def change(request: str) -> None:
        if request.startswith("save") and not request.endswith("edited"):
            record = app.memory_records.records[ref]
            app.memory_records.records[ref] = replace(record, version=record.version + 1)

    app = Application(before_request=change)
    ref = app.send()

    with pytest.raises(ServiceUnavailable, match=r"^The image keeps changing while it is settled\.$"):
        app.settle(ref)


def test_a_duplicate_that_came_straight_to_storage_is_rejected_where_they_are() -> None:
    app = Application(duplicates=DuplicatePolicy.REJECT)
    first = app.upload(CALLER, JPEG)
    ref = app.send()

    app.settle(ref)

    image = app.get(CALLER, ref.image_id).image
    assert (code_of(app, ref), image.duplicate_of) == ("duplicate-image", first.id)
    assert set(app.bytes.originals) == {ImageRef(CALLER.user_id, first.id)}


def test_nothing_becomes_ready_once_the_account_is_being_deleted(app: Application) -> None:
    ref = app.send()
    app.close_account.begin_deletion(CALLER.user_id)

    app.settle(ref)

    assert app.bytes.originals == {}
    app.run_due_work()
    assert app.memory_records.records == {}


class TestTombstones:
    def test_renditions_that_a_deletion_left_go(self) -> None:
        def die(_: str) -> None:
            raise ServiceUnavailable("-")

        app = Application(renditions=DEFAULT_RENDITIONS)
        ref = ImageRef(CALLER.user_id, app.upload(CALLER, JPEG).id)
        app.render(ref)
        app.bytes.before_request = die
        app.delete.delete_one(CALLER, ref.image_id)
        assert app.bytes.renditions
        app.bytes.before_request = lambda _: None

        app.settle(ref)

        assert app.bytes.renditions == {}

    def test_a_tombstone_is_looked_at_until_nobody_can_be_writing_any_more(self, app: Application) -> None:
        ref = app.send()
        app.settle(ref)
        app.delete.delete_one(CALLER, ref.image_id)
        app.bytes.originals[ref] = ImageFormat.JPEG, JPEG

        app.settle(ref)
        assert app.bytes.refs == set()
        app.bytes.originals[ref] = ImageFormat.JPEG, JPEG
        app.clock.advance(15 * MINUTE)
        app.run_due_work()

        assert app.bytes.refs == set()
        app.clock.advance(DAY)
        assert app.queue_due().count == 0

    def test_parts_that_a_deletion_left_are_ended(self) -> None:
        alive = True

        def die(request: str) -> None:
            if alive and request.startswith("abort parts"):
                raise ServiceUnavailable("-")

        app = Application(before_request=die)
        created = app.announce(LARGE, part_bytes=PART)
        app.send_parts(created.image.id, 1)
        app.abort(CALLER, created.image.id)
        assert app.bytes.parts
        alive = False

        app.settle(ref_of(created))

        assert app.bytes.parts == {}


def test_the_time_of_an_image_is_that_of_its_announcement(app: Application) -> None:
    ref = app.send()
    announced_at = app.clock()
    app.clock.advance(DAY)
    app.settle(ref)

    assert app.get(CALLER, ref.image_id).image.created_at == announced_at == created_at(ref.image_id)
