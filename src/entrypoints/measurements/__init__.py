"""What is counted and measured of the running API, and the port that takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Unit(StrEnum):
    """What a value is in, by CloudWatch's names."""

    COUNT = "Count"
    BYTES = "Bytes"
    MILLISECONDS = "Milliseconds"


class Name(StrEnum):
    """What is measured, under the names that dashboards and alarms use."""

    UPLOADS = "Uploads"
    """Images that came to rest, by ``way`` (how their bytes came in) and ``outcome``: ready or rejected."""
    UPLOADED_BYTES = "UploadedBytes"
    """The size of an image that became ready, by ``way``."""
    TIME_TO_READY = "TimeToReady"
    """From an image's record to the news that it is ready, the client's sending included, by ``way``."""
    REJECTIONS = "Rejections"
    """Uploads that were refused, by the ``code`` that says why."""
    SIGN_INS = "SignIns"
    """Log-ins and answers to challenges, by ``outcome``: signed-in, challenge, or an error's code."""
    THROTTLED = "Throttled"
    """Answers 429: a service behind this one, or a rule of ours, allows no more for now."""
    UNAVAILABLE = "Unavailable"
    """Answers 503: a service behind this one failed, or time or room ran out."""
    COLD_STARTS = "ColdStarts"
    """First invocations of a process."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one metric. Each combination of dimensions is a metric of its own, and costs as one."""

    name: Name
    value: float = 1
    unit: Unit = Unit.COUNT
    dimensions: Mapping[str, str] = field(default_factory=dict)


class Measurements(Protocol):
    """Takes what was measured to where it is added up."""

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Take these; each has the function as a further dimension. Never fails a request."""
        ...
