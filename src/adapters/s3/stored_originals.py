"""The originals in the bucket, under the keys of :mod:`adapters.s3.object_keys`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.s3.attributes import filename_of
from adapters.s3.errors import translated_errors
from adapters.s3.object_keys import USERS_PREFIX, original_key, original_of_key
from domain.images.model import StoredOriginal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3StoredOriginals:
    """Implements :class:`domain.images.ports.StoredOriginals` on one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def count(self) -> int:
        return sum(1 for _ in self.list_all())

    def list_all(self) -> Iterator[StoredOriginal]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=USERS_PREFIX
        )
        with translated_errors():
            for page in pages:
                for item in page.get("Contents", []):
                    found = original_of_key(item["Key"])
                    if found:
                        yield StoredOriginal(*found, item["Size"])

    def filename_of(self, original: StoredOriginal) -> str | None:
        key = original_key(original.ref, original.image_format)
        with translated_errors():
            return filename_of(self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"])
