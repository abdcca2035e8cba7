"""Times in queries: instants, and the local times of cameras."""

import re
from datetime import datetime

from domain.shared.errors import FieldError, InvalidRequest

LOCAL_TIME = re.compile(
    r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?)?)?)?",
    re.ASCII,
)
"""The local time of a camera, whole or partial."""


def parse_local_time(field: str, text: str) -> str:
    """Check a time without an offset, whole or partial, such as ``2024``, ``2024-05`` or ``2024-05-01T12``.

    Raises InvalidRequest naming the field.
    """
    if not LOCAL_TIME.fullmatch(text):
        raise _invalid(
            field,
            "must be a local time without an offset, whole or partial, such as 2024-05 or 2024-05-01T12:30",
        )
    return text


def parse_instant(field: str, text: str) -> datetime:
    """Parse a time with an offset (RFC 3339), such as ``2024-05-01T12:30:00Z``. Raises InvalidRequest."""
    try:
        # Unless it is encoded, the plus sign of an offset arrives as a space.
        instant = datetime.fromisoformat(text.replace(" ", "+").upper())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or "T" not in text.upper():
        raise _invalid(field, "must be a time with an offset (RFC 3339), such as 2024-05-01T12:30:00Z")
    return instant


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
