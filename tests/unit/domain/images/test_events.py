"""What others are told of changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.images.account import Account, Usage
from domain.images.events import AccountChange, Event, EventType, ImageChange
from domain.images.model import ImageStatus
from domain.images.record import ImageRecord
from domain.renditions.errors import UnrenderableImage
from tests.support.records import accepted, announced, claim_of, pending, ref_at, rejected
from tests.support.samples import CALLER, NOW

WAITING = pending(ref_at(0))
READY = accepted(WAITING)
REFUSED = rejected(WAITING)
TO_BE_RENDERED = accepted(WAITING, renditions=("thumbnail",))
EDITED = READY.edit({"title": "title"})


def event(before: ImageRecord | None, after: ImageRecord | None) -> Event | None:
    return ImageChange(before, after, NOW).event()


@pytest.mark.parametrize(
    ("before", "after", "kind", "version", "status"),
    [
        (WAITING, READY, EventType.IMAGE_READY, 2, ImageStatus.READY),
        (WAITING, REFUSED, EventType.IMAGE_REJECTED, 2, ImageStatus.REJECTED),
        (READY, EDITED, EventType.IMAGE_UPDATED, 3, ImageStatus.READY),
        (TO_BE_RENDERED, TO_BE_RENDERED.end_rendering([]), EventType.IMAGE_RENDERED, 3, ImageStatus.READY),
        (READY, None, EventType.IMAGE_DELETED, 3, None),
        (WAITING, None, EventType.IMAGE_DELETED, 2, None),
    ],
)
def test_a_change_that_matters_is_told(
    before: ImageRecord,
    after: ImageRecord | None,
    kind: EventType,
    version: int,
    status: ImageStatus | None,
) -> None:
    told = event(before, after)

    assert told == Event(kind, CALLER.user_id, version, NOW, WAITING.ref.image_id, status, before.status)


def test_an_event_has_the_version_that_the_image_has_by_then() -> None:
    told = event(READY, replace(EDITED, version=9))

    assert told
    assert told.version == 9


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, WAITING),
        (None, READY),
        (WAITING, replace(WAITING, due_at=NOW + timedelta(hours=2))),
        (announced(ref_at(0)), announced(ref_at(0)).claim_bytes(claim_of())),
        (READY, READY.request_renditions(["thumbnail"])),
        (TO_BE_RENDERED, TO_BE_RENDERED.begin_rendering()),
        (TO_BE_RENDERED, TO_BE_RENDERED.end_rendering([], UnrenderableImage("Damaged."))),
    ],
)
def test_nothing_is_told_of_other_changes(before: ImageRecord | None, after: ImageRecord) -> None:
    assert event(before, after) is None


def test_an_event_has_the_same_id_each_time_and_another_than_every_other() -> None:
    others = [
        event(WAITING, READY),
        event(WAITING, REFUSED),
        event(READY, EDITED),
        event(EDITED, EDITED.edit({"title": "other"})),
        event(pending(ref_at(1)), accepted(pending(ref_at(1)))),
        event(READY, None),
        event(EDITED, None),
    ]
    ids = [told.event_id for told in others if told]

    assert len(set(ids)) == len(others)
    again = ImageChange(WAITING, READY, NOW + timedelta(seconds=5)).event()
    assert again
    assert again.event_id == ids[0]


def test_the_end_of_an_account_is_told_once() -> None:
    closed = Account(CALLER.user_id, Usage(1, 1, 0), deleting_at=NOW, due_at=NOW)
    ended = replace(closed, usage=Usage(), due_at=None, deleted_at=NOW)

    assert AccountChange(Account(CALLER.user_id), closed, NOW).event() is None
    assert AccountChange(ended, ended, NOW).event() is None
    assert AccountChange(ended, Account(CALLER.user_id), NOW).event() is None, "it was forgotten"
    told = AccountChange(closed, ended, NOW).event()
    assert told
    assert (told.type, told.owner_id, told.image_id) == (
        EventType.ACCOUNT_DELETED,
        CALLER.user_id,
        None,
    )
    assert (told.version, told.occurred_at) == (1, NOW)
