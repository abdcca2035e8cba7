"""docs/examples/upload.py when storage or the API fails."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

PROGRAM = Path(__file__).parents[3] / "docs" / "examples" / "upload.py"
Outcome = int | httpx.Response | Exception


@pytest.fixture
def example() -> Any:
    spec = importlib.util.spec_from_file_location("upload_example", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pauses(example: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(example.time, "sleep", pauses.append)
    return pauses


def sender(outcomes: Iterable[Outcome]) -> Any:
    """Sends nothing and returns one outcome after the other."""
    left = iter(outcomes)

    def send() -> httpx.Response:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        answer = httpx.Response(outcome) if isinstance(outcome, int) else outcome
        answer.request = httpx.Request("PUT", "https://storage.example.com/part")
        return answer

    return send


@pytest.mark.parametrize(
    "trouble", [500, 502, 503, 504, 429, httpx.ConnectError("-"), httpx.ReadTimeout("-")]
)
def test_what_may_pass_is_tried_again(example: Any, pauses: list[float], trouble: Outcome) -> None:
    assert example.persistently(sender([trouble, trouble, 204])).status_code == 204
    assert len(pauses) == 2


def test_the_server_says_how_long_to_wait(example: Any, pauses: list[float]) -> None:
    example.persistently(sender([httpx.Response(503, headers={"retry-after": "7"}), 200]))

    assert pauses[0] >= 7


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_what_does_not_pass_is_raised_at_once(example: Any, pauses: list[float], status: int) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        example.persistently(sender([status]))
    assert pauses == []


def test_it_gives_up(example: Any, pauses: list[float]) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        example.persistently(sender([503] * 5))
    with pytest.raises(httpx.ConnectError):
        example.persistently(sender([httpx.ConnectError("-")] * 5))
    assert len(pauses) == 8
