"""AWS clients and the deadline of a request."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from adapters.aws_deadline import keep_deadline
from adapters.request_deadline import RequestDeadline
from tests.support.unresponsive_server import drip_the_body, server


@pytest.fixture
def deadline() -> RequestDeadline:
    return RequestDeadline()


@pytest.fixture
def storage(deadline: RequestDeadline) -> Iterator[Any]:
    """A client of a storage whose objects come byte by byte."""
    with server(drip_the_body) as url:
        client = get_session().create_client(
            "s3",
            endpoint_url=url,
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(read_timeout=60, retries={"total_max_attempts": 1}),
        )
        keep_deadline(client, deadline)
        yield client


def test_a_body_that_drips_is_read_until_the_deadline(storage: Any, deadline: RequestDeadline) -> None:
    started = time.monotonic()
    deadline.begin(0.7)
    body = storage.get_object(Bucket="images", Key="key")["Body"]

    with pytest.raises(BotoCoreError):
        body.read(1000)

    assert 0.6 < time.monotonic() - started < 2


def test_without_a_deadline_what_drips_is_read(storage: Any) -> None:
    body = storage.get_object(Bucket="images", Key="key")["Body"]

    assert body.read(3) == b"   "
    body.close()


def test_nothing_is_begun_after_the_deadline(storage: Any, deadline: RequestDeadline) -> None:
    deadline.begin(0)

    with pytest.raises(BotoCoreError, match="time for this request"):
        storage.get_object(Bucket="images", Key="key")
