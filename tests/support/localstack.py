"""Starts LocalStack's S3 and SQS for tests, with their own temporary state.

`make test` installs LocalStack in a separate environment because it pins boto3; LOCALSTACK_PYTHON selects
the interpreter of another one.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

HOST = "127.0.0.1"
REGION = "eu-central-1"
SERVICES = ("s3", "sqs")
STORAGE_VARIABLE = "BLACK_BOX_STORAGE"
"""``localstack`` in it gives the local server of the black-box tests LocalStack's S3 and SQS."""
_INSTALLED = Path(__file__).parents[2] / ".local/localstack"
_START_TIMEOUT_S = 90
_STOP_TIMEOUT_S = 5
_POLL_INTERVAL_S = 0.1


@dataclass(frozen=True)
class LocalStack:
    """A running LocalStack."""

    endpoint_url: str

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services."""
        return boto3.client(  # type: ignore[call-overload]  # the stubs know literal names only
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"})
            if service == "s3"
            else None,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make boto3 use it for its services."""
        return {f"AWS_ENDPOINT_URL_{service.upper()}": self.endpoint_url for service in SERVICES}


def localstack_python() -> Path | None:
    """Return the interpreter with LocalStack, or ``None`` if it is not installed."""
    python = Path(os.environ.get("LOCALSTACK_PYTHON", _INSTALLED / "bin/python")).absolute()
    return python if python.exists() and (python.parents[1] / ".installed").exists() else None


@contextmanager
def running_localstack(python: Path) -> Iterator[LocalStack]:
    """S3 and SQS on a free loopback port, which check signatures."""
    with tempfile.TemporaryDirectory(prefix="localstack-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        log_file = Path(folder) / "log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [str(python), "-m", "localstack.runtime.main"],
                env=_environment(Path(folder), port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _await(process, port, log_file)
            yield LocalStack(f"http://{HOST}:{port}")
        finally:
            _stop(process)


def _environment(folder: Path, port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "OVERRIDE_IN_DOCKER": "0",
        # The default server would listen on all interfaces.
        "GATEWAY_SERVER": "hypercorn",
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "SERVICES": ",".join(SERVICES),
        "EAGER_SERVICE_LOADING": "1",
        "SQS_ENDPOINT_STRATEGY": "path",
        "S3_SKIP_SIGNATURE_VALIDATION": "0",
        # It must not contact other hosts.
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }


def _await(process: "subprocess.Popen[bytes]", port: int, log_file: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not _is_running(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("LocalStack did not start:\n" + log_file.read_text(errors="replace")[-4000:])
        time.sleep(_POLL_INTERVAL_S)


def _is_running(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_localstack/health", timeout=5) as response:
            states = json.load(response)["services"]
    except (OSError, urllib.error.URLError):
        return False
    return all(states[service] == "running" for service in SERVICES)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # it sometimes ignores SIGTERM
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
