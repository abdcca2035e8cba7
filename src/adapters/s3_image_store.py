"""The image store on Amazon S3.

Keys, below ``users/{owner_id}/images/{image_id}/``:

- ``original.{ext}``: the bytes as uploaded, never modified
- ``metadata.json``: the metadata document; its presence means *ready*
- ``rejection.json``: why the upload was refused; its presence means *rejected*

The extension tells the format, so one ``ListObjectsV2`` page gives ids, formats, sizes and statuses.
"""

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote, unquote

from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import ChecksumMismatch, ImageNotFound, ServiceUnavailable
from domain.image_format import ImageFormat
from domain.images import (
    ContentLink,
    ImageRef,
    ImageStatus,
    Original,
    Rejection,
    StoredImage,
    StoredImagePage,
)
from domain.metadata import MetadataDocument
from domain.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

METADATA_NAME = "metadata.json"
REJECTION_NAME = "rejection.json"
ORIGINAL_STEM = "original"

_DOWNLOAD_CHUNK_BYTES = 1024 * 1024
_MAX_KEYS_PER_REQUEST = 1000
_FILENAME_ATTRIBUTE = "filename"


def owner_prefix(owner_id: str) -> str:
    """Where everything of one owner lies."""
    return f"users/{owner_id}/"


def images_prefix(owner_id: str) -> str:
    """Where all images of one owner lie."""
    return f"{owner_prefix(owner_id)}images/"


def image_prefix(ref: ImageRef) -> str:
    """Where everything of one image lies."""
    return f"{images_prefix(ref.owner_id)}{ref.image_id}/"


def original_key(ref: ImageRef, image_format: ImageFormat) -> str:
    """The key of an image's original bytes."""
    return f"{image_prefix(ref)}{ORIGINAL_STEM}.{image_format.extension}"


def content_disposition(filename: str) -> str:
    """An ``inline`` Content-Disposition for this file name (RFC 6266 §5, Appendix D).

    It carries an ASCII fallback and, for the full name, the UTF-8 form of RFC 8187.
    """
    fallback = "".join(
        character if " " <= character <= "~" and character not in '"\\%' else "_" for character in filename
    )
    return f"inline; filename=\"{fallback}\"; filename*=UTF-8''{quote(filename, safe='')}"


@dataclass(slots=True)
class _Listed:
    """The objects of one image, as a listing shows them."""

    image_id: str
    keys: list[str] = field(default_factory=list)
    original_key: str | None = None
    original: Original | None = None
    has_metadata: bool = False
    has_rejection: bool = False

    def add(self, key: str, size_bytes: int) -> None:
        self.keys.append(key)
        name = key.rsplit("/", 1)[1]
        if name == METADATA_NAME:
            self.has_metadata = True
        elif name == REJECTION_NAME:
            self.has_rejection = True
        else:
            stem, _, extension = name.partition(".")
            image_format = ImageFormat.from_extension(extension)
            if stem == ORIGINAL_STEM and image_format:
                self.original_key = key
                self.original = Original(image_format, size_bytes)

    def stored(self, owner_id: str) -> StoredImage | None:
        """The image, or ``None`` for what a deletion has left so far."""
        ref = ImageRef(owner_id, self.image_id)
        if self.has_rejection:
            return StoredImage(ref, ImageStatus.REJECTED)
        if self.original:
            status = ImageStatus.READY if self.has_metadata else ImageStatus.PENDING
            return StoredImage(ref, status, self.original)
        return None


class S3ImageStore:
    """Implements :class:`domain.ports.ImageStore` on one bucket.

    ``link_client`` signs the links; it differs from ``client`` where the endpoint that browsers
    reach is another one than ours, since Signature Version 4 signs the host.
    """

    def __init__(
        self, client: "S3Client", bucket: str, clock: Clock, link_client: "S3Client | None" = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._link_client = link_client or client

    def save_original(self, ref: ImageRef, content: bytes, original: Original) -> None:
        attributes = {_FILENAME_ATTRIBUTE: quote(original.filename)} if original.filename else {}
        digest = bytes.fromhex(original.sha256) if original.sha256 else hashlib.sha256(content).digest()
        with _translated_errors():
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=original_key(ref, original.image_format),
                    Body=content,
                    ContentType=original.image_format.media_type,
                    Metadata=attributes,
                    IfNoneMatch="*",
                    ChecksumSHA256=base64.b64encode(digest).decode(),
                )
            except ClientError as error:
                if _code(error) in {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"}:
                    raise ChecksumMismatch("The bytes do not match their SHA-256 checksum.") from error
                if not _is_existing(error):
                    raise

    @contextmanager
    def open_original(self, ref: ImageRef) -> Iterator[BinaryIO]:
        with _translated_errors():
            listed = self._list_one(ref)
            if not listed.original_key:
                raise ImageNotFound("There is no image with this id.")
            key = listed.original_key
        with tempfile.NamedTemporaryFile(suffix=f".{key.rsplit('.', 1)[1]}") as file:
            with _translated_errors():
                try:
                    body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
                except ClientError as error:
                    if _is_missing(error):
                        raise ImageNotFound("There is no image with this id.") from error
                    raise
                for chunk in body.iter_chunks(_DOWNLOAD_CHUNK_BYTES):
                    file.write(chunk)
            file.flush()
            file.seek(0)
            yield cast("BinaryIO", file)

    def save_metadata(self, ref: ImageRef, document: MetadataDocument) -> None:
        with _translated_errors():
            self._put_json(f"{image_prefix(ref)}{METADATA_NAME}", document.to_json())

    def load_metadata(self, ref: ImageRef) -> MetadataDocument | None:
        with _translated_errors():
            content = self._get(f"{image_prefix(ref)}{METADATA_NAME}")
        return MetadataDocument.model_validate_json(content) if content is not None else None

    def save_rejection(self, ref: ImageRef, rejection: Rejection) -> None:
        with _translated_errors():
            self._put_json(f"{image_prefix(ref)}{REJECTION_NAME}", rejection.model_dump_json().encode())
            for key in self._list_one(ref).keys:
                if not key.endswith(f"/{REJECTION_NAME}"):
                    self._client.delete_object(Bucket=self._bucket, Key=key)

    def find(self, ref: ImageRef) -> StoredImage | None:
        with _translated_errors():
            listed = self._list_one(ref)
            stored = listed.stored(ref.owner_id)
            if stored is None:
                return None
            if stored.status is ImageStatus.REJECTED:
                content = self._get(f"{image_prefix(ref)}{REJECTION_NAME}")
                return (
                    replace(stored, rejection=Rejection.model_validate_json(content)) if content else None
                )
            if listed.original_key is None or stored.original is None:
                return None
            try:
                head = self._client.head_object(
                    Bucket=self._bucket, Key=listed.original_key, ChecksumMode="ENABLED"
                )
            except ClientError as error:
                if _is_missing(error):
                    return None
                raise
            filename = head["Metadata"].get(_FILENAME_ATTRIBUTE)
            original = replace(
                stored.original,
                sha256=_sha256(head),
                filename=unquote(filename) if filename else None,
            )
            return replace(stored, original=original)

    def list_images(self, owner_id: str, *, limit: int, after: str | None = None) -> StoredImagePage:
        prefix = images_prefix(owner_id)
        # "0" is the character after "/", so this is past every key of the image.
        start = f"{prefix}{after}0" if after else prefix
        images: list[StoredImage] = []
        with _translated_errors():
            for listed in self._list_groups(prefix, start, max_keys=2 * limit + 2):
                stored = listed.stored(owner_id)
                if stored is None:
                    continue
                if len(images) == limit:
                    return StoredImagePage(tuple(images), has_more=True)
                images.append(stored)
        return StoredImagePage(tuple(images), has_more=False)

    def content_link(self, image: StoredImage, expires_in: timedelta) -> ContentLink:
        if image.original is None:
            raise ImageNotFound("This image has no content.")
        image_format = image.original.image_format
        filename = image.original.filename or f"{image.ref.image_id}.{image_format.extension}"
        expires_at = self._clock() + expires_in
        url = self._link_client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": original_key(image.ref, image_format),
                "ResponseContentType": image_format.media_type,
                "ResponseContentDisposition": content_disposition(filename),
            },
            ExpiresIn=int(expires_in.total_seconds()),
        )
        return ContentLink(url, expires_at.replace(microsecond=0))

    def delete(self, ref: ImageRef) -> bool:
        with _translated_errors():
            listed = self._list_one(ref)
            # Originals go first: whoever writes a document afterwards can see that its image is gone.
            for key in sorted(listed.keys, key=lambda key: key != listed.original_key):
                self._client.delete_object(Bucket=self._bucket, Key=key)
        return listed.stored(ref.owner_id) is not None

    def delete_all(self, owner_id: str) -> None:
        with _translated_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=owner_prefix(owner_id)
            )
            for page in pages:
                keys = [item["Key"] for item in page.get("Contents", [])]
                if not keys:
                    continue
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
                )
                if answer.get("Errors"):
                    raise ServiceUnavailable("Some images could not be deleted; please try again.")

    def _list_one(self, ref: ImageRef) -> _Listed:
        prefix = image_prefix(ref)
        for listed in self._list_groups(prefix, prefix, max_keys=_MAX_KEYS_PER_REQUEST):
            return listed
        return _Listed(ref.image_id)

    def _list_groups(self, prefix: str, start: str, max_keys: int) -> Iterator[_Listed]:
        """The objects after ``start`` below ``prefix``, grouped by image, in the order of their keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket,
            Prefix=prefix,
            StartAfter=start,
            PaginationConfig={"PageSize": min(max_keys, _MAX_KEYS_PER_REQUEST)},
        )
        current: _Listed | None = None
        for page in pages:
            for item in page.get("Contents", []):
                image_id = item["Key"].rsplit("/", 2)[1]
                if current is None or current.image_id != image_id:
                    if current is not None:
                        yield current
                    current = _Listed(image_id)
                current.add(item["Key"], item["Size"])
        if current is not None:
            yield current

    def _put_json(self, key: str, content: bytes) -> None:
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            if not _is_existing(error):
                raise

    def _get(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if _is_missing(error):
                return None
            raise


def _sha256(head: "HeadObjectOutputTypeDef") -> str | None:
    checksum = head.get("ChecksumSHA256", "")
    # The checksum of a multipart upload is one of checksums and ends in the number of parts.
    return base64.b64decode(checksum).hex() if checksum and "-" not in checksum else None


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _is_missing(error: ClientError) -> bool:
    return _code(error) in {"NoSuchKey", "404", "NotFound"}


def _is_existing(error: ClientError) -> bool:
    # 409 is what a concurrent conditional write of the same key gets; the other one has it.
    return _code(error) in {"PreconditionFailed", "ConditionalRequestConflict"}


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Says of every failure of S3 that it may pass; the cause is kept for the log only."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ServiceUnavailable("The image storage is unavailable; please try again.") from error
