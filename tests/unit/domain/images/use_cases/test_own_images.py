"""What users do with their images, on stores in memory."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.account import Quotas, Usage
from domain.images.errors import (
    EditConflict,
    ImageNotFound,
    ImageNotReady,
    InvalidCursor,
    RenditionNotFound,
)
from domain.images.model import ImageRef, ImageStatus, Rejection, RenditionsError
from domain.images.query import ImageQuery, ImageSort
from domain.images.use_cases.own_images import MAX_DELETED_AT_ONCE
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import Tags
from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import DEFAULT_RENDITIONS, RenditionSpec
from domain.shared.caller import Caller
from domain.shared.errors import InvalidRequest, ServiceUnavailable
from tests.support.application import JPEG, MINUTE, Application, ref_of, sha256_of
from tests.support.samples import CALLER, NOW, extracted_metadata, image_ref

OTHER = Caller(user_id="another-user", username="another-user")
ALL = ImageQuery()


@pytest.fixture
def app() -> Application:
    return Application()


class TestList:
    def test_pages_lead_to_each_other(self, app: Application) -> None:
        uploaded = {app.upload(CALLER, JPEG).id for _ in range(3)}

        first = app.list(CALLER, ALL, limit=2)
        last = app.list(CALLER, ALL, limit=2, cursor=first.next_cursor)

        assert (len(first.items), len(last.items)) == (2, 1)
        assert {image.id for image in first.items + last.items} == uploaded
        assert last.next_cursor is None

    @pytest.mark.parametrize("time", ["2024-05-01T10:00:00.250", "2024-05-01", None])
    def test_pages_in_the_order_of_capture_lead_to_each_other(self, time: str | None) -> None:
        app = Application()
        exif: Tags = {"DateTimeOriginal": time.replace("T", " ")} if time else {}
        app.extractor.others = lambda _: extracted_metadata().model_copy(update={"exif": exif})
        uploaded = {app.upload(CALLER, JPEG).id for _ in range(2)}
        query = ImageQuery(sort=ImageSort.FIRST_CAPTURED)

        first = app.list(CALLER, query, limit=1)
        last = app.list(CALLER, query, limit=1, cursor=first.next_cursor)

        assert {image.id for image in first.items + last.items} == uploaded
        assert [image.captured_at for image in first.items] == [time]

    def test_items_are_whole_but_for_the_document_and_links(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG, filename="a.jpg")

        [item] = app.items()

        assert item == image.model_copy(
            update={"metadata": None, "content_url": None, "urls_expire_at": None}
        )
        assert item.summary
        assert item.summary["camera_make"] == "Canon"

    def test_items_have_the_thumbnail_alone(self) -> None:
        app = Application(renditions=(RenditionSpec("small", 64), *DEFAULT_RENDITIONS))
        app.render(ImageRef(CALLER.user_id, app.upload(CALLER, JPEG).id))

        [item] = app.items()

        assert item.renditions
        [rendition] = item.renditions
        assert (rendition.name, rendition.width, rendition.height) == ("thumbnail", 320, 240)
        assert rendition.content_type == "image/webp"
        assert item.content_url is None
        assert item.urls_expire_at == (NOW + MINUTE).replace(microsecond=0)

    def test_without_a_thumbnail_items_have_the_smallest_rendition(self) -> None:
        app = Application(renditions=(RenditionSpec("large", 640), RenditionSpec("small", 64)))
        app.render(ImageRef(CALLER.user_id, app.upload(CALLER, JPEG).id))

        [item] = app.items()

        assert item.renditions
        assert [rendition.name for rendition in item.renditions] == ["small"]

    @pytest.mark.parametrize("limit", [0, 101, -1])
    def test_a_page_has_1_to_100_images(self, app: Application, limit: int) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            app.list(CALLER, ALL, limit=limit)
        [error] = refusal.value.errors
        assert (error.field, error.message) == ("limit", "must be from 1 to 100")
        assert refusal.value.detail == "limit must be from 1 to 100."

    def test_a_page_of_100_images_can_be_asked_for(self, app: Application) -> None:
        assert app.list(CALLER, ALL, limit=100).items == ()

    @pytest.mark.parametrize(
        "other", [ImageQuery(sort=ImageSort.OLDEST), ImageQuery(filename="a"), ImageQuery(created_from=NOW)]
    )
    def test_a_cursor_of_another_query_is_refused(self, app: Application, other: ImageQuery) -> None:
        for _ in range(2):
            app.upload(CALLER, JPEG)
        cursor = app.list(CALLER, ALL, limit=1).next_cursor

        with pytest.raises(
            InvalidCursor, match=r"^cursor must be the next_cursor of a page of the same query\.$"
        ):
            app.list(CALLER, other, limit=1, cursor=cursor)

    def test_another_users_cursor_shows_nothing_of_theirs(self, app: Application) -> None:
        for _ in range(2):
            app.upload(CALLER, JPEG)
        cursor = app.list(CALLER, ALL, limit=1).next_cursor

        assert app.list(OTHER, ALL, limit=10, cursor=cursor).items == ()


READS = ["get", "get_metadata", "get_link"]


def use(app: Application, name: str, caller: Caller, image_id: str) -> Any:
    operations: dict[str, Any] = {
        "edit": lambda: app.edit(caller, image_id, {"title": "mine"}),
        "delete": lambda: app.delete.delete_one(caller, image_id),
    }
    return operations.get(name, lambda: getattr(app, name)(caller, image_id))()


@pytest.mark.parametrize("operation", [*READS, "edit", "delete"])
class TestUnknownImages:
    @pytest.mark.parametrize("image_id", ["", "..", "x" * 26, image_ref(9).image_id])
    def test_an_unknown_image_does_not_exist(self, app: Application, operation: str, image_id: str) -> None:
        with pytest.raises(ImageNotFound, match=r"^There is no image with this id\.$"):
            use(app, operation, CALLER, image_id)

    def test_what_is_no_id_is_not_looked_for(self, operation: str) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)

        with pytest.raises(ImageNotFound):
            use(app, operation, CALLER, "..")
        assert not any(request.startswith("find ..") for request in requests)

    def test_another_users_image_does_not_exist(self, app: Application, operation: str) -> None:
        image = app.upload(CALLER, JPEG)

        with pytest.raises(ImageNotFound):
            use(app, operation, OTHER, image.id)
        assert app.get(CALLER, image.id).image == image


@pytest.mark.parametrize("read", ["get_metadata", "get_link"])
class TestNotReady:
    def test_a_pending_image_is_worth_asking_again(self, app: Application, read: str) -> None:
        created = app.announce()

        with pytest.raises(ImageNotReady, match="pending") as refused:
            use(app, read, CALLER, created.image.id)
        assert refused.value.retry_after_s

    def test_a_rejected_image_is_not(self, app: Application, read: str) -> None:
        ref = app.send(b"<html>")
        app.settle(ref)

        with pytest.raises(ImageNotReady, match="rejected") as refused:
            use(app, read, CALLER, ref.image_id)
        assert refused.value.retry_after_s is None


def test_a_rejected_image_says_why(app: Application) -> None:
    app.extractor.error = UnreadableImage("It cannot be read.")
    ref = app.send()
    app.settle(ref)

    image = app.get(CALLER, ref.image_id).image

    assert image.status is ImageStatus.REJECTED
    assert image.rejection == Rejection(code="unreadable-image", detail="It cannot be read.")


@pytest.mark.parametrize("read", ["get", "get_metadata"])
def test_an_image_that_is_deleted_while_it_is_read_does_not_exist(app: Application, read: str) -> None:
    image = app.upload(CALLER, JPEG)
    app.bytes.documents.clear()

    with pytest.raises(ImageNotFound, match=r"^There is no image with this id\.$"):
        use(app, read, CALLER, image.id)


def test_a_document_that_is_known_is_not_read_again(app: Application) -> None:
    image = app.upload(CALLER, JPEG)
    document = app.get_metadata(CALLER, image.id)
    assert document.content
    assert document.sha256 == sha256_of(document.content)

    app.bytes.documents.clear()

    assert app.get_metadata(CALLER, image.id, known={document.sha256}) == replace(document, content=None)


def test_a_link_says_what_it_leads_to_and_when_it_expires(app: Application) -> None:
    image = app.upload(CALLER, JPEG, filename="photo.png")

    served = app.get_link(CALLER, image.id)

    assert (served.content_type, served.size_bytes, served.filename) == (
        "image/jpeg",
        len(JPEG),
        "photo.png.jpg",
    )
    assert served.link.expires_at == (NOW + MINUTE).replace(microsecond=0)
    assert served.link.url == f"memory://{CALLER.user_id}/{image.id}/photo.png.jpg"


def test_a_link_may_give_no_bytes(app: Application) -> None:
    image = app.upload(CALLER, JPEG)

    served = app.get_link(CALLER, image.id, without_bytes=True)

    assert served.link.url == f"properties-in-memory://{CALLER.user_id}/{image.id}/{image.id}.jpg"


class TestRenditions:
    @pytest.fixture
    def app(self) -> Application:
        return Application(renditions=DEFAULT_RENDITIONS)

    def test_a_whole_image_has_all_of_them_once_they_are_made(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        assert (image.status, image.renditions) == (ImageStatus.READY, None)
        app.render(ImageRef(CALLER.user_id, image.id))

        for whole in (app.get(CALLER, image.id).image, app.edit(CALLER, image.id, {"title": "t"}).image):
            assert whole.renditions
            assert [one.name for one in whole.renditions] == ["thumbnail", "preview"]
            assert len({one.url for one in whole.renditions} | {whole.content_url}) == 3
            assert whole.urls_expire_at == (NOW + MINUTE).replace(microsecond=0)

    def test_an_image_that_cannot_be_rendered_says_why(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.renderer.known[JPEG] = UnrenderableImage("Damaged.")
        app.render(ImageRef(CALLER.user_id, image.id))

        for shown in (app.get(CALLER, image.id).image, *app.items()):
            assert shown.renditions is None
            assert shown.renditions_error == RenditionsError(code="unrenderable-image", detail="Damaged.")

    def test_none_is_left_of_an_image_that_is_deleted(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.render(ImageRef(CALLER.user_id, image.id))

        app.delete.delete_one(CALLER, image.id)

        assert app.bytes.renditions == {}

    def test_a_link_to_one_has_the_name_of_the_image(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG, filename="Hafen.jpg")
        with pytest.raises(RenditionNotFound, match=r"^The image has no rendition with this name\.$"):
            app.get_link(CALLER, image.id, rendition="preview")
        app.render(ImageRef(CALLER.user_id, image.id))

        served = app.get_link(CALLER, image.id, rendition="preview")

        assert served.link.url.endswith(f"/{image.id}/renditions/preview/Hafen.jpg.webp")
        assert (served.content_type, served.size_bytes, served.filename) == (
            "image/webp",
            None,
            "Hafen.jpg.webp",
        )

    def test_a_link_to_one_of_an_image_without_a_name_has_its_id(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.render(ImageRef(CALLER.user_id, image.id))

        assert app.get_link(CALLER, image.id, rendition="preview").filename == f"{image.id}.webp"


class TestEdit:
    def test_the_owners_words_are_kept_beside_what_the_file_says(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG, filename="a.jpg")

        edited = app.edit(
            CALLER,
            image.id,
            {"title": "Harbour", "description": "At dusk", "keywords": ["Sea"], "filename": "b.jpg"},
        )

        assert edited.edit_number == 1
        assert (edited.image.title, edited.image.description, edited.image.keywords) == (
            "Harbour",
            "At dusk",
            ("Sea",),
        )
        current = app.get(CALLER, image.id)
        assert (current.image.filename, current.edit_number) == ("b.jpg", 1)
        assert current.image.metadata == image.metadata
        assert app.list(CALLER, ImageQuery(keyword="sea"), limit=1).items

    def test_what_is_left_out_stays_and_null_clears(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.edit(CALLER, image.id, {"title": "Harbour", "description": "At dusk", "keywords": ["sea"]})

        edited = app.edit(CALLER, image.id, {"description": None, "keywords": None}).image

        assert (edited.title, edited.description, edited.keywords) == ("Harbour", None, None)

    def test_no_change_is_no_edit(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)

        assert app.edit(CALLER, image.id, {}).edit_number == 0

    def test_a_change_that_is_based_on_an_older_state_is_refused(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.edit(CALLER, image.id, {"title": "first"}, expected={0})

        with pytest.raises(
            EditConflict,
            match=r"^The image has been edited since you read it; read it again and repeat the change\.$",
        ):
            app.edit(CALLER, image.id, {"title": "second"}, expected={0})
        app.edit(CALLER, image.id, {"title": "third"}, expected={0, 1})
        assert app.items()[0].title == "third"

    def test_a_pending_image_can_be_edited_while_it_is_read(self) -> None:
        acted = False

        def edit(request: str) -> None:
            nonlocal acted
            if request.startswith("copy") and not acted:
                acted = True
                app.edit(CALLER, ref.image_id, {"title": "early"})

        app = Application(before_request=edit)
        ref = app.send()

        app.settle(ref)

        image = app.get(CALLER, ref.image_id).image
        assert (image.status, image.title) == (ImageStatus.READY, "early")

    def test_the_edits_of_a_pending_image_are_counted(self, app: Application) -> None:
        image_id = app.announce().image.id
        app.edit(CALLER, image_id, {"title": "early"})

        assert app.get(CALLER, image_id).edit_number == 1

    def test_words_together_have_a_limit(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.edit(CALLER, image.id, {"title": "t" * 100, "description": "é" * 1000})

        with pytest.raises(InvalidRequest, match="not 4051"):
            app.edit(
                CALLER,
                image.id,
                {"keywords": [f"{number:03}{'é' * 60}" for number in range(15)] + ["é" * 53]},
            )
        assert app.items()[0].keywords is None

    def test_an_image_that_changes_once_is_edited(self) -> None:
        changed = False

        def change(request: str) -> None:
            nonlocal changed
            if request.startswith("save") and app.memory_records.records and not changed:
                ref, record = next(iter(app.memory_records.records.items()))
                if record.status is ImageStatus.READY:
                    app.memory_records.records[ref] = replace(record, version=record.version + 1)
                    changed = True

        app = Application(before_request=change)
        image = app.upload(CALLER, JPEG)

        assert app.edit(CALLER, image.id, {"title": "kept"}).image.title == "kept"
        assert changed

    def test_an_image_that_changes_all_the_time_can_be_edited_later(self) -> None:
        def change(request: str) -> None:
            if request.startswith("save") and app.memory_records.records:
                ref, record = next(iter(app.memory_records.records.items()))
                if record.status is ImageStatus.READY:
                    app.memory_records.records[ref] = replace(record, version=record.version + 1)

        app = Application(before_request=change)
        image = app.upload(CALLER, JPEG)

        with pytest.raises(ServiceUnavailable) as refusal:
            app.edit(CALLER, image.id, {"title": "never"})
        assert refusal.value.detail == "The image keeps changing; please try again."
        assert refusal.value.retry_after_s == 1

    def test_nothing_can_be_edited_once_the_account_is_being_deleted(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)
        app.close_account.begin_deletion(CALLER.user_id)

        with pytest.raises(ImageNotFound, match=r"^There is no image with this id\.$"):
            app.edit(CALLER, image.id, {"title": "too late"})


class TestDelete:
    def test_a_deleted_image_is_gone(self, app: Application) -> None:
        image = app.upload(CALLER, JPEG)

        app.delete.delete_one(CALLER, image.id)

        for operation in ("get", "delete"):
            with pytest.raises(ImageNotFound):
                use(app, operation, CALLER, image.id)
        assert app.items() == ()
        assert app.bytes.refs == set()
        assert app.usage(CALLER)[0] == Usage()

    def test_a_pending_or_rejected_image_can_be_deleted(self, app: Application) -> None:
        created, rejected = app.announce(), app.send(b"<html>")
        app.settle(rejected)

        app.delete.delete_one(CALLER, created.image.id)
        app.delete.delete_one(CALLER, rejected.image_id)

        assert app.items() == ()

    def test_bytes_that_cannot_be_removed_now_go_later(self) -> None:
        alive = True

        def die(request: str) -> None:
            if alive and request.startswith("remove "):
                raise ServiceUnavailable("-")

        app = Application(before_request=lambda _: None)
        image = app.upload(CALLER, JPEG)
        app.bytes.before_request = die

        app.delete.delete_one(CALLER, image.id)
        assert app.bytes.refs
        assert app.items() == ()
        alive = False
        app.clock.advance(15 * MINUTE)
        app.run_due_work()

        assert app.bytes.refs == set()

    def test_many_are_deleted_and_each_is_told_of(self, app: Application) -> None:
        kept, first, second = (app.upload(CALLER, JPEG).id for _ in range(3))
        theirs = app.upload(OTHER, JPEG).id

        results = app.delete.delete_many(CALLER, [first, "nonsense", second, theirs, first])

        assert results == [True, False, True, False, True]
        assert [image.id for image in app.items()] == [kept]
        assert len(app.bytes.originals) == 2

    def test_what_is_no_id_is_not_looked_for(self) -> None:
        requests: list[str] = []
        app = Application(before_request=requests.append)

        assert app.delete.delete_many(CALLER, ["nonsense"]) == [False]
        assert requests == []

    @pytest.mark.parametrize("count", [0, MAX_DELETED_AT_ONCE + 1])
    def test_1_to_100_are_deleted_at_once(self, app: Application, count: int) -> None:
        with pytest.raises(InvalidRequest, match="1 to 100") as refusal:
            app.delete.delete_many(CALLER, ["x"] * count)
        [error] = refusal.value.errors
        assert (error.field, error.message) == ("image_ids", "must name 1 to 100 images")

    def test_as_many_as_the_limit_are_deleted_at_once(self, app: Application) -> None:
        assert app.delete.delete_many(CALLER, ["x"] * MAX_DELETED_AT_ONCE) == [False] * MAX_DELETED_AT_ONCE

    def test_an_image_that_is_deleted_twice_at_the_same_time_is_gone_once(self) -> None:
        nested = False

        def delete(request: str) -> None:
            nonlocal nested
            if request.startswith("remove") and not nested:
                nested = True
                app.delete.delete_one(CALLER, image.id)

        app = Application(before_request=delete)
        image = app.upload(CALLER, JPEG)

        with pytest.raises(ImageNotFound, match=r"^There is no image with this id\.$"):
            app.delete.delete_one(CALLER, image.id)
        assert app.usage(CALLER)[0] == Usage()

    def test_of_many_an_image_that_somebody_else_deletes_meanwhile_is_gone_once(self) -> None:
        nested = False

        def delete(request: str) -> None:
            nonlocal nested
            if request.startswith("remove") and not nested:
                nested = True
                app.delete.delete_one(CALLER, first.id)

        app = Application(before_request=delete)
        first, second = (app.upload(CALLER, JPEG) for _ in range(2))

        assert any(app.delete.delete_many(CALLER, [first.id, second.id]))

        assert app.items() == ()
        assert app.usage(CALLER)[0] == Usage()

    def test_an_image_that_changes_all_the_time_can_be_deleted_later(self) -> None:
        def change(request: str) -> None:
            if request.startswith("remove"):
                app.edit(CALLER, created.image.id, {"title": "again"})

        app = Application(before_request=change)
        created = app.announce()

        with pytest.raises(ServiceUnavailable):
            app.delete.delete_one(CALLER, created.image.id)


def test_usage_counts_pending_images_as_announced(app: Application) -> None:
    app.upload(CALLER, JPEG)
    app.announce(JPEG + JPEG)

    usage, quotas = app.usage(CALLER)

    assert usage == Usage(images=2, bytes=3 * len(JPEG), pending=1)
    assert quotas == Quotas()
    assert app.usage(OTHER)[0] == Usage()


def test_an_announced_image_expires_from_the_usage(app: Application) -> None:
    ref = ref_of(app.announce())
    app.clock.advance(timedelta(hours=1))

    app.run_due_work()

    assert app.usage(CALLER)[0] == Usage()
    assert app.get(CALLER, ref.image_id).image.status is ImageStatus.REJECTED
    assert ImageRef(CALLER.user_id, ref.image_id) in app.memory_records.records


def test_a_cursor_needs_no_escaping_in_a_url() -> None:
    app = Application()
    for _ in range(2):
        app.upload(CALLER, JPEG)

    cursor = app.list(CALLER, ALL, limit=1).next_cursor

    assert cursor
    assert re.fullmatch(r"[\w-]+", cursor)


@given(st.text(max_size=60))
def test_a_cursor_that_was_not_issued_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        Application().list(CALLER, ALL, limit=1, cursor=cursor)
