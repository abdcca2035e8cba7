"""Publishes events to a bus of Amazon EventBridge.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.images.events import Event, EventType
from domain.images.model import ImageRef
from domain.images.work import Work
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "images-upload-api"
"""The ``source`` of the events."""
_MAX_ENTRIES = 10


class EventBridgePublisher:
    """Implements :class:`domain.images.events.EventPublisher` with one bus."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, events: Sequence[Event]) -> int:
        for start in range(0, len(events), _MAX_ENTRIES):
            entries = [self._entry(event) for event in events[start : start + _MAX_ENTRIES]]
            try:
                answer = self._client.put_events(Entries=entries)
            except (BotoCoreError, ClientError) as error:
                if start:
                    return start
                raise ServiceUnavailable("Events cannot be published at the moment.") from error
            for number, entry in enumerate(answer["Entries"]):
                if "ErrorCode" in entry:
                    return start + number
        return len(events)

    def _entry(self, event: Event) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": event.type.value,
            "Time": event.occurred_at,
            "Detail": json.dumps(detail_of(event)),
        }


def detail_of(event: Event) -> dict[str, str | int]:
    """Build the ``detail`` of an event, which is the same each time it is published."""
    occurred_at = event.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    detail: dict[str, str | int | None] = {
        "event_id": event.event_id,
        "version": event.version,
        "occurred_at": occurred_at,
        "user_id": event.owner_id,
        "image_id": event.image_id,
        "status": event.status.value if event.status else None,
        "previous_status": event.previous_status.value if event.previous_status else None,
    }
    return {name: value for name, value in detail.items() if value is not None}


def deleted_image_of_message(message: Mapping[str, Any]) -> Work | None:
    """Return the deleted image if a subscribed queue's message is an ``image.deleted`` event."""
    ref = _image_of_message(message, EventType.IMAGE_DELETED)
    return Work(ref.owner_id, ref.image_id) if ref else None


def ready_image_of_message(message: Mapping[str, Any]) -> ImageRef | None:
    """Return the ready image if a subscribed queue's message is an ``image.ready`` event."""
    return _image_of_message(message, EventType.IMAGE_READY)


def _image_of_message(message: Mapping[str, Any], event_type: EventType) -> ImageRef | None:
    if message.get("source") != SOURCE or message.get("detail-type") != event_type:
        return None
    return ImageRef(message["detail"]["user_id"], message["detail"]["image_id"])
