"""docs/examples/upload.py works with the API."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.users import User
from tests.support.example_programs import load_program
from tests.support.image_factory import photo

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "upload.py"
MIB = 1024 * 1024


def run(
    backend: Backend, user: User, *files: Path, stderr: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        # Without installed packages: it needs none.
        [sys.executable, "-I", "-S", PROGRAM, *files],
        check=False,
        env=os.environ | {"API_URL": backend.api_url, "TOKEN": user.access_token},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


@pytest.fixture(scope="module")
def example() -> Any:
    return load_program(PROGRAM)


def test_photos_of_any_size_are_uploaded_and_a_refusal_is_reported(
    backend: Backend, new_user: User, tmp_path: Path
) -> None:
    small, form, broken = tmp_path / "klein ß.png", tmp_path / 'the "form".jpg', tmp_path / "large.jpg"
    small.write_bytes(photo("png-complete.png").content)
    form.write_bytes(photo("jpeg-complete.jpg").content + bytes(10 * MIB))
    broken.write_bytes(b"no image" * MIB)

    finished = run(backend, new_user, small, tmp_path / "missing.jpg", broken, form)

    assert finished.returncode == 1
    images = [new_user.api.get(f"/v1/images/{image_id}").json() for image_id in finished.stdout.split()]
    assert [(image["status"], image["filename"]) for image in images] == [
        ("ready", small.name),
        ("ready", form.name),
    ]
    said = dict(line.split(": ", 1) for line in finished.stderr.splitlines())
    assert said[str(small)] == said[str(form)] == "ready"
    assert "No such file" in said[str(tmp_path / "missing.jpg")]
    assert "not an image" in said[str(broken)]


def test_a_terminal_shows_how_far_it_is(backend: Backend, new_user: User, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(photo("png-complete.png").content + bytes(2 * MIB))
    terminal, writer = os.openpty()

    finished = run(backend, new_user, file, stderr=writer)

    os.close(writer)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert finished.returncode == 0, shown
    assert "photo.png  [##############################] 100% of 2.1 MB" in shown
    assert f"{file}: ready" in shown


def test_the_same_command_makes_the_same_image_until_that_is_deleted(
    backend: Backend, new_user: User, tmp_path: Path
) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(photo("png-complete.png").content)

    first, again = run(backend, new_user, file), run(backend, new_user, file)
    new_user.api.delete(f"/v1/images/{first.stdout.strip()}").raise_for_status()
    anew = run(backend, new_user, file)

    assert first.stdout == again.stdout != anew.stdout
    assert anew.returncode == 0, anew.stderr


def test_an_interrupted_upload_in_parts_is_resumed(
    backend: Backend, new_user: User, tmp_path: Path, example: Any
) -> None:
    content = photo("jpeg-complete.jpg").content + bytes(55 * MIB)
    file = tmp_path / "photo.jpg"
    file.write_bytes(content)
    begun = example.Photo(file)
    announced = {
        "content_type": "image/jpeg",
        "size": begun.size,
        "sha256": begun.sha256,
        "filename": "photo.jpg",
    }
    key = {"idempotency-key": begun.key(0)}
    created = new_user.api.post("/v1/uploads", json=announced, headers=key).json()
    image_id, links = created["image_id"], created["multipart"]["links"]
    [first] = new_user.api.post(links["parts"], json={"part_numbers": [2]}).json()["items"]
    sent = content[8 * MIB : 16 * MIB]
    assert httpx.put(first["url"], content=sent, timeout=30).status_code == 200

    finished = run(backend, new_user, file)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == image_id
    original = f"users/{new_user.id}/images/{image_id}/original.jpg"
    assert backend.read_object(original) == content
