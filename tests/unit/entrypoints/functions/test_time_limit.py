"""If AWS hangs, the functions answer before their own time limit."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from adapters.request_deadline import RequestDeadline
from entrypoints.functions import images, ingest, users
from entrypoints.functions.time_limit import begin
from tests.support.fakes.identify import program
from tests.support.image_factory import photo
from tests.support.samples import image_ref
from tests.support.unresponsive_server import (
    deaf_server,
    drip_the_body,
    drip_the_head,
    fail,
    nameless_server,
    server,
    stay_silent,
    stop_in_the_body,
    stop_in_the_head,
)

Event = dict[str, Any]
LIMIT_S = 2.6
"""Somewhat more than the time that the functions reserve for the response."""
CLAIMS = {"sub": "user-1", "username": "user-1", "token_use": "access", "client_id": "c"}
IMAGE_ID = image_ref().image_id


class Context:
    """Lambda's context object of a function that starts now with this time limit."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "-"

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.started = time.monotonic()
        self._limit_s = limit_s

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started

    def get_remaining_time_in_millis(self) -> int:
        return int((self._limit_s - self.elapsed_s) * 1000)


SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "accepts and never answers": lambda: server(stay_silent),
    "stops in the head": lambda: server(stop_in_the_head),
    "stops in the body": lambda: server(stop_in_the_body),
    "drips the head": lambda: server(drip_the_head),
    "drips the body": lambda: server(drip_the_body),
    "does not accept": deaf_server,
    "has no name": nameless_server,
    "fails": lambda: server(fail),
}


def forget_containers() -> None:
    """Make the functions read their environment again."""
    for function in (users, images):
        function._adapters.cache_clear()
        function._app.cache_clear()
    ingest._adapters.cache_clear()
    ingest._queue.cache_clear()
    ingest._use_cases.cache_clear()


@pytest.fixture(params=SERVERS)
def trouble(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def aws(trouble: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make all of AWS fail."""
    with SERVERS[trouble]() as url:
        environment = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "USER_POOL_ID": "eu-central-1_pool",
            "USER_POOL_CLIENT_ID": "client",
            "IMAGES_BUCKET": "images",
            "RECORDS_TABLE": "records",
            "UPLOADS_QUEUE_URL": f"{url}/queue",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget_containers()
        # What a function prepares once is not part of the measured time.
        users._app(), images._app(), ingest._use_cases()
        yield
        forget_containers()


def request(method: str, route: str, body: object = None, content: bytes | None = None) -> Event:
    path = route.replace("{image_id}", IMAGE_ID)
    event: Event = {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "image/jpeg" if content else "application/json"},
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "userAgent": "test"},
            "authorizer": {"jwt": {"claims": CLAIMS, "scopes": None}},
        },
        "isBase64Encoded": content is not None,
    }
    if body is not None:
        event["body"] = json.dumps(body)
    if content is not None:
        event["body"] = base64.b64encode(content).decode()
    if "{image_id}" in route:
        event["pathParameters"] = {"image_id": IMAGE_ID}
    return event


REQUESTS = {
    "log in": (users, request("POST", "/v1/sessions", {"email": "a@example.org", "password": "x" * 12})),
    "profile": (users, request("GET", "/v1/users/me")),
    "upload": (images, request("POST", "/v1/images", content=photo("jpeg-plain.jpg").content)),
    "list": (images, request("GET", "/v1/images")),
    "get": (images, request("GET", "/v1/images/{image_id}")),
    "delete": (images, request("DELETE", "/v1/images/{image_id}")),
    "announce": (images, request("POST", "/v1/uploads", {"size": 10, "content_type": "image/jpeg"})),
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("trouble", "name"),
    [
        (trouble, name)
        for trouble in SERVERS
        for name in (REQUESTS if trouble == "accepts and never answers" else ("log in", "list"))
    ],
)
def test_a_service_that_hangs_is_reported_as_unavailable_in_time(name: str) -> None:
    function, event = REQUESTS[name]
    context = Context()

    answer = function.handler(event, context)

    assert context.elapsed_s < LIMIT_S
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["code"] == "service-unavailable"
    assert int(answer["headers"]["Retry-After"]) > 0


@pytest.mark.usefixtures("aws")
def test_a_batch_whose_storage_hangs_is_retried() -> None:
    key = f"incoming/someone/{IMAGE_ID}"
    message = {
        "messageId": "1",
        "receiptHandle": "handle",
        "body": json.dumps({"Records": [{"s3": {"object": {"key": key}}}]}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }
    context = Context()

    answer = ingest.handler({"Records": [message]}, context)

    assert context.elapsed_s < LIMIT_S
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.parametrize("script", ["exit 1", "sleep 300", "while :; do :; done"])
def test_a_broken_imagemagick_is_reported_as_unavailable_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.delenv("IMAGEMAGICK_HOME", raising=False)
    monkeypatch.setenv("IDENTIFY_PATH", program(tmp_path, script).arguments[0])
    for name in ("USER_POOL_ID", "IMAGES_BUCKET", "RECORDS_TABLE", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "unused")
    forget_containers()
    context = Context(4)

    answer = images.handler(REQUESTS["upload"][1], context)

    forget_containers()
    assert context.elapsed_s < 4
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0


def test_the_deadline_leaves_time_to_answer() -> None:
    deadline = RequestDeadline(lambda: 1000)

    begin(deadline, Context(20))
    assert 17 < deadline.remaining_s() <= 18
    begin(deadline, Context(1))
    assert deadline.remaining_s() == 0


def test_without_a_context_there_is_no_deadline() -> None:
    deadline = RequestDeadline()

    begin(deadline, None)

    assert deadline.remaining_s() == float("inf")
