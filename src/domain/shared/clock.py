"""The port for the current time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return the current time in UTC, as an aware datetime."""
        ...
