"""Repeating an upload with an Idempotency-Key."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.integration.test_accounts import problem_code
from tests.integration.users import User, lasting
from tests.support.image_factory import photo

JPEG = photo("jpeg-complete.jpg").content
PNG = photo("png-complete.png").content


def upload(user: User, key: str, content: bytes = JPEG) -> httpx.Response:
    return user.upload(content, headers={"idempotency-key": key})


def image_ids(user: User) -> list[str]:
    return [image["id"] for image in user.api.get("/v1/images").json()["items"]]


def test_the_same_request_makes_the_same_image_once(new_user: User) -> None:
    key = str(uuid4())

    first, second = upload(new_user, key), upload(new_user, key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert lasting(first.json()) == lasting(second.json())
    assert first.headers["location"] == second.headers["location"]
    assert image_ids(new_user) == [first.json()["id"]]


def test_concurrent_requests_make_one_image(new_user: User) -> None:
    key = str(uuid4())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: upload(new_user, key), range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert image_ids(new_user) == [answers[0].json()["id"]]


def test_a_key_belongs_to_one_request(new_user: User) -> None:
    upload(new_user, "key")

    answer = upload(new_user, "key", PNG)

    assert (answer.status_code, problem_code(answer)) == (422, "idempotency-key-reused")
    assert len(image_ids(new_user)) == 1


def test_a_key_belongs_to_one_user(new_user: User, other_user: User) -> None:
    assert upload(new_user, "key").json()["id"] != upload(other_user, "key", PNG).json()["id"]


def test_a_refused_image_does_not_use_up_the_key(new_user: User) -> None:
    assert upload(new_user, "key", b"no image").status_code == 415

    assert upload(new_user, "key").status_code == 201


def test_a_deleted_image_does_not_come_back(new_user: User) -> None:
    new_user.api.delete(upload(new_user, "key").headers["location"])

    answer = upload(new_user, "key")

    assert (answer.status_code, problem_code(answer)) == (422, "idempotency-key-reused")
    assert image_ids(new_user) == []


@pytest.mark.parametrize("key", ["", "a" * 256, "with space"])
def test_a_malformed_key_is_refused(new_user: User, key: str) -> None:
    answer = upload(new_user, key)

    assert (answer.status_code, problem_code(answer)) == (422, "invalid-request")
    assert answer.json()["errors"][0]["field"].lower() == "idempotency-key"
    assert image_ids(new_user) == []
