"""With ``LOCATION=drop``, only the stored original says where an image was taken."""

import json
import re
from pathlib import Path

import pytest

from entrypoints.local.provisioning import TABLE
from tests.integration.backend import LocalServer
from tests.integration.test_renditions import rendered
from tests.integration.users import logged_in_user
from tests.support.image_factory import photo

PHOTOS = [photo(name) for name in ("jpeg-complete.jpg", "png-complete.png", "heic-complete.heic")]
POSITION = re.compile(r"48\.858|2\.2943|48, ?51|17\.6625|gps|latitude|longitude|altitude", re.IGNORECASE)
"""The position of the photos, in degrees and in minutes, and what tags of positions are called."""


@pytest.mark.local_server
def test_only_the_original_has_the_position(tmp_path: Path) -> None:
    assert all(POSITION.search(json.dumps(sample.expected.summary)) for sample in PHOTOS)
    server = LocalServer(tmp_path, environment={"LOCATION": "drop"})
    backend = server.start()
    user = next(users := logged_in_user(backend))
    try:
        uploaded = [user.upload(sample.content).json() for sample in PHOTOS]
        answers = [rendered(user.api, image["id"]) for image in uploaded]
        found = user.api.get("/v1/images", params={"has_location": "true"}).json()["items"]
        items = backend.aws("dynamodb").scan(TableName=TABLE)["Items"]
        keys = [
            key for key in backend.object_keys("users/", with_renditions=True) if "/original." not in key
        ]
        stored = {key: backend.read_object(key) for key in keys}
    finally:
        users.close()
        assert server.stop() == 0
    events = [line for line in server.output if line.startswith("event ")]

    assert found == []
    assert len(stored) == 3 * len(PHOTOS)
    assert any("image.rendered" in line for line in events)
    assert all(image["metadata"]["exif"] for image in answers)
    told = {
        "answers": json.dumps(uploaded + answers),
        "records": json.dumps(items, default=str),
        "events": "".join(events),
        "log": (tmp_path / "functions.log").read_text(),
        **{key: content.decode("latin-1") for key, content in stored.items()},
    }
    positions = {place: match[0] for place, text in told.items() if (match := POSITION.search(text))}
    assert positions == {}
