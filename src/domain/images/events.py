"""Events about changes of images and accounts, and the port that publishes them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.images.account import Account
from domain.images.model import ImageStatus
from domain.images.record import ImageRecord

_FIRST_VERSION = 1


class EventType(StrEnum):
    """The types of events, with the names that subscribers use."""

    IMAGE_READY = "image.ready"
    IMAGE_REJECTED = "image.rejected"
    IMAGE_RENDERED = "image.rendered"
    """All renditions of the image are available."""
    IMAGE_UPDATED = "image.updated"
    """The owner edited the image: its file name, title, description or keywords."""
    IMAGE_DELETED = "image.deleted"
    ACCOUNT_DELETED = "account.deleted"
    """All images of a deleted account have been removed."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change that matters to subscribers: ids and states, but no content or metadata of an image."""

    type: EventType
    owner_id: str
    version: int
    """Increases with every change of the image, so that subscribers can order its events."""
    occurred_at: datetime
    image_id: str | None = None
    """Absent from events of accounts."""
    status: ImageStatus | None = None
    """The image's state after the change; absent once it is deleted."""
    previous_status: ImageStatus | None = None

    @property
    def event_id(self) -> str:
        """The id of the change, which is the same each time it is published."""
        identity = (self.type.value, self.owner_id, self.image_id or "", str(self.version))
        return hashlib.sha256("#".join(identity).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ImageChange:
    """An image's record before and after a change; ``None`` where there is no record."""

    before: ImageRecord | None
    after: ImageRecord | None
    occurred_at: datetime

    def event(self) -> Event | None:
        """Return the event that this change causes, if any.

        A new record causes none: it is pending, or was rebuilt from storage.
        """
        before, after = self.before, self.after
        if before is None:
            return None
        kind = _kind(before, after)
        if kind is None:
            return None
        return Event(
            kind,
            before.ref.owner_id,
            after.version if after else before.version + 1,
            self.occurred_at,
            before.ref.image_id,
            after.status if after else None,
            before.status,
        )


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account before and after a change."""

    before: Account
    after: Account
    occurred_at: datetime

    def event(self) -> Event | None:
        """Return the event that this change causes, if any."""
        if self.after.deleted_at is None or self.before.deleted_at is not None:
            return None
        return Event(EventType.ACCOUNT_DELETED, self.after.owner_id, _FIRST_VERSION, self.occurred_at)


class EventPublisher(Protocol):
    """Publishes events: each at least once, in any order."""

    def publish(self, events: Sequence[Event]) -> int:
        """Publish these in order. Returns how many were published before the first failure."""
        ...


def _kind(before: ImageRecord, after: ImageRecord | None) -> EventType | None:
    if after is None:
        return EventType.IMAGE_DELETED
    if after.status is not before.status:
        is_ready = after.status is ImageStatus.READY
        return EventType.IMAGE_READY if is_ready else EventType.IMAGE_REJECTED
    if before.open_renditions and not after.open_renditions:
        return EventType.IMAGE_RENDERED
    return EventType.IMAGE_UPDATED if after.edits.number != before.edits.number else None
