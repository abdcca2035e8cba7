"""Prints one line for each response of the local server."""

import json
import time
from collections.abc import Callable

from entrypoints.local.asgi import AsgiApp, Message, Receive, Send

_PROBLEM = b"application/problem+json"


class RequestLog:
    """An ASGI middleware that prints a line for each response.

    A line has the method, the path without its query, the status, the milliseconds until the last byte and,
    for a problem, its code: ``POST /v1/sessions 401 87 ms invalid-credentials``.
    """

    def __init__(self, app: AsgiApp, say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on the request. The application's start and end have no line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 0
        problem: bytearray | None = None

        async def note(message: Message) -> None:
            nonlocal status, problem
            if message["type"] == "http.response.start":
                status = message["status"]
                is_problem = (b"content-type", _PROBLEM) in message["headers"]
                problem = bytearray() if is_problem else None
            elif problem is not None:
                problem += message.get("body", b"")
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            took = f"{round((time.monotonic() - begun) * 1000)} ms"
            words = [scope["method"], scope["path"], str(status or "-"), took, _code(problem)]
            # A path can have any characters, even those that control terminals.
            self._say(" ".join(filter(None, words)).encode("unicode_escape").decode())


def _code(problem: bytearray | None) -> str:
    return str(json.loads(problem).get("code", "")) if problem else ""
