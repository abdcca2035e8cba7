"""The headers that every answer of every function has."""

from typing import Any


def add_common_headers(answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Complete an answer to an API Gateway event (payload format 2.0), in place, and return it."""
    headers = answer.setdefault("headers", {})
    headers["x-request-id"] = event["requestContext"]["requestId"]
    # Answers are personal or carry tokens: neither caches nor content sniffing may touch them.
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # What is no page has nothing to load, and belongs in no frame.
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if (event.get("headers") or {}).get("x-forwarded-proto") == "https":
        # RFC 6797 §7.2 allows this over secure transport only, which the local server has not.
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer
