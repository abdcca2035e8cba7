"""A signed-in user of the images upload API: logs in, answers challenges and refreshes tokens in time.

    API_URL=http://127.0.0.1:8080 python session.py ada@example.com

asks for the password, and for a code if the account has a second factor, and prints who is logged in.
Needs httpx.
"""

import getpass
import os
import sys
import time
from collections.abc import Callable

import httpx

_RENEW_BEFORE_S = 60


class Session:
    """Sends requests with a valid access token, as long as the refresh token is valid."""

    def __init__(self, api_url: str, tokens: dict[str, str]) -> None:
        self._api = httpx.Client(base_url=api_url, timeout=30)
        self._keep(tokens)

    @classmethod
    def log_in(cls, api_url: str, email: str, password: str, ask: Callable[[str], str]) -> "Session":
        """Log in; ``ask`` gets the user's answer to a prompt. Raises httpx.HTTPStatusError."""
        with httpx.Client(base_url=api_url, timeout=30) as api:
            answer = api.post("/v1/sessions", json={"email": email, "password": password})
            answer.raise_for_status()
            while answer.json()["status"] == "challenge":
                challenge = answer.json()
                prompt, field = {
                    "SOFTWARE_TOKEN_MFA": ("Code of your authenticator app: ", "code"),
                    "NEW_PASSWORD_REQUIRED": ("New password: ", "new_password"),
                }[challenge["challenge"]]
                body = {
                    "email": email,
                    "challenge": challenge["challenge"],
                    "session": challenge["session"],
                }
                answer = api.post("/v1/sessions/challenge", json={**body, field: ask(prompt)})
                answer.raise_for_status()
        return cls(api_url, answer.json())

    def request(self, method: str, path: str, **options: object) -> httpx.Response:
        """Send a request of this user."""
        if time.monotonic() > self._renew_at:
            renewed = self._api.post("/v1/sessions/refresh", json={"refresh_token": self._refresh_token})
            renewed.raise_for_status()
            self._keep(renewed.json())
        return self._api.request(method, path, **options)  # type: ignore[arg-type]

    def log_out(self) -> None:
        """End this session; other sessions of the user continue."""
        self._api.post("/v1/sessions/revoke", json={"refresh_token": self._refresh_token})
        self._api.close()

    def _keep(self, tokens: dict[str, str]) -> None:
        self._api.headers["authorization"] = f"Bearer {tokens['access_token']}"
        # With rotation of refresh tokens, each response has a token that replaces the one that was sent.
        self._refresh_token = tokens.get("refresh_token") or self._refresh_token
        self._renew_at = time.monotonic() + int(tokens["expires_in"]) - _RENEW_BEFORE_S


def main() -> None:
    """Print the profile of the user who logs in."""
    session = Session.log_in(os.environ["API_URL"], sys.argv[1], getpass.getpass(), input)
    print(session.request("GET", "/v1/users/me").json())
    session.log_out()


if __name__ == "__main__":
    main()
