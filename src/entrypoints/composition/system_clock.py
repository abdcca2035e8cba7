"""The system's clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time, as :class:`domain.shared.clock.Clock` says."""
    return datetime.now(UTC)
