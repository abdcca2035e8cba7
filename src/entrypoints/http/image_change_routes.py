"""The operations that edit and delete images, and the usage."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from domain.images.errors import (
    EditConflict,
    ImageNotFound,
)
from domain.images.use_cases.own_images import (
    MAX_DELETED_AT_ONCE,
    DeleteImages,
    EditImage,
    GetUsage,
)
from domain.shared.errors import InvalidRequest
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.entity_tags import edit_numbers
from entrypoints.http.image_resources import (
    PATH,
    TAG,
    DeletionResult,
    DeletionResults,
    ImageChange,
    ImageId,
    ImageIds,
    ImageResource,
    UsageResource,
    current_image_response,
)
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_headers import if_match
from entrypoints.http.resolver import json_content, json_response, no_content

USAGE_PATH = "/v1/users/me/usage"


@dataclass(frozen=True, slots=True)
class ImageChangeUseCases:
    """The use cases of these operations."""

    edit_image: EditImage
    delete_images: DeleteImages
    get_usage: GetUsage


def add_image_change_routes(app: APIGatewayHttpResolver, use_cases: ImageChangeUseCases) -> None:
    """Register the operations that edit and delete images, and the usage."""

    @app.patch(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="updateImage",
        summary="Edit an image",
        description="Sets the file name, title, description or keywords. The file and its metadata never "
        "change.",
        responses={
            200: json_content(
                ImageResource, "The image after the change, without its metadata.", "ETag", "Retry-After"
            ),
            **documented_problems(ImageNotFound, EditConflict, InvalidRequest),
        },
    )
    def update_image(
        image_id: ImageId,
        change: Annotated[ImageChange, Body()],
        if_match_header: Annotated[
            str | None,
            Header(alias="if-match", description="The ETag of the version that the change is based on."),
        ] = None,
    ) -> Response[Any]:
        tags = if_match(app.current_event) if if_match_header is not None else None
        changed = use_cases.edit_image(
            caller_of(app.current_event),
            image_id,
            change.model_dump(exclude_unset=True),
            expected=None if tags is None else edit_numbers(tags),
        )
        return current_image_response(changed)

    @app.delete(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="deleteImage",
        summary="Delete an image",
        description="Deletes the image immediately and permanently, whatever its status.",
        responses={
            204: {"description": "The image and its metadata are gone."},
            **documented_problems(ImageNotFound),
        },
    )
    def delete_image(image_id: ImageId) -> Response[Any]:
        use_cases.delete_images.delete_one(caller_of(app.current_event), image_id)
        return no_content()

    @app.post(
        f"{PATH}/batch-delete",
        tags=[TAG],
        security=SECURITY,
        operation_id="deleteImages",
        summary="Delete many images",
        description=f"Deletes up to {MAX_DELETED_AT_ONCE} images immediately and permanently. The request "
        "can be repeated.",
        responses={
            200: json_content(DeletionResults, "The result for each image. None of them exists any more."),
            **documented_problems(InvalidRequest),
        },
    )
    def delete_images(body: Annotated[ImageIds, Body()]) -> Response[Any]:
        caller = caller_of(app.current_event)
        deleted = use_cases.delete_images.delete_many(caller, body.image_ids)
        results = [
            DeletionResult(image_id=image_id, status="deleted" if gone else "not-found")
            for image_id, gone in zip(body.image_ids, deleted, strict=True)
        ]
        return json_response(HTTPStatus.OK, DeletionResults(results=results))

    @app.get(
        USAGE_PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="getUsage",
        summary="Get my usage and quotas",
        description="Returns how many images and bytes the caller has, and how many are allowed.",
        responses={200: json_content(UsageResource, "Usage, pending images included, and quotas.")},
    )
    def get_usage() -> Response[Any]:
        usage, quotas = use_cases.get_usage(caller_of(app.current_event))
        return json_response(HTTPStatus.OK, UsageResource.of(usage, quotas))
