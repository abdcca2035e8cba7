"""What is wrong after everything has had time to come to rest."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.clients import Client, Sent
from tests.integration.backend import Backend
from tests.integration.users import User

Told = Callable[[], list[tuple[str, dict[str, Any]]]]
"""The events that subscribers have heard so far."""
_POLL_S = 1


@dataclass
class Findings:
    """All of it is to be empty."""

    lost: list[str] = field(default_factory=list)
    """Images that somebody was promised, and that are not there as they were sent."""
    stuck: list[str] = field(default_factory=list)
    """Images that are still pending, or not rendered."""
    left_over: list[str] = field(default_factory=list)
    """Bytes of no image, and images that were deleted, sent once or counted otherwise."""
    untold: list[str] = field(default_factory=list)
    """Images of which no subscriber has heard that they are ready, or gone."""

    def __bool__(self) -> bool:
        return any((self.lost, self.stuck, self.left_over, self.untold))


def find(backend: Backend, clients: list[Client], told: Told, patience_s: float) -> Findings:
    """Look at everything until nothing is wrong, at most so long."""
    deadline = time.monotonic() + patience_s
    users = {client.user.id: client.user for client in clients}
    sent = {user_id: [s for c in clients if c.user.id == user_id for s in c.sent] for user_id in users}
    images = {user_id: _at_rest(user, sent[user_id], deadline) for user_id, user in users.items()}
    findings = Findings()
    for user_id, user in users.items():
        _compare(user, images[user_id], sent[user_id], findings)
    while (left_over := _left_in_storage(backend, images)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    findings.left_over += left_over
    while (untold := _untold(images, sent, told())) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    findings.untold += untold
    return findings


def _at_rest(user: User, sent: list[Sent], deadline: float) -> dict[str, dict[str, Any]]:
    while True:
        images = {image["id"]: image for image in _listed(user)}
        if time.monotonic() > deadline or not any(_unfinished(images, sent)):
            return images
        time.sleep(_POLL_S)


def _unfinished(images: dict[str, dict[str, Any]], sent: list[Sent]) -> Iterator[str]:
    """Yield the images that have not come to rest."""
    # What a client has given up is waited for until its announcement expires.
    given_up = {item.image_id for item in sent if not item.is_promised}
    for image_id, image in images.items():
        if image["status"] == "pending" and image_id not in given_up:
            yield image_id
        if image["status"] == "ready" and not {"renditions", "renditions_error"} & image.keys():
            yield f"the renditions of {image_id}"


def _listed(user: User) -> Iterator[dict[str, Any]]:
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = user.api.get("/v1/images", params=query).raise_for_status().json()
        yield from page["items"]
        if not page.get("next_cursor"):
            return
        query["cursor"] = page["next_cursor"]


def _compare(user: User, images: dict[str, dict[str, Any]], sent: list[Sent], findings: Findings) -> None:
    findings.stuck += _unfinished(images, sent)
    findings.lost += [f"refused {item.way}: {text}" for item in sent for text in item.refusals]
    for item in sent:
        image = images.get(item.image_id or "")
        if item.is_deleted and image is not None:
            findings.left_over.append(f"deleted, and there: {image}")
        elif (
            item.is_promised and not item.is_deleted and (image is None or not _is_whole(user, image, item))
        ):
            findings.lost.append(f"{item.way} {item.image_id}: {image}")
    times = Counter(image.get("sha256") for image in images.values() if image["status"] == "ready")
    findings.left_over += [f"{count} times: {sha256}" for sha256, count in times.items() if count > 1]
    usage = user.api.get("/v1/users/me/usage").raise_for_status().json()
    counted = {"images": len(images), "bytes": sum(image["size_bytes"] for image in images.values())}
    if {name: usage[name] for name in counted} != counted:
        findings.left_over.append(f"usage {usage} where there is {counted}")


def _is_whole(user: User, image: dict[str, Any], sent: Sent) -> bool:
    if image["status"] != "ready":
        return False
    content = httpx.get(user.api.get(image["links"]["content"]).headers["location"], timeout=30).content
    document = user.api.get(image["links"]["metadata"])
    return hashlib.sha256(content).hexdigest() == sent.sha256 and (
        document.status_code == 200 and document.json()["image"]["sha256"] == sent.sha256
    )


def _left_in_storage(backend: Backend, images: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    ready, pending = (
        {
            (user_id, image_id)
            for user_id, owned in images.items()
            for image_id, image in owned.items()
            if image["status"] == status
        }
        for status in ("ready", "pending")
    )
    left_over = []
    for key in backend.object_keys(with_renditions=True):
        match key.split("/"):
            case ["users", user_id, "images", image_id, *_] if (user_id, image_id) in ready:
                continue
            case _:
                left_over.append(key)
    unfinished = backend.aws("s3").list_multipart_uploads(Bucket=backend.images_bucket).get("Uploads", [])
    left_over += [
        f"parts of {upload['Key']}"
        for upload in unfinished
        if tuple(upload["Key"].split("/")[1:3]) not in pending
    ]
    return left_over


def _untold(
    images: dict[str, dict[str, dict[str, Any]]],
    sent: dict[str, list[Sent]],
    told: list[tuple[str, dict[str, Any]]],
) -> list[str]:
    heard = {(kind, detail.get("image_id")) for kind, detail in told}
    expected = [
        ("image.ready", image_id)
        for owned in images.values()
        for image_id, image in owned.items()
        if image["status"] == "ready"
    ]
    expected += [
        ("image.deleted", item.image_id) for items in sent.values() for item in items if item.is_deleted
    ]
    return [f"{kind} {image_id}" for kind, image_id in expected if (kind, image_id) not in heard]
