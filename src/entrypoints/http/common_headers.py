"""Adds the headers that all responses of all functions have."""

from typing import Any

from entrypoints.http.client_scheme import client_scheme


def add_common_headers(answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Add the headers to a response (payload format 2.0) in place, and return it."""
    headers = answer.setdefault("headers", {})
    headers["x-request-id"] = event["requestContext"]["requestId"]
    # Responses are personal or contain tokens, so caches and content sniffing are forbidden.
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Responses other than pages load nothing and belong in no frame.
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if client_scheme(event) == "https":
        # RFC 6797 §7.2 forbids this header over insecure transport, such as the local server's.
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer
