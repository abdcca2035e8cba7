"""The image store on Amazon S3, under the keys of :mod:`adapters.s3.object_keys`."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from adapters.s3.attributes import (
    ORIGINAL_CACHE_CONTROL,
    RENDITION_CACHE_CONTROL,
    as_base64,
    content_disposition,
    filename_attribute,
)
from adapters.s3.download import downloaded
from adapters.s3.errors import (
    error_code,
    is_failed_condition,
    is_missing,
    repeated_while_conflicting,
    translated_errors,
)
from adapters.s3.object_keys import all_keys, document_key, original_key, owner_prefixes, rendition_key
from domain.images.errors import ChecksumMismatch
from domain.images.model import ContentLink, ImageRef
from domain.renditions.model import Rendition
from domain.shared.clock import Clock
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_MAX_DELETED_AT_ONCE = 1000
_WRONG_CHECKSUM = frozenset({"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"})


class S3ImageStore:
    """Implements :class:`domain.images.ports.ImageStore` on one bucket.

    ``link_client`` signs the links. It differs from ``client`` if browsers use another endpoint than this
    process, because Signature Version 4 signs the host.
    """

    def __init__(
        self, client: "S3Client", bucket: str, clock: Clock, link_client: "S3Client | None" = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._link_client = link_client or client

    def save_original(
        self,
        ref: ImageRef,
        content: bytes,
        *,
        image_format: ImageFormat,
        sha256: str,
        filename: str | None = None,
    ) -> None:
        with translated_errors():
            try:
                repeated_while_conflicting(
                    lambda: self._client.put_object(
                        Bucket=self._bucket,
                        Key=original_key(ref, image_format),
                        Body=content,
                        ContentType=image_format.media_type,
                        CacheControl=ORIGINAL_CACHE_CONTROL,
                        Metadata=filename_attribute(filename),
                        IfNoneMatch="*",
                        ChecksumSHA256=as_base64(sha256),
                    )
                )
            except ClientError as error:
                if error_code(error) in _WRONG_CHECKSUM:
                    raise ChecksumMismatch("The bytes do not match their SHA-256 checksum.") from error
                if not is_failed_condition(error):
                    raise

    @contextmanager
    def open_original(self, ref: ImageRef, image_format: ImageFormat) -> Iterator[BinaryIO | None]:
        with ExitStack() as opened:
            content: BinaryIO | None = None
            body = self._get(original_key(ref, image_format))
            if body is not None:
                content = opened.enter_context(downloaded(body, suffix=f".{image_format.extension}"))
            yield content

    def save_document(self, ref: ImageRef, document: bytes) -> None:
        with translated_errors():
            self._client.put_object(
                Bucket=self._bucket,
                Key=document_key(ref),
                Body=document,
                ContentType="application/json",
            )

    def load_document(self, ref: ImageRef) -> bytes | None:
        body = self._get(document_key(ref))
        with translated_errors():
            return None if body is None else body.read()

    def content_link(
        self,
        ref: ImageRef,
        image_format: ImageFormat,
        filename: str,
        expires_in: timedelta,
        *,
        without_bytes: bool = False,
    ) -> ContentLink:
        return self._link(
            original_key(ref, image_format),
            expires_in,
            "head_object" if without_bytes else "get_object",
            ResponseContentType=image_format.media_type,
            ResponseContentDisposition=content_disposition(filename),
            ResponseCacheControl=ORIGINAL_CACHE_CONTROL,
        )

    def save_rendition(self, ref: ImageRef, rendition: Rendition) -> None:
        with translated_errors():
            self._client.put_object(
                Bucket=self._bucket,
                Key=rendition_key(ref, rendition.name),
                Body=rendition.content,
                ContentType=rendition.image_format.media_type,
                CacheControl=RENDITION_CACHE_CONTROL,
            )

    def rendition_link(
        self, ref: ImageRef, name: str, expires_in: timedelta, *, filename: str | None = None
    ) -> ContentLink:
        # The stored headers apply, so they need not make each link longer.
        named = {} if filename is None else {"ResponseContentDisposition": content_disposition(filename)}
        return self._link(rendition_key(ref, name), expires_in, **named)

    def remove(self, refs: Collection[ImageRef], *, renditions: Collection[str] = ()) -> None:
        self._delete_all([key for ref in refs for key in all_keys(ref, renditions)])

    def remove_renditions(self, ref: ImageRef, names: Collection[str]) -> None:
        self._delete_all([rendition_key(ref, name) for name in names])

    def remove_owner(self, owner_id: str, *, limit: int) -> bool:
        objects: list[ObjectIdentifierTypeDef] = []
        has_more = False
        with translated_errors():
            for prefix in owner_prefixes(owner_id):
                self._abort_uploads(prefix)
                page = self._client.list_object_versions(Bucket=self._bucket, Prefix=prefix, MaxKeys=limit)
                has_more = has_more or page.get("IsTruncated", False)
                objects.extend(
                    {"Key": version["Key"], "VersionId": version["VersionId"]}
                    for version in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
                )
            if objects:
                self._delete(objects[:limit])
        return has_more or len(objects) > limit

    def _abort_uploads(self, prefix: str) -> None:
        page = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=prefix)
        for upload in page.get("Uploads", []):
            self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )

    def _get(self, key: str) -> "StreamingBody | None":
        with translated_errors():
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
            except ClientError as error:
                if is_missing(error):
                    return None
                raise

    def _link(
        self, key: str, expires_in: timedelta, operation: str = "get_object", **answer: str
    ) -> ContentLink:
        """Sign a link to an object. ``answer`` overrides headers with which the object was stored."""
        expires_at = self._clock() + expires_in
        url = self._link_client.generate_presigned_url(
            operation,
            Params={"Bucket": self._bucket, "Key": key, **answer},
            ExpiresIn=int(expires_in.total_seconds()),
        )
        return ContentLink(url, expires_at.replace(microsecond=0))

    def _delete_all(self, keys: Sequence[str]) -> None:
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys]
        with translated_errors():
            for start in range(0, len(objects), _MAX_DELETED_AT_ONCE):
                self._delete(objects[start : start + _MAX_DELETED_AT_ONCE])

    def _delete(self, objects: "list[ObjectIdentifierTypeDef]") -> None:
        answer = self._client.delete_objects(
            Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
        )
        if answer.get("Errors"):
            raise ServiceUnavailable("Some bytes could not be removed; please try again.")
