"""The local server as a newcomer meets it: start, stop, start again."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.integration.backend import LocalServer
from tests.integration.users import PASSWORD, confirm, log_in, new_email, register
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
    backend = second.start()
    try:
        with httpx.Client(base_url=backend.api_url, timeout=30) as api:
            assert api.get(image["links"]["self"], headers=authorization).json() == image
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
    assert "Users and images are kept" in output
    assert PASSWORD not in (tmp_path / "functions.log").read_text()


def test_state_is_private(tmp_path: Path) -> None:
    state = tmp_path / "state"
    server = LocalServer(state)
    server.start()
    server.stop()

    assert state.stat().st_mode & 0o077 == 0


def test_a_taken_port_is_said_clearly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = LocalServer(tmp_path, port)
        server.launch()
        status = server.stop_when_ended()

    assert status == 1
    assert "".join(server.output) == (
        f"error: Port {port} is in use. Stop what listens there, or take another one: "
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
