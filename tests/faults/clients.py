"""Clients that upload in all three ways and delete, and remember what they were promised.

Each goes on as a client of the real API would: what is not answered, or answered with 429 or 5xx, is sent
again with the same idempotency key.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.users import User
from tests.support.image_factory import photo

_JPEG = photo("jpeg-plain.jpg").content
_PART_BYTES = 5 * 1024 * 1024
_PAUSE_S = 0.2
_DELETED_SHARE = 0.2


class Way(StrEnum):
    """How a client sends an image."""

    API = "api"
    FORM = "form"
    MULTIPART = "multipart"


@dataclass
class Sent:
    """One image that a client has begun to send."""

    way: Way
    sha256: str
    image_id: str | None = None
    is_promised: bool = False
    """Whether the API, or storage, has said that it has all the bytes."""
    is_deleted: bool = False
    """Whether the API has said that it is gone."""
    refusals: list[str] = field(default_factory=list)
    """Answers 4xx, none of which a good image and a patient client should ever get."""


class GivenUp(Exception):
    """The time for going on is over."""


class Client:
    """Sends images of one user in one way, one after the other, until it is stopped."""

    def __init__(self, user: User, way: Way, seed: int) -> None:
        self.user = user
        self.sent: list[Sent] = []
        self._way = way
        self._chance = random.Random(seed)
        self._gives_up_at = float("inf")

    def run(self, stopped: threading.Event, patience_s: float) -> None:
        """Send until ``stopped`` is set; the last image may take that much longer."""
        threading.Thread(target=self._give_up_after, args=(stopped, patience_s), daemon=True).start()
        while not stopped.is_set():
            content = _new_content(self._way)
            sent = Sent(self._way, hashlib.sha256(content).hexdigest())
            self.sent.append(sent)
            try:
                {Way.API: self._post, Way.FORM: self._send_form, Way.MULTIPART: self._send_parts}[
                    self._way
                ](sent, content)
                if sent.is_promised and self._chance.random() < _DELETED_SHARE:
                    self._delete(sent)
            except GivenUp:
                return

    def _give_up_after(self, stopped: threading.Event, patience_s: float) -> None:
        stopped.wait()
        self._gives_up_at = time.monotonic() + patience_s

    def _post(self, sent: Sent, content: bytes) -> None:
        key = {"idempotency-key": str(uuid4())}
        answer = self._persistently(lambda: self.user.upload(content, headers=key))
        if answer.status_code == 201:
            sent.image_id, sent.is_promised = answer.json()["id"], True
        else:
            sent.refusals.append(answer.text)

    def _announced(self, sent: Sent, content: bytes, key: str, **more: Any) -> dict[str, Any] | None:
        body = {"size": len(content), "sha256": sent.sha256, **more}
        answer = self._persistently(
            lambda: self.user.api.post("/v1/uploads", json=body, headers={"idempotency-key": key})
        )
        if answer.status_code != 201:
            sent.refusals.append(answer.text)
            return None
        created: dict[str, Any] = answer.json()
        sent.image_id = created["image_id"]
        return created

    def _send_form(self, sent: Sent, content: bytes) -> None:
        key = str(uuid4())
        while created := self._announced(sent, content, key):
            form = created.get("upload")
            if form is None:
                # An earlier attempt has arrived after all.
                sent.is_promised = True
                return
            answer = self._once(
                lambda: httpx.post(form["url"], data=form["fields"], files={"file": content}, timeout=30)  # noqa: B023
            )
            if answer is not None and answer.is_success:
                sent.is_promised = True
                return
            if answer is not None and answer.status_code < 500:
                sent.refusals.append(answer.text)
                return

    def _send_parts(self, sent: Sent, content: bytes) -> None:
        key = str(uuid4())
        while created := self._announced(sent, content, key, multipart=True, part_size=_PART_BYTES):
            if "multipart" not in created:
                sent.is_promised = True
                return
            links = created["multipart"]["links"]
            if self._send_missing_parts(sent, content, links) is False:
                continue
            answer = self._once(lambda: self.user.api.post(links["complete"]))  # noqa: B023
            if answer is not None and answer.status_code == 200:
                sent.is_promised = True
                return
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                sent.refusals.append(answer.text)
                return

    def _send_missing_parts(self, sent: Sent, content: bytes, links: dict[str, str]) -> bool:
        """Says whether all of them have arrived, as far as storage has said so."""
        progress = self._persistently(lambda: self.user.api.get(links["parts"]))
        if progress.status_code != 200:
            # It may be complete already.
            return True
        arrived = {part["part_number"] for part in progress.json()["items"]}
        missing = [
            number for number in range(1, progress.json()["part_count"] + 1) if number not in arrived
        ]
        if not missing:
            return True
        signed = self._persistently(
            lambda: self.user.api.post(links["parts"], json={"part_numbers": missing})
        )
        for part in signed.json().get("items", []):
            start = (part["part_number"] - 1) * _PART_BYTES
            answer = self._once(
                lambda: httpx.put(part["url"], content=content[start : start + part["size"]], timeout=30)  # noqa: B023
            )
            if answer is None or not answer.is_success:
                return False
        return signed.status_code == 200

    def _delete(self, sent: Sent) -> None:
        answer = self._persistently(lambda: self.user.api.delete(f"/v1/images/{sent.image_id}"))
        # The first attempt may have done it, and only its answer was lost.
        if answer.status_code in {204, 404}:
            sent.is_deleted = True
        else:
            sent.refusals.append(answer.text)

    def _persistently(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        while True:
            answer = self._once(send)
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                return answer

    def _once(self, send: Callable[[], httpx.Response]) -> httpx.Response | None:
        if time.monotonic() > self._gives_up_at:
            raise GivenUp
        try:
            answer = send()
        except httpx.TransportError:
            answer = None
        if answer is None or answer.status_code >= 500 or answer.status_code == 429:
            time.sleep(self._chance.uniform(0, 2 * _PAUSE_S))
        return answer


def _new_content(way: Way) -> bytes:
    """An image that nobody has sent before."""
    comment = uuid4().bytes
    content = _JPEG[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _JPEG[2:]
    # What follows the end of a JPEG belongs to no image, but to the file.
    return content + bytes(_PART_BYTES) if way is Way.MULTIPART else content
