"""Users of the API under test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.backend import Backend

PASSWORD = "Correct-Horse-Battery-1"
NEW_PASSWORD = "Another-Horse-Battery-2"
TEMPORARY_PASSWORD = "Temporary-Horse-3"
WRONG_PASSWORD = "Wrong-Password-123"
_SIGNED = frozenset({"content_url", "renditions", "urls_expire_at"})


@dataclass(frozen=True)
class User:
    """A confirmed user who is logged in."""

    id: str
    email: str
    access_token: str
    id_token: str
    refresh_token: str
    api: httpx.Client
    """A client that sends this user's access token."""

    def upload(self, content: bytes, **options: Any) -> httpx.Response:
        """Upload bytes as an image."""
        headers = {"content-type": "application/octet-stream", **options.pop("headers", {})}
        return self.api.post("/v1/images", content=content, headers=headers, **options)


def new_email() -> str:
    """An address that no other test uses."""
    return f"user-{uuid4().hex}@example.com"


def register(api: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    """Register an account."""
    return api.post("/v1/users", json={"email": email, "password": password})


def confirm(api: httpx.Client, backend: Backend, email: str) -> None:
    """Confirm an account, with the mailed code where the tester can read the mail."""
    if backend.is_emulated:
        answer = api.post("/v1/users/confirm", json={"email": email, "code": backend.mailed_code(email)})
        assert answer.status_code == 204, answer.text
    else:
        backend.aws("cognito-idp").admin_confirm_sign_up(UserPoolId=backend.user_pool_id, Username=email)


def log_in(api: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    """Log in."""
    return api.post("/v1/sessions", json={"email": email, "password": password})


def logged_in_user(backend: Backend) -> Iterator[User]:
    """A new user, removed again in the end together with the connection."""
    email = new_email()
    with httpx.Client(base_url=backend.api_url, timeout=backend.patience_s) as public:
        registered = register(public, email)
        assert registered.status_code == 201, registered.text
        confirm(public, backend, email)
        tokens = log_in(public, email).json()
    authorization = {"authorization": f"Bearer {tokens['access_token']}"}
    with httpx.Client(base_url=backend.api_url, headers=authorization, timeout=backend.patience_s) as api:
        yield User(
            id=registered.json()["user_id"],
            email=email,
            access_token=tokens["access_token"],
            id_token=tokens["id_token"],
            refresh_token=tokens["refresh_token"],
            api=api,
        )


def lasting(image: dict[str, Any]) -> dict[str, Any]:
    """An image without what is signed anew with each answer, some of which comes a moment later."""
    return {name: value for name, value in image.items() if name not in _SIGNED}
