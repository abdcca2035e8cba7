"""The committed schemas of events agree with the code, and with what the code publishes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from adapters.eventbridge.event_bus import detail_of
from domain.images.account import Account, Usage
from domain.images.events import AccountChange, Event, EventType, ImageChange
from domain.images.record import ImageRecord
from entrypoints.event_schemas import example_of, files, schema_of
from tests.support.records import accepted, announced, pending, ref_at, rejected
from tests.support.samples import CALLER, NOW

SCHEMAS = Path(__file__).parents[3] / "docs" / "events" / "v1"

WAITING = pending(ref_at(0))
READY = accepted(WAITING)
TO_BE_RENDERED = accepted(WAITING, renditions=("thumbnail",))
REFUSED = rejected(announced(ref_at(1)))
EDIT = {"title": "title"}
CHANGES: list[tuple[ImageRecord, ImageRecord | None]] = [
    (WAITING, READY),
    (announced(ref_at(1)), REFUSED),
    (WAITING, WAITING.edit(EDIT)),
    (READY, READY.edit(EDIT)),
    (REFUSED, REFUSED.edit(EDIT)),
    (TO_BE_RENDERED, TO_BE_RENDERED.end_rendering([])),
    (WAITING, None),
    (READY, None),
    (REFUSED, None),
]
CLOSED = Account(CALLER.user_id, Usage(), deleting_at=NOW, due_at=NOW)


def told() -> list[Event]:
    """The event for every change that matters to other programs."""
    changes = [ImageChange(before, after, NOW) for before, after in CHANGES]
    ended = AccountChange(CLOSED, replace(CLOSED, due_at=None, deleted_at=NOW), NOW)
    return [event for event in (change.event() for change in (*changes, ended)) if event]


def complaints(kind: EventType, detail: Any) -> list[str]:
    """What the schema says against a detail; members that it does not know count, too."""
    strict = {**schema_of(kind), "additionalProperties": False}
    validator = jsonschema_rs.validator_for(strict, validate_formats=True)
    return [error.message for error in validator.iter_errors(detail)]


def test_the_files_are_up_to_date() -> None:
    committed = {file.name: file.read_text() for file in SCHEMAS.iterdir()}

    assert committed == files(), "make event-schemas"


@pytest.mark.parametrize("kind", EventType)
def test_each_example_agrees_with_its_schema(kind: EventType) -> None:
    jsonschema_rs.meta.validate(schema_of(kind))
    assert complaints(kind, example_of(kind)) == []


def test_what_is_published_agrees_with_its_schema() -> None:
    events = told()

    assert len(events) == len(CHANGES) + 1
    assert {event.type for event in events} == set(EventType)
    for event in events:
        assert complaints(event.type, json.loads(json.dumps(detail_of(event)))) == []


@pytest.mark.parametrize("kind", EventType)
def test_a_detail_without_any_of_its_members_or_with_another_is_refused(kind: EventType) -> None:
    example = example_of(kind)
    for name in example:
        assert complaints(kind, {key: value for key, value in example.items() if key != name})
    assert complaints(kind, {**example, "url": "https://example.com"})
    assert complaints(kind, {**example, "event_id": "1"})
