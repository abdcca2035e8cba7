"""The metrics of the running API, and the port that records them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Unit(StrEnum):
    """The unit of a value, by CloudWatch's names."""

    COUNT = "Count"
    BYTES = "Bytes"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"


class Name(StrEnum):
    """The names of the metrics, as dashboards and alarms use them."""

    UPLOADS = "Uploads"
    """Images that became ready or were rejected, by ``way`` (how their bytes arrived) and ``outcome``."""
    UPLOADED_BYTES = "UploadedBytes"
    """Size of an image that became ready, by ``way``."""
    TIME_TO_READY = "TimeToReady"
    """Time from an image's creation to its ready event, including the transfer, by ``way``."""
    REJECTIONS = "Rejections"
    """Refused uploads, by the ``code`` of the error."""
    SIGN_INS = "SignIns"
    """Log-ins and answers to challenges, by ``outcome``: signed-in, challenge, or the code of the error."""
    THROTTLED = "Throttled"
    """Responses with 429: another service, or one of our own limits, allows no more requests for now."""
    UNAVAILABLE = "Unavailable"
    """Responses with 503: another service failed, or time or space ran out."""
    OVERDUE = "Overdue"
    """How long the oldest due work had been due when it was queued; 0 if there was none."""
    COLD_STARTS = "ColdStarts"
    """First invocations of a process."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value of a metric. Each combination of dimensions is billed as a separate metric."""

    name: Name
    value: float = 1
    unit: Unit = Unit.COUNT
    dimensions: Mapping[str, str] = field(default_factory=dict)


class Measurements(Protocol):
    """Records measurements."""

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Record these measurements, with the function as another dimension. Never makes a request fail."""
        ...
