"""The states of an image and the moves between them."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.images.account import Usage, usage_of
from domain.images.compact_summary import MAX_COMPACT_SUMMARY_BYTES, compact_summary
from domain.images.errors import ImageTooLarge
from domain.images.model import ImageStatus, RenditionsError
from domain.images.record import (
    MAX_REJECTION_DETAIL_LENGTH,
    Announcement,
    BytesClaim,
    IllegalMove,
    ImageRecord,
    Tombstone,
    UploadWay,
)
from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import MAX_RENDITIONS, StoredRendition
from domain.shared.image_format import ImageFormat
from tests.support.records import (
    CONTENT,
    accepted,
    announced,
    claim_of,
    document_of,
    pending,
    ref_at,
    rejected,
    sha256_of,
)
from tests.support.samples import NOW

REF = ref_at(0)


def in_parts() -> ImageRecord:
    announcement = Announcement(UploadWay.MULTIPART, len(CONTENT), NOW, None, None, 8)
    return ImageRecord.announce(REF, announcement, due_at=NOW)


def test_a_new_image_is_pending_and_due() -> None:
    record = announced(REF, due_at=NOW + timedelta(minutes=5))

    assert (record.status, record.version, record.content) == (ImageStatus.PENDING, 1, None)
    assert record.due_at == NOW + timedelta(minutes=5)
    assert record.created_at == NOW
    assert record.summary == {}


def test_every_move_makes_the_next_version() -> None:
    record = announced(REF)
    claimed = record.claim_bytes(claim_of())
    ready = accepted(claimed)
    edited = ready.edit({"title": "Hafen"})

    assert [claimed.version, ready.version, edited.version] == [2, 3, 4]
    assert record.version == 1


def test_a_ready_image_is_due_no_more_and_knows_its_content() -> None:
    ready = accepted(announced(REF).claim_bytes(claim_of()), captured_at="2024-05-01T10:00:00+02:00")

    assert ready.content is not None
    assert ready.due_at is None
    assert ready.captured_at == "2024-05-01T10:00:00+02:00"
    assert (ready.content.width, ready.content.height) == (320, 240)
    assert (ready.content.image_format, ready.content.sha256) == (ImageFormat.JPEG, sha256_of(CONTENT))
    assert ready.summary["camera_make"] == "Canon"


@pytest.mark.parametrize("captured_at", [None, 2024])
def test_what_is_no_text_is_no_capture_time(captured_at: Any) -> None:
    assert accepted(pending(REF), captured_at=captured_at).captured_at is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_dimensions_are_those_displayed(orientation: int) -> None:
    document = document_of()
    image = document.image.model_copy(update={"orientation": orientation})
    turned = document.model_copy(update={"image": image})

    ready = pending(ref_at(0)).accept(turned, document_sha256="0" * 64).ready_content

    assert (ready.width, ready.height) == ((320, 240) if orientation < 5 else (240, 320))


def test_only_a_ready_image_has_content() -> None:
    with pytest.raises(IllegalMove, match=r"^A pending image has no content\.$"):
        _ = pending(ref_at(0)).ready_content


@pytest.mark.parametrize("minutes", [0, 14, 20])
def test_a_deleted_image_is_quiet_once_nobody_can_be_writing_it(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    record = announced(ref_at(0))

    tombstone = record.withdraw(now)

    quiet_at = max(now + timedelta(minutes=15), record.announced.expires_at)
    assert tombstone == Tombstone(
        record.ref,
        record.version + 1,
        deleted_at=now,
        quiet_at=quiet_at,
        due_at=quiet_at,
        expires_at=now + timedelta(days=35),
    )


@pytest.mark.parametrize(
    "move",
    [
        lambda record: record.claim_bytes(claim_of()),
        accepted,
        rejected,
        lambda record: record.begin_multipart("id"),
    ],
    ids=["claim", "accept", "reject", "begin"],
)
@pytest.mark.parametrize("settle", [accepted, rejected], ids=["ready", "rejected"])
def test_a_settled_image_stays_what_it_is(settle: Any, move: Any) -> None:
    with pytest.raises(IllegalMove):
        move(settle(pending(REF)))


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (lambda record: record.begin_multipart("id"), "begin a multipart upload"),
        (lambda record: record.claim_bytes(claim_of()), "claim bytes"),
        (accepted, "become ready"),
        (rejected, "be rejected"),
        (lambda record: record.begin_rendering(), "be rendered"),
        (lambda record: record.end_rendering([]), "have renditions"),
        (lambda record: record.request_renditions(["a"]), "have renditions"),
    ],
)
def test_a_move_that_is_not_allowed_is_named(move: Any, told: str) -> None:
    with pytest.raises(IllegalMove, match=rf"^A rejected image cannot {told}\.$"):
        move(rejected(pending(REF)))


def test_bytes_are_claimed_once() -> None:
    claimed = announced(REF).claim_bytes(claim_of())

    with pytest.raises(IllegalMove):
        claimed.claim_bytes(claim_of(b"others"))
    with pytest.raises(IllegalMove):
        pending(REF).claim_bytes(claim_of())


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (announced(REF), "bytes that are not the claimed ones"),
        (announced(REF, CONTENT + b"x").claim_bytes(claim_of()), "another size"),
        (announced(REF).claim_bytes(claim_of(b"other")), "bytes that are not the claimed ones"),
        (
            announced(REF).claim_bytes(BytesClaim('"etag"', sha256_of(CONTENT), ImageFormat.PNG)),
            "bytes that are not the claimed ones",
        ),
        (pending(REF, b"\xff\xd8\xff\xe0 other"), "other bytes"),
    ],
    ids=["unclaimed", "size", "claimed bytes", "claimed format", "checksum"],
)
def test_an_image_is_accepted_with_the_bytes_that_were_claimed_and_announced_alone(
    record: ImageRecord, told: str
) -> None:
    with pytest.raises(IllegalMove, match=rf"^A pending image cannot become ready with {told}\.$"):
        accepted(record)


def test_an_upload_in_parts_begins_once() -> None:
    record = in_parts()
    assert record.announced.plan is None
    begun = record.begin_multipart("id")
    plan = begun.announced.plan
    assert plan is not None
    assert (plan.upload_id, plan.part_bytes) == ("id", 8)

    with pytest.raises(IllegalMove):
        begun.begin_multipart("other")
    with pytest.raises(IllegalMove):
        announced(REF).begin_multipart("id")


def test_the_format_under_which_an_original_may_lie() -> None:
    assert announced(REF).stored_format is None
    claimed = announced(REF).claim_bytes(claim_of())
    assert claimed.stored_format is accepted(claimed).stored_format is ImageFormat.JPEG
    assert pending(REF).stored_format is ImageFormat.JPEG
    assert rejected(claimed).stored_format is ImageFormat.JPEG


@pytest.mark.parametrize(
    ("captured_at", "taken_at"),
    [
        ("2024-05-01T10:00:00", "2024-05-01T10:00:00"),
        ("2024-05-01T10:00:00.25-07:00", "2024-05-01T10:00:00.25"),
        ("2024-05-01T10:00:00+02:00", "2024-05-01T10:00:00"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00"),
        ("2024-05-01", "2024-05-01"),
        ("1978-05", "1978-05"),
        ("1978", "1978"),
        (None, "2026-03-01T12:30:15"),
    ],
)
def test_capture_times_are_local(captured_at: str | None, taken_at: str) -> None:
    record = replace(pending(REF), captured_at=captured_at)

    assert record.taken_at == taken_at
    assert record.capture_sort_key == f"{taken_at}#{REF.image_id}"


def test_an_edit_counts_and_leaves_what_it_does_not_name() -> None:
    once = pending(REF, filename="a.jpg").edit({"title": "t", "keywords": ("k",)})
    twice = once.edit({"title": None, "filename": "b.jpg"})

    assert (once.edits.title, once.edits.number, once.filename) == ("t", 1, "a.jpg")
    assert (twice.edits.title, twice.edits.keywords, twice.edits.number) == (None, ("k",), 2)
    assert twice.filename == "b.jpg"


def test_a_rejection_keeps_a_short_reason() -> None:
    record = pending(REF).reject(ImageTooLarge("x" * 10_000))

    assert record.rejection is not None
    assert record.rejection.code == "image-too-large"
    assert len(record.rejection.detail) == MAX_REJECTION_DETAIL_LENGTH
    assert record.due_at is None


def test_renditions_are_merged_smallest_first() -> None:
    ready = accepted(pending(REF), renditions=("a", "b"))
    wide, tall = StoredRendition("b", 900, 10), StoredRendition("a", 8, 901)

    once = ready.end_rendering([tall], UnrenderableImage("x" * 1000))
    twice = once.request_renditions(["b", "a"]).begin_rendering().end_rendering([wide])

    assert (once.renditions, once.open_renditions) == ((tall,), ("b",))
    assert once.renditions_error == RenditionsError(code="unrenderable-image", detail="x" * 150)
    assert once.rendition_names == ("a", "b")
    assert (twice.renditions, twice.open_renditions, twice.renditions_error) == ((wide, tall), (), None)
    assert [ready.version, once.version, twice.version] == [2, 3, 6]


def test_an_error_of_what_another_attempt_has_made_is_none() -> None:
    ready = accepted(pending(REF), renditions=("a",))
    made = ready.end_rendering([StoredRendition("a", 8, 8)])

    assert made.end_rendering([], UnrenderableImage("Damaged.")).renditions_error is None


@pytest.mark.parametrize(
    "move",
    [
        lambda record: record.begin_rendering(),
        lambda record: record.end_rendering([]),
        lambda record: record.request_renditions(["a"]),
    ],
    ids=["begin", "end", "ask"],
)
def test_only_a_ready_image_is_rendered(move: Any) -> None:
    for record in (pending(REF), rejected(pending(REF))):
        with pytest.raises(IllegalMove):
            move(record)


def test_rendering_begins_where_something_is_to_be_rendered() -> None:
    ready = accepted(pending(REF), renditions=("a",))

    assert ready.begin_rendering().begin_rendering().rendering_attempts == 2
    assert ready.begin_rendering().undo_rendering_attempt().rendering_attempts == 0
    assert ready.undo_rendering_attempt().rendering_attempts == 0
    twice = ready.begin_rendering().begin_rendering()
    assert twice.undo_rendering_attempt().rendering_attempts == 1
    assert twice.request_renditions(["a"]).rendering_attempts == 0
    with pytest.raises(IllegalMove, match=r"^A pending image cannot have renditions\.$"):
        pending(REF).request_renditions(["a"])
    for done in (accepted(pending(REF)), ready.end_rendering([], UnrenderableImage("Damaged."))):
        with pytest.raises(IllegalMove):
            done.begin_rendering()


def test_a_tombstone_knows_the_renditions_that_are_or_may_be_stored() -> None:
    ready = accepted(pending(REF), renditions=("b", "a"))
    made = ready.end_rendering([StoredRendition("a", 8, 8)], UnrenderableImage("Damaged."))

    assert ready.withdraw(NOW).renditions == ("b", "a")
    assert made.withdraw(NOW).renditions == ("a", "b")
    assert pending(REF).withdraw(NOW).renditions == ()


def test_what_an_image_adds_to_the_usage() -> None:
    assert usage_of(pending(REF)) == Usage(1, len(CONTENT), 1)
    assert usage_of(accepted(pending(REF))) == Usage(1, len(CONTENT), 0)
    assert usage_of(rejected(pending(REF))) == usage_of(None) == Usage()


TEXTS = st.builds(lambda text, times: text * times, st.text(max_size=30), st.integers(0, 100))
SUMMARIES = st.dictionaries(
    st.sampled_from(["title", "keywords", "latitude", "description", "creators", "flash_fired", "city"]),
    TEXTS | st.lists(TEXTS, max_size=30) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(),
)


@given(SUMMARIES)
def test_a_compact_summary_is_bounded(summary: dict[str, Any]) -> None:
    compact = compact_summary(summary)

    text = json.dumps(compact, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) <= MAX_COMPACT_SUMMARY_BYTES
    assert compact.keys() <= summary.keys()


def test_a_summary_that_is_short_is_kept_whole() -> None:
    summary: dict[str, Any] = {"iso": 200, "title": "x" * 200, "keywords": ["a", "b"], "flash_fired": False}

    assert compact_summary(summary) == summary


def test_a_long_summary_keeps_what_is_short() -> None:
    compact = compact_summary(
        {"iso": 200, "description": "é" * 5000, "keywords": ["k" * 50] * 500, "city": "Oslo"}
    )

    description, keywords = compact["description"], compact["keywords"]
    assert isinstance(description, str)
    assert isinstance(keywords, list)
    assert description.startswith("é" * 90)
    assert description.endswith("…")
    assert 10 < len(keywords) < 25
    assert (compact["iso"], compact["city"]) == (200, "Oslo")


@pytest.mark.parametrize(("length", "size", "is_kept"), [(116, 1999, True), (117, 2000, False)])
def test_a_summary_is_kept_up_to_the_limit(length: int, size: int, is_kept: bool) -> None:
    first: dict[str, Any] = {f"f{number}": "x" * 200 for number in range(9)}
    whole = {**first, "last": "x" * length}
    assert len(json.dumps(whole, separators=(",", ":"))) == size

    assert compact_summary(whole) == (whole if is_kept else first)


@pytest.mark.parametrize(("length", "size", "is_kept"), [(183, 999, True), (184, 1000, False)])
def test_keywords_are_kept_up_to_the_limit(length: int, size: int, is_kept: bool) -> None:
    first = ["x" * 200] * 4
    whole = [*first, "x" * length]
    assert len(json.dumps(whole, separators=(",", ":"))) == size

    assert compact_summary({"keywords": whole}) == {"keywords": whole if is_kept else first}


def test_as_many_keywords_are_kept_as_other_fields_leave_room_for() -> None:
    others: dict[str, Any] = {f"f{number}": "x" * 200 for number in range(8)}

    compact = compact_summary({**others, "keywords": ["k" * 20] * 40, "city": "Oslo"})

    assert compact == {**others, "keywords": ["k" * 20] * 13, "city": "Oslo"}
    assert len(json.dumps(compact, separators=(",", ":"))) <= MAX_COMPACT_SUMMARY_BYTES


def test_a_text_is_cut_to_200_bytes_without_a_blank_before_the_ellipsis() -> None:
    assert compact_summary({"title": "x" * 201}) == {"title": "x" * 197 + "…"}
    assert compact_summary({"title": "x" * 196 + " " + "y" * 9}) == {"title": "x" * 196 + "…"}


def test_a_list_in_a_list_is_kept() -> None:
    assert compact_summary({"creators": [["Ann", "Bob"], "Cid"]}) == {"creators": [["Ann", "Bob"], "Cid"]}


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert compact_summary({"title": "\ud800" * 300}) == {"title": "?" * 197 + "…"}


def test_a_record_takes_no_more_than_8_kb() -> None:
    record = pending(REF, filename="é" * 127)
    record = accepted(
        record,
        **dict.fromkeys(("title", "headline", "description", "city", "software"), "é" * 5000),
        keywords=["ü" * 30] * 500,
        camera_make="x" * 5000,
        camera_model="y" * 5000,
    )
    names = tuple(f"{n}{'n' * 31}" for n in range(MAX_RENDITIONS))
    record = record.request_renditions(names)
    record = record.end_rendering(
        [StoredRendition(name, 4096, 4096) for name in names[:-1]], UnrenderableImage("é" * 1000)
    )
    record = record.edit(
        {"title": "t" * 250, "description": "d" * 1500, "keywords": tuple(f"{n:097}" for n in range(10))}
    )
    stored = asdict(record) | {
        "folded": [record.folded_camera, record.folded_filename, *record.folded_keywords],
        "key": record.capture_sort_key,
    }

    assert len(json.dumps(stored, default=str, ensure_ascii=False).encode()) <= 8192
