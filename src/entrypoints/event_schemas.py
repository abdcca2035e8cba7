"""Writes the JSON Schema of each event: ``python -m entrypoints.event_schemas docs/events/v1``.

The schemas describe the events' ``detail`` in version 1. New members may be added to this version. If a
member changes its meaning or is removed, the event gets a version 2 with another detail type.
"""

import json
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.eventbridge.event_bus import detail_of
from domain.images.events import Event, EventType
from domain.images.ids import new_image_id
from domain.images.model import ImageStatus

VERSION = 1
"""The version of all schemas."""

_OWNER = "5f0c7b2e-9a41-4d6b-8c3d-2e7f1a90b6c4"
_CREATED_AT = datetime(2026, 3, 1, 12, 30, 14, tzinfo=UTC)
_OCCURRED_AT = _CREATED_AT + timedelta(seconds=1)
_EXAMPLE_ID = new_image_id(_CREATED_AT, lambda count: b"\xa5" * count)
_ANY = tuple(ImageStatus)


@dataclass(frozen=True, slots=True)
class _Form:
    """The meaning and the possible states of one type of event."""

    meaning: str
    before: Collection[ImageStatus] = ()
    after: Collection[ImageStatus] = ()
    is_of_image: bool = True


_FORMS = {
    EventType.IMAGE_READY: _Form(
        "An image was accepted: its content and metadata are available.",
        before=(ImageStatus.PENDING,),
        after=(ImageStatus.READY,),
    ),
    EventType.IMAGE_REJECTED: _Form(
        "An upload was permanently refused; the image has the reason.",
        before=(ImageStatus.PENDING,),
        after=(ImageStatus.REJECTED,),
    ),
    EventType.IMAGE_RENDERED: _Form(
        "All renditions of an image are available.",
        before=(ImageStatus.READY,),
        after=(ImageStatus.READY,),
    ),
    EventType.IMAGE_UPDATED: _Form(
        "The owner changed the file name, the title, the description or the keywords.",
        before=_ANY,
        after=_ANY,
    ),
    EventType.IMAGE_DELETED: _Form(
        "An image was deleted; its bytes are removed within minutes.", before=_ANY
    ),
    EventType.ACCOUNT_DELETED: _Form(
        "All images of a deleted account have been removed.", is_of_image=False
    ),
}


def schema_of(kind: EventType) -> dict[str, Any]:
    """Describe the detail of events of this type, in JSON Schema's draft 2020-12."""
    form = _FORMS[kind]
    members = dict(_members(form))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:images-upload-api:events:v{VERSION}:{kind.value}",
        "title": kind.value,
        "description": form.meaning,
        "type": "object",
        "properties": members,
        "required": list(members),
        "examples": [example_of(kind)],
    }


def example_of(kind: EventType) -> dict[str, str | int]:
    """Build the detail of an event of this type."""
    form = _FORMS[kind]
    event = Event(
        kind,
        _OWNER,
        version=_example_version(form),
        occurred_at=_OCCURRED_AT,
        image_id=_EXAMPLE_ID if form.is_of_image else None,
        status=_example_status(form.after),
        previous_status=_example_status(form.before),
    )
    return detail_of(event)


def _members(form: _Form) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "event_id",
        {
            "type": "string",
            "pattern": "^[0-9a-f]{32}$",
            "description": "Identifies the event: the same each time that it is delivered.",
        },
    )
    yield "version", _version(form)
    yield (
        "occurred_at",
        {
            "type": "string",
            "format": "date-time",
            "pattern": "Z$",
            "description": "When it happened (RFC 3339, UTC), to the second. Use version for the order.",
        },
    )
    yield "user_id", {"type": "string", "minLength": 1, "description": "The owner: the token's sub."}
    if form.is_of_image:
        yield (
            "image_id",
            {"type": "string", "pattern": "^[0-7][0-9a-hjkmnp-tv-z]{25}$", "description": "The image."},
        )
    if form.after:
        yield "status", _status(form.after, "The image's status after the change.")
    if form.before:
        yield "previous_status", _status(form.before, "The image's status before the change.")


def _version(form: _Form) -> dict[str, Any]:
    if not form.is_of_image:
        return {"type": "integer", "const": 1, "description": "An account has only this event."}
    return {
        "type": "integer",
        "format": "int64",
        "minimum": 2,
        "description": "Increases with every change of the image: of two events, the larger one is later.",
    }


def _status(possible: Collection[ImageStatus], meaning: str) -> dict[str, Any]:
    values = [status.value for status in possible]
    allowed = {"enum": values} if len(values) > 1 else {"const": values[0]}
    return {"type": "string", **allowed, "description": meaning}


def _example_version(form: _Form) -> int:
    if not form.is_of_image:
        return 1
    return 2 if form.before == (ImageStatus.PENDING,) else 3


def _example_status(possible: Collection[ImageStatus]) -> ImageStatus | None:
    if not possible:
        return None
    return ImageStatus.READY if ImageStatus.READY in possible else next(iter(possible))


def files() -> dict[str, str]:
    """Return the content of each schema's file by its name."""
    return {f"{kind.value}.schema.json": json.dumps(schema_of(kind), indent=2) + "\n" for kind in EventType}


def main() -> int:
    """Write all schemas into a directory. Returns the exit status."""
    directory = Path(sys.argv[1])
    for name, content in files().items():
        (directory / name).write_text(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
