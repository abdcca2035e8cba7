"""The functions of the API, where requests must have come through a content delivery network."""

import importlib
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from entrypoints.composition.cdn import CdnSettings, origin_secrets
from entrypoints.composition.plain_environment import InvalidSetting
from entrypoints.local.workers import LambdaContext

SECRET = "s" * 32
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "IMAGES_BUCKET": "images",
    "ORIGIN_SECRET": f"{'n' * 32} {SECRET}",
    "RECORDS_TABLE": "records",
    "STORAGE_ORIGIN": "https://images.example.com",
    "UPLOADS_QUEUE_URL": "https://sqs.example.com/uploads",
    "USER_POOL_CLIENT_ID": "client",
    "USER_POOL_ID": "eu-central-1_pool",
}
REQUESTS = {
    "images": "GET /v1/images",
    "users": "POST /v1/sessions",
    "web": "GET /",
}


@pytest.fixture(params=REQUESTS)
def function(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    module = importlib.import_module(f"entrypoints.functions.{request.param}")
    made = [value for value in vars(module).values() if hasattr(value, "cache_clear")]
    for each in made:
        each.cache_clear()
    yield module
    for each in made:
        each.cache_clear()


def answer(function: ModuleType, headers: dict[str, str]) -> dict[str, Any]:
    name = function.__name__.rpartition(".")[2]
    method, _, path = REQUESTS[name].partition(" ")
    event = {
        "version": "2.0",
        "routeKey": REQUESTS[name],
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
        },
        "isBase64Encoded": False,
    }
    result: dict[str, Any] = function.handler(event, LambdaContext(name, "request-1", "arn"))
    return result


def test_a_request_without_the_secret_is_refused(function: ModuleType) -> None:
    refused = answer(function, {"x-origin-secret": "wrong"})

    assert refused["statusCode"] == 403
    assert refused["headers"]["Content-Type"] == "application/problem+json"
    assert refused["headers"]["x-request-id"] == "request-1"
    assert json.loads(refused["body"])["code"] == "not-the-public-address"


def test_a_request_with_one_of_the_secrets_is_answered(function: ModuleType) -> None:
    # Without a token or a body, they have nothing else to say.
    assert answer(function, {"x-origin-secret": SECRET})["statusCode"] in {200, 401, 422}


@pytest.mark.parametrize("value", ["short", f"{SECRET},{SECRET}", f"{SECRET} ", ""])
def test_secrets_that_can_be_guessed_or_are_none_are_no_setting(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORIGIN_SECRET", value)

    with pytest.raises(InvalidSetting):
        CdnSettings.from_environment()


def test_without_the_setting_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORIGIN_SECRET", raising=False)
    origin_secrets.cache_clear()

    assert origin_secrets() == ()
    origin_secrets.cache_clear()
