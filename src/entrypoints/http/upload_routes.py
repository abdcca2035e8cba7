"""The operations with which clients send images straight to storage."""

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
        description="Such as `image/jpeg`; what the image is, its bytes say.",
    )
    size: int = Field(strict=True, ge=1, le=2**53 - 1, description="How many bytes the file has, exactly.")
    sha256: str | None = Field(
        default=None, max_length=64, description="SHA-256 of the file, in hexadecimal or base 64."
    )
    filename: str | None = Field(default=None, max_length=4096, description="Its name, for display.")
    multipart: bool = Field(
        default=False,
        strict=True,
        description="Send it in parts; files above the limit of a form always are.",
    )
    part_size: int | None = Field(
        default=None,
        strict=True,
        description="How many bytes each part but the last has, if it is sent in parts.",
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
    """Where an upload in parts is continued, as paths of this API."""

    self: str
    parts: str
    complete: str


class MultipartResource(BaseModel):
    """An upload in parts: all of `part_size` bytes but the last, numbered from 1."""

    upload_id: str = Field(description="Storage's id of the upload.")
    size: int
    part_size: int
    part_count: int
    expires_at: datetime = Field(description="By when it has to be complete.")
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
    """An image and, while it is pending, one of two ways to send its bytes: a form, or in parts."""

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
    """Where to send the `size` bytes of one part, as the whole body."""

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
    """A part that storage has."""

    part_number: int
    size: int
    etag: str


class UploadedParts(MultipartResource):
    """An upload in parts, and the parts that storage has."""

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


class Operation(BaseModel):
    """What the client will do itself, in S3's protocol."""

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
    """What the operations on direct uploads call."""

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
        summary="Begin an upload straight to storage",
        description="For images of any size. The answer has either `upload`, a form for the whole file, "
        "or `multipart`, with which it is sent in parts and can be resumed. The image is `pending` until "
        "its bytes have arrived and have been read.",
        responses={
            201: json_content(
                UploadResource, "The pending image, which Location names, and how to send it.", "Location"
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
        summary="Get links with which to send parts",
        description="Returns a signed URL for each of these parts. A part may be sent again, and in any "
        "order; links that have expired are asked for anew.",
        responses={
            200: json_content(SignedParts, "A link for each part."),
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
        description="Returns what a client needs to resume an upload that was interrupted.",
        responses={
            200: json_content(UploadedParts, "The upload and the parts that storage has."),
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
        summary="Put the parts together",
        description="Completes an upload whose parts have all arrived; the image is read afterwards. It "
        "may be repeated.",
        responses={
            200: json_content(
                ImageResource, "The image; while it is pending, with Retry-After.", "Retry-After"
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
        operation_id="signOperation",
        summary="Get a link for a client that speaks S3's protocol",
        description="For browser libraries such as Uppy, which list and complete the parts of an upload "
        "with S3 itself.",
        responses={
            200: json_content(SignedOperation, "The request to send to S3."),
            **documented_problems(UploadNotFound, InvalidRequest),
        },
    )
    def sign_multipart_operation(image_id: ImageId, body: Operation) -> Response[Any]:
        request = use_cases.sign_multipart_operation(caller_of(app.current_event), image_id, body.operation)
        return json_response(HTTPStatus.OK, SignedOperation.of(request))

    @app.delete(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="abortUpload",
        summary="Give up an upload",
        description="Removes the pending image and everything that was sent of it.",
        responses={
            204: {"description": "What was sent is gone, and the image with it."},
            **documented_problems(UploadNotFound),
        },
    )
    def abort_upload(image_id: ImageId) -> Response[Any]:
        use_cases.abort_upload(caller_of(app.current_event), image_id)
        return no_content()
