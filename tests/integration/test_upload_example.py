"""docs/examples/upload.py at work on the API."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.users import User
from tests.support.image_factory import photo

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "upload.py"
MIB = 1024 * 1024


def run(backend: Backend, user: User, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, PROGRAM, *arguments],
        check=False,
        env=os.environ | {"API_URL": backend.api_url, "TOKEN": user.access_token},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("upload_example", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_small_file_is_uploaded(backend: Backend, new_user: User, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(photo("png-complete.png").content)

    finished = run(backend, new_user, file)

    assert finished.returncode == 0, finished.stderr
    image = json.loads(finished.stdout)
    assert (image["status"], image["filename"]) == ("ready", "photo.png")


def test_a_rejected_file_is_said(backend: Backend, new_user: User, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"no image")

    finished = run(backend, new_user, file)

    assert finished.returncode == 1
    assert json.loads(finished.stdout)["rejection"]["code"] == "unsupported-image-type"


def test_an_interrupted_upload_in_parts_is_resumed(
    backend: Backend, new_user: User, tmp_path: Path, example: Any
) -> None:
    content = photo("jpeg-complete.jpg").content + bytes(55 * MIB)
    file = tmp_path / "photo.jpg"
    file.write_bytes(content)
    announced = {"content_type": "image/jpeg", "size": len(content), "filename": "photo.jpg"}
    created = new_user.api.post("/v1/uploads", json=announced).json()
    image_id, links = created["image_id"], created["multipart"]["links"]
    [first] = new_user.api.post(links["parts"], json={"part_numbers": [2]}).json()["items"]
    sent = content[8 * MIB : 16 * MIB]
    assert httpx.put(first["url"], content=sent, timeout=30).status_code == 200

    finished = run(backend, new_user, file, image_id)

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["size_bytes"] == len(content)
    key = f"users/{new_user.id}/images/{image_id}/original.jpg"
    assert backend.read_object(key) == content
