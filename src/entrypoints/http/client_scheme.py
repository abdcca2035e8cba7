"""The scheme of the URL that the client used."""

from collections.abc import Mapping
from typing import Any


def client_scheme(event: Mapping[str, Any]) -> str:
    """Return what the gateway says, or ``http``: the local server says nothing."""
    headers: Mapping[str, str] = event.get("headers") or {}
    return headers.get("x-forwarded-proto", "http")
