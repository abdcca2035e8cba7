"""Uploads that clients send straight to Amazon S3; :mod:`adapters.s3.layout` tells where they lie."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from adapters.s3.layout import announcement_key, incoming_key
from adapters.s3.objects import (
    S3Objects,
    as_base64,
    error_code,
    filename_attribute,
    translated_errors,
)
from domain.images.errors import UploadIncomplete, UploadNotFound
from domain.images.model import ImageRef
from domain.images.upload import (
    MultipartOperation,
    MultipartPlan,
    SignedRequest,
    Upload,
    UploadedPart,
    UploadForm,
)
from domain.shared.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

SIZE_ATTRIBUTE = "size"
SHA256_ATTRIBUTE = "sha256"
_ANNOUNCEMENT = TypeAdapter(Upload)
_REQUEST_OF_OPERATION = {
    MultipartOperation.LIST_PARTS: ("list_parts", "GET"),
    MultipartOperation.COMPLETE: ("complete_multipart_upload", "POST"),
}


def read_announcement(objects: S3Objects, ref: ImageRef) -> Upload | None:
    """What was announced of this image; errors are those of botocore."""
    content = objects.read(announcement_key(ref))
    return _ANNOUNCEMENT.validate_json(content) if content is not None else None


def abort_announced(objects: S3Objects, ref: ImageRef) -> None:
    """End the multipart upload of this image and remove its parts, if there is one."""
    upload = read_announcement(objects, ref)
    if upload is None or upload.multipart is None:
        return
    try:
        objects.client.abort_multipart_upload(**_multipart(objects.bucket, ref, upload, upload.multipart))
    except ClientError as error:
        if error_code(error) != "NoSuchUpload":
            raise


class S3UploadStore:
    """Implements :class:`domain.images.ports.UploadStore` on one bucket.

    ``link_client`` signs what clients send; it differs from ``client`` where they reach S3 under
    another endpoint than we do, since Signature Version 4 signs the host.
    """

    def __init__(
        self, client: "S3Client", bucket: str, clock: Clock, link_client: "S3Client | None" = None
    ) -> None:
        self._objects = S3Objects(client, bucket)
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._link_client = link_client or client

    def announce(self, ref: ImageRef, upload: Upload) -> None:
        with translated_errors():
            self._objects.write_json_once(announcement_key(ref), _ANNOUNCEMENT.dump_json(upload))

    def find_announced(self, ref: ImageRef) -> Upload | None:
        with translated_errors():
            return read_announcement(self._objects, ref)

    def create_form(self, ref: ImageRef, upload: Upload, expires_in: timedelta) -> UploadForm:
        fields = {"Content-Type": upload.image_format.media_type}
        fields |= {f"x-amz-meta-{name}": value for name, value in _attributes(upload).items()}
        if upload.sha256:
            # S3 refuses other bytes.
            fields |= {
                "x-amz-checksum-algorithm": "SHA256",
                "x-amz-checksum-sha256": as_base64(upload.sha256),
            }
        expires_at = self._clock() + expires_in
        form = self._link_client.generate_presigned_post(
            self._bucket,
            incoming_key(ref, upload.image_format),
            Fields=dict(fields),
            Conditions=[
                *({name: value} for name, value in fields.items()),
                ["content-length-range", upload.size_bytes, upload.size_bytes],
            ],
            ExpiresIn=int(expires_in.total_seconds()),
        )
        return UploadForm(form["url"], form["fields"], expires_at.replace(microsecond=0))

    def start_multipart(self, ref: ImageRef, upload: Upload) -> str:
        with translated_errors():
            return self._client.create_multipart_upload(
                Bucket=self._bucket,
                Key=incoming_key(ref, upload.image_format),
                ContentType=upload.image_format.media_type,
                Metadata=_attributes(upload),
            )["UploadId"]

    def sign_part(self, ref: ImageRef, upload: Upload, number: int, expires_in: timedelta) -> SignedRequest:
        plan = _plan(upload)
        # The length is signed, so that no part can be larger than planned.
        parameters = _multipart(self._bucket, ref, upload, plan) | {
            "PartNumber": number,
            "ContentLength": plan.part_length(number, upload.size_bytes),
        }
        return self._sign("upload_part", "PUT", parameters, expires_in)

    def sign_multipart_operation(
        self, ref: ImageRef, upload: Upload, operation: MultipartOperation, expires_in: timedelta
    ) -> SignedRequest:
        name, method = _REQUEST_OF_OPERATION[operation]
        return self._sign(name, method, _multipart(self._bucket, ref, upload, _plan(upload)), expires_in)

    def list_parts(self, ref: ImageRef, upload: Upload) -> tuple[UploadedPart, ...]:
        with translated_errors():
            try:
                pages = self._client.get_paginator("list_parts").paginate(
                    **_multipart(self._bucket, ref, upload, _plan(upload))
                )
                return tuple(
                    UploadedPart(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
                    for page in pages
                    for part in page.get("Parts", [])
                )
            except ClientError as error:
                raise _upload_error(error) from error

    def complete_multipart(self, ref: ImageRef, upload: Upload, parts: Iterable[UploadedPart]) -> None:
        listed: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": part.etag} for part in parts
        ]
        with translated_errors():
            try:
                self._client.complete_multipart_upload(
                    **_multipart(self._bucket, ref, upload, _plan(upload)),
                    MultipartUpload={"Parts": listed},
                )
            except ClientError as error:
                raise _upload_error(error) from error

    def _sign(
        self, name: str, method: str, parameters: dict[str, Any], expires_in: timedelta
    ) -> SignedRequest:
        expires_at = (self._clock() + expires_in).replace(microsecond=0)
        url = self._link_client.generate_presigned_url(
            name, Params=parameters, ExpiresIn=int(expires_in.total_seconds()), HttpMethod=method
        )
        return SignedRequest(method, url, expires_at)


def _attributes(upload: Upload) -> dict[str, str]:
    """What is kept with the bytes, since the announcement may be gone when they are read."""
    attributes = {**filename_attribute(upload.filename), SIZE_ATTRIBUTE: str(upload.size_bytes)}
    return attributes | ({SHA256_ATTRIBUTE: upload.sha256} if upload.sha256 else {})


def _plan(upload: Upload) -> MultipartPlan:
    if upload.multipart is None:
        raise UploadNotFound("The upload is not one in parts.")
    return upload.multipart


def _multipart(bucket: str, ref: ImageRef, upload: Upload, plan: MultipartPlan) -> dict[str, Any]:
    return {"Bucket": bucket, "Key": incoming_key(ref, upload.image_format), "UploadId": plan.upload_id}


def _upload_error(error: ClientError) -> Exception:
    code = error_code(error)
    if code == "NoSuchUpload":
        return UploadNotFound("The upload is complete, or was given up.")
    if code in {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}:
        return UploadIncomplete("A part changed while the parts were put together; please try again.")
    return error
