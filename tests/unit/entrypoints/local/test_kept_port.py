"""The port of the emulator: kept, unless another process has taken it."""

import socket
from pathlib import Path

import pytest

from entrypoints.local.kept_port import kept_port

HOST = "127.0.0.1"


def test_a_port_is_kept(tmp_path: Path) -> None:
    first = kept_port(tmp_path / "port", HOST)

    assert kept_port(tmp_path / "port", HOST) == first
    assert first > 0


def test_a_port_that_is_in_use_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        file.write_text(str(taken))
        found = kept_port(file, HOST)

    assert found not in (0, taken)
    assert file.read_text() == f"{found}\n"


@pytest.mark.parametrize("content", ["", "none", "70000", "-1"])
def test_an_invalid_port_is_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "port"
    file.write_text(content)

    assert kept_port(file, HOST) > 0
