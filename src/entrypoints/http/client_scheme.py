"""The scheme of the URL that the client used."""

from collections.abc import Mapping
from typing import Any


def client_scheme(event: Mapping[str, Any]) -> str:
    """Return the scheme that the gateway reports, or ``http``: the local server reports none."""
    headers: Mapping[str, str] = event.get("headers") or {}
    return headers.get("x-forwarded-proto", "http")
