"""The machine's own clock, as the domain asks for it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Implements :class:`domain.shared.clock.Clock`."""
    return datetime.now(UTC)
