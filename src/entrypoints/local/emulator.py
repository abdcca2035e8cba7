"""Runs the embedded AWS emulator, MiniStack, as a child process on the loopback interface."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from entrypoints.local.kept_port import kept_port

HOST = "127.0.0.1"
REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}
"""The emulator's administrator; these are not credentials of a real account."""

ENDS_WITH_STANDARD_INPUT = "ENDS_WITH_STANDARD_INPUT"
"""The environment variable that makes the emulator's process end when its standard input ends."""

_START_TIMEOUT_S = 30
_STOP_TIMEOUT_S = 10
_POLL_INTERVAL_S = 0.03

_PROGRAM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from entrypoints.local.ministack.process import main
main()
"""
"""A program that finds our sources without PYTHONPATH, which the emulator's functions would inherit."""


class EmulatorError(RuntimeError):
    """The emulator did not start; the message has the path of its log."""


class Emulator:
    """A running emulator, whose state is kept in ``state_dir`` between runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self._process = process
        self._port = port
        self.endpoint_url = f"http://{HOST}:{port}"

    @classmethod
    def start(
        cls, state_dir: Path, port: int = 0, *, outlives_us: bool = False, address: str = HOST
    ) -> "Emulator":
        """Start an emulator and wait until it is ready. Raises EmulatorError.

        By default, it uses the port of the last run, so that links from that run still work, or a free
        port if that one is taken. It listens on ``address``, which must include loopback. Unless it
        ``outlives_us``, it ends when this process ends in any way. An emulator that an earlier process
        left behind is ended first. Only the owner can read ``state_dir``, because it contains passwords
        and signing keys.
        """
        state_dir.mkdir(parents=True, exist_ok=True)
        state_dir.chmod(0o700)
        pid_file = state_dir / "ministack.pid"
        _end_left_over(pid_file, state_dir)
        port = port or kept_port(state_dir / "ministack.port", HOST)
        log_file = state_dir / "ministack.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                env={
                    **_inherited_environment(),
                    **_settings(state_dir, port, address),
                    **({} if outlives_us else {ENDS_WITH_STANDARD_INPUT: "1"}),
                },
                # Nothing is written to this pipe; it closes when this process ends.
                stdin=subprocess.DEVNULL if outlives_us else subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal must not reach the emulator, which stops after its last client.
                start_new_session=True,
            )
        pid_file.write_text(str(process.pid))
        emulator = cls(process, port)
        try:
            emulator._await_health(port, log_file)
        except BaseException:
            emulator.stop()
            raise
        return emulator

    def _await_health(self, port: int, log_file: Path) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not _is_healthy(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise EmulatorError(f"The AWS emulator did not start; its log is {log_file}")
            time.sleep(_POLL_INTERVAL_S)

    def is_alive(self) -> bool:
        """Tell whether the emulator runs and responds."""
        return self._process.poll() is None and _is_healthy(self._port)

    @property
    def pid(self) -> int:
        """The process id, with which the emulator can be ended after this process is gone."""
        return self._process.pid

    def client(self, service: str) -> Any:
        """Create a boto3 client with the administrator's rights.

        As in the functions, variables such as ``AWS_ENDPOINT_URL_S3`` select another emulator for a
        service (AWS SDKs and Tools Reference Guide, service-specific endpoints).
        """
        own_endpoint_url = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}")
        return boto3.client(  # type: ignore[call-overload]  # the stubs know literal names only
            service,
            endpoint_url=own_endpoint_url or self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"})
            if service == "s3"
            else None,
        )

    def stop(self) -> None:
        """Stop the emulator after it has saved its state."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


def _end_left_over(pid_file: Path, state_dir: Path) -> None:
    """Stop the emulator of an earlier process, if it still runs, after it has saved its state."""
    try:
        pid = int(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while _is_emulator_of(pid, state_dir):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            # It may have been suspended, for example by Ctrl-Z.
            os.kill(pid, signal.SIGCONT)
        time.sleep(_POLL_INTERVAL_S)
    pid_file.unlink(missing_ok=True)


def _is_emulator_of(pid: int, state_dir: Path) -> bool:
    """Tell by its environment whether the process is an emulator with this state (Linux only)."""
    mark = f"STATE_DIR={_state(state_dir)}".encode()
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _state(state_dir: Path) -> Path:
    return (state_dir / "state").resolve()


def _inherited_environment() -> dict[str, str]:
    # Credentials and endpoints of a real account must not reach the emulator's functions.
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _settings(state_dir: Path, port: int, address: str) -> dict[str, str]:
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": address,
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(_state(state_dir)),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str((state_dir / "s3").resolve()),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
    }


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
