"""Lost records are rebuilt from the bucket."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.dynamodb.schema import table_definition
from entrypoints.local.provisioning import TABLE
from tests.integration.backend import Backend, LocalServer
from tests.integration.users import confirm, lasting, log_in, new_email, register
from tests.support.image_factory import photo

pytestmark = pytest.mark.local_server


def lose_the_table(backend: Backend) -> None:
    """Replace it with an empty table; unlike the deletion of each item, this causes no events."""
    tables = backend.aws("dynamodb")
    tables.delete_table(TableName=TABLE)
    tables.create_table(**table_definition(TABLE))


def rebuild(state_dir: Path) -> str:
    command = f". {state_dir}/environment && exec {sys.executable} -m entrypoints.rebuild_records"
    return subprocess.run(
        ["bash", "-c", command], env=os.environ, check=True, capture_output=True, text=True
    ).stdout


def test_every_ready_image_is_found_again_byte_for_byte(tmp_path: Path) -> None:
    server = LocalServer(tmp_path)
    backend = server.start()
    contents = [photo(name).content for name in ("jpeg-complete.jpg", "png-complete.png")]
    with httpx.Client(base_url=backend.api_url, timeout=60) as api:
        email = new_email()
        register(api, email)
        confirm(api, backend, email)
        token = log_in(api, email).json()["access_token"]
        api.headers["authorization"] = f"Bearer {token}"
        images: list[dict[str, Any]] = [
            api.post("/v1/images", files={"file": (f"{number}.jpg", content)}).json()
            for number, content in enumerate(contents)
        ]
        lose_the_table(backend)
        assert api.get("/v1/images").json() == {"items": []}

        assert rebuild(tmp_path).startswith("2 images rebuilt, 0 already known")
        assert rebuild(tmp_path).startswith("0 images rebuilt, 2 already known")

        for image, content in zip(images, contents, strict=True):
            again = api.get(image["links"]["self"]).json()
            assert lasting(again) == lasting(image)
            assert httpx.get(again["content_url"]).content == content
        usage = api.get("/v1/users/me/usage").json()
        assert usage == {"images": 2, "bytes": sum(map(len, contents))}
    assert server.stop() == 0
