"""An unpaired surrogate in any text of any operation is refused at once, and the error names the field."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from entrypoints.http.image_change_routes import add_image_change_routes
from entrypoints.http.image_routes import add_image_routes
from entrypoints.http.mfa_routes import add_mfa_routes
from entrypoints.http.password_routes import add_password_routes
from entrypoints.http.profile_routes import add_profile_routes
from entrypoints.http.resolver import create_resolver, handle
from entrypoints.http.session_routes import add_session_routes
from entrypoints.http.upload_routes import add_upload_routes
from entrypoints.http.user_routes import add_user_routes

HALVES = ["\ud800", "a\udfffb", "\udc00\ud800"]
IMAGE_ID = "7ybqswbpmh9ypy161ev8g97j42"
CLAIMS = {"sub": "user-1", "username": "user-1", "token_use": "access"}

with open("openapi.json", encoding="utf-8") as file:  # noqa: PTH123
    DESCRIPTION: dict[str, Any] = json.load(file)


class Untouched:
    """Use cases that must not be reached."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def reached(*_: Any, **__: Any) -> None:
            pytest.fail(f"{name} was reached")

        return reached


@pytest.fixture(scope="module")
def call() -> Callable[..., dict[str, Any]]:
    stand_in: Any = Untouched()
    app = create_resolver(
        *(
            lambda app, add=add: add(app, stand_in)
            for add in (
                add_user_routes,
                add_session_routes,
                add_password_routes,
                add_profile_routes,
                add_mfa_routes,
                add_image_routes,
                add_image_change_routes,
                add_upload_routes,
            )
        )
    )

    def call(method: str, path: str, **members: Any) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path.replace("{image_id}", IMAGE_ID),
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {
                "requestId": "1",
                "stage": "$default",
                "domainName": "api.example.com",
                "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
                "authorizer": {"jwt": {"claims": CLAIMS, "scopes": None}},
            },
            "isBase64Encoded": False,
        } | members
        answer = handle(app, event, None)
        answer["body"].encode()
        answer["problem"] = json.loads(answer["body"])
        return answer

    return call


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] != ["service"]:
                yield method.upper(), path, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return resolved(DESCRIPTION["components"]["schemas"][name]) if name else schema


def bodies() -> Iterator[Any]:
    """Yield each field of each JSON body with a text as its value: alone, in a list and in an object."""
    for method, path, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for field in resolved(content["schema"])["properties"] if content else ():
            yield pytest.param(method, path, field, id=f"{method} {path} {field}")


def test_there_are_bodies_to_try() -> None:
    fields = {parameter.values[2] for parameter in bodies()}
    assert fields >= {"email", "password", "code", "filename", "given_name", "refresh_token", "session"}


@pytest.mark.parametrize(("method", "path", "field"), list(bodies()))
def test_no_field_of_a_body_accepts_half_a_character(
    call: Callable[..., dict[str, Any]], method: str, path: str, field: str
) -> None:
    for half in HALVES:
        for value in (half, [half], {"inner": half}, {half: 1}, [[{"inner": [1, half]}]]):
            answer = call(method, path, body=json.dumps({field: value}))
            assert (answer["statusCode"], answer["problem"]["code"]) == (422, "invalid-request")
            assert answer["problem"]["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(("method", "path", "field"), list(bodies()))
def test_a_name_with_half_a_character_is_refused(
    call: Callable[..., dict[str, Any]], method: str, path: str, field: str
) -> None:
    for half in HALVES:
        answer = call(method, path, body=json.dumps({f"{field}{half}": "x"}))
        assert (answer["statusCode"], answer["problem"]["code"]) == (422, "invalid-request")
        answer = call(method, path, body=json.dumps({field: "x"}).replace("x", half))
        assert (answer["statusCode"], answer["problem"]["code"]) == (422, "invalid-request")


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in operations()])
def test_nothing_around_the_body_accepts_half_a_character(
    call: Callable[..., dict[str, Any]], method: str, path: str
) -> None:
    for half in HALVES:
        headers = {"content-type": "image/png", "idempotency-key": half, "if-none-match": half}
        answers = [
            call(method, path, headers={"content-type": f"application/json; x={half}"}, body="{}"),
            call(method, path, headers={**headers, "content-type": "application/json"}, body="{}"),
            call(method, path, headers=headers, body="aGVsbG8=", isBase64Encoded=True),
            call(method, path, headers={"content-type": "image/png"}, body=half),
            call(
                method,
                path,
                queryStringParameters={"cursor": half, "limit": half, half: "1"},
                rawQueryString=f"cursor={half}",
            ),
            call(method, path, rawPath=path.replace("{image_id}", f"{IMAGE_ID}{half}") + half),
        ]
        for answer in answers:
            assert answer["statusCode"] in {404, 415, 422}
            assert answer["problem"]["code"]


def test_whole_characters_beyond_the_basic_plane_are_taken(call: Callable[..., dict[str, Any]]) -> None:
    body = '{"email": "no address", "password": "\\ud83d\\ude00"}'
    with pytest.raises(pytest.fail.Exception, match="authenticate was reached"):
        call("POST", "/v1/sessions", body=body)
