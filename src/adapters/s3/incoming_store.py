"""What clients send straight to Amazon S3, under the keys of :mod:`adapters.s3.object_keys`."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import ClientError

from adapters.s3.attributes import ORIGINAL_CACHE_CONTROL, as_base64, filename_attribute
from adapters.s3.download import downloaded
from adapters.s3.errors import (
    error_code,
    is_failed_condition,
    is_missing,
    repeated_while_conflicting,
    translated_errors,
)
from adapters.s3.object_keys import incoming_key, original_key
from domain.images.errors import UploadIncomplete, UploadNotFound
from domain.images.model import ImageRef
from domain.images.record import Announcement
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    StorageLimits,
    UploadedPart,
    UploadForm,
)
from domain.shared.clock import Clock
from domain.shared.image_format import ImageFormat

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_MIB = 1024 * 1024

LIMITS = StorageLimits(
    # The most that one CopyObject request can copy, which is how an accepted upload becomes an original.
    max_upload_bytes=5 * 1024 * _MIB,
    min_part_bytes=5 * _MIB,
    max_part_bytes=5 * 1024 * _MIB,
    max_parts=10_000,
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html and the reference of CopyObject."""

_UNDECLARED_TYPE = "application/octet-stream"
_REQUEST_OF_OPERATION = {
    MultipartOperation.LIST_PARTS: ("list_parts", "GET"),
    MultipartOperation.COMPLETE: ("complete_multipart_upload", "POST"),
}


@dataclass(frozen=True, slots=True)
class OpenedObject:
    """Implements :class:`domain.images.ports.OpenedUpload` on the response to one request."""

    etag: str
    size_bytes: int
    header: bytes
    _body: "StreamingBody"

    def download(self) -> AbstractContextManager[BinaryIO]:
        """Read the rest."""
        return downloaded(self._body, suffix="", head=self.header)


class S3IncomingStore:
    """Implements :class:`domain.images.ports.IncomingStore` on one bucket.

    ``link_client`` signs what clients send. It differs from ``client`` if clients use another endpoint than
    this process, because Signature Version 4 signs the host.
    """

    def __init__(
        self, client: "S3Client", bucket: str, clock: Clock, link_client: "S3Client | None" = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._link_client = link_client or client

    @property
    def limits(self) -> StorageLimits:
        return LIMITS

    def create_form(self, ref: ImageRef, announced: Announcement, expires_in: timedelta) -> UploadForm:
        fields = {"Content-Type": _media_type(announced)}
        if announced.sha256:
            # With this field, S3 refuses other bytes.
            fields |= {
                "x-amz-checksum-algorithm": "SHA256",
                "x-amz-checksum-sha256": as_base64(announced.sha256),
            }
        expires_at = self._clock() + expires_in
        form = self._link_client.generate_presigned_post(
            self._bucket,
            incoming_key(ref),
            Fields=dict(fields),
            Conditions=[
                *({name: value} for name, value in fields.items()),
                ["content-length-range", announced.size_bytes, announced.size_bytes],
            ],
            ExpiresIn=int(expires_in.total_seconds()),
        )
        return UploadForm(form["url"], form["fields"], expires_at.replace(microsecond=0))

    def begin_multipart(self, ref: ImageRef, announced: Announcement) -> str:
        with translated_errors():
            return self._client.create_multipart_upload(
                Bucket=self._bucket, Key=incoming_key(ref), ContentType=_media_type(announced)
            )["UploadId"]

    def sign_part(
        self, ref: ImageRef, plan: MultipartPlan, number: int, size_bytes: int, expires_in: timedelta
    ) -> SignedRequest:
        # The length is signed, so that no part can be larger than planned.
        parameters = self._multipart(ref, plan.upload_id) | {
            "PartNumber": number,
            "ContentLength": size_bytes,
        }
        return self._sign("upload_part", "PUT", parameters, expires_in)

    def sign_multipart_operation(
        self, ref: ImageRef, plan: MultipartPlan, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        name, method = _REQUEST_OF_OPERATION[operation]
        return self._sign(name, method, self._multipart(ref, plan.upload_id), expires_in)

    def list_parts(self, ref: ImageRef, plan: MultipartPlan) -> tuple[UploadedPart, ...]:
        with translated_errors():
            try:
                pages = self._client.get_paginator("list_parts").paginate(
                    **self._multipart(ref, plan.upload_id)
                )
                return tuple(
                    UploadedPart(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
                    for page in pages
                    for part in page.get("Parts", [])
                )
            except ClientError as error:
                raise _translate(error) from error

    def complete_multipart(self, ref: ImageRef, plan: MultipartPlan, parts: Iterable[UploadedPart]) -> None:
        listed: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": part.etag} for part in parts
        ]
        with translated_errors():
            try:
                self._client.complete_multipart_upload(
                    **self._multipart(ref, plan.upload_id), MultipartUpload={"Parts": listed}
                )
            except ClientError as error:
                raise _translate(error) from error

    def abort_multiparts(self, ref: ImageRef, *, but: str | None = None) -> None:
        with translated_errors():
            page = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=incoming_key(ref))
            for upload in page.get("Uploads", []):
                if upload["UploadId"] == but:
                    continue
                try:
                    self._client.abort_multipart_upload(**self._multipart(ref, upload["UploadId"]))
                except ClientError as error:
                    if error_code(error) != "NoSuchUpload":
                        raise

    @contextmanager
    def open(self, ref: ImageRef, header_bytes: int) -> Iterator[OpenedObject | None]:
        with translated_errors():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=incoming_key(ref))
            except ClientError as error:
                if not is_missing(error):
                    raise
                answer = None
        if answer is None:
            yield None
            return
        with closing(answer["Body"]) as body:
            with translated_errors():
                header = body.read(header_bytes)
            yield OpenedObject(answer["ETag"], answer["ContentLength"], header, body)

    def accept(self, ref: ImageRef, etag: str, image_format: ImageFormat, filename: str | None) -> bool:
        key = original_key(ref, image_format)
        with translated_errors():
            try:
                # S3 computes the checksum of the whole object, even if it was sent in parts.
                repeated_while_conflicting(
                    lambda: self._client.copy_object(
                        Bucket=self._bucket,
                        Key=key,
                        CopySource={"Bucket": self._bucket, "Key": incoming_key(ref)},
                        CopySourceIfMatch=etag,
                        IfNoneMatch="*",
                        ChecksumAlgorithm="SHA256",
                        MetadataDirective="REPLACE",
                        ContentType=image_format.media_type,
                        CacheControl=ORIGINAL_CACHE_CONTROL,
                        Metadata=filename_attribute(filename),
                    )
                )
            except ClientError as error:
                if is_missing(error):
                    return False
                if is_failed_condition(error):
                    # Either the bytes were replaced, or the original already exists.
                    return self._exists(key)
                raise
        return True

    def remove(self, ref: ImageRef) -> None:
        with translated_errors():
            self._client.delete_object(Bucket=self._bucket, Key=incoming_key(ref))

    def _exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def _sign(
        self, name: str, method: str, parameters: dict[str, Any], expires_in: timedelta
    ) -> SignedRequest:
        expires_at = (self._clock() + expires_in).replace(microsecond=0)
        url = self._link_client.generate_presigned_url(
            name, Params=parameters, ExpiresIn=int(expires_in.total_seconds()), HttpMethod=method
        )
        return SignedRequest(method, url, expires_at)

    def _multipart(self, ref: ImageRef, upload_id: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": incoming_key(ref), "UploadId": upload_id}


def _media_type(announced: Announcement) -> str:
    return announced.image_format.media_type if announced.image_format else _UNDECLARED_TYPE


def _translate(error: ClientError) -> Exception:
    code = error_code(error)
    if code == "NoSuchUpload":
        return UploadNotFound("The upload is already complete or was aborted.")
    if code in {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}:
        return UploadIncomplete("A part changed while the parts were being combined; please try again.")
    return error
