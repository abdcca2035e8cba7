"""The operations for direct uploads, with which clients send images straight to storage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from domain.images.errors import (
    AccountClosed,
    IdempotencyKeyReused,
    ImageTooLarge,
    QuotaExceeded,
    UnsupportedImageType,
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
)
from domain.images.upload import (
    MultipartOperation,
    SignedRequest,
    UploadedPart,
)
from domain.images.use_cases.direct_upload import (
    MAX_SIGNED_PARTS,
    AbortUpload,
    CompleteUpload,
    CreatedUpload,
    CreateUpload,
    ListParts,
    MultipartUpload,
    SignedPart,
    SignMultipartOperation,
    SignParts,
    UploadRequest,
)
from domain.shared.errors import InvalidRequest, PermissionDenied
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.image_resources import TAG, IdempotencyKey, ImageResource, image_response
from entrypoints.http.problems import documented_problems
from entrypoints.http.resolver import json_content, json_response, no_content

PATH = "/v1/uploads"

ImageId = Annotated[str, Path(description="The id of the image whose bytes are being sent.")]


class NewUpload(BaseModel):
    """The file that the client wants to send."""

    model_config = ConfigDict(extra="forbid")

    content_type: str | None = Field(
        default=None,
        max_length=255,
        description="Such as `image/jpeg`; the bytes decide the format.",
    )
    size: int = Field(strict=True, ge=1, le=2**53 - 1, description="The exact size of the file in bytes.")
    sha256: str | None = Field(
        default=None, max_length=64, description="SHA-256 of the file, in hexadecimal or base 64."
    )
    filename: str | None = Field(default=None, max_length=4096, description="The file's name, for display.")
    multipart: bool = Field(
        default=False,
        strict=True,
        description="Send the file in parts. Files above the size limit of a form always are.",
    )
    part_size: int | None = Field(
        default=None,
        strict=True,
        description="The size in bytes of each part but the last, if the file is sent in parts.",
    )

    def to_request(self) -> UploadRequest:
        """Convert the body to the domain's request."""
        return UploadRequest(
            self.content_type,
            self.size,
            sha256=self.sha256,
            filename=self.filename,
            multipart=self.multipart,
            part_bytes=self.part_size,
        )


class FormUpload(BaseModel):
    """A form to send to storage, as `multipart/form-data`: all `fields`, then the bytes as `file`."""

    method: Literal["POST"] = "POST"
    url: str
    fields: dict[str, str]
    expires_at: datetime


class UploadLinks(BaseModel):
    """The paths for continuing a multipart upload in this API."""

    self: str
    parts: str
    complete: str


class MultipartResource(BaseModel):
    """A multipart upload: parts of `part_size` bytes, except the last, numbered from 1."""

    upload_id: str = Field(description="The id of the upload in storage.")
    size: int
    part_size: int
    part_count: int
    expires_at: datetime = Field(description="When the upload must be complete.")
    links: UploadLinks

    @classmethod
    def of(cls, multipart: MultipartUpload) -> "MultipartResource":
        """Add the links to an upload."""
        path = f"{PATH}/{multipart.image_id}"
        size = multipart.size_bytes
        return cls(
            upload_id=multipart.plan.upload_id,
            size=size,
            part_size=multipart.plan.part_bytes,
            part_count=multipart.plan.part_count(size),
            expires_at=multipart.expires_at,
            links=UploadLinks(self=path, parts=f"{path}/parts", complete=f"{path}/complete"),
        )


class UploadResource(BaseModel):
    """An image and, while it is pending, how to send its bytes: with a form, or in parts."""

    image_id: str
    upload: FormUpload | None = None
    multipart: MultipartResource | None = None
    image: ImageResource

    @classmethod
    def of(cls, created: CreatedUpload) -> "UploadResource":
        """Convert the upload to its form in the API."""
        form, multipart = created.form, created.multipart
        return cls.model_construct(
            image_id=created.image.id,
            upload=FormUpload(url=form.url, fields=dict(form.fields), expires_at=form.expires_at)
            if form
            else None,
            multipart=MultipartResource.of(multipart) if multipart else None,
            image=ImageResource.from_image(created.image),
        )


class PartNumbers(BaseModel):
    """The parts to sign."""

    model_config = ConfigDict(extra="forbid")

    part_numbers: list[Annotated[int, Field(strict=True)]] = Field(
        min_length=1, max_length=MAX_SIGNED_PARTS
    )


class SignedPartResource(BaseModel):
    """Where to send the `size` bytes of one part as the request body."""

    part_number: int
    size: int
    method: str
    url: str
    expires_at: datetime

    @classmethod
    def of(cls, part: SignedPart) -> "SignedPartResource":
        """Convert the part to its form in the API."""
        request = part.request
        return cls(
            part_number=part.number,
            size=part.size_bytes,
            method=request.method,
            url=request.url,
            expires_at=request.expires_at,
        )


class SignedParts(BaseModel):
    """The signed parts, in the order of the request."""

    items: list[SignedPartResource]


class UploadedPartResource(BaseModel):
    """A part that storage has received."""

    part_number: int
    size: int
    etag: str


class UploadedParts(MultipartResource):
    """A multipart upload and the parts that storage has received."""

    items: list[UploadedPartResource]

    @classmethod
    def listing(cls, multipart: MultipartUpload, parts: Iterable[UploadedPart]) -> "UploadedParts":
        """Convert the upload and its parts to their form in the API."""
        return cls(
            **dict(MultipartResource.of(multipart)),
            items=[
                UploadedPartResource(part_number=part.number, size=part.size_bytes, etag=part.etag)
                for part in parts
            ],
        )


class OperationToSign(BaseModel):
    """The operation that the client will perform itself, in S3's protocol."""

    model_config = ConfigDict(extra="forbid")

    operation: MultipartOperation


class SignedOperation(BaseModel):
    """A request to S3 that needs no further authentication."""

    method: str
    url: str
    expires_at: datetime

    @classmethod
    def of(cls, request: SignedRequest) -> "SignedOperation":
        """Convert the request to its form in the API."""
        return cls(method=request.method, url=request.url, expires_at=request.expires_at)


@dataclass(frozen=True, slots=True)
class UploadUseCases:
    """The use cases of the operations on direct uploads."""

    create_upload: CreateUpload
    sign_parts: SignParts
    list_parts: ListParts
    complete_upload: CompleteUpload
    sign_multipart_operation: SignMultipartOperation
    abort_upload: AbortUpload


def add_upload_routes(app: APIGatewayHttpResolver, use_cases: UploadUseCases) -> None:
    """Register the operations under ``/v1/uploads``."""

    @app.post(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="createUpload",
        summary="Create a direct upload to storage",
        description="For images of any size. The response has either `upload`, a form for the whole file, "
        "or `multipart`, for an upload in parts that can be resumed. The image is `pending` until its "
        "bytes have arrived and have been read.",
        responses={
            201: json_content(
                UploadResource,
                "The pending image, whose path is in Location, and how to send it.",
                "Location",
            ),
            **documented_problems(
                PermissionDenied,
                QuotaExceeded,
                AccountClosed,
                IdempotencyKeyReused,
                UploadExpired,
                UploadNotFound,
                ImageTooLarge,
                UnsupportedImageType,
                InvalidRequest,
            ),
        },
    )
    def create_upload(
        body: Annotated[NewUpload, Body()], idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        created = use_cases.create_upload(
            caller_of(app.current_event), body.to_request(), idempotency_key=idempotency_key
        )
        resource = UploadResource.of(created)
        return json_response(HTTPStatus.CREATED, resource, {"Location": resource.image.links.self})

    @app.post(
        f"{PATH}/<image_id>/parts",
        tags=[TAG],
        security=SECURITY,
        operation_id="signParts",
        summary="Get links for sending parts",
        description="Returns a signed URL for each of these parts. Parts can be sent in any order, and "
        "more than once. If a link expires, request it again.",
        responses={
            200: json_content(SignedParts, "A signed URL for each part."),
            **documented_problems(UploadNotFound, InvalidRequest),
        },
    )
    def sign_parts(image_id: ImageId, body: PartNumbers) -> Response[Any]:
        parts = use_cases.sign_parts(caller_of(app.current_event), image_id, body.part_numbers)
        items = [SignedPartResource.of(part) for part in parts]
        return json_response(HTTPStatus.OK, SignedParts(items=items))

    @app.get(
        f"{PATH}/<image_id>/parts",
        tags=[TAG],
        security=SECURITY,
        operation_id="listParts",
        summary="List the parts that have arrived",
        description="Returns what a client needs to resume an interrupted upload.",
        responses={
            200: json_content(UploadedParts, "The upload and the parts that storage has received."),
            **documented_problems(UploadNotFound),
        },
    )
    def list_parts(image_id: ImageId) -> Response[Any]:
        multipart, parts = use_cases.list_parts(caller_of(app.current_event), image_id)
        return json_response(HTTPStatus.OK, UploadedParts.listing(multipart, parts))

    @app.post(
        f"{PATH}/<image_id>/complete",
        tags=[TAG],
        security=SECURITY,
        operation_id="completeUpload",
        summary="Complete a multipart upload",
        description="Combines the parts once all have arrived. The image is read afterwards. The request "
        "can be repeated.",
        responses={
            200: json_content(
                ImageResource, "The image; with Retry-After while it is pending.", "Retry-After"
            ),
            **documented_problems(UploadNotFound, UploadIncomplete),
        },
    )
    def complete_upload(image_id: ImageId) -> Response[Any]:
        return image_response(use_cases.complete_upload(caller_of(app.current_event), image_id))

    @app.post(
        f"{PATH}/<image_id>/requests",
        tags=[TAG],
        security=SECURITY,
        operation_id="signMultipartOperation",
        summary="Get a link for a client that uses S3's protocol",
        description="For browser libraries such as Uppy, which list and combine the parts of an upload "
        "through S3 itself.",
        responses={
            200: json_content(SignedOperation, "The request to send to S3."),
            **documented_problems(UploadNotFound, InvalidRequest),
        },
    )
    def sign_multipart_operation(image_id: ImageId, body: OperationToSign) -> Response[Any]:
        request = use_cases.sign_multipart_operation(caller_of(app.current_event), image_id, body.operation)
        return json_response(HTTPStatus.OK, SignedOperation.of(request))

    @app.delete(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="abortUpload",
        summary="Abort an upload",
        description="Deletes the pending image and everything that was sent for it.",
        responses={
            204: {"description": "The image and everything that was sent for it are gone."},
            **documented_problems(UploadNotFound),
        },
    )
    def abort_upload(image_id: ImageId) -> Response[Any]:
        use_cases.abort_upload(caller_of(app.current_event), image_id)
        return no_content()
