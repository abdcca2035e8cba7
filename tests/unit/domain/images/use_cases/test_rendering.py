"""How renditions are made, or given up, on stores in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NoReturn

import pytest

from domain.images.model import ImageRef, ImageStatus, RenditionsError
from domain.images.ports import RecordConflict
from domain.images.record import ImageRecord
from domain.renditions.errors import ImageTooLargeToRender, UnrenderableImage
from domain.renditions.model import DEFAULT_RENDITIONS, Rendition, RenditionSpec, StoredRendition
from domain.shared.errors import DomainError, ServiceUnavailable
from tests.support.application import JPEG, Application
from tests.support.fakes.renderer import RememberingRenderer
from tests.support.samples import CALLER, image_ref

BOTH = (StoredRendition("thumbnail", 320, 240), StoredRendition("preview", 1600, 1200))


@pytest.fixture
def app() -> Application:
    return Application(renditions=DEFAULT_RENDITIONS)


def uploaded(app: Application) -> ImageRef:
    return ImageRef(CALLER.user_id, app.upload(CALLER, JPEG).id)


def record_of(app: Application, ref: ImageRef) -> ImageRecord:
    record = app.records.find(ref)
    assert record
    return record


def test_a_new_image_is_to_be_rendered_and_ready_before(app: Application) -> None:
    record = record_of(app, uploaded(app))

    assert record.status is ImageStatus.READY
    assert record.open_renditions == ("thumbnail", "preview")
    assert record.is_to_be_rendered


def test_renditions_are_stored_and_recorded_smallest_first(app: Application) -> None:
    requests: list[str] = []
    ref = uploaded(app)
    app.bytes.before_request = requests.append

    app.render(ref)

    record = record_of(app, ref)
    assert record.renditions == BOTH
    assert (record.open_renditions, record.renditions_error, record.rendering_attempts) == ((), None, 0)
    assert list(app.bytes.renditions[ref]) == ["thumbnail", "preview"]
    assert requests == [
        f"{request} {ref.image_id}" for request in ("get original", "put thumbnail", "put preview")
    ]


def test_what_is_rendered_is_not_rendered_again(app: Application) -> None:
    ref = uploaded(app)
    app.render(ref)
    before = record_of(app, ref)

    app.render(ref)

    assert record_of(app, ref) == before
    assert app.renderer.rendered == ["thumbnail", "preview"]


def test_an_attempt_is_recorded_before_anything_is_read(app: Application) -> None:
    ref = uploaded(app)
    seen: list[int] = []
    app.bytes.before_request = lambda _: seen.append(record_of(app, ref).rendering_attempts)

    app.render(ref)

    assert seen == [1, 1, 1]


@pytest.mark.parametrize("error", [UnrenderableImage("Damaged."), ImageTooLargeToRender("250 megapixels.")])
def test_a_refusal_is_final_and_visible(app: Application, error: DomainError) -> None:
    ref = uploaded(app)
    app.renderer.known[JPEG] = error
    app.render(ref)
    app.renderer.known[JPEG] = 40, 30

    app.render(ref)

    record = record_of(app, ref)
    assert record.renditions_error
    assert (record.renditions_error.code, record.renditions_error.detail) == (error.code, error.detail)
    assert record.status is ImageStatus.READY
    assert record.renditions == ()


def test_what_was_made_before_the_refusal_is_shown(app: Application) -> None:
    ref = uploaded(app)

    class HalfWay(RememberingRenderer):
        def _renditions(self, content: BinaryIO, specs: Sequence[RenditionSpec]) -> Iterator[Rendition]:
            yield next(super()._renditions(content, specs))
            raise UnrenderableImage("The rest is damaged.")

    with_renderer(app, HalfWay({JPEG: (4000, 3000)}))(ref)

    record = record_of(app, ref)
    assert [rendition.name for rendition in record.renditions] == ["thumbnail"]
    assert record.open_renditions == ("preview",)
    assert record.renditions_error
    assert not record.is_to_be_rendered


def test_the_second_death_is_final(app: Application) -> None:
    ref = uploaded(app)
    dying = with_renderer(app, Failing(KeyboardInterrupt()))
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            dying(ref)
        assert record_of(app, ref).renditions_error is None

    app.render(ref)

    assert record_of(app, ref).renditions_error == RenditionsError(
        code="rendering-interrupted",
        detail="Rendering was interrupted twice, probably by a memory or time limit.",
    )
    assert app.renderer.rendered == []


def test_after_one_death_the_image_is_rendered(app: Application) -> None:
    ref = uploaded(app)
    with pytest.raises(KeyboardInterrupt):
        with_renderer(app, Failing(KeyboardInterrupt()))(ref)

    app.render(ref)

    assert record_of(app, ref).renditions == BOTH


def test_what_is_unavailable_for_now_counts_as_no_attempt(app: Application) -> None:
    ref = uploaded(app)
    unavailable = with_renderer(app, Failing(ServiceUnavailable("Later.")))

    for _ in range(5):
        with pytest.raises(ServiceUnavailable):
            unavailable(ref)
    app.render(ref)

    assert record_of(app, ref).renditions == BOTH


def test_an_edit_meanwhile_is_kept(app: Application) -> None:
    ref = uploaded(app)
    once(app, "put preview", lambda: app.edit(CALLER, ref.image_id, {"title": "Hafen"}))

    app.render(ref)

    record = record_of(app, ref)
    assert record.edits.title == "Hafen"
    assert record.renditions == BOTH


def test_nothing_stays_of_an_image_that_is_deleted_meanwhile(app: Application) -> None:
    ref = uploaded(app)
    once(app, "put preview", lambda: app.delete.delete_one(CALLER, ref.image_id))

    app.render(ref)

    assert app.bytes.refs == set()


def test_nothing_stays_of_an_image_without_a_record_but_what_may_be_its_original(app: Application) -> None:
    ref = uploaded(app)
    app.render(ref)
    app.memory_records.records.clear()

    app.render(ref)

    assert app.bytes.renditions == {}
    assert ref in app.bytes.originals


def test_an_image_whose_bytes_are_missing_says_so(app: Application) -> None:
    ref = uploaded(app)
    app.bytes.originals.clear()

    app.render(ref)

    assert record_of(app, ref).renditions_error == RenditionsError(
        code="unrenderable-image", detail="The bytes of the image are missing."
    )


def test_a_record_that_keeps_changing_is_given_back(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = uploaded(app)

    def conflict(*_: object) -> NoReturn:
        raise RecordConflict

    monkeypatch.setattr(app.memory_records, "save", conflict)

    with pytest.raises(ServiceUnavailable, match=r"^The image keeps changing while it is rendered\.$"):
        app.render(ref)
    with pytest.raises(ServiceUnavailable, match=r"^The image keeps changing; please try again\.$"):
        Asking(app, *DEFAULT_RENDITIONS, RenditionSpec("large", 2000)).ask(ref)


def test_renditions_that_are_no_longer_wanted_are_not_made(app: Application) -> None:
    ref = uploaded(app)
    none_wanted = Application(records=app.records)

    none_wanted.render(ref)

    record = record_of(app, ref)
    assert (record.renditions, record.open_renditions) == ((), ())


class TestAskingForRenditions:
    def test_an_image_that_changes_once_is_asked_for_again(
        self, app: Application, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = uploaded(app)

        def conflict(*_: object) -> NoReturn:
            monkeypatch.undo()
            raise RecordConflict

        monkeypatch.setattr(app.memory_records, "save", conflict)

        assert app.request_renditions(ref)
        assert app.render_queue.sent == [ref]

    def test_what_failed_is_made_when_it_is_asked_for(self, app: Application) -> None:
        ref = uploaded(app)
        app.renderer.known[JPEG] = UnrenderableImage("Damaged.")
        app.render(ref)
        app.renderer.known[JPEG] = 4000, 3000

        assert app.request_renditions(ref)
        assert app.render_queue.sent == [ref]
        app.render(ref)

        record = record_of(app, ref)
        assert (record.renditions, record.renditions_error) == (BOTH, None)

    def test_what_is_missing_is_made_beside_what_is_there(self, app: Application) -> None:
        ref = uploaded(app)
        app.render(ref)
        asking = Asking(app, *DEFAULT_RENDITIONS, RenditionSpec("large", 2000))

        assert asking.ask(ref)
        asking.render(ref)

        assert app.renderer.rendered == ["thumbnail", "preview"]
        assert record_of(app, ref).renditions == (*BOTH, StoredRendition("large", 2000, 1500))
        assert set(app.bytes.renditions[ref]) == {"thumbnail", "preview", "large"}

    def test_nothing_is_asked_for_where_all_is_there(self, app: Application) -> None:
        ref = uploaded(app)
        app.render(ref)
        pending = ImageRef(CALLER.user_id, app.announce().image.id)

        assert [app.request_renditions(one) for one in (ref, pending, image_ref(9))] == [False] * 3
        assert app.render_queue.sent == []

    def test_an_error_of_what_is_no_longer_wanted_is_forgotten(self, app: Application) -> None:
        ref = uploaded(app)
        app.renderer.known[JPEG] = UnrenderableImage("Damaged.")
        app.render(ref)

        assert Asking(app).ask(ref) is False

        record = record_of(app, ref)
        assert (record.open_renditions, record.renditions_error) == ((), None)


class Asking:
    """The same images with other settings."""

    def __init__(self, app: Application, *specs: RenditionSpec) -> None:
        other = Application(records=app.records, renditions=specs)
        other.bytes.originals = app.bytes.originals
        other.bytes.renditions = app.bytes.renditions
        self.ask, self.render = other.request_renditions, other.render


class Failing:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def render(self, *_: Any) -> NoReturn:
        raise self._error


def with_renderer(app: Application, renderer: Any) -> Callable[[ImageRef], None]:
    return replace(app.render, renderer=renderer)


def once(app: Application, request: str, act: Callable[[], object]) -> None:
    """Do something right before the first such request."""

    def before(name: str) -> None:
        if name.startswith(request):
            app.bytes.before_request = lambda _: None
            act()

    app.bytes.before_request = before
