"""Pictures that pages can show: thumbnails in lists, previews, and links to them."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend import Backend, LocalServer
from tests.integration.users import User, logged_in_user
from tests.support.image_factory import photo

LARGE = photo("jpeg-complete.jpg").content
PATIENCE_S = 60


def rendered(api: httpx.Client, image_id: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """The image once it has its renditions, or says why not."""
    deadline = time.monotonic() + patience_s
    while True:
        image: dict[str, Any] = api.get(f"/v1/images/{image_id}").json()
        if image.get("renditions_error") or len(image.get("renditions", [])) == 2:
            return image
        assert time.monotonic() < deadline, image
        time.sleep(0.1)


def upload(user: User) -> dict[str, Any]:
    """Upload an image, and wait for its renditions."""
    uploaded = user.upload(LARGE)
    assert uploaded.status_code == 201, uploaded.text
    assert uploaded.json()["status"] == "ready"
    return rendered(user.api, uploaded.json()["id"])


@pytest.fixture(scope="module")
def image(user: User) -> dict[str, Any]:
    """An image with its renditions."""
    return upload(user)


def test_an_image_is_shown_without_a_token_and_with_headers_that_let_it_be_kept(
    image: dict[str, Any],
) -> None:
    thumbnail, preview = image["renditions"]

    assert (thumbnail["name"], preview["name"]) == ("thumbnail", "preview")
    assert max(thumbnail["width"], thumbnail["height"]) <= 320
    assert preview["width"] <= image["width"]
    for rendition in (thumbnail, preview):
        answer = httpx.get(rendition["url"])
        assert answer.status_code == 200, answer.text
        assert answer.content[8:12] == b"WEBP"
        assert answer.headers["content-type"] == rendition["content_type"] == "image/webp"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_other_origins_may_read_the_pixels(image: dict[str, Any]) -> None:
    """With the header, a page may fetch it, and draw it on a canvas."""
    for url in (image["renditions"][0]["url"], image["content_url"]):
        answer = httpx.get(url, headers={"origin": "https://photos.example"})
        assert answer.headers["access-control-allow-origin"] in {"*", "https://photos.example"}


def test_a_list_only_has_the_thumbnail(user: User, image: dict[str, Any]) -> None:
    items = user.api.get("/v1/images", params={"limit": 100}).json()["items"]
    [item] = [item for item in items if item["id"] == image["id"]]

    assert [rendition["name"] for rendition in item["renditions"]] == ["thumbnail"]
    assert item["urls_expire_at"]
    assert item.keys().isdisjoint({"content_url", "metadata"})
    assert httpx.get(item["renditions"][0]["url"]).status_code == 200


def test_a_link_to_a_rendition_names_the_file(user: User) -> None:
    files = {"file": ("Hafen für Ada.jpg", LARGE)}
    image = rendered(user.api, user.api.post("/v1/images", files=files).json()["id"])

    link = user.api.get(f"/v1/images/{image['id']}/content-link", params={"rendition": "preview"}).json()

    assert link["content_type"] == "image/webp"
    assert link["filename"] == "Hafen für Ada.jpg.webp"
    answer = httpx.get(link["url"])
    assert answer.content == httpx.get(image["renditions"][1]["url"]).content
    assert "Hafen%20f%C3%BCr%20Ada.jpg.webp" in answer.headers["content-disposition"]


def test_a_rendition_that_does_not_exist_is_not_found(user: User, image: dict[str, Any]) -> None:
    answer = user.api.get(f"/v1/images/{image['id']}/content-link", params={"rendition": "poster"})

    assert (answer.status_code, answer.json()["code"]) == (404, "rendition-not-found")


def test_an_image_without_a_picture_is_ready_and_says_so(user: User) -> None:
    content = photo("png-complete.png").content
    start = content.index(b"IDAT")
    damaged = content[: start + 4] + b"\xff" * 64 + content[start + 68 :]
    uploaded = user.upload(damaged)
    assert uploaded.status_code == 201, uploaded.text

    image = rendered(user.api, uploaded.json()["id"])

    assert image["status"] == "ready"
    assert image["renditions_error"]["code"] == "unrenderable-image"
    assert image["renditions_error"]["detail"]
    assert "renditions" not in image


def test_nothing_is_left_of_a_deleted_image(user: User, backend: Backend) -> None:
    image = upload(user)
    prefix = f"users/{user.id}/images/{image['id']}/"
    assert len(backend.object_keys(prefix, with_renditions=True)) == 4

    assert user.api.delete(f"/v1/images/{image['id']}").status_code == 204

    assert backend.object_keys(prefix, with_renditions=True) == []
    assert httpx.get(image["renditions"][0]["url"]).status_code == 404


def render_missing(state_dir: Path) -> str:
    command = f". {state_dir}/environment && exec {sys.executable} -m entrypoints.render_missing"
    return subprocess.run(
        ["bash", "-c", command], env=os.environ, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.local_server
def test_what_is_missing_is_rendered_when_it_is_asked_for(tmp_path: Path) -> None:
    without = LocalServer(tmp_path, environment={"RENDITIONS": ""})
    users = logged_in_user(without.start())
    user = next(users)
    image_id = user.upload(LARGE).json()["id"]
    image = user.api.get(f"/v1/images/{image_id}").json()
    assert image.keys().isdisjoint({"renditions", "renditions_error"})
    users.close()
    assert without.stop() == 0

    server = LocalServer(tmp_path)
    token = {"authorization": f"Bearer {user.access_token}"}
    with httpx.Client(base_url=server.start().api_url, headers=token, timeout=60) as api:
        assert render_missing(tmp_path) == "1 of 1 images queued for rendering\n"
        assert "renditions_error" not in rendered(api, image_id)
        assert render_missing(tmp_path) == "0 of 1 images queued for rendering\n"
    assert server.stop() == 0
