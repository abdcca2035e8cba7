"""docs/examples/upload.py when storage or the API fails."""

import io
from collections.abc import Callable
from email.message import Message
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from tests.support.example_programs import load_program

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "upload.py"
PART = "https://storage.example.com/part"
Outcome = int | Exception


class Answer(io.BytesIO):
    headers = Message()


def failure(status: int, body: bytes = b"", **headers: str) -> HTTPError:
    sent = Message()
    for name, value in headers.items():
        sent[name.replace("_", "-")] = value
    return HTTPError(PART, status, "-", sent, io.BytesIO(body))


@pytest.fixture
def example() -> Any:
    return load_program(PROGRAM)


@pytest.fixture
def pauses(example: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(example.time, "sleep", pauses.append)
    return pauses


@pytest.fixture
def sent(example: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bytes]]:
    """Make requests end in these outcomes, one after the other. Returns the bodies that are sent."""

    def script(*outcomes: Outcome) -> list[bytes]:
        left = iter(outcomes)
        bodies: list[bytes] = []

        def urlopen(request: Any, timeout: float) -> Answer:
            assert timeout > 0
            bodies.append(b"".join(request.data or ()))
            outcome = next(left)
            if isinstance(outcome, Exception):
                raise outcome
            return Answer()

        monkeypatch.setattr(example.urllib.request, "urlopen", urlopen)
        return bodies

    return script


def send(example: Any) -> None:
    example.request("PUT", PART, {}, lambda: iter([b"by", b"tes"]))


@pytest.mark.parametrize(
    "trouble",
    [500, 502, 503, 504, 429, URLError(OSError("-")), TimeoutError("-"), RemoteDisconnected("-")],
)
def test_temporary_failures_are_retried_with_the_whole_body(
    example: Any, pauses: list[float], sent: Any, trouble: Outcome
) -> None:
    bodies = sent(*(failure(trouble) if isinstance(trouble, int) else trouble for _ in range(2)), 204)

    send(example)

    assert bodies == [b"bytes"] * 3
    assert len(pauses) == 2


def test_the_server_says_how_long_to_wait(example: Any, pauses: list[float], sent: Any) -> None:
    sent(failure(503, retry_after="7"), 200)

    send(example)

    assert pauses[0] >= 7


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_what_does_not_pass_is_raised_at_once(
    example: Any, pauses: list[float], sent: Any, status: int
) -> None:
    sent(failure(status, b'{"code": "some-problem", "detail": "Some problem."}'))

    with pytest.raises(example.Refused, match=r"^Some problem\.$") as refused:
        send(example)

    assert (refused.value.status, refused.value.code) == (status, "some-problem")
    assert pauses == []


def test_what_storage_says_is_shown(example: Any, sent: Any) -> None:
    sent(failure(403, b"<Error><Code>AccessDenied</Code></Error>"))

    with pytest.raises(example.Refused, match=r"403.*AccessDenied"):
        send(example)


def test_an_expired_token_is_reported(example: Any, sent: Any) -> None:
    sent(failure(401, b'{"message": "Unauthorized"}'))

    with pytest.raises(example.Refused, match=r"^Unauthorized: log in again$"):
        send(example)


def test_it_gives_up(example: Any, pauses: list[float], sent: Any) -> None:
    sent(*(failure(503) for _ in range(5)))
    with pytest.raises(example.Refused):
        send(example)
    sent(*(URLError(OSError("-")) for _ in range(5)))
    with pytest.raises(OSError, match="no answer"):
        send(example)
    assert len(pauses) == 8
