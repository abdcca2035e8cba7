"""Compares uploads through the API with uploads to ``@tus/server``, which stores them in the same S3."""

import http.client
import os
import secrets
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.integration.backend import Backend
from tests.integration.users import User

from entrypoints.local.emulator import CREDENTIALS

SERVER = Path(__file__).parent / "tus" / "server.mjs"
ROUNDS = 5
UPLOADS = 24
"""For each server in each round, by all clients together."""

Upload = Callable[[http.client.HTTPConnection, bytes], None]


@dataclass
class Rates:
    """The measured values of one server."""

    per_s: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    """Processor time of an upload in all processes except the clients."""


@contextmanager
def tus_server(backend: Backend) -> Iterator[tuple[int, int]]:
    """Run a tus server. Yields its process id and its port."""
    environment = {
        "PATH": os.environ["PATH"],
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": backend.aws_endpoint_url or "",
        "IMAGES_BUCKET": backend.images_bucket,
        "NODE_ENV": "production",
    }
    with subprocess.Popen(
        ["node", str(SERVER)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()


def is_installed() -> bool:
    """Whether there is a tus server to compare with."""
    return shutil.which("node") is not None and (SERVER.parent / "node_modules").exists()


def measure(
    backend: Backend, user: User, photos: dict[str, bytes], clients: tuple[int, ...]
) -> dict[tuple[str, int], tuple[Rates, Rates]]:
    """Upload to both servers in turn. Returns our and their values by photo and number of clients."""
    assert backend.state_dir
    emulator = int((backend.state_dir / "ministack.pid").read_text())
    api = urlsplit(backend.api_url).port
    token = user.api.headers["authorization"]
    results = {(name, count): (Rates(), Rates()) for name in photos for count in clients}
    with tus_server(backend) as (theirs, tus_port):
        ours = parent_of(emulator)
        sides = (
            (api, lambda connection, content: upload_to_api(connection, content, token), [ours]),
            (tus_port, upload_to_tus, [theirs, emulator]),
        )
        for number in range(ROUNDS + 1):
            for (name, count), rates in results.items():
                for (port, upload, pids), rate in zip(sides, rates, strict=True):
                    seconds, processor = timed(port, upload, photos[name], count, pids)
                    if number:
                        rate.per_s.append(1 / seconds)
                        rate.processor_ms.append(processor * 1000)
    return results


def timed(
    port: int | None, upload: Upload, photo: bytes, clients: int, pids: list[int]
) -> tuple[float, float]:
    """Upload with this many clients at once. Returns the seconds and the processor time of one upload."""
    own = threading.local()

    def send(content: bytes) -> None:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        upload(own.connection, content)

    contents = [unique(photo) for _ in range(UPLOADS)]
    before = sum(map(processor_time_s, pids))
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(send, contents))
    seconds = time.perf_counter() - start
    return seconds / UPLOADS, (sum(map(processor_time_s, pids)) - before) / UPLOADS


def unique(photo: bytes) -> bytes:
    """Return the photo with a unique comment, so that it is not a duplicate."""
    comment = secrets.token_bytes(16)
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def upload_to_api(connection: http.client.HTTPConnection, content: bytes, token: str) -> None:
    """Upload with ``POST /v1/images``."""
    connection.request(
        "POST", "/v1/images", content, {"authorization": token, "content-type": "image/jpeg"}
    )
    answered(connection, 201)


def upload_to_tus(connection: http.client.HTTPConnection, content: bytes) -> None:
    """Create and send, as its own client does by default (tus resumable upload protocol 1.0)."""
    version = {"tus-resumable": "1.0.0"}
    connection.request("POST", "/files", headers={**version, "upload-length": str(len(content))})
    location = urlsplit(answered(connection, 201)["location"]).path
    headers = {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
    connection.request("PATCH", location, content, {**version, **headers})
    answered(connection, 204)


def answered(connection: http.client.HTTPConnection, status: int) -> http.client.HTTPMessage:
    """Read the response. Returns its headers."""
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == status, (answer.status, body)
    return answer.headers


def parent_of(pid: int) -> int:
    """Return the id of a process's parent."""
    return int(_stat(pid)[1])


def processor_time_s(pid: int) -> float:
    """Return the processor time of a process, its descendants and their ended children (Linux)."""
    by_parent: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            by_parent.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
        except OSError:
            continue
    ticks, pids = 0, [pid]
    while pids:
        one = pids.pop()
        pids += by_parent.get(one, [])
        try:
            ticks += sum(map(int, _stat(one)[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """Return the fields of proc(5)'s ``stat``, starting with the third."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def print_table(results: dict[tuple[str, int], tuple[Rates, Rates]]) -> None:
    """Print a line for each photo and number of clients."""
    print("| upload of | clients | ours | tus | **ours : tus** | ours, CPU | tus, CPU | tus : ours |")
    print("|---|---|---|---|---|---|---|---|")
    for (name, clients), (ours, theirs) in results.items():
        rates = [statistics.median(one.per_s) for one in (ours, theirs)]
        costs = [statistics.median(one.processor_ms) for one in (ours, theirs)]
        print(
            f"| {name} | {clients} | {rates[0]:.1f}/s | {rates[1]:.1f}/s | **{rates[0] / rates[1]:.2f}** "
            f"| {costs[0]:.0f} ms | {costs[1]:.0f} ms | {costs[1] / costs[0]:.2f} |"
        )
    print()
