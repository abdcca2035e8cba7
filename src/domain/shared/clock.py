"""The time, as the domain asks for it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """The current time, aware, in UTC."""
        ...
