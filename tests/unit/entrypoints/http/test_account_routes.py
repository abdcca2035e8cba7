"""The account operations of the ``users`` function with the in-memory identity provider."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from dependency_injector import providers
from pydantic import SecretStr

from domain.accounts.audit import AuditEventName
from domain.accounts.model import Registration, RequestSource
from domain.shared.errors import TooManyRequests
from entrypoints.composition.account_adapters import AccountAdapters
from entrypoints.composition.system_clock import utc_now
from entrypoints.composition.users import account_routes
from entrypoints.http.resolver import create_resolver, handle
from tests.support.fakes.audit_log import InMemoryAuditLog
from tests.support.fakes.identity_provider import InMemoryIdentityProvider, totp_code
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.fakes.measurements import InMemoryMeasurements

EMAIL, PASSWORD, NEW_PASSWORD = "ann@example.com", "Correct-horse-1", "Another-horse-2"
Answer = dict[str, Any]
Call = Callable[..., Answer]


@pytest.fixture
def provider() -> InMemoryIdentityProvider:
    provider = InMemoryIdentityProvider()
    provider.register(Registration(EMAIL, SecretStr(PASSWORD), "Ann"))
    provider.accounts[EMAIL].confirmed = True
    return provider


@pytest.fixture
def log() -> InMemoryAuditLog:
    return InMemoryAuditLog()


@pytest.fixture
def measurements() -> InMemoryMeasurements:
    return InMemoryMeasurements()


@pytest.fixture
def call(
    provider: InMemoryIdentityProvider,
    log: InMemoryAuditLog,
    measurements: InMemoryMeasurements,
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    for name in ("USER_POOL_ID", "USER_POOL_CLIENT_ID", "RECORDS_TABLE"):
        monkeypatch.setenv(name, "unused")
    adapters = AccountAdapters(
        identity_provider=providers.Object(provider),
        image_records=providers.Object(InMemoryImageRecords(utc_now)),
        audit_log=providers.Object(log),
    )
    app = create_resolver(account_routes(adapters))

    def call(
        route: str,
        body: object = None,
        *,
        token: str = "",
        token_use: str = "access",
        age_s: int = 0,
        claims: dict[str, Any] | None = None,
    ) -> Answer:
        method, path = route.split()
        context: dict[str, Any] = {
            "requestId": "1",
            "stage": "$default",
            "domainName": "api.example.com",
            "http": {
                "method": method,
                "path": path,
                "sourceIp": "192.0.2.1",
                "userAgent": "a browser",
            },
        }
        headers = {"x-forwarded-for": "203.0.113.9"}
        if token:
            username = provider.accounts[EMAIL].user_id
            name = "username" if token_use == "access" else "cognito:username"
            verified = {"sub": username, name: username, "token_use": token_use}
            verified |= {"auth_time": str(provider.signed_in_at.get(token, int(time.time())) - age_s)}
            verified |= claims or {}
            context["authorizer"] = {"jwt": {"claims": verified, "scopes": None}}
            headers["authorization"] = f"Bearer {token}"
        event = {
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": context,
            "isBase64Encoded": False,
        }
        if body is not None:
            headers["content-type"] = "application/json"
            event["body"] = json.dumps(body)
        answer = handle(app, event, None, measurements=measurements)
        answer["json"] = json.loads(answer["body"]) if answer.get("body") else None
        return answer

    return call


@pytest.fixture
def tokens(call: Call) -> dict[str, str]:
    answer = call("POST /v1/sessions", {"email": EMAIL, "password": PASSWORD})
    assert answer["statusCode"] == 200
    tokens: dict[str, str] = answer["json"]
    return tokens


def test_sign_ins_are_measured_by_their_outcome(
    call: Call, provider: InMemoryIdentityProvider, measurements: InMemoryMeasurements
) -> None:
    provider.invite("bob@example.com", PASSWORD)
    for email, password in ((EMAIL, PASSWORD), (EMAIL, NEW_PASSWORD), ("bob@example.com", PASSWORD)):
        call("POST /v1/sessions", {"email": email, "password": password})

    assert [measurement.dimensions["outcome"] for measurement in measurements.added] == [
        "signed-in",
        "invalid-credentials",
        "challenge",
    ]


def test_an_invited_user_passes_the_challenge(call: Call, provider: InMemoryIdentityProvider) -> None:
    provider.invite("bob@example.com", PASSWORD)
    challenge = call("POST /v1/sessions", {"email": "bob@example.com", "password": PASSWORD})["json"]
    assert challenge["status"] == "challenge"
    assert sorted(challenge) == ["challenge", "parameters", "session", "status"]
    body = {
        "email": "bob@example.com",
        "challenge": challenge["challenge"],
        "session": challenge["session"],
        "new_password": NEW_PASSWORD,
    }
    answered = call("POST /v1/sessions/challenge", body)
    assert answered["statusCode"] == 200
    assert answered["json"]["status"] == "signed-in"
    assert sorted(answered["json"]) == [
        "access_token",
        "expires_in",
        "id_token",
        "refresh_token",
        "status",
        "token_type",
    ]
    again = call("POST /v1/sessions/challenge", body)
    assert (again["statusCode"], again["json"]["code"]) == (401, "challenge-failed")
    assert again["headers"]["WWW-Authenticate"] == "Bearer"


def test_an_account_that_needs_a_new_password_says_so(
    call: Call, provider: InMemoryIdentityProvider
) -> None:
    provider.accounts[EMAIL].password_reset_required = True
    refused = call("POST /v1/sessions", {"email": EMAIL, "password": PASSWORD})
    assert (refused["statusCode"], refused["json"]["code"]) == (403, "password-reset-required")


def test_a_lockout_asks_to_come_back_later(
    call: Call, provider: InMemoryIdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise TooManyRequests(
            "Too many failed sign-ins; this account is temporarily locked.", retry_after_s=60
        )

    monkeypatch.setattr(provider, "authenticate", locked)
    refused = call("POST /v1/sessions", {"email": EMAIL, "password": PASSWORD})
    assert (refused["statusCode"], refused["json"]["code"]) == (429, "too-many-requests")
    assert refused["headers"]["Retry-After"] == "60"


def test_a_revoked_token_refreshes_nothing(call: Call, tokens: dict[str, str]) -> None:
    body = {"refresh_token": tokens["refresh_token"]}
    assert call("POST /v1/sessions/revoke", body)["statusCode"] == 204
    assert call("POST /v1/sessions/refresh", body)["statusCode"] == 401


def test_logging_out_everywhere_ends_the_sign_ins(call: Call, tokens: dict[str, str]) -> None:
    assert call("DELETE /v1/sessions", token=tokens["id_token"], token_use="id")["statusCode"] == 204
    assert (
        call("POST /v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]})["statusCode"] == 401
    )


def test_a_forgotten_password_is_reset(call: Call, provider: InMemoryIdentityProvider) -> None:
    for email in (EMAIL, "nobody@example.com"):
        asked = call("POST /v1/passwords/forgot", {"email": email})
        assert (asked["statusCode"], asked["json"]) == (202, None)
    body = {"email": EMAIL, "code": "wrong", "new_password": NEW_PASSWORD}
    refused = call("POST /v1/passwords/reset", body)
    assert (refused["statusCode"], refused["json"]["code"]) == (400, "invalid-code")
    body["code"] = provider.accounts[EMAIL].reset_code or ""
    assert call("POST /v1/passwords/reset", body)["statusCode"] == 204
    assert call("POST /v1/sessions", {"email": EMAIL, "password": NEW_PASSWORD})["statusCode"] == 200


def test_a_password_is_changed(call: Call, tokens: dict[str, str]) -> None:
    body = {"current_password": "Wrong-horse-3", "new_password": NEW_PASSWORD}
    refused = call("PUT /v1/users/me/password", body, token=tokens["access_token"])
    assert (refused["statusCode"], refused["json"]["code"]) == (401, "invalid-credentials")
    body["current_password"] = PASSWORD
    changed = call("PUT /v1/users/me/password", body, token=tokens["id_token"], token_use="id")
    assert changed["statusCode"] == 204


def test_a_null_removes_a_name_and_a_missing_field_stays(call: Call, tokens: dict[str, str]) -> None:
    token = tokens["access_token"]
    changed = call("PATCH /v1/users/me", {"family_name": "Lee"}, token=token)["json"]
    assert (changed["given_name"], changed["family_name"]) == ("Ann", "Lee")
    changed = call("PATCH /v1/users/me", {"given_name": None}, token=token)["json"]
    assert "given_name" not in changed
    assert changed["family_name"] == "Lee"


def test_one_time_passwords_use_the_token_that_was_sent(call: Call, tokens: dict[str, str]) -> None:
    path, token = "/v1/users/me/mfa/totp", tokens["access_token"]
    enrolment = call(f"POST {path}", token=token)
    assert enrolment["statusCode"] == 200
    code = totp_code(enrolment["json"]["secret"])
    assert call(f"PUT {path}", {"code": code}, token=token)["statusCode"] == 204
    challenged = call("POST /v1/sessions", {"email": EMAIL, "password": PASSWORD})["json"]
    assert challenged["challenge"] == "SOFTWARE_TOKEN_MFA"
    assert call(f"DELETE {path}", token=token)["statusCode"] == 204
    refused = call(f"POST {path}", token=tokens["id_token"], token_use="id")
    assert (refused["statusCode"], refused["json"]["code"]) == (403, "access-token-required")


def test_a_deleted_account_is_gone(
    call: Call, tokens: dict[str, str], provider: InMemoryIdentityProvider
) -> None:
    assert call("DELETE /v1/users/me", token=tokens["access_token"])["statusCode"] == 204
    assert provider.accounts == {}


@pytest.mark.parametrize(
    "route",
    ["DELETE /v1/users/me", *(f"{method} /v1/users/me/mfa/totp" for method in ("POST", "PUT", "DELETE"))],
)
def test_an_old_sign_in_is_refused_where_the_account_is_at_stake(
    call: Call, tokens: dict[str, str], provider: InMemoryIdentityProvider, route: str
) -> None:
    body = {"code": "123456"} if route.startswith("PUT") else None
    refused = call(route, body, token=tokens["access_token"], age_s=601)
    assert (refused["statusCode"], refused["json"]["code"]) == (403, "sign-in-not-recent")
    assert EMAIL in provider.accounts
    still_recent = call(route, body, token=tokens["access_token"], age_s=590)
    assert still_recent["statusCode"] < 400 or still_recent["json"]["code"] == "invalid-code"


@pytest.mark.parametrize("auth_time", [None, "", "now", "1e400", "nan", "-1e30"])
def test_a_token_without_a_time_of_sign_in_is_not_recent(
    call: Call, tokens: dict[str, str], provider: InMemoryIdentityProvider, auth_time: str | None
) -> None:
    provider.signed_in_at.clear()
    refused = call("DELETE /v1/users/me", token=tokens["access_token"], claims={"auth_time": auth_time})
    assert (refused["statusCode"], refused["json"]["code"]) == (403, "sign-in-not-recent")


@pytest.mark.parametrize("token_use", ["refresh", "", "Access", "access id"])
def test_only_access_and_id_tokens_are_bearer_tokens(
    call: Call, tokens: dict[str, str], token_use: str
) -> None:
    refused = call("GET /v1/users/me", token=tokens["refresh_token"], token_use=token_use)
    assert (refused["statusCode"], refused["json"]["code"]) == (401, "unauthorized")
    assert refused["headers"]["WWW-Authenticate"] == "Bearer"


def test_the_directory_gets_what_the_gateway_saw_and_what_the_client_sent(
    call: Call, provider: InMemoryIdentityProvider, log: InMemoryAuditLog
) -> None:
    body = {"email": EMAIL, "password": "Wrong-horse-3", "device_data": "encoded"}
    assert call("POST /v1/sessions", body)["statusCode"] == 401
    assert provider.sources == [
        RequestSource("192.0.2.1", "a browser", "api.example.com", "/v1/sessions", "encoded")
    ]
    assert [(event.name, event.source_ip) for event in log.events] == [
        (AuditEventName.SIGN_IN_FAILED, "192.0.2.1")
    ]


@pytest.mark.parametrize(
    "email", ["a\u200bnn@example.com", "\ufeffann@example.com", "n..m@example.com", "a@-b.com"]
)
@pytest.mark.parametrize(
    ("route", "more"),
    [
        ("POST /v1/users", {"password": NEW_PASSWORD}),
        ("POST /v1/users/confirm", {"code": "123456"}),
        ("POST /v1/users/confirm/resend", {}),
        ("POST /v1/sessions", {"password": PASSWORD}),
        (
            "POST /v1/sessions/challenge",
            {"challenge": "SOFTWARE_TOKEN_MFA", "session": "s", "code": "123456"},
        ),
        ("POST /v1/passwords/forgot", {}),
        ("POST /v1/passwords/reset", {"code": "123456", "new_password": NEW_PASSWORD}),
    ],
)
def test_no_operation_accepts_an_invalid_address(
    call: Call, route: str, more: dict[str, str], email: str
) -> None:
    refused = call(route, {"email": email, **more})
    assert (refused["statusCode"], refused["json"]["code"]) == (422, "invalid-request")
    assert [error["field"] for error in refused["json"]["errors"]] == ["email"]
