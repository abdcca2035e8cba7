"""Upload, list, read, link to and delete images: over HTTP, with what S3 then holds."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.test_accounts import problem_code
from tests.integration.users import User
from tests.support.image_factory import Photo, photo, photos

JPEG = photo("jpeg-complete.jpg")


def prefix_of(user: User, image_id: str = "") -> str:
    return f"users/{user.id}/images/{image_id}"


def test_an_uploaded_photo_and_its_metadata_are_stored_together_in_s3(
    backend: Backend, new_user: User
) -> None:
    uploaded = new_user.upload(JPEG.content)

    assert uploaded.status_code == 201
    image = uploaded.json()
    folder = prefix_of(new_user, image["id"])
    assert uploaded.headers["location"] == f"/v1/images/{image['id']}" == image["links"]["self"]
    assert backend.object_keys(prefix_of(new_user)) == [f"{folder}/metadata.json", f"{folder}/original.jpg"]
    assert backend.read_object(f"{folder}/original.jpg") == JPEG.content
    assert json.loads(backend.read_object(f"{folder}/metadata.json")) == image["metadata"]
    assert image["status"] == "ready"
    assert image["content_type"] == "image/jpeg"
    assert image["size_bytes"] == len(JPEG.content)
    assert image["sha256"] == hashlib.sha256(JPEG.content).hexdigest()
    # As displayed: the photo is stored on its side.
    assert image["metadata"]["image"]["orientation"] == 6
    assert (image["width"], image["height"]) == (
        JPEG.expected.image["height"],
        JPEG.expected.image["width"],
    )
    age = datetime.now(UTC) - datetime.fromisoformat(image["created_at"])
    assert timedelta() <= age < timedelta(minutes=1)


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_every_photo_is_accepted_with_its_metadata(user: User, sample: Photo) -> None:
    uploaded = user.upload(sample.content)

    assert uploaded.status_code == 201, uploaded.text
    metadata = uploaded.json()["metadata"]
    assert metadata["image"] == {
        **sample.expected.image,
        "size_bytes": len(sample.content),
        "sha256": hashlib.sha256(sample.content).hexdigest(),
    }
    for block in ("exif", "iptc", "gps", "xmp"):
        expected = getattr(sample.expected, block)
        found = metadata.get(block, {})
        assert {name: found.get(name) for name in expected} == expected
    user.api.delete(uploaded.headers["location"])


def test_a_form_gives_the_image_its_name(new_user: User) -> None:
    uploaded = new_user.api.post(
        "/v1/images", files={"file": ("Été à la mer.jpg", JPEG.content, "image/png")}
    )

    assert uploaded.status_code == 201, uploaded.text
    assert uploaded.json()["filename"] == "Été à la mer.jpg"
    assert uploaded.json()["content_type"] == "image/jpeg"
    stored = new_user.api.get(uploaded.headers["location"]).json()
    assert stored["filename"] == "Été à la mer.jpg"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\x.jpg", "x.jpg"),
        ("-rf %d | @x.jpg", "-rf %d | @x.jpg"),
    ],
)
def test_a_file_name_is_data_only(backend: Backend, new_user: User, sent: str, kept: str) -> None:
    uploaded = new_user.api.post("/v1/images", files={"file": (sent, JPEG.content)})

    assert uploaded.status_code == 201
    assert uploaded.json()["filename"] == kept
    names = {key.rsplit("/", 1)[1] for key in backend.object_keys(prefix_of(new_user))}
    assert names == {"original.jpg", "metadata.json"}


@pytest.mark.parametrize("encode", [bytes.hex, lambda digest: base64.b64encode(digest).decode()])
def test_a_declared_checksum_is_verified(new_user: User, encode) -> None:  # type: ignore[no-untyped-def]
    right = encode(hashlib.sha256(JPEG.content).digest())
    wrong = encode(hashlib.sha256(b"other").digest())

    refused = new_user.upload(JPEG.content, headers={"x-checksum-sha256": wrong})
    assert (refused.status_code, problem_code(refused)) == (400, "checksum-mismatch")
    assert new_user.upload(JPEG.content, headers={"x-checksum-sha256": right}).status_code == 201
    assert len(new_user.api.get("/v1/images").json()["items"]) == 1


def test_a_list_is_newest_first_in_pages_that_show_each_image_once(new_user: User) -> None:
    uploaded = [new_user.upload(JPEG.content).json()["id"] for _ in range(5)]

    seen: list[str] = []
    cursor: str | None = None
    sizes = []
    while True:
        page = new_user.api.get("/v1/images", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200
        seen += [item["id"] for item in page.json()["items"]]
        sizes.append(len(page.json()["items"]))
        cursor = page.json().get("next_cursor")
        if cursor is None:
            break

    assert sizes == [2, 2, 1]
    assert seen == uploaded[::-1]
    item = new_user.api.get("/v1/images").json()["items"][0]
    assert (item["status"], item["content_type"]) == ("ready", "image/jpeg")
    assert item["size_bytes"] == len(JPEG.content)
    assert "metadata" not in item


def test_an_empty_list_is_a_list(new_user: User) -> None:
    assert new_user.api.get("/v1/images").json() == {"items": []}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 422, "invalid-request"),
        ("limit=101", 422, "invalid-request"),
        ("limit=ten", 422, "invalid-request"),
        ("cursor=garbage", 400, "invalid-cursor"),
        ("cursor=", 400, "invalid-cursor"),
        ("cursor=Li4vLi4vLi4vLi4v", 400, "invalid-cursor"),
        ("cursor=%00%ff", 400, "invalid-cursor"),
        ("sha256=", 422, "invalid-request"),
        ("captured_from=", 422, "invalid-request"),
        ("created_to=", 422, "invalid-request"),
    ],
)
def test_a_wrong_page_or_filter_is_refused(user: User, query: str, status: int, code: str) -> None:
    refused = user.api.get(f"/v1/images?{query}")

    assert (refused.status_code, problem_code(refused)) == (status, code)


def test_the_metadata_is_the_stored_document(new_user: User) -> None:
    image = new_user.upload(JPEG.content).json()

    answer = new_user.api.get(image["links"]["metadata"])

    assert answer.status_code == 200
    assert answer.json() == image["metadata"] == new_user.api.get(image["links"]["self"]).json()["metadata"]


def test_the_content_is_the_uploaded_bytes_with_a_safe_type_and_name(new_user: User) -> None:
    uploaded = new_user.api.post("/v1/images", files={"file": ('a"b;é.html', JPEG.content, "text/html")})

    link = new_user.api.get(uploaded.json()["links"]["content"])

    assert link.status_code == 302
    assert link.headers["x-content-type-options"] == "nosniff"
    # The link authenticates itself: whoever follows it must not send the token along.
    content = httpx.get(link.headers["location"])
    assert content.content == JPEG.content
    assert content.headers["content-type"] == "image/jpeg"
    assert content.headers["content-disposition"] == (
        "inline; filename=\"a_b;_.html.jpg\"; filename*=UTF-8''a%22b%3B%C3%A9.html.jpg"
    )


def test_head_of_the_content_leads_to_its_headers(new_user: User) -> None:
    content = new_user.upload(JPEG.content).json()["links"]["content"]

    link = new_user.api.head(content)

    assert link.status_code == 302
    headers = httpx.head(link.headers["location"]).raise_for_status().headers
    assert headers["content-length"] == str(len(JPEG.content))
    assert headers["content-type"] == "image/jpeg"


def test_a_deleted_image_is_gone(backend: Backend, new_user: User) -> None:
    image = new_user.upload(JPEG.content).json()

    assert new_user.api.delete(image["links"]["self"]).status_code == 204

    assert backend.object_keys(prefix_of(new_user)) == []
    for path in image["links"].values():
        gone = new_user.api.get(path)
        assert (gone.status_code, problem_code(gone)) == (404, "image-not-found")
    again = new_user.api.delete(image["links"]["self"])
    assert (again.status_code, problem_code(again)) == (404, "image-not-found")


def test_other_peoples_images_do_not_exist(new_user: User, other_user: User) -> None:
    image = new_user.upload(JPEG.content).json()

    for method, path in (
        ("GET", image["links"]["self"]),
        ("GET", image["links"]["metadata"]),
        ("GET", image["links"]["content"]),
        ("DELETE", image["links"]["self"]),
    ):
        answer = other_user.api.request(method, path)
        assert (answer.status_code, problem_code(answer)) == (404, "image-not-found")
    assert other_user.api.get("/v1/images").json()["items"] == []
    assert new_user.api.get(image["links"]["self"]).status_code == 200


@pytest.mark.parametrize(
    "image_id",
    [
        "0",
        "x" * 26,
        "7ybqswbpmh9ypy161ev8g97j42",
        "zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "7YBQSWBPMH9YPY161EV8G97J42",
    ],
)
def test_an_unknown_id_is_not_found(user: User, image_id: str) -> None:
    answer = user.api.get(f"/v1/images/{image_id}")

    assert (answer.status_code, problem_code(answer)) == (404, "image-not-found")


@pytest.mark.parametrize(
    "path", ["/v1/images/..%2F..%2Fother", "/v1/images/%00", "/v1/images/a/b/c", "/v1/nothing"]
)
def test_a_path_that_names_nothing_is_not_found(user: User, path: str) -> None:
    assert user.api.get(path).status_code == 404
