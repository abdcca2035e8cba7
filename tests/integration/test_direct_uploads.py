"""Uploads straight to storage: as a form, in parts, and what becomes of them."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.test_accounts import problem_code
from tests.integration.users import User, lasting
from tests.support.image_factory import photo

JPEG = photo("jpeg-complete.jpg").content
MIB = 1024 * 1024
LARGE_JPEG = JPEG + bytes(11 * MIB)
"""What follows the end of a JPEG belongs to no image, but to the file: three parts of 5 MiB at most."""


def announce(user: User, content: bytes = JPEG, **more: Any) -> dict[str, Any]:
    body = {"content_type": "image/jpeg", "size": len(content), **more}
    answer = user.api.post("/v1/uploads", json=body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def send_form(created: dict[str, Any], content: bytes) -> httpx.Response:
    upload = created["upload"]
    return httpx.post(upload["url"], data=upload["fields"], files={"file": ("file", content)}, timeout=30)


def send_part(part: dict[str, Any], content: bytes) -> httpx.Response:
    return httpx.request(part["method"], part["url"], content=content, timeout=30)


def sign_parts(user: User, image_id: str, *numbers: int) -> list[dict[str, Any]]:
    answer = user.api.post(f"/v1/uploads/{image_id}/parts", json={"part_numbers": numbers})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def settled(user: User, image_id: str) -> dict[str, Any]:
    """Wait until the image is no longer pending, and return it."""
    for _ in range(300):
        answer = user.api.get(f"/v1/images/{image_id}")
        assert answer.status_code == 200, answer.text
        image: dict[str, Any] = answer.json()
        if image["status"] != "pending":
            return image
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        time.sleep(0.1)
    raise AssertionError(f"still pending: {image}")


def remaining_keys(backend: Backend, user: User, *expected: str) -> list[str]:
    """All keys of this user, once they are the expected ones, or after a while.

    Images that stay may have renditions, which come later.
    """
    for _ in range(100):
        keys = [
            key
            for prefix in ("users", "incoming")
            for key in backend.object_keys(f"{prefix}/{user.id}/")
            if not expected or "/renditions/" not in key
        ]
        if keys == list(expected):
            break
        time.sleep(0.1)
    return keys


def test_a_form_upload_becomes_a_ready_image(backend: Backend, new_user: User) -> None:
    sha256 = hashlib.sha256(JPEG).hexdigest()

    created = announce(new_user, sha256=sha256, filename="../Été.jpg")

    assert created["image"]["status"] == "pending"
    assert created["image_id"] == created["image"]["id"]
    pending = new_user.api.get(f"/v1/images/{created['image_id']}")
    assert pending.json() == created["image"]
    assert pending.headers["retry-after"] == "2"
    assert (pending.json()["filename"], pending.json()["content_type"]) == ("Été.jpg", "image/jpeg")
    not_ready = new_user.api.get(f"/v1/images/{created['image_id']}/content")
    assert (not_ready.status_code, problem_code(not_ready)) == (409, "image-not-ready")
    assert not_ready.headers["retry-after"] == "2"

    sent = send_form(created, JPEG)

    assert sent.status_code == 204, sent.text
    image = settled(new_user, created["image_id"])
    assert image["status"] == "ready"
    assert (image["sha256"], image["size_bytes"], image["filename"]) == (sha256, len(JPEG), "Été.jpg")
    content = httpx.get(new_user.api.get(image["links"]["content"]).headers["location"])
    assert content.content == JPEG
    assert content.headers["content-type"] == "image/jpeg"
    assert "filename*=UTF-8''%C3%89t%C3%A9.jpg" in content.headers["content-disposition"]
    folder = f"users/{new_user.id}/images/{image['id']}"
    kept = [f"{folder}/metadata.json", f"{folder}/original.jpg"]
    assert remaining_keys(backend, new_user, *kept) == kept


def test_the_document_is_the_same_whichever_way_an_image_came_in(new_user: User) -> None:
    created = announce(new_user)
    send_form(created, JPEG)

    assert settled(new_user, created["image_id"])["metadata"] == new_user.upload(JPEG).json()["metadata"]


def test_the_type_is_what_the_bytes_say(backend: Backend, new_user: User) -> None:
    created = announce(new_user, content_type="image/png")
    send_form(created, JPEG)

    image = settled(new_user, created["image_id"])

    assert (image["status"], image["content_type"]) == ("ready", "image/jpeg")
    assert f"users/{new_user.id}/images/{image['id']}/original.jpg" in backend.object_keys(
        f"users/{new_user.id}/"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><script>alert(1)</script></html>", "unsupported-image-type"),
        (JPEG[:60], "unreadable-image"),
        (photo("png-complete.png").content[:16] + b"\0\1\0\0" * 2, "image-dimensions-exceeded"),
    ],
)
def test_an_unacceptable_image_is_rejected_with_a_reason(
    backend: Backend, new_user: User, content: bytes, code: str
) -> None:
    created = announce(new_user, content)
    assert send_form(created, content).status_code == 204

    image = settled(new_user, created["image_id"])

    assert image["status"] == "rejected"
    assert image["rejection"]["code"] == code
    assert image["rejection"]["detail"]
    assert remaining_keys(backend, new_user) == []
    not_ready = new_user.api.get(f"/v1/images/{image['id']}/content")
    assert (not_ready.status_code, problem_code(not_ready)) == (409, "image-not-ready")
    assert "retry-after" not in not_ready.headers
    assert new_user.api.delete(f"/v1/images/{image['id']}").status_code == 204
    assert remaining_keys(backend, new_user) == []


def test_other_bytes_than_declared_are_not_accepted(new_user: User) -> None:
    declared = hashlib.sha256(JPEG[:-1] + b"!").hexdigest()
    created = announce(new_user, sha256=declared)
    sent = send_form(created, JPEG)

    # S3 refuses them itself; an emulator that does not leaves it to us.
    if sent.status_code == 204:
        assert settled(new_user, created["image_id"])["rejection"]["code"] == "checksum-mismatch"
    else:
        assert sent.status_code == 400


def test_a_form_only_accepts_the_announced_size_and_key(new_user: User) -> None:
    created = announce(new_user)
    upload = created["upload"]

    assert send_form(created, JPEG + b"!").status_code == 400
    assert send_form(created, JPEG[:-1]).status_code == 400
    elsewhere = {**upload, "fields": upload["fields"] | {"key": "users/someone/images/x/original.jpg"}}
    assert send_form({"upload": elsewhere}, JPEG).status_code == 403
    other_type = {**upload, "fields": upload["fields"] | {"Content-Type": "text/html"}}
    assert send_form({"upload": other_type}, JPEG).status_code == 403
    assert new_user.api.get(f"/v1/images/{created['image_id']}").json()["status"] == "pending"


def test_bytes_sent_again_after_the_image_is_ready_change_nothing(backend: Backend, new_user: User) -> None:
    created = announce(new_user)
    send_form(created, JPEG)
    image = settled(new_user, created["image_id"])

    other = JPEG[:-3] + b"\0\xff\xd9"
    assert send_form(created, other).status_code == 204

    folder = f"users/{new_user.id}/images/{image['id']}"
    kept = [f"{folder}/metadata.json", f"{folder}/original.jpg"]
    assert remaining_keys(backend, new_user, *kept) == kept
    assert backend.read_object(f"{folder}/original.jpg") == JPEG
    assert lasting(new_user.api.get(f"/v1/images/{image['id']}").json()) == lasting(image)


def test_bytes_sent_after_the_image_was_deleted_do_not_stay(backend: Backend, new_user: User) -> None:
    created = announce(new_user)
    assert new_user.api.delete(f"/v1/images/{created['image_id']}").status_code == 204
    assert new_user.api.get(f"/v1/images/{created['image_id']}").status_code == 404

    assert send_form(created, JPEG).status_code == 204

    assert remaining_keys(backend, new_user) == []


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"content_type": "text/html", "size": 5}, 415, "unsupported-image-type", None),
        ({"content_type": "image/svg+xml", "size": 5}, 415, "unsupported-image-type", None),
        ({"content_type": "image/jpeg", "size": 2 * 1024**3}, 413, "image-too-large", None),
        ({"content_type": "image/jpeg", "size": True}, 422, "invalid-request", "size"),
        ({"content_type": "image/jpeg", "size": "5"}, 422, "invalid-request", "size"),
        ({"content_type": "image/jpeg", "size": 5.0}, 422, "invalid-request", "size"),
        ({"content_type": "image/jpeg", "size": 5, "multipart": 1}, 422, "invalid-request", "multipart"),
        ({"content_type": "image/jpeg", "size": 0}, 422, "invalid-request", "size"),
        ({"content_type": "image/jpeg"}, 422, "invalid-request", "size"),
        ({"content_type": "image/jpeg", "size": 5, "sha256": "abc"}, 422, "invalid-request", "sha256"),
        ({"content_type": "image/jpeg", "size": 5, "key": "x"}, 422, "invalid-request", "key"),
        (
            {"content_type": "image/jpeg", "size": 5, "filename": "ü" * 200},
            422,
            "invalid-request",
            "filename",
        ),
        (
            {"content_type": "image/jpeg", "size": 5, "multipart": True, "part_size": 5},
            422,
            "invalid-request",
            "part_size",
        ),
    ],
)
def test_an_impossible_upload_is_refused_at_once(
    backend: Backend, user: User, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    before = user.api.get("/v1/users/me/usage").json()

    answer = user.api.post("/v1/uploads", json=body)

    assert (answer.status_code, problem_code(answer)) == (status, code)
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert user.api.get("/v1/users/me/usage").json() == before


def test_an_upload_in_parts_can_be_resumed(backend: Backend, new_user: User) -> None:
    created = announce(
        new_user,
        LARGE_JPEG,
        multipart=True,
        part_size=5 * MIB,
        filename="large.jpg",
        sha256=hashlib.sha256(LARGE_JPEG).hexdigest(),
    )
    image_id, multipart = created["image_id"], created["multipart"]
    assert (multipart["part_size"], multipart["part_count"]) == (5 * MIB, 3)
    chunks = [LARGE_JPEG[at : at + 5 * MIB] for at in range(0, len(LARGE_JPEG), 5 * MIB)]
    signed = sign_parts(new_user, image_id, 3, 1)
    assert [part["size"] for part in signed] == [len(chunks[2]), 5 * MIB]
    for part in signed:
        assert send_part(part, chunks[part["part_number"] - 1]).status_code == 200

    listed = new_user.api.get(multipart["links"]["parts"]).json()

    assert [(part["part_number"], part["size"]) for part in listed["items"]] == [
        (1, 5 * MIB),
        (3, len(chunks[2])),
    ]
    assert listed["upload_id"] == multipart["upload_id"]
    incomplete = new_user.api.post(multipart["links"]["complete"])
    assert (incomplete.status_code, problem_code(incomplete)) == (409, "upload-incomplete")
    assert "2" in incomplete.json()["detail"]
    assert new_user.api.get(f"/v1/images/{image_id}").json()["status"] == "pending"

    [missing] = sign_parts(new_user, image_id, 2)
    assert send_part(missing, chunks[1]).status_code == 200
    completed = new_user.api.post(multipart["links"]["complete"])

    assert completed.status_code == 200, completed.text
    assert completed.json()["status"] == "pending"
    image = settled(new_user, image_id)
    assert (image["status"], image["size_bytes"]) == ("ready", len(LARGE_JPEG))
    assert (image["sha256"], image["filename"]) == (hashlib.sha256(LARGE_JPEG).hexdigest(), "large.jpg")
    again = new_user.api.post(multipart["links"]["complete"])
    assert (again.status_code, again.json()["status"]) == (200, "ready")
    folder = f"users/{new_user.id}/images/{image_id}"
    assert backend.read_object(f"{folder}/original.jpg") == LARGE_JPEG
    kept = [f"{folder}/metadata.json", f"{folder}/original.jpg"]
    assert remaining_keys(backend, new_user, *kept) == kept


def test_a_part_has_exactly_the_planned_size(new_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    [part] = sign_parts(new_user, created["image_id"], 3)

    assert send_part(part, bytes(part["size"] + 1)).status_code == 403
    assert send_part(part, bytes(part["size"] - 1)).status_code == 403

    beyond = new_user.api.post(created["multipart"]["links"]["parts"], json={"part_numbers": [4]})
    assert (beyond.status_code, problem_code(beyond)) == (422, "invalid-request")
    assert new_user.api.delete(created["multipart"]["links"]["self"]).status_code == 204


def test_files_above_the_limit_of_a_form_are_sent_in_parts(new_user: User) -> None:
    answer = new_user.api.post("/v1/uploads", json={"content_type": "image/tiff", "size": 1024**3})

    created = answer.json()
    assert "upload" not in created
    assert created["multipart"]["part_count"] == 128
    assert created["multipart"]["part_size"] == 8 * MIB


def unfinished_uploads(backend: Backend, user: User) -> list[Any]:
    """The uploads in parts of this user that storage keeps."""
    told = backend.aws("s3").list_multipart_uploads(
        Bucket=backend.images_bucket, Prefix=f"incoming/{user.id}/"
    )
    uploads: list[Any] = told.get("Uploads", [])
    return uploads


def test_an_aborted_upload_is_gone(backend: Backend, new_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    links = created["multipart"]["links"]
    [part] = sign_parts(new_user, created["image_id"], 1)
    send_part(part, LARGE_JPEG[: 5 * MIB])
    assert len(unfinished_uploads(backend, new_user)) == 1

    assert new_user.api.delete(links["self"]).status_code == 204

    assert send_part(part, LARGE_JPEG[: 5 * MIB]).status_code == 404
    assert unfinished_uploads(backend, new_user) == []
    assert new_user.api.get(f"/v1/images/{created['image_id']}").status_code == 404
    for answer in (
        new_user.api.delete(links["self"]),
        new_user.api.get(links["parts"]),
        new_user.api.post(links["complete"]),
        new_user.api.post(links["parts"], json={"part_numbers": [1]}),
    ):
        assert (answer.status_code, problem_code(answer)) == (404, "upload-not-found")
    assert remaining_keys(backend, new_user) == []


def test_deleting_the_image_aborts_its_upload(backend: Backend, new_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    [part] = sign_parts(new_user, created["image_id"], 1)

    assert new_user.api.delete(f"/v1/images/{created['image_id']}").status_code == 204

    assert send_part(part, LARGE_JPEG[: 5 * MIB]).status_code == 404
    assert remaining_keys(backend, new_user) == []


def test_nobody_can_touch_another_users_upload(new_user: User, other_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    links = created["multipart"]["links"]

    for answer in (
        other_user.api.delete(links["self"]),
        other_user.api.get(links["parts"]),
        other_user.api.post(links["complete"]),
        other_user.api.post(links["parts"], json={"part_numbers": [1]}),
        other_user.api.post(f"{links['self']}/requests", json={"operation": "complete"}),
    ):
        assert (answer.status_code, problem_code(answer)) == (404, "upload-not-found")
    assert other_user.api.get(f"/v1/images/{created['image_id']}").status_code == 404
    assert new_user.api.get(links["parts"]).status_code == 200
    new_user.api.delete(links["self"])


def test_a_client_can_list_and_complete_the_parts_with_s3_itself(new_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    image_id, links = created["image_id"], created["multipart"]["links"]
    etags = []
    for part in sign_parts(new_user, image_id, 1, 2, 3):
        at = (part["part_number"] - 1) * 5 * MIB
        etags.append(send_part(part, LARGE_JPEG[at : at + part["size"]]).headers["etag"])

    listing = new_user.api.post(f"{links['self']}/requests", json={"operation": "list-parts"}).json()
    assert httpx.request(listing["method"], listing["url"]).text.count("<PartNumber>") == 3
    completion = new_user.api.post(f"{links['self']}/requests", json={"operation": "complete"}).json()
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    completed = httpx.request(
        completion["method"],
        completion["url"],
        content=f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>",
        headers={"content-type": "application/xml"},
    )

    assert completed.status_code == 200, completed.text
    assert settled(new_user, image_id)["status"] == "ready"


def test_a_truncated_upload_in_parts_is_rejected(new_user: User) -> None:
    created = announce(new_user, LARGE_JPEG, multipart=True, part_size=5 * MIB)
    links = created["multipart"]["links"]
    [part] = sign_parts(new_user, created["image_id"], 1)
    etag = send_part(part, LARGE_JPEG[: 5 * MIB]).headers["etag"]
    completion = new_user.api.post(f"{links['self']}/requests", json={"operation": "complete"}).json()
    httpx.request(
        completion["method"],
        completion["url"],
        content="<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{etag}</ETag></Part></CompleteMultipartUpload>",
    )

    assert settled(new_user, created["image_id"])["rejection"]["code"] == "upload-incomplete"


@pytest.fixture
def queues(backend: Backend) -> Iterator["Queues"]:
    """The queues of the local server, where a message that fails is not hidden for long."""
    assert backend.state_dir
    lines = (backend.state_dir / "environment").read_text().splitlines()
    environment = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    queues = Queues(backend.aws("sqs"), environment)
    queues.set_visibility_timeout("1")
    # A receive that was waiting already still has the timeout from before.
    queues.client.send_message(QueueUrl=queues.main_url, MessageBody='{"Event": "s3:TestEvent"}')
    queues.wait_until_empty()
    yield queues
    queues.set_visibility_timeout("60")


class Queues:
    def __init__(self, client: Any, environment: dict[str, str]) -> None:
        self.client = client
        self.environment = environment
        self.main_url = environment["QUEUE_URL"]
        self.dead_letter_url = environment["DEAD_LETTER_QUEUE_URL"]

    def set_visibility_timeout(self, seconds: str) -> None:
        self.client.set_queue_attributes(QueueUrl=self.main_url, Attributes={"VisibilityTimeout": seconds})

    def wait_until_empty(self) -> None:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        for _ in range(100):
            answer = self.client.get_queue_attributes(QueueUrl=self.main_url, AttributeNames=names)
            if not any(int(answer["Attributes"][name]) for name in names):
                return
            time.sleep(0.1)
        raise AssertionError("the queue does not become empty")

    def next_dead_letter(self) -> dict[str, Any]:
        # The local server gives up after 20 attempts, with a pause of a second after each.
        for _ in range(90):
            answer = self.client.receive_message(QueueUrl=self.dead_letter_url, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                found: dict[str, Any] = message
                return found
        raise AssertionError("nothing came")

    def redrive(self) -> str:
        return subprocess.run(
            [
                sys.executable,
                Path(__file__).parents[2] / "scripts" / "redrive.py",
                self.dead_letter_url,
                self.main_url,
            ],
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@pytest.mark.local_server
def test_a_message_that_fails_every_time_ends_in_the_dead_letter_queue(queues: Queues) -> None:
    queues.client.send_message(QueueUrl=queues.main_url, MessageBody="{not JSON")

    message = queues.next_dead_letter()

    assert message["Body"] == "{not JSON"
    queues.client.delete_message(QueueUrl=queues.dead_letter_url, ReceiptHandle=message["ReceiptHandle"])


@pytest.mark.local_server
def test_an_image_whose_reading_failed_stays_pending_until_its_message_is_redriven(
    backend: Backend, new_user: User, queues: Queues
) -> None:
    storage = backend.aws("s3")
    notification = storage.get_bucket_notification_configuration(Bucket=backend.images_bucket)
    del notification["ResponseMetadata"]
    storage.put_bucket_notification_configuration(
        Bucket=backend.images_bucket, NotificationConfiguration={}
    )
    try:
        created = announce(new_user)
        send_form(created, JPEG)
    finally:
        storage.put_bucket_notification_configuration(
            Bucket=backend.images_bucket, NotificationConfiguration=notification
        )
    key = f"incoming/{new_user.id}/{created['image_id']}"
    event = {"Records": [{"eventName": "ObjectCreated:Post", "s3": {"object": {"key": key}}}]}
    queues.client.send_message(QueueUrl=queues.dead_letter_url, MessageBody=json.dumps(event))

    pending = new_user.api.get(f"/v1/images/{created['image_id']}").json()
    assert (pending["status"], pending["size_bytes"]) == ("pending", len(JPEG))
    assert [image["id"] for image in new_user.api.get("/v1/images").json()["items"]] == [pending["id"]]
    assert backend.read_object(key) == JPEG

    assert "1 messages" in queues.redrive()

    assert settled(new_user, created["image_id"])["status"] == "ready"
