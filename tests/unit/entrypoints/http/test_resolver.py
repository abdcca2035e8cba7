"""The functions' HTTP layer, called with events of API Gateway and scripted use cases."""

import base64
import errno
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler.openapi import compat
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import TypeAdapter

from domain.images.use_cases.own_images import ImagePage
from domain.shared.caller import Caller
from domain.shared.errors import ServiceUnavailable
from entrypoints.http.caller import caller_of
from entrypoints.http.image_routes import add_image_routes
from entrypoints.http.resolver import create_resolver, handle
from entrypoints.http.service_routes import service_routes
from entrypoints.http.session_routes import add_session_routes
from entrypoints.http.user_routes import add_user_routes

CLAIMS = {"sub": "user-1", "username": "user-1", "token_use": "access", "client_id": "c"}
Event = dict[str, Any]


def event(method: str, path: str, *, claims: dict[str, str] | None = None, **members: Any) -> Event:
    """An event of payload format 2.0."""
    context: Event = {
        "requestId": "request-1",
        "stage": "$default",
        "domainName": "api.example.com",
        "http": {"method": method, "path": path},
    }
    if claims:
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": context,
        "isBase64Encoded": False,
        **members,
    }


class UseCases:
    """Use cases whose results a test defines."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.result: Any = None

    def __getattr__(self, _: str) -> Callable[..., Any]:
        return self._called

    def _called(self, *arguments: Any, **options: Any) -> Any:
        self.calls.append((*arguments, options))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def use_cases() -> UseCases:
    return UseCases()


@pytest.fixture
def answer(use_cases: UseCases) -> Callable[[Event], Event]:
    stand_in: Any = use_cases
    app = create_resolver(
        lambda app: add_user_routes(app, stand_in),
        lambda app: add_session_routes(app, stand_in),
        lambda app: add_image_routes(app, stand_in),
        service_routes(),
    )
    return lambda event: handle(app, event, None)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the functions log."""
    stream = io.StringIO()
    handler: Any = Logger(service="images-upload-api").registered_handler
    usual = handler.setStream(stream)
    yield stream
    handler.setStream(usual)


def test_head_asks_for_what_get_would_answer(use_cases: UseCases, answer: Callable[[Event], Event]) -> None:
    use_cases.result = ImagePage(items=(), next_cursor=None)

    by_get = answer(event("GET", "/v1/images", claims=CLAIMS))
    by_head = answer(event("HEAD", "/v1/images", claims=CLAIMS))

    assert by_head == by_get | {"body": ""}
    assert by_get["body"]


def test_head_of_what_is_compressed_has_no_content_either(answer: Callable[[Event], Event]) -> None:
    head = answer(event("HEAD", "/docs", headers={"accept-encoding": "gzip"}))

    assert (head["statusCode"], head["body"], head["isBase64Encoded"]) == (200, "", False)


@pytest.mark.parametrize("method", ["PUT", "TRACE", "get", "post", "FOO"])
def test_another_method_is_refused_without_a_token_with_the_allowed_methods(
    use_cases: UseCases, answer: Callable[[Event], Event], method: str
) -> None:
    refused = answer(event(method, "/v1/images", routeKey="ANY /v1/images"))

    assert refused["statusCode"] == 405
    assert refused["headers"]["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert json.loads(refused["body"])["code"] == "method-not-allowed"
    assert use_cases.calls == []


def test_options_lists_the_methods(answer: Callable[[Event], Event]) -> None:
    told = answer(event("OPTIONS", "/v1/images/7ybqswbpmh9ypy161ev8g97j42"))

    assert (told["statusCode"], told["body"]) == (204, "")
    assert told["headers"]["Allow"] == "GET, HEAD, OPTIONS"


def test_a_path_of_its_own_has_its_own_methods(answer: Callable[[Event], Event]) -> None:
    told = answer(event("OPTIONS", "/v1/users/confirm"))

    assert told["headers"]["Allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_an_unknown_path_has_no_methods(answer: Callable[[Event], Event], method: str) -> None:
    assert answer(event(method, "/v1/nothing"))["statusCode"] == 404


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_or_read_only_disk_is_reported_as_temporary(
    use_cases: UseCases, answer: Callable[[Event], Event], number: int
) -> None:
    use_cases.result = OSError(number, os.strerror(number))

    response = answer(event("GET", "/v1/images", claims=CLAIMS))

    assert response["statusCode"] == 503
    assert json.loads(response["body"])["code"] == "service-unavailable"
    assert response["headers"]["Retry-After"]


def test_an_unexpected_error_is_logged_and_reveals_nothing(
    use_cases: UseCases, answer: Callable[[Event], Event], log: io.StringIO
) -> None:
    use_cases.result = RuntimeError("a secret cause")

    response = answer(event("GET", "/v1/images", claims=CLAIMS))

    assert response["statusCode"] == 500
    assert json.loads(response["body"])["code"] == "internal-error"
    assert "secret" not in response["body"]
    assert "request-1" in response["headers"].values()
    assert "a secret cause" in log.getvalue()


def test_a_failing_service_behind_asks_for_patience(
    use_cases: UseCases, answer: Callable[[Event], Event]
) -> None:
    use_cases.result = ServiceUnavailable("Please try again.", retry_after_s=3)

    response = answer(event("GET", "/v1/images", claims=CLAIMS))

    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"] == "3"


def test_every_answer_has_the_request_id_and_may_not_be_kept(
    use_cases: UseCases, answer: Callable[[Event], Event]
) -> None:
    use_cases.result = ImagePage((), None)

    for path in ("/v1/images", "/v1/nothing"):
        headers = answer(event("GET", path, claims=CLAIMS))["headers"]
        assert headers["x-request-id"] == "request-1"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_get_strict_transport_security(answer: Callable[[Event], Event]) -> None:
    for path in ("/healthz", "/v1/nothing", "/docs"):
        response = answer(event("GET", path, headers={"x-forwarded-proto": "https"}))
        assert response["headers"]["Strict-Transport-Security"] == "max-age=31536000"


def test_the_documentation_runs_its_own_scripts_only_and_in_no_frame(
    answer: Callable[[Event], Event],
) -> None:
    response = answer(event("GET", "/docs"))

    policy = dict(
        directive.split(" ", 1) for directive in response["headers"]["Content-Security-Policy"].split("; ")
    )
    scripts = re.findall("<script>(.*?)</script>", response["body"], re.DOTALL)
    assert len(scripts) == 2
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy["script-src"] == " ".join(f"'sha256-{value}'" for value in hashes)
    assert "unsafe" not in policy["style-src"]
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self'"


def test_the_documentation_can_be_switched_off() -> None:
    app = create_resolver(service_routes(documentation=False))

    assert handle(app, event("GET", "/docs"), None)["statusCode"] == 404
    assert handle(app, event("GET", "/healthz"), None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        (CLAIMS, Caller("user-1", "user-1")),
        (
            {"sub": "user-1", "cognito:username": "Google_7", "token_use": "id", "aud": "c"},
            Caller("user-1", "Google_7"),
        ),
        (
            CLAIMS | {"permissions": "images:upload images:read"},
            Caller("user-1", "user-1", permissions=frozenset({"images:upload", "images:read"})),
        ),
        ({"sub": "machine-1", "token_use": "access"}, Caller("machine-1", "machine-1")),
    ],
)
def test_the_caller_is_the_one_whom_the_claims_name(
    use_cases: UseCases, answer: Callable[[Event], Event], claims: dict[str, str], caller: Caller
) -> None:
    use_cases.result = ImagePage((), None)

    answer(event("GET", "/v1/images", claims=claims))

    assert use_cases.calls[0][0] == caller


def test_a_list_of_names_may_come_as_a_list() -> None:
    class Gateway:
        headers: ClassVar[dict[str, str]] = {}

        class request_context:  # noqa: N801
            class authorizer:  # noqa: N801
                jwt_claim = CLAIMS | {"permissions": ["images:upload"]}

    assert caller_of(Gateway()).permissions == frozenset({"images:upload"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"authorization": "Bearer abc.def.ghi"}, "abc.def.ghi"),
        ({"authorization": "bearer  abc.def.ghi "}, "abc.def.ghi"),
        ({"authorization": "Basic abc"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("token_use", ["access", "id"])
def test_an_access_token_comes_with_the_caller_and_an_id_token_does_not(
    headers: dict[str, str], token: str | None, token_use: str
) -> None:
    members = event("GET", "/v1/users/me", claims=CLAIMS | {"token_use": token_use}, headers=headers)

    caller = caller_of(APIGatewayProxyEventV2(members))

    found = caller.access_token.get_secret_value() if caller.access_token else None
    assert found == (token if token_use == "access" else None)
    assert "abc.def.ghi" not in repr(caller)


@pytest.mark.parametrize(
    ("body", "is_base64"),
    [
        ("{}", True),
        (base64.b64encode(b"\xff\xfe").decode(), True),
        ("[" * 100_000, False),
        ('{"email": "a@example.com", "password": "x", "z": ' + "9" * 5000 + "}", False),
        ("NaN", False),
        (None, False),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    answer: Callable[[Event], Event], body: str | None, is_base64: bool
) -> None:
    response = answer(
        event(
            "POST",
            "/v1/sessions",
            headers={"content-type": "application/json"},
            body=body,
            isBase64Encoded=is_base64,
        )
    )

    assert response["statusCode"] == 422
    assert json.loads(response["body"])["code"] == "invalid-request"


def test_only_the_first_of_many_wrong_fields_are_named_and_in_short(
    answer: Callable[[Event], Event],
) -> None:
    body = json.dumps({f"{'x' * 1000}{number}": 1 for number in range(100)})

    response = answer(
        event("POST", "/v1/sessions", headers={"content-type": "application/json"}, body=body)
    )

    errors = json.loads(response["body"])["errors"]
    assert len(errors) == 20
    assert max(len(error["field"]) for error in errors) == 100


def test_a_request_finds_its_checks_made(use_cases: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in: Any = use_cases
    app = create_resolver(lambda app: add_session_routes(app, stand_in))
    made: list[object] = []

    class Counted(TypeAdapter[Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            made.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(compat, "TypeAdapter", Counted)

    app.compile_checks()
    made_before = len(made)
    answer = handle(app, event("POST", "/v1/sessions", body="{}"), None)

    assert answer["statusCode"] == 422
    assert len(made) == made_before > 0


def test_a_checksum_may_have_the_plus_signs_of_base_64_unencoded(
    use_cases: UseCases, answer: Callable[[Event], Event]
) -> None:
    use_cases.result = ImagePage(items=(), next_cursor=None)
    digest = b"\xfb" * 32
    sent = base64.b64encode(digest).decode().replace("+", " ")
    assert " " in sent

    answer(event("GET", "/v1/images", claims=CLAIMS, queryStringParameters={"sha256": sent}))

    [(_, query, _)] = use_cases.calls
    assert query.sha256 == digest.hex()


def test_a_token_for_another_use_is_refused_before_anything_else(
    use_cases: UseCases, answer: Callable[[Event], Event]
) -> None:
    claims = CLAIMS | {"token_use": "refresh"}

    response = answer(
        event(
            "GET",
            "/v1/images",
            claims=claims,
            rawQueryString="limit=no",
            queryStringParameters={"limit": "no"},
        )
    )

    assert response["statusCode"] == 401
    assert use_cases.calls == []
