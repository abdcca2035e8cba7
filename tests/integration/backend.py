"""The running API that the black-box tests use, and the AWS resources behind it.

``API_URL`` names a deployment to test, with ``USER_POOL_ID``, ``USER_POOL_CLIENT_ID``,
``USER_POOL_PUBLIC_CLIENT_ID`` and ``IMAGES_BUCKET`` beside it, and boto3's own variables
(``AWS_ENDPOINT_URL`` for an emulator). Without it, the local server is started, with LocalStack's S3
and SQS if ``BLACK_BOX_STORAGE`` is ``localstack``. Everything here only uses HTTP and boto3.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

_SOURCES = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Backend:
    """A running API."""

    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    public_client_id: str
    images_bucket: str
    aws_endpoint_url: str | None
    region: str
    state_dir: Path | None = None
    """The state directory of the local server; ``None`` for a deployment."""
    service_endpoint_urls: Mapping[str, str] = field(default_factory=dict)
    """Endpoints of services that are not at ``aws_endpoint_url``, by boto3's names in upper case."""

    @property
    def is_emulated(self) -> bool:
        return self.aws_endpoint_url is not None

    @property
    def gateway_is_emulated(self) -> bool:
        """Whether an emulator's API Gateway serves the API, rather than the local server or AWS."""
        return self.is_emulated and self.state_dir is None

    @property
    def patience_s(self) -> int:
        """A client's timeout: an emulator's gateway starts a process for each concurrent request."""
        return 120 if self.gateway_is_emulated else 30

    def aws(self, service: str) -> Any:
        """Create a boto3 client with the tester's rights."""
        style = "path" if self.is_emulated else "auto"
        return boto3.client(
            service,
            endpoint_url=self.service_endpoint_urls.get(service.upper(), self.aws_endpoint_url),
            region_name=self.region,
            aws_access_key_id="test" if self.is_emulated else None,
            aws_secret_access_key="test" if self.is_emulated else None,
            config=Config(signature_version="s3v4", s3={"addressing_style": style})
            if service == "s3"
            else None,
        )

    def mailed_code(self, email: str) -> str:
        """Return the code in the newest mail to this address, on emulators only."""
        with urllib.request.urlopen(f"{self.aws_endpoint_url}/_ministack/ses/messages") as response:
            accounts = json.load(response)["messages"]
        mails = [mail for account in accounts.values() for mail in account if email in mail["To"]]
        text: str = max(mails, key=lambda mail: float(mail["Timestamp"]))["BodyText"]
        return next(word.strip(".") for word in text.split() if word.strip(".").isdigit())

    def object_keys(self, prefix: str = "", *, with_renditions: bool = False) -> list[str]:
        """List the keys in the bucket with a prefix; renditions come a moment after the image is ready."""
        pages = self.aws("s3").get_paginator("list_objects_v2")
        return [
            item["Key"]
            for page in pages.paginate(Bucket=self.images_bucket, Prefix=prefix)
            for item in page.get("Contents", [])
            if with_renditions or "/renditions/" not in item["Key"]
        ]

    def read_object(self, key: str) -> bytes:
        """Read the bytes of an object."""
        content: bytes = self.aws("s3").get_object(Bucket=self.images_bucket, Key=key)["Body"].read()
        return content


@contextmanager
def chosen_backend(local_environment: Mapping[str, str]) -> Iterator[Backend]:
    """Use the deployment that the environment names, or else start the local server.

    ``local_environment`` is added to the local server's environment.
    """
    if "API_URL" in os.environ:
        yield _from_environment(dict(os.environ))
        return
    with tempfile.TemporaryDirectory(prefix="local-server-") as folder:
        server = LocalServer(Path(folder), environment=local_environment)
        try:
            yield server.start()
        finally:
            server.stop()


def _from_environment(environment: dict[str, str], state_dir: Path | None = None) -> Backend:
    endpoint_url = environment.get("AWS_ENDPOINT_URL")
    prefix = "AWS_ENDPOINT_URL_"
    services = {
        name.removeprefix(prefix): url for name, url in environment.items() if name.startswith(prefix)
    }
    for url in filter(None, (endpoint_url, *services.values())):
        is_here = urlsplit(url).hostname in {"127.0.0.1", "localhost"}
        if not is_here and "ALLOW_REMOTE_ENDPOINT" not in environment:
            raise RuntimeError(f"An AWS endpoint is not on this machine: {url}")
    return Backend(
        api_url=environment["API_URL"].rstrip("/"),
        user_pool_id=environment["USER_POOL_ID"],
        user_pool_client_id=environment["USER_POOL_CLIENT_ID"],
        public_client_id=environment["USER_POOL_PUBLIC_CLIENT_ID"],
        images_bucket=environment["IMAGES_BUCKET"],
        aws_endpoint_url=endpoint_url,
        region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        state_dir=state_dir,
        service_endpoint_urls=services,
    )


class LocalServer:
    """The local server as a child process, started as by ``make run``."""

    def __init__(
        self, state_dir: Path, port: int = 0, environment: Mapping[str, str] | None = None
    ) -> None:
        self._state_dir = state_dir
        self._port = port
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.output: list[str] = []

    def launch(self) -> "subprocess.Popen[str]":
        """Start the process without waiting until it is ready."""
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "entrypoints.local",
                f"--port={self._port}",
                f"--state-dir={self._state_dir}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": str(_SOURCES)} | self._environment,
            start_new_session=True,
        )
        return self._process

    def start(self) -> Backend:
        """Start it and wait until it is ready."""
        process = self.launch()
        assert process.stdout
        for line in process.stdout:
            self.output.append(line)
            if "Ctrl-C stops it" in line:
                break
        else:
            raise RuntimeError("The local server did not start:\n" + "".join(self.output))
        # It says something of each request, and would wait if nobody listened.
        self._reader = threading.Thread(target=self.output.extend, args=(process.stdout,), daemon=True)
        self._reader.start()
        lines = (self._state_dir / "environment").read_text().splitlines()
        assignments = (shlex.split(line)[1].partition("=") for line in lines)
        return _from_environment({name: value for name, _, value in assignments}, self._state_dir)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, unless it has ended already. Returns the exit status."""
        assert self._process
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.stop_when_ended()

    def stop_when_ended(self) -> int:
        """Wait for the end of the process. Returns the exit status."""
        assert self._process
        assert self._process.stdout
        if self._reader:
            self._reader.join(timeout=30)
            if self._reader.is_alive():
                # Closing its end of the pipe would wait for it, too.
                raise RuntimeError("A process of the local server has outlived it and holds its output.")
        else:
            self.output += self._process.stdout.readlines()
        self._process.stdout.close()
        return self._process.wait(timeout=30)
