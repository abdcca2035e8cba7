"""Each instance of a function signs links with its own credentials, so responses differ in their URLs.

A client that keeps the first URL until ``urls_expire_at`` shows every picture and loads none twice.
"""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from adapters.s3.image_store import S3ImageStore
from domain.images.links import ImageViews
from domain.images.record import ImageRecord
from domain.images.view import Image
from domain.renditions.model import Rendition
from entrypoints.local.emulator import REGION, Emulator
from tests.contract.storages import S3Storage, utc_now
from tests.support.records import CONTENT, accepted, pending, ref_at, sha256_of

LIFETIME = timedelta(minutes=20)


def instance(emulator: Emulator, bucket: str, name: str) -> ImageViews:
    """One that signs with credentials that nobody else has, which allow no more than to read."""
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/users/*"}
        ],
    }
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    client: Any = boto3.client(
        "s3",
        endpoint_url=emulator.endpoint_url,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    return ImageViews(S3ImageStore(client, bucket, utc_now), LIFETIME)


class Gallery:
    """A client that shows what each answer has, and keeps the first URL of everything while it works."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._cache: dict[str, bytes] = {}
        self.loaded: Counter[str] = Counter()

    def show(self, image: Image) -> dict[str, bytes]:
        """Take an answer, and give all that is seen of the image."""
        assert image.urls_expire_at
        urls = {rendition.name: rendition.url for rendition in image.renditions or ()}
        if image.content_url:
            urls["content"] = image.content_url
        return {name: self._load(image.id, name, url, image.urls_expire_at) for name, url in urls.items()}

    def _load(self, image_id: str, name: str, url: str, expires_at: datetime) -> bytes:
        kept, expiry = self._kept.get((image_id, name), ("", utc_now()))
        if expiry <= utc_now():
            self._kept[image_id, name] = url, expires_at
            kept = url
        if kept not in self._cache:
            answer = httpx.get(kept)
            assert answer.status_code == 200, answer.text
            self._cache[kept] = answer.content
            self.loaded[f"{image_id} {name}"] += 1
        return self._cache[kept]


@pytest.fixture
def storage(emulator: Emulator) -> S3Storage:
    return S3Storage(emulator)


@pytest.fixture
def images(storage: S3Storage) -> list[ImageRecord]:
    """Ready images with their renditions."""
    records = []
    for number in range(3):
        ref = ref_at(number)
        made = [
            Rendition(name, side, side, f"{name} {number}".encode())
            for name, side in (("thumbnail", 320), ("preview", 1600))
        ]
        record = accepted(pending(ref), renditions=("thumbnail", "preview"))
        content = record.ready_content
        storage.images.save_original(
            ref, CONTENT, image_format=content.image_format, sha256=sha256_of(CONTENT)
        )
        for rendition in made:
            storage.images.save_rendition(ref, rendition)
        records.append(record.end_rendering([rendition.stored for rendition in made]))
    return records


def test_a_client_that_keeps_its_first_urls_shows_every_picture_and_loads_none_twice(
    emulator: Emulator, storage: S3Storage, images: list[ImageRecord]
) -> None:
    instances = cycle([instance(emulator, storage.bucket, f"instance-{number}") for number in range(2)])
    gallery = Gallery()
    urls = set()

    for _ in range(4):
        for number, record in enumerate(images):
            listed, whole = next(instances).listed(record), next(instances).whole(record)
            urls.add(whole.content_url)
            assert gallery.show(listed) == {"thumbnail": f"thumbnail {number}".encode()}
            assert gallery.show(whole) == {
                "thumbnail": f"thumbnail {number}".encode(),
                "preview": f"preview {number}".encode(),
                "content": CONTENT,
            }
        # The next time, the other one gives each answer.
        next(instances)

    assert len(urls) >= 2 * len(images), "the instances sign alike, so nothing is shown here"
    assert set(gallery.loaded.values()) == {1}
    assert len(gallery.loaded) == 3 * len(images)


def test_urls_work_as_long_as_the_answer_says(
    emulator: Emulator, storage: S3Storage, images: list[ImageRecord]
) -> None:
    image = instance(emulator, storage.bucket, "instance-of-limits").whole(images[0])

    assert image.urls_expire_at
    assert LIFETIME - timedelta(seconds=5) <= image.urls_expire_at - utc_now() <= LIFETIME
    for url in (image.content_url, *(rendition.url for rendition in image.renditions or ())):
        signed = httpx.URL(str(url)).params
        signed_at = datetime.strptime(f"{signed['X-Amz-Date']}+0000", "%Y%m%dT%H%M%SZ%z")
        assert signed_at + timedelta(seconds=int(signed["X-Amz-Expires"])) >= image.urls_expire_at
