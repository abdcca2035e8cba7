"""The packaged functions and the layer, run as Lambda runs them, from the API to the events."""

import errno
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from scripts.runtime_python import debian_interpreter, unpacked_debian_python

from adapters.dynamodb.image_records import DynamoDbImageRecords
from domain.images.account import Quotas
from domain.shared.image_format import ImageFormat
from entrypoints.local.provisioning import TABLE
from tests.integration.logged_secrets import secrets_in
from tests.integration.users import WRONG_PASSWORD, User, log_in
from tests.runtime.deployment import DEFAULT_PERMISSIONS, FUNCTIONS, Deployment
from tests.support.image_factory import Photo, photos
from tests.support.lambda_runtime import Function, InvocationFailed, Limits, Sandbox
from tests.support.records import accepted, pending, ref_at

PHOTOS = [
    next(photo for photo in photos() if photo.format == image_format.value) for image_format in ImageFormat
]

PROBE = """
import os, resource, sys

def attempt(path):
    try:
        with open(path, "wb") as file:
            file.write(b"x")
    except OSError as error:
        return type(error).__name__, error.errno
    return "written"

def handler(event, context):
    with open("/tmp/large", "wb") as file:
        try:
            file.truncate(0)
            for _ in range(event["temporary_mb"] + 1):
                file.write(bytes(1024 * 1024))
        except OSError as error:
            full = error.errno
    return {
        "user": [os.getuid(), os.getgid(), os.getgroups()],
        "writes": [attempt(path) for path in event["paths"]],
        "shared memory": os.path.exists("/dev/shm"),
        "root": sorted(os.listdir("/")),
        "limits": [resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in event["limits"]],
        "full": full,
        "remaining_s": context.get_remaining_time_in_millis() / 1000,
        "directory": os.getcwd(),
        "client": [name for name in sys.modules if name.startswith("awslambdaric")],
    }
"""


CLIENTS_ALONE = """
import sys, time
sys.path.insert(0, sys.argv[1])
from botocore.session import get_session
session = get_session()
for service in "s3", "dynamodb":
    session.create_client(service, region_name="eu-central-1")
print(time.process_time())
"""
INITIALISATION_CEILINGS = {"triggers": 0.5, "web": 0.5, "images": 3}
"""Multiples of a program's time that only makes two clients; make benchmark-init compares exactly."""
DEFAULT_INITIALISATION_CEILING = 2.5


@pytest.fixture
def probe(sandbox: Sandbox, tmp_path: Path) -> Iterator[Function]:
    """A function that reports what it finds."""
    task, layer = tmp_path / "task", tmp_path / "layer"
    layer.mkdir()
    task.mkdir()
    (task / "probe.py").write_text(PROBE)
    with Function(
        sandbox,
        tmp_path / "probe",
        "probe.handler",
        Limits(memory_mb=512, timeout_s=20, temporary_mb=3),
        task=task,
        layer=layer,
        environment={},
    ) as started:
        yield started


def test_the_sandbox_is_as_narrow_as_lambdas(probe: Function) -> None:
    paths = ["/x", "/usr/x", "/opt/x", "/var/task/x", "/var/runtime/x", "/var/task/probe.py", "/dev/x"]

    found = probe.invoke({"paths": paths, "limits": ["AS", "NPROC", "NOFILE"], "temporary_mb": 3})

    assert found["user"][:2] == [65534, 65534]
    assert set(found["user"][2]) <= {65534}
    assert found["writes"] == [["OSError", errno.EROFS]] * len(paths)
    assert found["shared memory"] is False
    assert found["root"] == ["bin", "dev", "lib", "lib64", "opt", "proc", "tmp", "usr", "var"]
    assert found["limits"] == [[512 * 1024 * 1024] * 2, [1024] * 2, [1024] * 2]
    assert found["full"] == errno.ENOSPC
    assert 15 < found["remaining_s"] <= 20
    assert found["directory"] == "/var/task"
    assert "awslambdaric.bootstrap" in found["client"]


def test_a_person_registers_and_logs_in(user: User) -> None:
    answer = user.api.get("/v1/users/me")

    assert answer.status_code == 200
    assert (answer.json()["user_id"], answer.json()["email"]) == (user.id, user.email)
    # The pool has asked the triggers.
    claims = jwt.decode(user.access_token, options={"verify_signature": False})
    assert claims["permissions"] == DEFAULT_PERMISSIONS


def test_a_wrong_password_is_refused(deployment: Deployment, user: User) -> None:
    with httpx.Client(base_url=deployment.backend.api_url, timeout=30) as api:
        answer = log_in(api, user.email, WRONG_PASSWORD)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-credentials")


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.format)
def test_a_small_upload_is_read_by_the_layers_binary(user: User, photo: Photo) -> None:
    answer = user.upload(photo.content)

    assert answer.status_code == 201, answer.text
    assert_is_read(answer.json(), photo)
    content = user.api.get(f"/v1/images/{answer.json()['id']}/content", follow_redirects=False)
    assert httpx.get(content.headers["location"]).content == photo.content


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.format)
def test_what_arrives_in_storage_is_read_by_the_layers_binary(user: User, photo: Photo) -> None:
    announced = user.api.post(
        "/v1/uploads", json={"size": len(photo.content), "content_type": f"image/{photo.format}"}
    )
    assert announced.status_code == 201, announced.text
    form = announced.json()["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": photo.content}, timeout=30)
    assert sent.status_code in {200, 201, 204}, sent.text

    assert_is_read(settled(user, announced.json()["image_id"]), photo)


def test_the_page_is_served(deployment: Deployment) -> None:
    answer = httpx.get(f"{deployment.backend.api_url}/", timeout=30)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_not_an_image_is_refused(user: User) -> None:
    answer = user.upload(b"\xff\xd8\xff\xe0 this is no JPEG" * 100)

    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable-image")


def test_changes_of_records_become_events(deployment: Deployment) -> None:
    records = DynamoDbImageRecords(deployment.backend.aws("dynamodb"), TABLE, lambda: datetime.now(UTC))
    waiting = pending(ref_at(0), due_at=datetime.now(UTC) + timedelta(days=1))
    records.add(waiting, Quotas())
    records.save(waiting, accepted(waiting))

    event = deployment.events.about(waiting.ref.image_id, "image.ready")

    assert event["user_id"] == waiting.ref.owner_id


def test_a_sign_in_at_the_pool_is_recorded(deployment: Deployment) -> None:
    triggers = deployment.functions["triggers"]
    event = {
        "version": "1",
        "triggerSource": "PostAuthentication_Authentication",
        "callerContext": {"clientId": "client-1"},
        "request": {"userAttributes": {"sub": "b0c1"}},
        "response": {},
    }

    assert triggers.invoke(event) == event

    recorded, measured = map(json.loads, triggers.log.splitlines()[-2:])
    assert (recorded["audit"], recorded["user_id"]) == ("user-signed-in", "b0c1")
    assert (measured["outcome"], measured["SignIns"]) == ("signed-in", [1])


def test_an_exception_of_a_function_is_reported(deployment: Deployment) -> None:
    with pytest.raises(InvocationFailed, match="KeyError"):
        deployment.functions["triggers"].invoke({})


@pytest.fixture(scope="session")
def clients_alone_s(deployment: Deployment) -> float:
    """The processor time of a program that only makes two clients, with the package's bytecode."""
    ended = debian_interpreter(unpacked_debian_python()).run("-c", CLIENTS_ALONE, str(deployment.task))
    return float(ended.stdout)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_fast(deployment: Deployment, clients_alone_s: float, name: str) -> None:
    ceiling = INITIALISATION_CEILINGS.get(name, DEFAULT_INITIALISATION_CEILING)

    assert deployment.initialisation_s[name] < ceiling * clients_alone_s


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_memory_is_enough(deployment: Deployment, user: User, name: str) -> None:
    function = deployment.functions[name]

    assert 20 < function.peak_memory_mb() < function.limits.memory_mb / 2


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_log_is_json_without_secrets(deployment: Deployment, user: User, name: str) -> None:
    log = deployment.functions[name].log

    assert secrets_in(log) == []
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict), line


def assert_is_read(image: dict[str, Any], photo: Photo) -> None:
    assert (image["status"], image["content_type"]) == ("ready", f"image/{photo.format}")
    # What identify alone tells, and what the blocks of metadata do.
    for block, expected in (("image", photo.expected.image), ("exif", photo.expected.exif)):
        read = image["metadata"][block]
        assert {name: read[name] for name in expected} == expected


def settled(user: User, image_id: str) -> dict[str, Any]:
    """Wait until the image is no longer pending, and return it."""
    for _ in range(300):
        image: dict[str, Any] = user.api.get(f"/v1/images/{image_id}").json()
        if image["status"] != "pending":
            return image
        time.sleep(0.05)
    raise AssertionError(f"still pending: {image}")
