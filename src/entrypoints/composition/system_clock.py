"""The system's clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time in UTC; implements :class:`domain.shared.clock.Clock`."""
    return datetime.now(UTC)
