"""A user's account from the images' point of view: usage, quotas and deletion."""

from dataclasses import dataclass
from datetime import datetime

from domain.images.model import ImageStatus
from domain.images.record import ImageRecord


@dataclass(frozen=True, slots=True)
class Usage:
    """What a user's images take up: the sum over the pending and ready ones.

    A pending image counts with its declared size. A rejected image does not count.
    """

    images: int = 0
    bytes: int = 0
    pending: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.images + other.images, self.bytes + other.bytes, self.pending + other.pending)

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.images - other.images, self.bytes - other.bytes, self.pending - other.pending)


def usage_of(record: ImageRecord | None) -> Usage:
    """Return what one image adds to its owner's usage; subtract two results for a change's effect."""
    if record is None or record.status is ImageStatus.REJECTED:
        return Usage()
    return Usage(1, record.size_bytes, 1 if record.status is ImageStatus.PENDING else 0)


@dataclass(frozen=True, slots=True)
class Quotas:
    """The most that a user's images may take up; ``None`` means no limit."""

    max_images: int | None = None
    max_bytes: int | None = None
    max_pending: int | None = 100


@dataclass(frozen=True, slots=True)
class Account:
    """A user's usage, and the progress of the account's deletion."""

    owner_id: str
    usage: Usage = Usage()
    deleting_at: datetime | None = None
    """When the deletion began. From then on, no image can be created or become ready."""
    due_at: datetime | None = None
    """When the deletion is due to continue; ``None`` before it begins and after its last step."""
    deleted_at: datetime | None = None
    """When the deletion was complete."""
