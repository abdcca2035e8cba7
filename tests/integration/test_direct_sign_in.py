"""Signing in to Cognito directly with the public client: SRP, and the authorization code flow with PKCE.

These tests run the programs in docs/examples.
"""

import html
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.integration.backend import Backend
from tests.integration.test_accounts import problem_code
from tests.integration.users import PASSWORD, WRONG_PASSWORD, User

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def log_in_with_srp(backend: Backend, email: str, password: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "USER_POOL_ID": backend.user_pool_id,
        "USER_POOL_PUBLIC_CLIENT_ID": backend.public_client_id,
    }
    if backend.aws_endpoint_url:
        environment["AWS_ENDPOINT_URL"] = backend.aws_endpoint_url
    return subprocess.run(
        [sys.executable, EXAMPLES / "srp_log_in.py", email],
        input=f"{password}\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestSrp:
    def test_the_api_accepts_the_tokens_of_the_public_client(
        self, api: httpx.Client, backend: Backend, user: User
    ) -> None:
        logged_in = log_in_with_srp(backend, user.email, PASSWORD)

        assert logged_in.returncode == 0, logged_in.stderr
        tokens = json.loads(logged_in.stdout)
        for name in ("AccessToken", "IdToken"):
            me = api.get("/v1/users/me", headers=bearer(tokens[name]))
            assert (me.status_code, me.json()["user_id"]) == (200, user.id)

    def test_the_api_does_not_refresh_tokens_of_the_public_client(
        self, api: httpx.Client, backend: Backend, user: User
    ) -> None:
        tokens = json.loads(log_in_with_srp(backend, user.email, PASSWORD).stdout)

        refused = api.post("/v1/sessions/refresh", json={"refresh_token": tokens["RefreshToken"]})

        assert (refused.status_code, problem_code(refused)) == (401, "invalid-refresh-token")

    def test_a_wrong_password_is_refused(self, backend: Backend, user: User) -> None:
        refused = log_in_with_srp(backend, user.email, WRONG_PASSWORD)

        assert refused.returncode != 0
        assert "Incorrect username or password" in refused.stderr


@pytest.mark.emulated
class TestAuthorizationCode:
    @pytest.fixture
    def callback_url(self) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"http://localhost:{probe.getsockname()[1]}/callback"

    @pytest.fixture
    def client_id(self, backend: Backend, callback_url: str) -> Iterator[str]:
        """Create a public client like the API's own, with this callback URL."""
        cognito = backend.aws("cognito-idp")
        of_api = cognito.describe_user_pool_client(
            UserPoolId=backend.user_pool_id, ClientId=backend.public_client_id
        )["UserPoolClient"]
        if not of_api.get("AllowedOAuthFlowsUserPoolClient"):
            pytest.skip("this deployment has no hosted sign-in")
        settings = ("AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient")
        created: str = cognito.create_user_pool_client(
            UserPoolId=backend.user_pool_id,
            ClientName="pkce",
            CallbackURLs=[callback_url],
            SupportedIdentityProviders=["COGNITO"],
            **{name: of_api[name] for name in settings},
        )["UserPoolClient"]["ClientId"]
        yield created
        cognito.delete_user_pool_client(UserPoolId=backend.user_pool_id, ClientId=created)

    def test_a_browser_gets_a_code_and_the_program_its_tokens(
        self, backend: Backend, user: User, client_id: str, callback_url: str
    ) -> None:
        assert backend.aws_endpoint_url
        with subprocess.Popen(
            [
                sys.executable,
                EXAMPLES / "authorization_code.py",
                backend.aws_endpoint_url,
                client_id,
                callback_url,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stderr
            url = program.stderr.readline().removeprefix("Open ").strip()
            with httpx.Client(timeout=30) as browser:
                back = browse_to_callback(browser, url, user.email)
                assert browser.get(back.replace("/callback", "/favicon.ico")).status_code == 404
                assert browser.get(back).status_code == 200
            output, _ = program.communicate(timeout=30)

        assert program.returncode == 0
        tokens = json.loads(output)
        assert claims(tokens["id_token"])["email"] == user.email
        assert "aws.cognito.signin.user.admin" in claims(tokens["access_token"])["scope"].split()

    def test_an_answer_to_a_request_of_somebody_else_is_refused(
        self, backend: Backend, client_id: str, callback_url: str
    ) -> None:
        assert backend.aws_endpoint_url
        with subprocess.Popen(
            [
                sys.executable,
                EXAMPLES / "authorization_code.py",
                backend.aws_endpoint_url,
                client_id,
                callback_url,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stderr
            program.stderr.readline()
            httpx.get(callback_url, params={"code": "stolen", "state": "another"})
            output, errors = program.communicate(timeout=30)

        assert program.returncode == 1
        assert output == ""
        assert "does not belong to this request" in errors


def browse_to_callback(browser: httpx.Client, url: str, email: str) -> str:
    """Fill in the login page as a user does. Returns the URL that the browser is redirected to."""
    page = browser.get(url)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in fields.items()}
    sent_back = browser.post(page.url.join("/login"), data=form | {"username": email, "password": PASSWORD})
    assert sent_back.status_code == 302
    return sent_back.headers["location"]


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found
