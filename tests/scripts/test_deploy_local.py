"""Deploying to an emulator: refusals, and the URL of the API."""

import socket
from pathlib import Path

import pytest
from scripts.deploy_local import DeploymentError, api_url, down, main, up
from scripts.package_functions import LOCAL


@pytest.mark.parametrize(
    ("endpoint_url", "expected"),
    [
        ("http://127.0.0.1:4566", "http://abc.execute-api.localhost:4566"),
        ("http://localhost:4566", "http://abc.execute-api.localhost:4566"),
        (
            "http://localhost.localstack.cloud:4566",
            "http://abc.execute-api.localhost.localstack.cloud:4566",
        ),
    ],
)
def test_the_api_is_below_the_emulators_name(endpoint_url: str, expected: str) -> None:
    assert api_url(endpoint_url, "abc") == expected


def test_aws_itself_is_not_an_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTIFY_PATH", "/usr/bin/identify")

    with pytest.raises(DeploymentError, match="is AWS itself"):
        down(tmp_path, "https://s3.eu-central-1.amazonaws.com")


def test_an_emulator_elsewhere_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="Nothing answers"):
        up(tmp_path, "http://emulator.invalid:4566", LOCAL)


def test_what_is_not_deployed_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["deploy_local", "down", "--directory", str(tmp_path)])

    assert main() == 1
    assert capsys.readouterr().err == "error: Nothing is deployed.\n"


def test_functions_need_an_imagemagick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDENTIFY_PATH", raising=False)
    monkeypatch.delenv("IMAGEMAGICK_HOME", raising=False)
    monkeypatch.setattr("scripts.package_functions.build", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint_url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        with pytest.raises(DeploymentError, match="IDENTIFY_PATH"):
            up(tmp_path, endpoint_url, LOCAL)
