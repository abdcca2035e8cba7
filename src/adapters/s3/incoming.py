"""What has arrived on Amazon S3 and waits to be read; :mod:`adapters.s3.layout` tells where it lies."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from adapters.s3.image_store import downloaded
from adapters.s3.layout import (
    announcement_key,
    incoming_key,
    original_key,
    owner_withdrawal_key,
    withdrawal_key,
)
from adapters.s3.objects import (
    S3Objects,
    filename_attribute,
    filename_of,
    is_existing,
    is_missing,
    repeated_while_conflicting,
    translated_errors,
)
from adapters.s3.uploads import SHA256_ATTRIBUTE, SIZE_ATTRIBUTE
from domain.images.errors import ImageNotFound
from domain.images.model import ImageRef, Original
from domain.images.upload import IncomingImage, StoredPiece

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef


class S3IncomingStore:
    """Implements :class:`domain.images.ports.IncomingStore` on one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._objects = S3Objects(client, bucket)
        self._client = client
        self._bucket = bucket

    def parts(self, ref: ImageRef) -> frozenset[StoredPiece]:
        with translated_errors():
            parts = set(self._objects.list_image(ref).parts)
            if self._objects.exists(announcement_key(ref)):
                parts.add(StoredPiece.ANNOUNCEMENT)
            # Looked at last: what was listed before and belongs to a withdrawn image is removed by
            # whoever withdraws it, or by us, but never by neither.
            withdrawals = (withdrawal_key(ref), owner_withdrawal_key(ref.owner_id))
            if any(self._objects.exists(key) for key in withdrawals):
                parts.add(StoredPiece.WITHDRAWAL)
            return frozenset(parts)

    def remove(self, ref: ImageRef, parts: Collection[StoredPiece]) -> None:
        with translated_errors():
            listed = self._objects.list_image(ref)
            self._objects.delete(
                key for key in listed.keys_in_order_of_removal() if listed.keys[key] in parts
            )
            if StoredPiece.ANNOUNCEMENT in parts:
                self._objects.delete([announcement_key(ref)])

    def find_incoming(self, ref: ImageRef) -> IncomingImage | None:
        with translated_errors():
            incoming = self._objects.list_image(ref).incoming
            if incoming is None:
                return None
            key = incoming_key(ref, incoming.image_format)
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        attributes = head["Metadata"]
        size = attributes.get(SIZE_ATTRIBUTE, "")
        return IncomingImage(
            revision=head["ETag"],
            size_bytes=head["ContentLength"],
            declared_format=incoming.image_format,
            declared_size_bytes=int(size) if size.isdecimal() else None,
            declared_sha256=attributes.get(SHA256_ATTRIBUTE),
            filename=filename_of(attributes),
        )

    def read_header(self, ref: ImageRef, incoming: IncomingImage, length: int) -> bytes:
        if incoming.size_bytes == 0:
            return b""
        with translated_errors():
            return self._get(ref, incoming, f"bytes=0-{length - 1}")["Body"].read()

    @contextmanager
    def open_incoming(self, ref: ImageRef, incoming: IncomingImage) -> Iterator[BinaryIO]:
        with translated_errors():
            answer = self._get(ref, incoming)
        with downloaded(answer, incoming.declared_format.extension) as stream:
            yield stream

    def accept(self, ref: ImageRef, incoming: IncomingImage, original: Original) -> bool:
        key = incoming_key(ref, incoming.declared_format)
        with translated_errors():
            try:
                # S3 computes the checksum of the whole, also of what came in parts.
                repeated_while_conflicting(
                    lambda: self._client.copy_object(
                        Bucket=self._bucket,
                        Key=original_key(ref, original.image_format),
                        CopySource={"Bucket": self._bucket, "Key": key},
                        CopySourceIfMatch=incoming.revision,
                        IfNoneMatch="*",
                        ChecksumAlgorithm="SHA256",
                        MetadataDirective="REPLACE",
                        ContentType=original.image_format.media_type,
                        Metadata=filename_attribute(original.filename),
                    )
                )
            except ClientError as error:
                if is_existing(error) or is_missing(error):
                    return False
                raise
        return True

    def _get(
        self, ref: ImageRef, incoming: IncomingImage, byte_range: str = "bytes=0-"
    ) -> "GetObjectOutputTypeDef":
        try:
            return self._client.get_object(
                Bucket=self._bucket,
                Key=incoming_key(ref, incoming.declared_format),
                IfMatch=incoming.revision,
                Range=byte_range,
            )
        except ClientError as error:
            if is_missing(error) or is_existing(error):
                raise ImageNotFound("The bytes are gone, or were replaced.") from error
            raise
