"""The processes in which the local server runs functions."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.local.workers import FunctionFailed, HandlerWorkers, LambdaContext
from tests.support.unresponsive_server import server, stay_silent

Event = dict[str, Any]


def event(path: str) -> Event:
    claims = {"sub": "u", "username": "u", "token_use": "access", "client_id": "c"}
    return {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "requestId": "-",
            "stage": "$default",
            "http": {"method": "GET", "path": path},
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
        },
        "isBase64Encoded": False,
    }


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[HandlerWorkers]:
    """Two processes, whose AWS does not answer."""
    with server(stay_silent) as url:
        environment = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "USER_POOL_ID": "eu-central-1_pool",
            "USER_POOL_CLIENT_ID": "client",
            "IMAGES_BUCKET": "images",
            "RECORDS_TABLE": "records",
        }
        workers = HandlerWorkers(2, environment, tmp_path / "log")
        yield workers
        workers.stop()


def test_a_killed_worker_only_loses_its_own_event_and_is_replaced(workers: HandlerWorkers) -> None:
    before = workers.pids

    async def use() -> None:
        hanging = asyncio.create_task(workers.invoke("images", event("/v1/images")))
        await asyncio.sleep(0)  # lets it take the first process
        # The other one is idle and answers, whatever happens to the first.
        assert (await workers.invoke("users", event("/healthz")))["statusCode"] == 200
        os.kill(before[0], signal.SIGKILL)
        with pytest.raises(FunctionFailed, match="ended"):
            await hanging
        answers = await asyncio.gather(*(workers.invoke("users", event("/healthz")) for _ in range(6)))
        assert {answer["statusCode"] for answer in answers} == {200}

    asyncio.run(use())

    after = workers.pids
    assert before[0] not in after
    assert before[1] in after


def test_an_exception_of_a_handler_is_reported_and_ends_nothing(workers: HandlerWorkers) -> None:
    before = workers.pids

    async def use() -> None:
        with pytest.raises(FunctionFailed, match="requestContext"):
            await workers.invoke("users", {})
        assert (await workers.invoke("users", event("/healthz")))["statusCode"] == 200

    asyncio.run(use())

    assert workers.pids == before


def test_the_time_that_is_left_is_the_function_s() -> None:
    for function, limit_s in {"users": 20, "images": 29, "ingest": 900, "render": 120}.items():
        remaining = LambdaContext(function, "-", "-").get_remaining_time_in_millis()
        assert (limit_s - 1) * 1000 < remaining <= limit_s * 1000
