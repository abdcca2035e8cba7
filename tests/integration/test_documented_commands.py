"""The commands in README.md and docs/uploads.md, as a reader pastes them into a shell."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.backend import Backend
from tests.integration.test_direct_uploads import settled
from tests.integration.users import User, new_email
from tests.support.availability import unavailable
from tests.support.image_factory import photo

ROOT = Path(__file__).parents[2]
JPEG = photo("jpeg-complete.jpg").content
TEN_MB = 10_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the reader is: next to the documents, with a photo."""
    missing = [program for program in ("bash", "curl", "jq") if shutil.which(program) is None]
    if missing:
        unavailable(f"not installed: {', '.join(missing)}")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "photo.jpg").write_bytes(JPEG + bytes(TEN_MB - len(JPEG)))
    return tmp_path


def commands(document: str, heading: str) -> str:
    """The first block of shell commands under a heading."""
    text = (ROOT / document).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    [block, *_] = re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return str(block)


def run(folder: Path, script: str, **variables: str) -> str:
    """Paste commands into a shell. Returns what they print."""
    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
    return shell.stdout


def documents(output: str) -> list[dict[str, Any]]:
    """The JSON documents that were printed one after the other."""
    found = []
    while output := output.lstrip():
        one, end = json.JSONDecoder().raw_decode(output)
        found.append(one)
        output = output[end:]
    return found


@pytest.mark.emulated  # the code is in the emulator's mailbox
def test_the_first_steps_take_a_photo_of_ten_megabytes(backend: Backend, folder: Path) -> None:
    email = new_email()
    steps = commands("README.md", "First steps").replace("ada@example.com", email)
    # An emulator's gateway has a $ in its path.
    api_url = shlex.quote(backend.api_url)
    steps = steps.replace("http://127.0.0.1:8080", api_url)
    register, confirm, rest = re.split(r"(?=# Confirm)|(?=# Log in)", steps)
    api = f"API={api_url}\n"

    run(folder, register)
    run(folder, api + confirm.replace("123456", backend.mailed_code(email)))
    image, images = documents(run(folder, api + rest))

    assert (image["status"], image["size_bytes"], image["filename"]) == ("ready", TEN_MB, "photo.jpg")
    assert image["metadata"]["exif"]["Make"]
    assert [one["id"] for one in images["items"]] == [image["id"]]


def test_an_upload_through_the_api(backend: Backend, new_user: User, folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(JPEG)
    script = commands("docs/uploads.md", "Through the API")

    images = documents(run(folder, script, API=backend.api_url, TOKEN=new_user.access_token))

    assert [image["status"] for image in images] == ["ready", "ready"]


def test_an_upload_as_a_form(backend: Backend, new_user: User, folder: Path) -> None:
    script = commands("docs/uploads.md", "Straight to S3, as a form")

    [image] = documents(run(folder, script, API=backend.api_url, TOKEN=new_user.access_token))

    image = settled(new_user, image["id"])
    assert (image["status"], image["size_bytes"], image["filename"]) == ("ready", TEN_MB, "photo.jpg")


def test_an_upload_in_parts(backend: Backend, new_user: User, folder: Path) -> None:
    script = commands("docs/uploads.md", "Straight to S3, in parts").replace("photo.tif", "photo.jpg")

    image_id = run(folder, script, API=backend.api_url, TOKEN=new_user.access_token).strip()

    assert new_user.api.get(f"/v1/images/{image_id}").json()["status"] == "ready"
