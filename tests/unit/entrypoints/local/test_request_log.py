"""The line that the local server prints for each request."""

import asyncio
import re

import pytest

from entrypoints.local.asgi import Message, Receive, Send, answer
from entrypoints.local.request_log import RequestLog


def lines_of(status: int, content_type: str, body: bytes, path: str = "/v1/images") -> list[str]:
    """Return what is logged for a request with this response."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await answer(send, status, content_type, body)

    return said_of(app, {"type": "http", "method": "GET", "path": path})


def said_of(app, scope) -> list[str]:  # type: ignore[no-untyped-def]
    said: list[str] = []
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(RequestLog(app, said.append)(scope, receive, send))
    return said


def test_a_line_has_method_path_status_and_time() -> None:
    [line] = lines_of(200, "application/json", b"{}")

    assert re.fullmatch(r"GET /v1/images 200 \d+ ms", line)


def test_a_line_of_a_problem_has_its_code() -> None:
    [line] = lines_of(404, "application/problem+json", b'{"code": "image-not-found"}')

    assert re.fullmatch(r"GET /v1/images 404 \d+ ms image-not-found", line)


def test_a_problem_without_content_has_no_code() -> None:
    [line] = lines_of(401, "application/problem+json", b"")

    assert line.endswith("ms")


def test_a_path_cannot_command_the_terminal() -> None:
    [line] = lines_of(404, "text/plain", b"", path="/\x1b[2J\n/ü")

    assert line.startswith("GET /\\x1b[2J\\n/\\xfc 404")


def test_a_failure_has_a_line_too() -> None:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        said_of(app, {"type": "http", "method": "GET", "path": "/"})


def test_start_and_end_of_the_server_have_no_line() -> None:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})

    assert said_of(app, {"type": "lifespan"}) == []
