"""Starts MiniStack, the embedded AWS emulator, for tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

_START_TIMEOUT_S = 30


class Emulator:
    """A running emulator whose state is private to whoever started it."""

    def __init__(self, process: "subprocess.Popen[bytes]", endpoint_url: str, folder: Path) -> None:
        self.endpoint_url = endpoint_url
        self._process = process
        self._folder = folder

    def client(self, service: str) -> Any:
        """A boto3 client with the emulator's administrator's rights."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"})
            if service == "s3"
            else None,
        )

    def stop(self) -> None:
        """End the emulator and remove its state."""
        self._process.terminate()
        self._process.wait(timeout=20)
        shutil.rmtree(self._folder)

    def await_health(self) -> None:
        """Return when the emulator answers. Raises RuntimeError with its log if it doesn't."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.endpoint_url}/_ministack/health", timeout=5).is_success:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"MiniStack did not start:\n{log[-4000:]}")
            time.sleep(0.05)


def start_ministack() -> Emulator:
    """Start an emulator on a free loopback port, with signatures, policies and codes checked."""
    folder = Path(tempfile.mkdtemp(prefix="ministack-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "AUTH": "true",
                "STATE_DIR": str(folder / "state"),
                "S3_DATA_DIR": str(folder / "s3"),
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "AWS_DEFAULT_REGION": "us-east-1",
            },
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    emulator = Emulator(process, f"http://127.0.0.1:{port}", folder)
    try:
        emulator.await_health()
    except BaseException:
        emulator.stop()
        raise
    return emulator
