"""The local server when it or one of its processes is killed, or when the disk is full."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from entrypoints.local.emulator import Emulator
from entrypoints.local.provisioning import QUEUE_NAME
from tests.integration.backend import Backend, LocalServer
from tests.integration.users import confirm, lasting, log_in, new_email, register
from tests.support.availability import unavailable
from tests.support.image_factory import photo

pytestmark = [pytest.mark.local_server, pytest.mark.timeout(180)]

JPEG = photo("jpeg-plain.jpg").content


class Running:
    """A local server and a client."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.server = LocalServer(state_dir)
        self.backend: Backend = self.server.start()
        self.api = httpx.Client(base_url=self.backend.api_url, timeout=60)

    @property
    def emulator(self) -> int:
        return int((self.state_dir / "ministack.pid").read_text())

    def new_user(self) -> tuple[str, dict[str, str]]:
        """Create a confirmed account. Returns its address, and the header for its requests."""
        email = new_email()
        assert register(self.api, email).status_code == 201
        confirm(self.api, self.backend, email)
        token = log_in(self.api, email).json()["access_token"]
        return email, {"authorization": f"Bearer {token}"}

    def upload(self, headers: dict[str, str]) -> httpx.Response:
        return self.api.post("/v1/images", content=JPEG, headers=headers | {"content-type": "image/jpeg"})


@contextmanager
def running(state_dir: Path) -> Iterator[Running]:
    server = Running(state_dir)
    try:
        yield server
    finally:
        server.api.close()
        server.server.stop()


def is_running(pid: int) -> bool:
    try:
        # If nothing adopts an orphan, it stays a zombie after its end.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_what_was_answered_outlives_the_end_of_the_server(tmp_path: Path, number: signal.Signals) -> None:
    first = Running(tmp_path)
    emulator = first.emulator
    email, headers = first.new_user()
    image = first.upload(headers).json()
    unconfirmed = new_email()
    assert register(first.api, unconfirmed).status_code == 201
    first.api.close()

    status = first.server.stop(number)

    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    eventually(lambda: not is_running(emulator))
    with running(tmp_path) as second:
        assert log_in(second.api, email).status_code == 200
        assert lasting(second.api.get(image["links"]["self"], headers=headers).json()) == lasting(image)
        assert register(second.api, unconfirmed).json()["code"] == "user-exists"


def test_what_was_answered_outlives_the_death_of_the_emulator(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        email, headers = first.new_user()
        image = first.upload(headers).json()
        assert first.api.get("/healthz").status_code == 200

        os.kill(first.emulator, signal.SIGKILL)

        eventually(lambda: first.api.get("/healthz").status_code == 503)
        answer = first.api.get("/healthz")
        assert answer.json()["code"] == "service-unavailable"
        assert answer.headers["retry-after"]
        assert first.upload(headers).status_code == 503
    with running(tmp_path) as second:
        assert log_in(second.api, email).status_code == 200
        assert lasting(second.api.get(image["links"]["self"], headers=headers).json()) == lasting(image)


def test_an_emulator_that_was_left_behind_is_ended_at_the_next_start(tmp_path: Path) -> None:
    first = Running(tmp_path)
    left_behind = first.emulator
    email, _ = first.new_user()
    first.api.close()
    # It ignores signals and the end of the server.
    os.kill(left_behind, signal.SIGSTOP)
    first.server.stop(signal.SIGKILL)
    assert is_running(left_behind)

    with running(tmp_path) as second:
        assert not is_running(left_behind)
        assert second.emulator != left_behind
        assert log_in(second.api, email).status_code == 200


def test_a_number_of_a_process_that_is_another_one_now_means_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "300"]) as other:
        (tmp_path / "ministack.pid").write_text(str(other.pid))
        with running(tmp_path):
            assert other.poll() is None
        other.kill()


def test_a_notification_that_was_lost_with_the_emulator_is_repeated_at_the_next_start(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as first:
        _, headers = first.new_user()
        created = first.api.post("/v1/uploads", json={"size": len(JPEG)}, headers=headers).json()
    incoming = created["upload"]["fields"]["key"]
    # What the emulator has if it is killed between storing an object and saving the queue.
    emulator = Emulator.start(tmp_path)
    try:
        storage, queues = emulator.client("s3"), emulator.client("sqs")
        storage.put_object(Bucket=first.backend.images_bucket, Key=incoming, Body=JPEG)
        queues.purge_queue(QueueUrl=queues.get_queue_url(QueueName=QUEUE_NAME)["QueueUrl"])
    finally:
        emulator.stop()

    with running(tmp_path) as second:
        image = f"/v1/images/{created['image_id']}"
        eventually(lambda: second.api.get(image, headers=headers).json()["status"] == "ready")
        eventually(lambda: second.backend.object_keys("incoming/") == [])


def test_a_worker_that_is_killed_takes_one_request_with_it(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        _, headers = server.new_user()
        [first, *_] = workers_of(tmp_path)

        with ThreadPoolExecutor(8) as pool:
            uploads = [pool.submit(server.upload, headers) for _ in range(40)]
            uploads[4].result()
            os.kill(first, signal.SIGKILL)
            statuses = [upload.result().status_code for upload in uploads]

        assert statuses.count(201) >= 39
        assert set(statuses) <= {201, 500}
        assert server.upload(headers).status_code == 201
        assert first not in workers_of(tmp_path)


def workers_of(state_dir: Path) -> list[int]:
    """Return the processes of the handlers, which write to the functions' log."""
    log = str((state_dir / "functions.log").resolve())
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "fd" / "1").readlink()) == log:
                pids.append(int(process.name))
        except OSError:
            continue
    return pids


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A separate file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        unavailable("a file system can be mounted by root alone")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_promises_nothing(small_disk: Path) -> None:
    with running(small_disk / "state") as first:
        email, headers = first.new_user()
        image = first.upload(headers).json()
        filler = small_disk / "filler"
        fill(filler)

        refused = new_email()
        for answer in (register(first.api, refused), first.upload(headers)):
            assert answer.status_code == 503
            assert answer.json()["code"] == "service-unavailable"
            assert answer.headers["retry-after"]
        assert lasting(first.api.get(image["links"]["self"], headers=headers).json()) == lasting(image)

        filler.unlink()
        assert register(first.api, refused).status_code == 201
        later = first.upload(headers)
        assert later.status_code == 201
        os.kill(first.emulator, signal.SIGKILL)
    with running(small_disk / "state") as second:
        assert log_in(second.api, email).status_code == 200
        assert lasting(second.api.get(later.json()["links"]["self"], headers=headers).json()) == lasting(
            later.json()
        )
        assert len(second.api.get("/v1/images", headers=headers).json()["items"]) == 2


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(4096)) == 4096:
                pass
        except OSError:
            return


def test_state_that_cannot_be_written_is_promised_to_nobody(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        _, headers = server.new_user()
        # The disk has space, but no file may become larger than this.
        resource.prlimit(server.emulator, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

        assert register(server.api, new_email()).status_code == 503
        assert server.upload(headers).status_code == 503

        resource.prlimit(
            server.emulator, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        assert register(server.api, new_email()).status_code == 201
        assert server.upload(headers).status_code == 201
