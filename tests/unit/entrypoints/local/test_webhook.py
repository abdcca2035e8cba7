"""Posting events to a program on this machine, over real HTTP."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from entrypoints.local.webhook import HEADERS, NotOnLoopback, Webhook
from tests.support.event_receiver import EventReceiver

EVENT = '{"detail-type": "image.ready", "detail": {}}'


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with EventReceiver() as started:
        yield started


PAUSES_S = (0.01, 0.02)
ATTEMPTS = len(PAUSES_S) + 1


def post(url: str, stopped: bool = False, pauses_s: tuple[float, ...] = PAUSES_S) -> bool:
    async def posted() -> bool:
        end = asyncio.Event()
        if stopped:
            end.set()
        return await replace(Webhook.at(url), pauses_s=pauses_s).post(EVENT, end)

    return asyncio.run(posted())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9000/events?from=images", ("127.0.0.1", 9000, "/events?from=images")),
        ("http://localhost", ("localhost", 80, "/")),
        ("http://127.8.9.10:9000/", ("127.8.9.10", 9000, "/")),
        ("http://[::1]:9000/events", ("::1", 9000, "/events")),
    ],
)
def test_urls_of_this_machine_are_taken(url: str, expected: tuple[str, int, str]) -> None:
    at = Webhook.at(url)

    assert (at.host, at.port, at.target) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:9000",
        "http://example.com/events",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://user:password@127.0.0.1/",
        "http://192.168.0.1/",
        "http://0.0.0.0:9000/",
        "http://[::1",
        "http://127.0.0.1:port/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\x07",
    ],
)
def test_other_urls_are_refused_with_what_to_set(url: str) -> None:
    with pytest.raises(NotOnLoopback, match=r"WEBHOOK_URL is .*: set http://127"):
        Webhook.at(url)


def test_an_event_is_posted_as_eventbridge_posts_it(receiver: EventReceiver) -> None:
    assert post(receiver.url)

    [request] = receiver.requests
    assert (request.method, request.path, request.body.decode()) == ("POST", "/events?from=images", EVENT)
    assert HEADERS.items() <= request.headers.items()


@pytest.mark.parametrize("status", [401, 407, 409, 429, 500, 503])
def test_temporary_failures_are_retried(receiver: EventReceiver, status: int) -> None:
    receiver.statuses = [status, status, 204]

    assert post(receiver.url)

    assert [request.body.decode() for request in receiver.requests] == [EVENT] * 3


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_what_does_not_pass_is_given_up_at_once(
    receiver: EventReceiver, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.statuses = [status]

    assert post(receiver.url)

    assert len(receiver.requests) == 1
    assert capsys.readouterr().err == f"warning: an event could not be posted: the response was {status}\n"


def test_it_gives_up(receiver: EventReceiver) -> None:
    receiver.statuses = [500] * (ATTEMPTS + 1)

    assert post(receiver.url)

    assert len(receiver.requests) == ATTEMPTS


def test_a_missing_receiver_is_reported_without_failing(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        assert post(url)

    assert "ConnectionRefusedError" in capsys.readouterr().err


def test_a_broken_answer_is_like_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for _ in range(ATTEMPTS):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"nonsense\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        assert post(url)

        thread.join()


def test_undelivered_events_are_kept_at_the_end(receiver: EventReceiver) -> None:
    receiver.statuses = [503]

    assert not post(receiver.url, stopped=True, pauses_s=(60,))
