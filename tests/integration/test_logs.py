"""The functions' log contains no secrets."""

import hashlib
import json
import time

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.users import (
    NEW_PASSWORD,
    PASSWORD,
    WRONG_PASSWORD,
    User,
    confirm,
    log_in,
    new_email,
    register,
)
from tests.support.fakes.identity_provider import totp_code

pytestmark = pytest.mark.local_server


def log_of(backend: Backend) -> str:
    assert backend.state_dir
    return (backend.state_dir / "functions.log").read_text(errors="replace")


def test_no_secret_of_any_account_operation_is_logged(
    api: httpx.Client, backend: Backend, new_user: User
) -> None:
    password, other_password = f"Secret-Horse-{time.time_ns()}", f"Other-Horse-{time.time_ns()}"
    email = new_email()
    secrets = [password, other_password]
    register(api, email, "weak")
    register(api, email, password)
    api.post("/v1/users/confirm", json={"email": email, "code": "999999"})
    confirm(api, backend, email)
    log_in(api, email, other_password)
    tokens = log_in(api, email, password).json()
    authorization = {"authorization": f"Bearer {tokens['access_token']}"}
    enrolment = api.post("/v1/users/me/mfa/totp", headers=authorization).json()
    api.put("/v1/users/me/mfa/totp", json={"code": totp_code(enrolment["secret"])}, headers=authorization)
    challenge = log_in(api, email, password).json()
    answer = {"email": email, "challenge": challenge["challenge"], "session": challenge["session"]}
    api.post("/v1/sessions/challenge", json={**answer, "code": "12"})
    api.post("/v1/sessions/challenge", json={**answer, "new_password": password})
    api.put(
        "/v1/users/me/password",
        json={"current_password": password, "new_password": other_password, "unknown": 1},
        headers=authorization,
    )
    api.put(
        "/v1/users/me/password",
        json={"current_password": password, "new_password": other_password},
        headers=authorization,
    )
    api.post("/v1/passwords/forgot", json={"email": email})
    api.post("/v1/passwords/reset", json={"email": email, "code": "999999", "new_password": password})
    api.post("/v1/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    api.post("/v1/sessions/revoke", json={"refresh_token": tokens["refresh_token"]})
    api.post("/v1/sessions", content=f'{{"email": "{email}", "password": "{password}"'.encode())
    secrets += [tokens[name] for name in ("access_token", "id_token", "refresh_token")]
    secrets += [enrolment["secret"], challenge["session"], email]

    log = log_of(backend)

    assert "invalid-credentials" in log, "the functions do log what they refuse"
    assert [secret for secret in secrets if secret in log] == []


def test_what_happens_to_an_account_is_in_the_audit_log(
    api: httpx.Client, backend: Backend, new_user: User
) -> None:
    digest = hashlib.sha256(new_user.email.encode()).hexdigest()
    log_in(api, new_user.email, WRONG_PASSWORD)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert new_user.api.put("/v1/users/me/password", json=body).status_code == 204
    api.post("/v1/passwords/forgot", json={"email": new_user.email})
    assert new_user.api.delete("/v1/users/me").status_code == 204

    lines = [json.loads(line) for line in log_of(backend).splitlines() if '"audit"' in line]

    events = [
        (line["audit"], line["source_ip"], line.get("reason"))
        for line in lines
        if digest == line.get("account") or line.get("user_id") == new_user.id
    ]
    assert [event for event in events if event[0] != "user-signed-in"] == [
        ("sign-in-failed", "127.0.0.1", "invalid-credentials"),
        ("password-changed", "127.0.0.1", None),
        ("password-reset-requested", "127.0.0.1", None),
        ("account-deleted", "127.0.0.1", None),
    ]
