"""Queries for a user's images: an order, and criteria that the images must meet."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum

from domain.images.compact_summary import fold
from domain.images.model import ImageStatus
from domain.images.record import ImageRecord


class ImageSort(StrEnum):
    """The orders; those by capture time contain ready images only."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    LAST_CAPTURED = "-captured_at"
    FIRST_CAPTURED = "captured_at"

    @property
    def is_by_capture(self) -> bool:
        """Whether it sorts by :attr:`ImageRecord.capture_sort_key`, not by creation."""
        return self in {ImageSort.LAST_CAPTURED, ImageSort.FIRST_CAPTURED}

    @property
    def is_descending(self) -> bool:
        """Whether the latest comes first."""
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """An order, and criteria that an image must all meet; ``None`` means no criterion.

    Capture times are local: ISO 8601 without an offset, whole or partial. ``captured_to`` includes
    the whole year, month, day … that it names. ``camera`` and ``filename`` match substrings,
    ``keyword`` matches whole keywords. Case is ignored.
    """

    sort: ImageSort = ImageSort.NEWEST
    status: ImageStatus | None = None
    captured_from: str | None = None
    captured_to: str | None = None
    created_from: datetime | None = None
    """Inclusive, like :attr:`created_to`."""
    created_to: datetime | None = None
    camera: str | None = None
    keyword: str | None = None
    filename: str | None = None
    has_location: bool | None = None
    sha256: str | None = None
    """Of ready images only; lower-case hexadecimal."""

    def matches(self, record: ImageRecord) -> bool:
        """Tell whether ``record`` meets the criteria."""
        if self.sort.is_by_capture and record.status is not ImageStatus.READY:
            return False
        taken_at = record.taken_at
        return (
            (self.status is None or record.status is self.status)
            and (self.captured_from is None or taken_at >= self.captured_from)
            and (self.captured_to is None or taken_at[: len(self.captured_to)] <= self.captured_to)
            and (self.created_from is None or record.created_at >= self.created_from)
            and (self.created_to is None or record.created_at <= self.created_to)
            and (self.camera is None or fold(self.camera) in record.folded_camera)
            and (self.keyword is None or fold(self.keyword) in record.folded_keywords)
            and (self.filename is None or fold(self.filename) in record.folded_filename)
            and (self.has_location is None or record.has_location is self.has_location)
            and (
                self.sha256 is None or (record.content is not None and record.content.sha256 == self.sha256)
            )
        )

    def position_of(self, record: ImageRecord) -> str:
        """Return the position of ``record`` in this order, as :class:`ImageRecords` uses it."""
        return record.capture_sort_key if self.sort.is_by_capture else record.ref.image_id

    @property
    def digest(self) -> str:
        """A digest that identifies the query, also after a restart: equal for equal queries."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records in the requested order.

    ``next_position`` is set if there may be more, even if this page is short or empty.
    """

    records: tuple[ImageRecord, ...]
    next_position: str | None
