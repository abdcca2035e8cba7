"""Uploads photos of any size to the images upload API, and waits until each has been read.

    API_URL=http://127.0.0.1:8080 TOKEN=… python3 upload.py PHOTO…

prints the id of each image once it is ready. Progress and the reasons for refusals go to standard error.
The same command continues interrupted uploads. Needs only Python 3.11 or newer.
"""

import hashlib
import json
import mimetypes
import os
import random
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from email.message import Message
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

_SMALL_BYTES = 4 * 1024 * 1024
"""The default limit of uploads through the API; if it accepts less, it says so."""
_ATTEMPTS = 5
_BATCH = 20
"""How many parts to sign at once; they must be sent before the links expire."""
_PIECE_BYTES = 64 * 1024
_KEY_IS_SPENT = {"idempotency-key-reused", "upload-expired"}
"""The image that was created with this key was deleted, or its bytes did not arrive in time."""


class Refused(Exception):
    """The API or storage refuses a request; the message says why."""

    def __init__(self, error: HTTPError) -> None:
        content = error.read()
        try:
            problem = json.loads(content)
        except ValueError:
            problem = {"message": f"{error}: {content.decode(errors='replace')}"}
        reason = problem.get("detail") or problem.get("message")
        super().__init__(f"{reason}: log in again" if error.code == HTTPStatus.UNAUTHORIZED else reason)
        self.status = error.code
        self.code = problem.get("code")


def request(
    method: str,
    url: str,
    headers: dict[str, str],
    make_body: Callable[[], bytes | Iterable[bytes]] = bytes,
) -> tuple[bytes, Message]:
    """Send a request, and retry it after failures of the network, storage or the API.

    Storage responds to a small share of requests with 500 or 503, and to more of them under load. Returns
    the response's body and headers. Raises Refused, or OSError if the last attempt fails.
    """
    attempt = 0
    while True:
        attempt += 1
        pause_s = random.uniform(0, 2**attempt)  # noqa: S311 - spreads the clients' retries
        attempted = urllib.request.Request(url, make_body() or None, headers, method=method)
        try:
            with urllib.request.urlopen(attempted, timeout=60) as answer:
                return answer.read(), answer.headers
        except HTTPError as error:
            may_pass = error.code >= 500 or error.code == HTTPStatus.TOO_MANY_REQUESTS
            if not may_pass or attempt == _ATTEMPTS:
                raise Refused(error) from error
            pause_s = max(pause_s, int(error.headers.get("retry-after", 0)))
        except (OSError, HTTPException) as error:
            if attempt == _ATTEMPTS:
                raise OSError(f"no answer: {error}") from error
        time.sleep(pause_s)


class Photo:
    """A file to upload, whose progress is shown in a terminal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()

    def key(self, turn: int) -> str:
        """Return an idempotency key: with the same one, the API continues with the same image."""
        return hashlib.sha256(f"{self.sha256} {self.path.name} {turn}".encode()).hexdigest()

    def pieces(self, start: int, size: int) -> Iterator[bytes]:
        """Read these bytes of the file, and show how much of the file has been sent."""
        with self.path.open("rb") as file:
            file.seek(start)
            for at in range(0, size, _PIECE_BYTES):
                yield file.read(min(_PIECE_BYTES, size - at))
                share = min(start + at + _PIECE_BYTES, self.size) / self.size
                bar = "#" * int(share * 30)
                show(f"{self.path.name}  [{bar:-<30}] {share:4.0%} of {self.size / 1e6:.1f} MB")


def show(progress: str) -> None:
    """Replace the last line of the terminal."""
    if sys.stderr.isatty():
        print(f"\r{progress}\033[K", end="", file=sys.stderr, flush=True)


class Api:
    """The images upload API for one user."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._authorization = {"authorization": f"Bearer {token}"}

    def upload(self, photo: Photo) -> dict[str, Any]:
        """Upload the photo as suits its size. Returns its image once it is ready or rejected."""
        turn = 0
        while True:
            try:
                image = self._send(photo, photo.key(turn))
            except Refused as refused:
                if refused.code not in _KEY_IS_SPENT:
                    raise
            else:
                if image["status"] != "rejected":
                    return self._wait(image["id"])
            turn += 1

    def _send(self, photo: Photo, key: str) -> dict[str, Any]:
        if photo.size <= _SMALL_BYTES:
            headers = {**self._authorization, "idempotency-key": key, "x-checksum-sha256": photo.sha256}
            try:
                return dict(json.loads(_send_form(f"{self._url}/v1/images", headers, {}, photo)))
            except Refused as refused:
                if refused.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    raise
        announced = {
            "content_type": mimetypes.guess_type(photo.path)[0],
            "size": photo.size,
            "sha256": photo.sha256,
            "filename": photo.path.name,
        }
        created = self._call("POST", "/v1/uploads", announced, {"idempotency-key": key})
        if "upload" in created:
            _send_form(created["upload"]["url"], {}, created["upload"]["fields"], photo)
        elif "multipart" in created:
            self._send_parts(created["multipart"]["links"], photo)
        return dict(created["image"])

    def _send_parts(self, links: dict[str, str], photo: Photo) -> None:
        upload = self._call("GET", links["parts"])
        arrived = {part["part_number"] for part in upload["items"]}
        missing = [number for number in range(1, upload["part_count"] + 1) if number not in arrived]
        for at in range(0, len(missing), _BATCH):
            numbers = {"part_numbers": missing[at : at + _BATCH]}
            for part in self._call("POST", links["parts"], numbers)["items"]:
                start, size = (part["part_number"] - 1) * upload["part_size"], part["size"]
                headers = {"content-type": "application/octet-stream", "content-length": str(size)}
                request(part["method"], part["url"], headers, partial(photo.pieces, start, size))
        self._call("POST", links["complete"])

    def _wait(self, image_id: str) -> dict[str, Any]:
        while True:
            content, headers = request("GET", f"{self._url}/v1/images/{image_id}", self._authorization)
            image: dict[str, Any] = json.loads(content)
            if image["status"] != "pending":
                return image
            time.sleep(int(headers["retry-after"]))

    def _call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {**self._authorization, **(headers or {}), "content-type": "application/json"}
        content, _ = request(method, self._url + path, headers, lambda: sent)
        return dict(json.loads(content))


def _send_form(url: str, headers: dict[str, str], fields: dict[str, str], photo: Photo) -> bytes:
    boundary = uuid.uuid4().hex
    part = f"--{boundary}\r\nContent-Disposition: form-data; name="
    filename = photo.path.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    before = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    before += f'{part}"file"; filename="{filename}"\r\n\r\n'
    around = before.encode(), f"\r\n--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield around[0]
        yield from photo.pieces(0, photo.size)
        yield around[1]

    headers = {
        **headers,
        "content-type": f"multipart/form-data; boundary={boundary}",
        "content-length": str(photo.size + sum(map(len, around))),
    }
    return request("POST", url, headers, body)[0]


def main(names: list[str]) -> int:
    """Upload these files, one after the other. Returns 1 if any was refused."""
    api = Api(os.environ["API_URL"], os.environ["TOKEN"])
    refused = 0
    for name in names:
        try:
            image = api.upload(Photo(Path(name)))
            reason = image["rejection"]["detail"] if image["status"] == "rejected" else None
        except (Refused, OSError) as error:
            reason = str(error)
        show("")
        print(f"{name}: {reason or 'ready'}", file=sys.stderr)
        if reason is None:
            print(image["id"])
        else:
            refused += 1
    return 1 if refused else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the same command goes on from here.")
