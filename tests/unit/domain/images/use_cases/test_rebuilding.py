"""Making records again from what storage has, on stores in memory."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.images.acceptance import DuplicatePolicy
from domain.images.account import Usage
from domain.images.errors import UnsupportedImageType
from domain.images.model import ImageRef, ImageStatus, StoredOriginal
from domain.images.ports import RecordConflict
from domain.images.use_cases.rebuilding import RebuildRecord, Rebuilt
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.shared.errors import DomainError, ServiceUnavailable
from tests.support.application import JPEG, Application, sha256_of
from tests.support.samples import CALLER


class Originals:
    """What the application's bucket tells of itself."""

    def __init__(self, app: Application) -> None:
        self._bytes = app.bytes

    def count(self) -> int:
        return len(self._bytes.originals)

    def list_all(self) -> Iterator[StoredOriginal]:
        for ref, (image_format, content) in list(self._bytes.originals.items()):
            yield StoredOriginal(ref, image_format, len(content))

    def filename_of(self, original: StoredOriginal) -> str | None:
        return self._bytes.filenames.get(original.ref)


@pytest.fixture
def app() -> Application:
    return Application()


def rebuild(app: Application) -> list[Rebuilt]:
    originals = Originals(app)
    rebuild = RebuildRecord(app.records, app.images, originals, app.inspector, app.clock)
    return [rebuild(original) for original in originals.list_all()]


def lose_the_table(app: Application) -> None:
    memory = app.memory_records
    for items in (memory.records, memory.tombstones, memory.claims, memory.same_bytes, memory.accounts):
        items.clear()  # type: ignore[attr-defined]


def test_renditions_are_made_anew(app: Application) -> None:
    app.upload(CALLER, JPEG)
    lose_the_table(app)
    [original] = Originals(app).list_all()

    RebuildRecord(app.records, app.images, Originals(app), app.inspector, app.clock, ("thumbnail",))(
        original
    )

    record = app.records.find(original.ref)
    assert record
    assert record.open_renditions == ("thumbnail",)
    assert record.announced.sha256 == sha256_of(JPEG)


class Dying:
    """Lets no request through that saves a record, once it is not alive."""

    def __init__(self) -> None:
        self.is_alive = True

    def __call__(self, request: str) -> None:
        if not self.is_alive and request.startswith("save"):
            raise ServiceUnavailable("-")

    def lose_the_table_and_die_while_rebuilding(self, app: Application) -> None:
        lose_the_table(app)
        self.is_alive = False
        for original in Originals(app).list_all():
            with pytest.raises(ServiceUnavailable):
                RebuildRecord(app.records, app.images, Originals(app), app.inspector, app.clock)(original)
        self.is_alive = True


def test_an_image_at_which_rebuilding_died_is_finished_when_it_is_due() -> None:
    dying = Dying()
    app = Application(before_request=dying)
    image = app.upload(CALLER, JPEG)
    dying.lose_the_table_and_die_while_rebuilding(app)

    app.run_due_work()

    assert app.get(CALLER, image.id).image == image


def test_what_would_be_refused_today_is_finished_too_if_rebuilding_died_at_it() -> None:
    dying = Dying()
    app = Application(before_request=dying)
    first, second = app.upload(CALLER, JPEG), app.upload(CALLER, JPEG)
    strict = replace(app.settle.acceptance, duplicates=DuplicatePolicy.REJECT)
    app.settle = replace(app.settle, acceptance=strict)
    dying.lose_the_table_and_die_while_rebuilding(app)

    app.run_due_work()

    found = [app.get(CALLER, image.id).image for image in (first, second)]
    assert [image.status for image in found] == [ImageStatus.READY, ImageStatus.READY]
    assert {image.duplicate_of for image in found} in ({None, first.id}, {None, second.id})


def test_an_image_whose_document_is_gone_when_its_rebuilding_is_finished_is_gone_too() -> None:
    dying = Dying()
    app = Application(before_request=dying)
    image = app.upload(CALLER, JPEG)
    dying.lose_the_table_and_die_while_rebuilding(app)
    app.images.remove([ImageRef(CALLER.user_id, image.id)])

    app.run_due_work()

    assert app.records.find(ImageRef(CALLER.user_id, image.id)) is None


def test_every_ready_image_is_found_again(app: Application) -> None:
    first = app.upload(CALLER, JPEG, filename="a.jpg")
    ref = app.send(JPEG + b"!", filename="b.jpg")
    app.settle(ref)
    duplicate = app.upload(CALLER, JPEG)
    before = app.items()
    lose_the_table(app)
    assert app.items() == ()
    read_before = app.extractor.calls

    assert set(rebuild(app)) == {Rebuilt.REBUILT}

    assert app.extractor.calls == read_before, "their documents are there"
    assert [image.id for image in app.items()] == [image.id for image in before]
    assert {image.filename for image in app.items()} == {"a.jpg", "b.jpg", None}
    assert app.get(CALLER, first.id).image == first
    assert app.get(CALLER, duplicate.id).image.duplicate_of == first.id
    assert app.usage(CALLER)[0] == Usage(3, 3 * len(JPEG) + 1)
    assert app.queue_due().count == 0


def test_what_is_known_or_deleted_stays_as_it_is(app: Application) -> None:
    known, deleted = app.upload(CALLER, JPEG), app.upload(CALLER, JPEG)
    app.edit(CALLER, known.id, {"title": "mine"})
    original = app.bytes.originals[ImageRef(CALLER.user_id, deleted.id)]
    app.delete.delete_one(CALLER, deleted.id)
    app.bytes.originals[ImageRef(CALLER.user_id, deleted.id)] = original

    requests: list[str] = []
    app.bytes.before_request = requests.append

    assert rebuild(app) == [Rebuilt.KNOWN, Rebuilt.KNOWN]
    assert requests == [], "nothing is read of them"

    assert [image.title for image in app.items()] == ["mine"]


@pytest.mark.parametrize("document", [None, b"of another size"])
def test_an_original_without_its_document_is_read_anew(app: Application, document: bytes | None) -> None:
    image = app.upload(CALLER, JPEG)
    other = app.upload(CALLER, JPEG + JPEG)
    lose_the_table(app)
    ref = ImageRef(CALLER.user_id, image.id)
    if document:
        app.bytes.documents[ref] = app.bytes.documents[ImageRef(CALLER.user_id, other.id)]
    else:
        del app.bytes.documents[ref]

    assert set(rebuild(app)) == {Rebuilt.REBUILT}

    assert app.get(CALLER, image.id).image.metadata == image.metadata
    assert {image.status for image in app.items()} == {ImageStatus.READY}


@pytest.mark.parametrize(
    "refusal", [UnreadableImage("-"), UnsupportedImageType("-"), ImageDimensionsExceeded("-")]
)
def test_an_original_that_would_be_refused_today_stays_where_it_is(
    app: Application, refusal: DomainError
) -> None:
    app.upload(CALLER, JPEG)
    lose_the_table(app)
    app.bytes.documents.clear()
    originals = dict(app.bytes.originals)
    app.extractor.error = refusal

    assert rebuild(app) == [Rebuilt.UNREADABLE]

    assert app.bytes.originals == originals
    assert app.items() == ()
    app.extractor.error = None
    assert rebuild(app) == [Rebuilt.REBUILT]


def test_an_original_that_was_removed_meanwhile_is_none(app: Application) -> None:
    app.upload(CALLER, JPEG)
    lose_the_table(app)
    [original] = Originals(app).list_all()
    app.images.remove([original.ref])

    assert RebuildRecord(app.records, app.images, Originals(app), app.inspector, app.clock)(original) is (
        Rebuilt.UNREADABLE
    )
    assert app.items() == ()


def test_images_of_an_account_in_deletion_are_left_to_that(app: Application) -> None:
    app.upload(CALLER, JPEG)
    lose_the_table(app)
    app.close_account.begin_deletion(CALLER.user_id)

    assert rebuild(app) == [Rebuilt.REFUSED]


def test_an_image_that_another_rebuilds_at_the_same_time_is_known(app: Application) -> None:
    app.upload(CALLER, JPEG)
    lose_the_table(app)

    class Raced:
        def __getattr__(self, name: str) -> object:
            return getattr(app.records, name)

        def add(self, *_: object) -> None:
            raise RecordConflict

    originals = Originals(app)
    raced = RebuildRecord(Raced(), app.images, originals, app.inspector, app.clock)  # type: ignore[arg-type]

    assert [raced(original) for original in originals.list_all()] == [Rebuilt.KNOWN]
