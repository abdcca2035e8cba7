"""The types of an ASGI application (https://asgi.readthedocs.io/en/stable/specs/main.html)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


def header(scope: Message, name: bytes) -> str:
    """The first header of this name, in lower case, of a request; empty if there is none."""
    value: bytes = next((value for known, value in scope["headers"] if known.lower() == name), b"")
    return value.decode("latin-1")


async def answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    """Send a whole answer."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
