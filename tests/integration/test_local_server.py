"""The local server as a new user sees it: start, stop, start again."""

import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jwt
import pytest

from tests.integration.backend import LocalServer
from tests.integration.users import PASSWORD, confirm, lasting, log_in, new_email, register
from tests.support.image_factory import photo

pytestmark = pytest.mark.local_server


def test_users_and_images_survive_a_restart(tmp_path: Path) -> None:
    email = new_email()
    first = LocalServer(tmp_path)
    backend = first.start()
    with httpx.Client(base_url=backend.api_url, timeout=30) as api:
        register(api, email)
        confirm(api, backend, email)
        tokens = log_in(api, email).json()
        authorization = {"authorization": f"Bearer {tokens['access_token']}"}
        headers = authorization | {"content-type": "image/jpeg"}
        image = api.post("/v1/images", content=photo("jpeg-plain.jpg").content, headers=headers).json()
    assert first.stop() == 0

    second = LocalServer(tmp_path)
    endpoint_url, backend = backend.aws_endpoint_url, second.start()
    try:
        assert backend.aws_endpoint_url == endpoint_url
        with httpx.Client(base_url=backend.api_url, timeout=30) as api:
            assert lasting(api.get(image["links"]["self"], headers=authorization).json()) == lasting(image)
            assert log_in(api, email).status_code == 200
    finally:
        assert second.stop(signal.SIGTERM) == 0


def test_the_start_shows_where_everything_is_and_the_codes(tmp_path: Path) -> None:
    server = LocalServer(tmp_path)
    backend = server.start()
    with httpx.Client(base_url=backend.api_url, timeout=30) as api:
        email = new_email()
        register(api, email)
        code = backend.mailed_code(email)
    server.stop()

    output = "".join(server.output)
    assert f"{backend.api_url}/docs" in output
    assert f"mail to {email}: Your verification code is {code}." in output
    assert re.search(r"^POST /v1/users 201 \d+ ms$", output, re.MULTILINE)
    assert "Users and images are kept" in output
    assert PASSWORD not in (tmp_path / "functions.log").read_text()


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_the_triggers_decide_who_registers_and_what_tokens_permit(tmp_path: Path) -> None:
    settings = {"REGISTRATION_ALLOWED_DOMAINS": "example.com", "DEFAULT_PERMISSIONS": "images:upload"}
    first = LocalServer(tmp_path, environment=settings)
    backend = first.start()
    with httpx.Client(base_url=backend.api_url, timeout=30) as api:
        refused = api.post("/v1/users", json={"email": "eve@elsewhere.org", "password": PASSWORD})
        assert (refused.status_code, refused.json()["code"]) == (403, "registration-not-allowed")
        email = new_email()
        register(api, email)
        confirm(api, backend, email)
        assert claims_of(log_in(api, email).json()["access_token"])["permissions"] == "images:upload"
    first.stop()

    second = LocalServer(tmp_path, environment={"DEFAULT_PERMISSIONS": "images:read"})
    backend = second.start()
    with httpx.Client(base_url=backend.api_url, timeout=30) as api:
        assert claims_of(log_in(api, email).json()["access_token"])["permissions"] == "images:read"
        register(api, "eve@elsewhere.org")
    second.stop()


def test_many_sign_ins_at_once_do_not_wait_for_their_own_triggers(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, environment={"DEFAULT_PERMISSIONS": "images:upload"})
    backend = server.start()
    with httpx.Client(base_url=backend.api_url, timeout=30) as api, ThreadPoolExecutor(8) as clients:
        email = new_email()
        register(api, email)
        confirm(api, backend, email)
        answers = [answer.json() for answer in clients.map(lambda _: log_in(api, email), range(16))]
    server.stop()

    # Without the trigger, the claim would be missing.
    assert {claims_of(tokens["access_token"]).get("permissions") for tokens in answers} == {"images:upload"}


def test_state_is_private(tmp_path: Path) -> None:
    state = tmp_path / "state"
    server = LocalServer(state)
    server.start()
    server.stop()

    assert state.stat().st_mode & 0o077 == 0


def test_a_taken_port_is_reported_clearly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = LocalServer(tmp_path, port)
        server.launch()
        status = server.stop_when_ended()

    assert status == 1
    assert "".join(server.output) == (
        f"error: Port {port} is in use. Stop the program that uses it, or choose another port: "
        f"make run PORT={port + 1}\n"
    )


def test_two_servers_do_not_share_their_state(tmp_path: Path) -> None:
    first = LocalServer(tmp_path)
    first.start()
    second = LocalServer(tmp_path)
    second.launch()

    assert second.stop_when_ended() == 1
    assert "Stop it first" in "".join(second.output)
    assert first.stop() == 0
