"""The types of an ASGI application (https://asgi.readthedocs.io/en/stable/specs/main.html)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


def header(scope: Message, name: bytes) -> str:
    """Return a request's first header with this lower-case name, or an empty text."""
    value: bytes = next((value for known, value in scope["headers"] if known.lower() == name), b"")
    return value.decode("latin-1")


async def answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    """Send a complete response."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
