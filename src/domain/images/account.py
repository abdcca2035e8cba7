"""A user's account as far as their images are concerned: usage, quotas, and its deletion."""

from dataclasses import dataclass
from datetime import datetime

from domain.images.model import ImageStatus
from domain.images.record import ImageRecord


@dataclass(frozen=True, slots=True)
class Usage:
    """What a user's images take: the sum over the records that are pending or ready.

    A pending image counts with the size that was announced. A rejected one takes nothing.
    """

    images: int = 0
    bytes: int = 0
    pending: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.images + other.images, self.bytes + other.bytes, self.pending + other.pending)

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.images - other.images, self.bytes - other.bytes, self.pending - other.pending)


def usage_of(record: ImageRecord | None) -> Usage:
    """Return what one image adds to its owner's usage; the difference of two is what a change adds."""
    if record is None or record.status is ImageStatus.REJECTED:
        return Usage()
    return Usage(1, record.size_bytes, 1 if record.status is ImageStatus.PENDING else 0)


@dataclass(frozen=True, slots=True)
class Quotas:
    """What a user's images may take at most; ``None`` is no limit."""

    max_images: int | None = None
    max_bytes: int | None = None
    max_pending: int | None = 100


@dataclass(frozen=True, slots=True)
class Account:
    """A user's usage, and how far the deletion of their account has come."""

    owner_id: str
    usage: Usage = Usage()
    deleting_at: datetime | None = None
    """When the deletion began; from then on no image can be created or become ready."""
    due_at: datetime | None = None
    """When the deletion is to continue; ``None`` before it began and once nothing can follow."""
    deleted_at: datetime | None = None
    """When nothing was left."""
