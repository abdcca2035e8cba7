"""What the stores on Amazon S3 share: how they list an image, write once, and translate errors."""

import base64
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from botocore.exceptions import BotoCoreError, ClientError

from adapters.s3.layout import INCOMING_STEM, METADATA_NAME, ORIGINAL_STEM, REJECTION_NAME, image_prefix
from domain.images.model import ImageRef, ImageStatus, Original, StoredImage
from domain.images.upload import StoredPiece
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_KEYS_PER_REQUEST = 1000
_FILENAME_ATTRIBUTE = "filename"
_CONFLICTS = frozenset({"ConditionalRequestConflict", "OperationAborted"})
_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)

Answer = TypeVar("Answer")


@dataclass(slots=True)
class ImageObjects:
    """The objects of one image, as a listing shows them."""

    image_id: str
    keys: dict[str, StoredPiece | None] = field(default_factory=dict)
    """The image's keys, and the piece that each one is, if it is one."""
    original: Original | None = None
    incoming: Original | None = None

    def add(self, key: str, size_bytes: int) -> None:
        """Take note of one object."""
        name = key.rsplit("/", 1)[1]
        stem, _, extension = name.partition(".")
        image_format = ImageFormat.from_extension(extension)
        part: StoredPiece | None = None
        if name == METADATA_NAME:
            part = StoredPiece.METADATA
        elif name == REJECTION_NAME:
            part = StoredPiece.REJECTION
        elif stem == ORIGINAL_STEM and image_format:
            part = StoredPiece.ORIGINAL
            self.original = Original(image_format, size_bytes)
        elif stem == INCOMING_STEM and image_format:
            part = StoredPiece.INCOMING
            self.incoming = Original(image_format, size_bytes)
        self.keys[key] = part

    def key_of(self, part: StoredPiece) -> str | None:
        """The key of this piece, if it is there."""
        return next((key for key, present in self.keys.items() if present is part), None)

    @property
    def parts(self) -> frozenset[StoredPiece]:
        """The pieces that are there."""
        return frozenset(part for part in self.keys.values() if part)

    def keys_in_order_of_removal(self) -> list[str]:
        """All keys, bytes first: what is written beside them afterwards can be seen to belong nowhere."""
        order = (StoredPiece.INCOMING, StoredPiece.ORIGINAL)
        return sorted(
            self.keys,
            key=lambda key: order.index(part) if (part := self.keys[key]) in order else len(order),
        )

    def stored(self, owner_id: str) -> StoredImage | None:
        """The image, or ``None`` for what a deletion has left so far."""
        ref = ImageRef(owner_id, self.image_id)
        if StoredPiece.REJECTION in self.parts:
            return StoredImage(ref, ImageStatus.REJECTED)
        if self.original:
            ready = StoredPiece.METADATA in self.parts
            return StoredImage(ref, ImageStatus.READY if ready else ImageStatus.PENDING, self.original)
        if self.incoming:
            return StoredImage(ref, ImageStatus.PENDING, self.incoming)
        return None


class S3Objects:
    """The objects of one bucket; errors are those of botocore."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def list_image(self, ref: ImageRef) -> ImageObjects:
        """The objects of one image."""
        prefix = image_prefix(ref)
        for listed in self.list_images(prefix, prefix, max_keys=MAX_KEYS_PER_REQUEST):
            return listed
        return ImageObjects(ref.image_id)

    def list_images(self, prefix: str, start: str, max_keys: int) -> Iterator[ImageObjects]:
        """The objects after ``start`` below ``prefix``, grouped by image, in the order of their keys."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=prefix,
            StartAfter=start,
            PaginationConfig={"PageSize": min(max_keys, MAX_KEYS_PER_REQUEST)},
        )
        current: ImageObjects | None = None
        for page in pages:
            for item in page.get("Contents", []):
                image_id = item["Key"].rsplit("/", 2)[1]
                if current is None or current.image_id != image_id:
                    if current is not None:
                        yield current
                    current = ImageObjects(image_id)
                current.add(item["Key"], item["Size"])
        if current is not None:
            yield current

    def exists(self, key: str) -> bool:
        """Whether there is an object with this key."""
        try:
            self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def read(self, key: str) -> bytes | None:
        """The content of a small object, if it is there."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def write_json_once(self, key: str, content: bytes) -> bool:
        """Store this JSON text unless there is an object with this key. Tells whether it was stored."""
        try:
            repeated_while_conflicting(
                lambda: self.client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=content,
                    ContentType="application/json",
                    IfNoneMatch="*",
                )
            )
        except ClientError as error:
            if is_existing(error):
                return False
            raise
        return True

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects, one after the other."""
        for key in keys:
            self.client.delete_object(Bucket=self.bucket, Key=key)


def filename_attribute(filename: str | None) -> dict[str, str]:
    """A file name as an attribute of an object, whose values are ASCII."""
    return {_FILENAME_ATTRIBUTE: quote(filename)} if filename else {}


def filename_of(attributes: dict[str, str]) -> str | None:
    """The file name among an object's attributes."""
    filename = attributes.get(_FILENAME_ATTRIBUTE)
    return unquote(filename) if filename else None


def as_base64(sha256: str) -> str:
    """A hexadecimal checksum in the form that S3 takes."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def error_code(error: ClientError) -> str:
    """S3's code for what went wrong."""
    return error.response.get("Error", {}).get("Code", "")


def is_missing(error: ClientError) -> bool:
    """Whether there is no such object."""
    return error_code(error) in {"NoSuchKey", "404", "NotFound"}


def is_existing(error: ClientError) -> bool:
    """Whether a condition of the request does not hold (any longer)."""
    return error_code(error) in {"PreconditionFailed", "412"}


def repeated_while_conflicting(write: Callable[[], Answer]) -> Answer:
    """What a conditional write comes to, repeated while another one of the same key is under way.

    S3 tells neither of two such writes that the other one has been stored, only that they met (409).
    Errors are those of botocore; after some two seconds, that of the conflict too.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    for pause_s in _PAUSES_S:
        try:
            return write()
        except ClientError as error:
            if error_code(error) not in _CONFLICTS:
                raise
            time.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311 - only to part the two
    return write()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Says of every failure of S3 that it may pass; the cause is kept for the log only."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ServiceUnavailable("The image storage is unavailable; please try again.") from error
