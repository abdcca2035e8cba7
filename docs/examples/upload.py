"""Uploads an image of any size to the images upload API and waits for its metadata.

    API_URL=http://127.0.0.1:8080 TOKEN=… python upload.py photo.tif [IMAGE_ID]

prints the image with its metadata. If it is interrupted, pass the printed image id to resume: parts that
have arrived are not sent again. Needs httpx.
"""

import hashlib
import json
import mimetypes
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import httpx

_ATTEMPTS = 5
_BATCH = 20
"""How many parts to sign at once; they must be sent before the links expire."""


def upload(api: httpx.Client, path: Path) -> str:
    """Send a file straight to storage. Returns the id of its image, which is still pending."""
    with path.open("rb") as file:
        declared = {
            "content_type": mimetypes.guess_type(path)[0],
            "size": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
            "filename": path.name,
        }
        answer = persistently(lambda: api.post("/v1/uploads", json=declared)).json()
        image_id: str = answer["image_id"]
        print(f"image {image_id}", file=sys.stderr)
        if "multipart" in answer:
            resume(api, image_id, path)
        else:
            form = answer["upload"]

            def send() -> httpx.Response:
                file.seek(0)
                return httpx.post(form["url"], data=form["fields"], files={"file": file}, timeout=300)

            persistently(send)
    return image_id


def resume(api: httpx.Client, image_id: str, path: Path) -> None:
    """Send the parts that have not arrived yet, and complete the upload."""
    parts = f"/v1/uploads/{image_id}/parts"
    progress = persistently(lambda: api.get(parts)).json()
    arrived = {part["part_number"] for part in progress["items"]}
    missing = [number for number in range(1, progress["part_count"] + 1) if number not in arrived]
    with path.open("rb") as file, httpx.Client(timeout=300) as storage:
        for at in range(0, len(missing), _BATCH):
            for part in _signed(api, parts, missing[at : at + _BATCH]):
                _send_part(storage, file, part, progress["part_size"])
    persistently(lambda: api.post(f"/v1/uploads/{image_id}/complete"))


def _signed(api: httpx.Client, parts: str, numbers: list[int]) -> list[dict[str, Any]]:
    signed: list[dict[str, Any]] = persistently(
        lambda: api.post(parts, json={"part_numbers": numbers})
    ).json()["items"]
    return signed


def _send_part(storage: httpx.Client, file: BinaryIO, part: dict[str, Any], part_size: int) -> None:
    file.seek((part["part_number"] - 1) * part_size)
    content = file.read(part["size"])
    persistently(lambda: storage.request(part["method"], part["url"], content=content))


def persistently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send a request and retry it after failures of the network, storage or the API.

    Storage answers 500 or 503 to a small share of requests, and to more of them under load. Raises
    httpx.HTTPError if the last attempt fails.
    """
    for attempt in range(1, _ATTEMPTS):
        pause_s = random.uniform(0, 2**attempt)  # noqa: S311 - spreads the clients' retries
        try:
            answer = send()
        except httpx.TransportError:
            pass
        else:
            if answer.status_code < 500 and answer.status_code != 429:
                return answer.raise_for_status()
            pause_s = max(pause_s, int(answer.headers.get("retry-after", 0)))
        time.sleep(pause_s)
    return send().raise_for_status()


def wait(api: httpx.Client, image_id: str) -> dict[str, Any]:
    """Wait until the image is ready or rejected, and return it."""
    while True:
        answer = persistently(lambda: api.get(f"/v1/images/{image_id}"))
        image: dict[str, Any] = answer.json()
        if image["status"] != "pending":
            return image
        time.sleep(int(answer.headers["retry-after"]))


def main(path: Path, image_id: str | None = None) -> int:
    """Upload the file or resume the upload. Returns 1 if the image was rejected."""
    authorization = {"authorization": f"Bearer {os.environ['TOKEN']}"}
    with httpx.Client(base_url=os.environ["API_URL"], headers=authorization, timeout=30) as api:
        if image_id is None:
            image_id = upload(api, path)
        else:
            resume(api, image_id, path)
        image = wait(api, image_id)
    print(json.dumps(image, indent=2, ensure_ascii=False))
    return 0 if image["status"] == "ready" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
