"""Compares uploads through the API with the steps that they consist of.

``python -m benchmarks.uploads`` starts the local server and prints Markdown tables: the extra cost of an
upload through the API over a bare PUT and a bare ``identify``, uploads per second compared with the
storage's own and with those of ``@tus/server`` with ``@tus/s3-store``, the time from the arrival of a
direct upload until it is ready, and the memory for reading images of 1 MB and of 1 GB. Values that are
compared are measured alternately in one run.
"""

import argparse
import io
import json
import platform
import secrets
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image
from tests.integration.backend import Backend, LocalServer
from tests.integration.users import User, logged_in_user
from tests.support.imagemagick import identify_command

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.s3.object_keys import document_key, incoming_key
from benchmarks import beside_tus
from domain.images.account import Quotas
from domain.images.ids import new_image_id
from domain.images.model import ImageRef
from domain.images.record import Announcement, ImageRecord, UploadWay
from entrypoints.local.provisioning import TABLE

ROUNDS = 60
CLIENTS = 8
MAX_GROWTH_OF_MEMORY = 1.1
MIB = 1024**2

INGEST = """
import json, resource, sys
from entrypoints.functions.ingest import handler
notification = json.dumps({"Records": [{"s3": {"object": {"key": sys.argv[1]}}}]})
message = {"messageId": "1", "receiptHandle": "1", "attributes": {"ApproximateReceiveCount": "1"},
           "body": notification}
answer = handler({"Records": [message]}, None)
peak = {name: resource.getrusage(who).ru_maxrss for name, who in
        (("function", resource.RUSAGE_SELF), ("identify", resource.RUSAGE_CHILDREN))}
print(json.dumps({"failures": answer["batchItemFailures"], **peak}))
"""


def main() -> int:
    """Measure and print. Returns 1 if memory grows with the size of an image."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="uploads of each kind")
    arguments = parser.parse_args()
    photo = make_photo(2000, 1500)
    print(
        f"Python {platform.python_version()}; {platform.machine()}; a photo of {len(photo) / MIB:.1f} MB\n"
    )
    with running_server() as (backend, user):
        measure_overhead(backend, user, photo, arguments.rounds)
        measure_throughput(backend, user, photo, arguments.rounds)
        measure_beside_tus(backend, user)
        measure_time_to_ready(user, photo, arguments.rounds)
        return 0 if measure_memory(backend) <= MAX_GROWTH_OF_MEMORY else 1


def make_photo(width: int, height: int) -> bytes:
    """A JPEG with half a byte a pixel."""
    stream = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(stream, "JPEG", quality=80)
    return stream.getvalue()


@contextmanager
def running_server() -> Iterator[tuple[Backend, User]]:
    """The local server and a user."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        server = LocalServer(Path(folder))
        try:
            backend = server.start()
            users = logged_in_user(backend)
            yield backend, next(users)
            next(users, None)
        finally:
            server.stop()


def measure_overhead(backend: Backend, user: User, photo: bytes, rounds: int) -> None:
    """One client, one upload after the other."""
    storage = backend.aws("s3")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(photo)
        file.flush()
        identify_here = identify_command()
        command = [*identify_here.arguments, "-ping", file.name]

        def put() -> None:
            storage.put_object(Bucket=backend.images_bucket, Key=f"benchmark/{uuid4()}", Body=photo)

        def identify() -> None:
            subprocess.run(
                command,
                env=dict(identify_here.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=True,
            )

        def upload() -> None:
            assert user.upload(photo).status_code == 201

        times = measure_in_turn({"put": put, "identify": identify, "upload": upload}, rounds)
    bare = times["put"] + times["identify"]
    print("| one upload after the other | median |\n|---|---|")
    print(f"| bare PUT to storage | {times['put'] * 1000:.0f} ms |")
    print(f"| bare `identify -ping` | {times['identify'] * 1000:.0f} ms |")
    print(f"| `POST /v1/images` | {times['upload'] * 1000:.0f} ms |")
    print(f"| **upload : bare PUT and `identify`** | **{times['upload'] / bare:.2f}** |\n")


def measure_throughput(backend: Backend, user: User, photo: bytes, rounds: int) -> None:
    """Several clients at the same time."""
    storage = backend.aws("s3")

    def put(_: int) -> None:
        storage.put_object(Bucket=backend.images_bucket, Key=f"benchmark/{uuid4()}", Body=photo)

    def upload(_: int) -> None:
        assert user.upload(photo).status_code == 201

    rates: dict[str, list[float]] = {"put": [], "upload": []}
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(3):
            for name, task in (("put", put), ("upload", upload)):
                start = time.perf_counter()
                list(pool.map(task, range(rounds)))
                rates[name].append(rounds / (time.perf_counter() - start))
    put_rate, upload_rate = (statistics.median(rates[name]) for name in ("put", "upload"))
    print(f"| {CLIENTS} clients at once | median of 3 |\n|---|---|")
    print(f"| PUTs to the emulator only | {put_rate:.0f}/s |")
    print(f"| uploads through the local server | {upload_rate:.0f}/s |")
    print(f"| **uploads : PUTs** | **{upload_rate / put_rate:.2f}** |\n")


def measure_beside_tus(backend: Backend, user: User) -> None:
    """Compare with a server of the tus protocol, where it is installed."""
    if not beside_tus.is_installed():
        print("`@tus/server` is not installed, which needs Node.js and npm.\n")
        return
    photos = {"200 KB": make_photo(760, 570), "3 MB": make_photo(2900, 2180)}
    beside_tus.print_table(beside_tus.measure(backend, user, photos, clients=(1, CLIENTS)))


def measure_time_to_ready(user: User, photo: bytes, rounds: int) -> None:
    """Measure the time from the arrival of the bytes in storage, as seen by a polling client."""
    times = []
    for _ in range(rounds):
        size = {"content_type": "image/jpeg", "size": len(photo)}
        created = user.api.post("/v1/uploads", json=size).json()
        form = created["upload"]
        sent = httpx.post(form["url"], data=form["fields"], files={"file": ("photo.jpg", photo)})
        assert sent.is_success, sent.text
        start = time.perf_counter()
        while user.api.get(f"/v1/images/{created['image_id']}").json()["status"] == "pending":
            time.sleep(0.005)
        times.append(time.perf_counter() - start)
    quantiles = statistics.quantiles(times, n=20)
    print("| from arrival to ready | |\n|---|---|")
    print(f"| median | {statistics.median(times) * 1000:.0f} ms |")
    print(f"| 95 % | {quantiles[-1] * 1000:.0f} ms |\n")


def measure_memory(backend: Backend) -> float:
    """Read a small and a very large TIFF. Returns the ratio of their memory."""
    peaks = {}
    print("| reading a TIFF of | peak of the function | peak of `identify` | time |\n|---|---|---|---|")
    for name, side in (("1 MB", 296), ("1 GB", 9459)):
        with tempfile.TemporaryFile() as file:
            write_tiff(file, side)
            size = file.seek(0, 2)
            file.seek(0)
            now = datetime.now(UTC)
            ref = ImageRef("benchmark", new_image_id(now, secrets.token_bytes))
            announced = Announcement(UploadWay.FORM, size, now + timedelta(hours=1))
            record = ImageRecord.announce(ref, announced, due_at=announced.expires_at)
            DynamoDbImageRecords(backend.aws("dynamodb"), TABLE, lambda: datetime.now(UTC)).add(
                record, Quotas()
            )
            key = incoming_key(ref)
            with no_notifications(backend):
                backend.aws("s3").put_object(Bucket=backend.images_bucket, Key=key, Body=file)
        start = time.perf_counter()
        result = ingest_in_a_process(backend, key)
        seconds = time.perf_counter() - start
        assert json.loads(backend.read_object(document_key(ref)))["image"]["size_bytes"] == size
        peaks[name] = result["function"]
        print(
            f"| {name} | {result['function'] / 1024:.0f} MB | {result['identify'] / 1024:.0f} MB "
            f"| {seconds:.1f} s |"
        )
    growth = float(peaks["1 GB"] / peaks["1 MB"])
    print(f"| **1 GB : 1 MB** | **{growth:.2f}** | | |")
    return growth


def write_tiff(file: Any, side: int) -> None:
    """A square TIFF with three samples of 32 bits a pixel, all zero, uncompressed, in one strip."""
    size = side * side * 12
    entries = [
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 3, 8 + 2 + 12 * 9 + 4),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 4096),
        (277, 3, 1, 3),
        (278, 4, 1, side),
        (279, 4, 1, size),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    file.write(b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<HHH", 32, 32, 32))
    file.truncate(4096 + size)


def ingest_in_a_process(backend: Backend, key: str) -> dict[str, Any]:
    """Read an image as the ingest function does, in a process whose memory is measured."""
    assert backend.state_dir
    script = f'. {backend.state_dir / "environment"}; exec "$@"'
    command = ["bash", "-c", script, "-", sys.executable, "-c", INGEST, key]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert result["failures"] == [], output
    return result


@contextmanager
def no_notifications(backend: Backend) -> Iterator[None]:
    """Prevent the local server from reading objects that are put during the block."""
    storage, bucket = backend.aws("s3"), backend.images_bucket
    configuration = storage.get_bucket_notification_configuration(Bucket=bucket)
    del configuration["ResponseMetadata"]
    storage.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    storage.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def measure_in_turn(tasks: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Return the median time of each task in seconds, without the first round, which warms up."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken[1:]) for name, taken in times.items()}


if __name__ == "__main__":
    sys.exit(main())
