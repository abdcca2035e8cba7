"""The operations for direct uploads, with which clients send images straight to storage."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

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
from domain.images.use_cases.direct_upload import (
    AbortUpload,
    CompleteUpload,
    CreateUpload,
    ListParts,
    SignMultipartOperation,
    SignParts,
)
from domain.shared.errors import InvalidRequest, PermissionDenied
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.image_resources import TAG, IdempotencyKey, ImageResource, image_response
from entrypoints.http.problems import documented_problems
from entrypoints.http.resolver import json_content, json_response, no_content
from entrypoints.http.upload_resources import (
    PATH,
    NewUpload,
    OperationToSign,
    PartNumbers,
    SignedOperation,
    SignedPartResource,
    SignedParts,
    UploadedParts,
    UploadResource,
)

ImageId = Annotated[str, Path(description="The id of the image whose bytes are being sent.")]


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
