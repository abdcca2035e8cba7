"""Direct uploads, which go straight to storage: their parts, and their signed forms and requests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.shared.errors import FieldError, InvalidRequest

_MIB = 1024 * 1024

MAX_PART_BYTES = 512 * _MIB
"""Smaller than storage's own limit, because a failed part must be sent again as a whole."""
DEFAULT_PART_BYTES = 8 * _MIB


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """What storage accepts from clients. ``min_part_bytes`` does not apply to the last part."""

    max_upload_bytes: int
    min_part_bytes: int
    max_part_bytes: int
    max_parts: int

    def part_bytes_range(self, size_bytes: int) -> tuple[int, int]:
        """Return the least and the greatest size of the parts of an upload of ``size_bytes``."""
        return (
            max(self.min_part_bytes, -(-size_bytes // self.max_parts)),
            min(self.max_part_bytes, MAX_PART_BYTES),
        )


@dataclass(frozen=True, slots=True)
class MultipartPlan:
    """The parts of an upload: all but the last have ``part_bytes``; ``upload_id`` is storage's."""

    upload_id: str
    part_bytes: int

    def part_count(self, size_bytes: int) -> int:
        """Return how many parts an upload of ``size_bytes`` has."""
        return -(-size_bytes // self.part_bytes)

    def part_length(self, number: int, size_bytes: int) -> int:
        """Return the size in bytes of the part with this number, counted from 1.

        Raises InvalidRequest naming the field ``part_numbers``.
        """
        count = self.part_count(size_bytes)
        if not 1 <= number <= count:
            message = f"must be from 1 to {count}, which is how many parts the upload has"
            raise InvalidRequest(f"part_numbers {message}.", errors=[FieldError("part_numbers", message)])
        return min(self.part_bytes, size_bytes - (number - 1) * self.part_bytes)


def choose_part_bytes(limits: StorageLimits, size_bytes: int, wanted: int | None = None) -> int:
    """Return the size of the parts of an upload: ``wanted`` if given, otherwise a default.

    Raises InvalidRequest naming the field ``part_size`` if storage would not accept such parts.
    """
    least, greatest = limits.part_bytes_range(size_bytes)
    if wanted is None:
        return max(least, min(DEFAULT_PART_BYTES, greatest))
    if not least <= wanted <= greatest:
        message = f"must be from {least} to {greatest} bytes for an upload of {size_bytes} bytes"
        raise InvalidRequest(f"part_size {message}.", errors=[FieldError("part_size", message)])
    return wanted


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part that storage has received."""

    number: int
    size_bytes: int
    etag: str
    """Storage's entity tag of the part, without quotes."""


def missing_parts(plan: MultipartPlan, size_bytes: int, parts: Iterable[UploadedPart]) -> list[int]:
    """List the numbers of the parts that are absent or do not have the planned size."""
    sizes = {part.number: part.size_bytes for part in parts}
    return [
        number
        for number in range(1, plan.part_count(size_bytes) + 1)
        if sizes.get(number) != plan.part_length(number, size_bytes)
    ]


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form to send to storage, with the bytes as the last field, ``file``."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request to storage that needs no further authentication."""

    method: str
    url: str
    expires_at: datetime


class MultipartOperation(StrEnum):
    """What a client can do itself with a multipart upload, in storage's own protocol."""

    LIST_PARTS = "list-parts"
    COMPLETE = "complete"
