"""The image store on Amazon S3; :mod:`adapters.s3.layout` tells where everything lies."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote

from botocore.exceptions import ClientError

from adapters.s3.layout import (
    announcement_key,
    image_of_announcement_key,
    images_prefix,
    incoming_key,
    metadata_key,
    original_key,
    owner_prefix,
    owner_withdrawal_key,
    rejection_key,
    short_lived_prefix,
    withdrawal_key,
)
from adapters.s3.objects import (
    S3Objects,
    as_base64,
    error_code,
    filename_attribute,
    filename_of,
    is_existing,
    is_missing,
    repeated_while_conflicting,
    translated_errors,
)
from adapters.s3.uploads import abort_announced
from adapters.temporary_storage import storage_failures, temporary_file
from domain.images.declared import served_filename
from domain.images.errors import ChecksumMismatch, ImageNotFound
from domain.images.model import ContentLink, ImageRef, Original, Rejection, StoredImage, StoredImagePage
from domain.images.upload import StoredPiece
from domain.metadata.model import MetadataDocument
from domain.shared.clock import Clock
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        HeadObjectOutputTypeDef,
        ObjectIdentifierTypeDef,
    )

_DOWNLOAD_CHUNK_BYTES = 1024 * 1024


def content_disposition(filename: str) -> str:
    """An ``inline`` Content-Disposition for this file name (RFC 6266 §5, Appendix D).

    It carries an ASCII fallback and, for the full name, the UTF-8 form of RFC 8187.
    """
    fallback = "".join(
        character if " " <= character <= "~" and character not in '"\\%' else "_" for character in filename
    )
    return f"inline; filename=\"{fallback}\"; filename*=UTF-8''{quote(filename, safe='')}"


@contextmanager
def downloaded(answer: "GetObjectOutputTypeDef", extension: str) -> Iterator[BinaryIO]:
    """The content of an object in a temporary file, read in memory that its size does not affect."""
    with temporary_file(f".{extension}") as file:
        with translated_errors():
            for chunk in answer["Body"].iter_chunks(_DOWNLOAD_CHUNK_BYTES):
                with storage_failures():
                    file.write(chunk)
        with storage_failures():
            file.flush()
            file.seek(0)
        yield cast("BinaryIO", file)


class S3ImageStore:
    """Implements :class:`domain.images.ports.ImageStore` on one bucket.

    ``link_client`` signs the links; it differs from ``client`` where the endpoint that browsers
    reach is another one than ours, since Signature Version 4 signs the host.
    """

    def __init__(
        self, client: "S3Client", bucket: str, clock: Clock, link_client: "S3Client | None" = None
    ) -> None:
        self._objects = S3Objects(client, bucket)
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._link_client = link_client or client

    def save_original(self, ref: ImageRef, content: bytes, original: Original) -> None:
        sha256 = original.sha256 or hashlib.sha256(content).hexdigest()
        with translated_errors():
            try:
                repeated_while_conflicting(
                    lambda: self._client.put_object(
                        Bucket=self._bucket,
                        Key=original_key(ref, original.image_format),
                        Body=content,
                        ContentType=original.image_format.media_type,
                        Metadata=filename_attribute(original.filename),
                        IfNoneMatch="*",
                        ChecksumSHA256=as_base64(sha256),
                    )
                )
            except ClientError as error:
                if error_code(error) in {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"}:
                    raise ChecksumMismatch("The bytes do not match their SHA-256 checksum.") from error
                if not is_existing(error):
                    raise

    @contextmanager
    def open_original(self, ref: ImageRef) -> Iterator[BinaryIO]:
        with translated_errors():
            listed = self._objects.list_image(ref)
            key = listed.key_of(StoredPiece.ORIGINAL)
            if key is None:
                raise ImageNotFound("There is no image with this id.")
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if is_missing(error):
                    raise ImageNotFound("There is no image with this id.") from error
                raise
        with downloaded(answer, key.rsplit(".", 1)[1]) as stream:
            yield stream

    def save_metadata(self, ref: ImageRef, document: MetadataDocument) -> None:
        with translated_errors():
            self._objects.write_json_once(metadata_key(ref), document.to_json())

    def load_metadata(self, ref: ImageRef) -> MetadataDocument | None:
        with translated_errors():
            content = self._objects.read(metadata_key(ref))
        return MetadataDocument.model_validate_json(content) if content is not None else None

    def save_rejection(self, ref: ImageRef, rejection: Rejection) -> None:
        with translated_errors():
            self._objects.write_json_once(rejection_key(ref), rejection.model_dump_json().encode())
            keys = self._objects.list_image(ref).keys_in_order_of_removal()
            self._objects.delete(key for key in keys if key != rejection_key(ref))
            self._objects.delete([announcement_key(ref)])

    def find(self, ref: ImageRef) -> StoredImage | None:
        with translated_errors():
            listed = self._objects.list_image(ref)
            stored = listed.stored(ref.owner_id)
            if stored is None:
                return None
            if stored.original is None:
                content = self._objects.read(rejection_key(ref))
                return (
                    replace(stored, rejection=Rejection.model_validate_json(content)) if content else None
                )
            key = listed.key_of(StoredPiece.ORIGINAL) or incoming_key(ref, stored.original.image_format)
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
            except ClientError as error:
                if is_missing(error):
                    # It was deleted, or accepted as the original, since it was listed.
                    return self.find(ref)
                raise
            original = replace(
                stored.original, sha256=_sha256(head), filename=filename_of(head["Metadata"])
            )
            return replace(stored, original=original)

    def list_images(self, owner_id: str, *, limit: int, after: str | None = None) -> StoredImagePage:
        prefix = images_prefix(owner_id)
        # "0" is the character after "/", so this is past every key of the image.
        start = f"{prefix}{after}0" if after else prefix
        images: list[StoredImage] = []
        with translated_errors():
            for listed in self._objects.list_images(prefix, start, max_keys=2 * limit + 2):
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
        filename = served_filename(image.original.filename, image.ref.image_id, image_format)
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
        with translated_errors():
            announced = self._objects.exists(announcement_key(ref))
            listed = self._objects.list_image(ref)
            if not announced and not listed.stored(ref.owner_id):
                self._objects.delete(listed.keys)
                return False
            # From here on, what is being written of this image at the same time will be removed too.
            self._objects.write_json_once(withdrawal_key(ref), b"{}")
            abort_announced(self._objects, ref)
            self._objects.delete(self._objects.list_image(ref).keys_in_order_of_removal())
            self._objects.delete([announcement_key(ref)])
        return True

    def is_withdrawn(self, ref: ImageRef) -> bool:
        with translated_errors():
            return self._objects.exists(withdrawal_key(ref)) or self._objects.exists(
                owner_withdrawal_key(ref.owner_id)
            )

    def delete_all(self, owner_id: str) -> None:
        with translated_errors():
            withdrawal = owner_withdrawal_key(owner_id)
            self._objects.write_json_once(withdrawal, b"{}")
            for keys in self._pages_of_keys(short_lived_prefix(owner_id)):
                for key in keys:
                    ref = image_of_announcement_key(key)
                    if ref:
                        abort_announced(self._objects, ref)
                self._delete_together(key for key in keys if key != withdrawal)
            for keys in self._pages_of_keys(owner_prefix(owner_id)):
                self._delete_together(keys)

    def _pages_of_keys(self, prefix: str) -> Iterator[list[str]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            yield [item["Key"] for item in page.get("Contents", [])]

    def _delete_together(self, keys: Iterable[str]) -> None:
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys]
        if not objects:
            return
        answer = self._client.delete_objects(
            Bucket=self._bucket,
            Delete={"Objects": objects, "Quiet": True},
        )
        if answer.get("Errors"):
            raise ServiceUnavailable("Some images could not be deleted; please try again.")


def _sha256(head: "HeadObjectOutputTypeDef") -> str | None:
    checksum = head.get("ChecksumSHA256", "")
    # The checksum of a multipart upload is one of checksums and ends in the number of parts.
    return base64.b64decode(checksum).hex() if checksum and "-" not in checksum else None
