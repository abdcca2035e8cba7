"""The clients in docs/examples work with the API."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, WRONG_PASSWORD, User
from tests.support.availability import unavailable
from tests.support.example_programs import load_program
from tests.support.fakes.identity_provider import totp_code

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def session() -> Any:
    """The module docs/examples/session.py."""
    return load_program(EXAMPLES / "session.py")


def no_question(prompt: str) -> str:
    raise AssertionError(prompt)


@pytest.fixture
def totp_secret(new_user: User) -> str:
    """Set up a second factor for the new user. Returns its secret."""
    secret: str = new_user.api.post("/v1/users/me/mfa/totp").json()["secret"]
    assert new_user.api.put("/v1/users/me/mfa/totp", json={"code": totp_code(secret)}).status_code == 204
    return secret


class TestPython:
    def test_a_session_renews_its_tokens_and_ends(self, backend: Backend, user: User, session: Any) -> None:
        signed_in = session.Session.log_in(backend.api_url, user.email, PASSWORD, no_question)
        first = signed_in._api.headers["authorization"]
        assert signed_in.request("GET", "/v1/users/me").json()["user_id"] == user.id
        assert signed_in._api.headers["authorization"] == first

        signed_in._renew_at = time.monotonic() - 1
        assert signed_in.request("GET", "/v1/users/me").json()["user_id"] == user.id
        assert signed_in._api.headers["authorization"] != first

        signed_in.log_out()
        refused = httpx.post(
            f"{backend.api_url}/v1/sessions/refresh", json={"refresh_token": signed_in._refresh_token}
        )
        assert refused.status_code == 401

    @pytest.mark.emulated  # Cognito accepts a code once, and the current one was used to enrol
    def test_a_second_factor_is_asked_for(
        self, backend: Backend, new_user: User, session: Any, totp_secret: str
    ) -> None:
        signed_in = session.Session.log_in(
            backend.api_url, new_user.email, PASSWORD, lambda prompt: totp_code(totp_secret)
        )
        assert signed_in.request("GET", "/v1/users/me").json()["mfa_enabled"] is True
        signed_in.log_out()

    def test_a_wrong_password_raises(self, backend: Backend, user: User, session: Any) -> None:
        with pytest.raises(httpx.HTTPStatusError):
            session.Session.log_in(backend.api_url, user.email, WRONG_PASSWORD, no_question)


class TestJavaScript:
    @pytest.fixture(autouse=True)
    def node(self) -> None:
        if shutil.which("node") is None:
            unavailable("there is no Node.js here")

    def run(self, script: str, *arguments: str) -> list[str]:
        source = f"import {{ Session, ProblemError }} from '{(EXAMPLES / 'session.mjs').as_uri()}';\n"
        source += "const [api, email, password, code] = process.argv.slice(1);\n" + script
        node = subprocess.run(
            ["node", "--input-type=module", "--eval", source, "--", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert node.returncode == 0, node.stderr
        return node.stdout.split()

    @pytest.mark.emulated  # Cognito accepts a code once, and the current one was used to enrol
    def test_a_session_asks_for_the_second_factor_and_ends(
        self, backend: Backend, new_user: User, totp_secret: str
    ) -> None:
        script = """
            const session = await Session.logIn(api, email, password, async (challenge) => {
              console.log(challenge);
              return { code };
            });
            console.log((await session.request("GET", "/v1/users/me")).user_id);
            await session.logOut();
        """
        output = self.run(script, backend.api_url, new_user.email, PASSWORD, totp_code(totp_secret))
        assert output == ["SOFTWARE_TOKEN_MFA", new_user.id]

    def test_a_problem_is_an_error_with_its_code(self, backend: Backend, user: User) -> None:
        script = """
            try {
              await Session.logIn(api, email, password);
            } catch (error) {
              console.log(error instanceof ProblemError, error.code, error.status);
            }
        """
        output = self.run(script, backend.api_url, user.email, WRONG_PASSWORD)
        assert output == ["true", "invalid-credentials", "401"]
