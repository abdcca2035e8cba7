"""Register, confirm, log in, refresh, who am I: over HTTP."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, WRONG_PASSWORD, User, confirm, log_in, new_email, register


def problem_code(answer: httpx.Response) -> str:
    """Check the form of a problem and return its code."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:problem-type:{problem['code']}"
    assert answer.headers["x-request-id"]
    code: str = problem["code"]
    return code


@pytest.mark.emulated
def test_a_new_user_registers_confirms_logs_in_and_sees_their_account(
    api: httpx.Client, backend: Backend
) -> None:
    email = new_email()
    registered = api.post(
        "/v1/users",
        json={"email": email, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"},
    )
    assert registered.status_code == 201
    assert registered.json()["status"] == "unconfirmed"
    assert registered.json()["email"] == email
    assert registered.json()["code_delivery"]["medium"] == "email"
    assert email not in registered.json()["code_delivery"]["destination"]
    early = log_in(api, email)
    assert (early.status_code, problem_code(early)) == (403, "user-not-confirmed")

    confirm(api, backend, email)
    tokens = log_in(api, email)

    assert tokens.status_code == 200
    assert tokens.headers["cache-control"] == "no-store"
    assert tokens.json()["token_type"] == "Bearer"
    assert tokens.json()["expires_in"] > 0
    me = api.get("/v1/users/me", headers={"authorization": f"Bearer {tokens.json()['access_token']}"})
    assert me.status_code == 200
    assert me.json()["user_id"] == registered.json()["user_id"]
    assert (me.json()["email"], me.json()["given_name"], me.json()["family_name"]) == (
        email,
        "Ada",
        "Lovelace",
    )
    assert me.json()["mfa_enabled"] is False
    created_at = datetime.fromisoformat(me.json()["created_at"])
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=5)


def test_an_address_is_the_same_in_any_letter_case(api: httpx.Client, user: User) -> None:
    again = register(api, f"  {user.email.upper()} ")
    assert (again.status_code, problem_code(again)) == (409, "user-exists")
    assert log_in(api, user.email.upper()).status_code == 200


def test_a_refresh_token_gives_new_tokens(api: httpx.Client, user: User) -> None:
    refreshed = api.post("/v1/sessions/refresh", json={"refresh_token": user.refresh_token})

    assert refreshed.status_code == 200
    headers = {"authorization": f"Bearer {refreshed.json()['access_token']}"}
    assert api.get("/v1/users/me", headers=headers).json()["user_id"] == user.id


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "", "x" * 5000, "é"])
def test_a_wrong_refresh_token_is_refused(api: httpx.Client, token: str) -> None:
    refused = api.post("/v1/sessions/refresh", json={"refresh_token": token})

    assert (refused.status_code, problem_code(refused)) == (401, "invalid-refresh-token")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_an_access_token_is_not_a_refresh_token(api: httpx.Client, user: User) -> None:
    refused = api.post("/v1/sessions/refresh", json={"refresh_token": user.access_token})

    assert (refused.status_code, problem_code(refused)) == (401, "invalid-refresh-token")


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(api: httpx.Client, user: User) -> None:
    wrong = log_in(api, user.email, WRONG_PASSWORD)
    unknown = log_in(api, new_email(), WRONG_PASSWORD)

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert problem_code(wrong) == "invalid-credentials"


@pytest.mark.emulated
def test_resending_a_code_reveals_nothing_about_users(api: httpx.Client, user: User) -> None:
    waiting = new_email()
    register(api, waiting)

    answers = [
        api.post("/v1/users/confirm/resend", json={"email": email})
        for email in (waiting, user.email, new_email())
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3


@pytest.mark.emulated
def test_a_wrong_code_is_refused_and_the_right_one_still_works(api: httpx.Client, backend: Backend) -> None:
    email = new_email()
    register(api, email)

    refused = api.post("/v1/users/confirm", json={"email": email, "code": "000000"})

    assert (refused.status_code, problem_code(refused)) == (400, "invalid-code")
    confirm(api, backend, email)


def test_a_code_for_an_unknown_user_is_as_wrong_as_any(api: httpx.Client) -> None:
    refused = api.post("/v1/users/confirm", json={"email": new_email(), "code": "000000"})

    assert (refused.status_code, problem_code(refused)) == (400, "invalid-code")


@pytest.mark.parametrize("password", ["short", "alllowercase-but-long", "NOLOWERCASE-123456", "x" * 300])
def test_a_weak_password_is_refused_with_the_policy(api: httpx.Client, password: str) -> None:
    refused = register(api, new_email(), password)

    assert refused.status_code == 422
    assert problem_code(refused) in {"weak-password", "invalid-request"}
    assert password not in refused.text


def test_a_common_password_is_refused(api: httpx.Client) -> None:
    refused = register(api, new_email(), "P@ssw0rd2024!")

    assert (refused.status_code, problem_code(refused)) == (422, "weak-password")


@pytest.mark.emulated
def test_a_password_may_be_typed_in_any_normal_form(api: httpx.Client, backend: Backend) -> None:
    email = new_email()
    assert register(api, email, "Zo\u00eb-und-3-Pferde").status_code == 201
    confirm(api, backend, email)

    assert log_in(api, email, "Zoe\u0308-und-3-Pferde").status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": "a\u200bda@example.com", "password": PASSWORD}, {"email"}),
        ({"email": "n..m@example.com", "password": PASSWORD}, {"email"}),
        ({"email": "ada@-example.com", "password": PASSWORD}, {"email"}),
        ({"email": "ada@example.com"}, {"password"}),
        ({"email": "no address", "password": PASSWORD}, {"email"}),
        ({"email": "a@" + "b" * 300 + ".com", "password": PASSWORD}, {"email"}),
        ({"email": 5, "password": PASSWORD}, {"email"}),
        ({"email": "ada@example.com", "password": PASSWORD, "admin": True}, {"admin"}),
        ({"email": "ada@example.com", "password": PASSWORD, "given_name": "x" * 5000}, {"given_name"}),
        ({"email": "ada@example.com", "password": None}, {"password"}),
    ],
)
def test_an_invalid_field_is_named(api: httpx.Client, body: dict[str, object], fields: set[str]) -> None:
    refused = api.post("/v1/users", json=body)

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
    assert {error["field"] for error in refused.json()["errors"]} == fields
    assert PASSWORD not in refused.text


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"5", b'"text"', b"\xff\xfe{}", b'{"email": "\xff"}', b"[" * 5000, b"{}{}"],
)
def test_a_body_that_is_not_a_json_object_is_refused(api: httpx.Client, body: bytes) -> None:
    refused = api.post("/v1/sessions", content=body, headers={"content-type": "application/json"})

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
    assert refused.json()["errors"]


@pytest.mark.parametrize("field", ["email", "password", "given_name", "other"])
def test_half_a_character_is_refused(api: httpx.Client, field: str) -> None:
    body = json.dumps({"email": new_email(), "password": PASSWORD} | {field: "a\ud800"})
    refused = api.post("/v1/users", content=body, headers={"content-type": "application/json"})

    assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
    assert [error["field"] for error in refused.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_type_is_refused(api: httpx.Client, media_type: str) -> None:
    refused = api.post("/v1/sessions", content=b"email=a&password=b", headers={"content-type": media_type})

    assert (refused.status_code, problem_code(refused)) == (415, "unsupported-media-type")
