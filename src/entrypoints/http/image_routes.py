"""The image operations of the API."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel, ConfigDict

from domain.images.errors import (
    ChecksumMismatch,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageNotReady,
    ImageTooLarge,
    InvalidCursor,
    UnsupportedImageType,
)
from domain.images.model import Image, ImagePage, ImageStatus
from domain.images.use_cases.library import (
    MAX_PAGE_SIZE,
    PENDING_RETRY_S,
    DeleteImage,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    ListImages,
)
from domain.images.use_cases.small_upload import MAX_IDEMPOTENCY_KEY_LENGTH, UploadImage
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import MetadataDocument
from domain.shared.errors import InvalidRequest, PermissionDenied
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.image_body import REQUEST_BODY, read_image_body
from entrypoints.http.problems import documented_problems
from entrypoints.http.resolver import json_content, json_response, no_content

TAG = "images"
PATH = "/v1/images"
RAW_BODY_ROUTES = frozenset({f"POST {PATH}"})
_DEFAULT_PAGE_SIZE = 20

ImageId = Annotated[str, Path(description="The id of one of the caller's images.")]


class ImageLinks(BaseModel):
    """Where the parts of an image are, as paths of this API."""

    self: str
    metadata: str
    content: str


class ImageResource(Image):
    """An image of the caller."""

    model_config = ConfigDict(title="Image")

    links: ImageLinks

    @classmethod
    def from_image(cls, image: Image) -> "ImageResource":
        """The image with its links."""
        path = f"{PATH}/{image.id}"
        links = ImageLinks(self=path, metadata=f"{path}/metadata", content=f"{path}/content")
        return cls.model_construct(**dict(image), links=links)


class ImageList(BaseModel):
    """A page of the caller's images, newest first, without their metadata."""

    items: list[ImageResource]
    next_cursor: str | None = None

    @classmethod
    def from_page(cls, page: ImagePage) -> "ImageList":
        """The page with each image's links."""
        return cls.model_construct(
            items=[ImageResource.from_image(image) for image in page.items], next_cursor=page.next_cursor
        )


def image_response(image: Image) -> Response[Any]:
    """200 with this image; while it is pending, with the time after which to ask again."""
    pending = image.status is ImageStatus.PENDING
    headers: dict[str, str | list[str]] = {"Retry-After": str(PENDING_RETRY_S)} if pending else {}
    return json_response(HTTPStatus.OK, ImageResource.from_image(image), headers)


@dataclass(frozen=True, slots=True)
class ImageUseCases:
    """What the operations on images call."""

    upload_image: UploadImage
    list_images: ListImages
    get_image: GetImage
    get_image_metadata: GetImageMetadata
    get_content_link: GetContentLink
    delete_image: DeleteImage


def add_image_routes(app: APIGatewayHttpResolver, use_cases: ImageUseCases) -> None:
    """Register the operations under ``/v1/images``."""

    @app.post(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="uploadImage",
        summary="Upload a small image",
        description="Stores the image and its metadata. The format is what the bytes say; the declared "
        "type is not trusted. Nothing is stored unless the image is accepted.",
        openapi_extensions={"requestBody": REQUEST_BODY},
        responses={
            201: json_content(ImageResource, "The stored image; Location names it."),
            **documented_problems(
                ChecksumMismatch,
                IdempotencyKeyReused,
                PermissionDenied,
                ImageTooLarge,
                UnsupportedImageType,
                InvalidRequest,
                UnreadableImage,
                ImageDimensionsExceeded,
            ),
        },
    )
    def upload_image(
        x_checksum_sha256: Annotated[
            str | None,
            Header(
                alias="x-checksum-sha256", description="SHA-256 of the image, in base 64 or hexadecimal."
            ),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Header(
                alias="idempotency-key",
                max_length=MAX_IDEMPOTENCY_KEY_LENGTH,
                description="Any text of the client's choice. Requests with the same key, image and file "
                "name make one image, within a day.",
            ),
        ] = None,
    ) -> Response[Any]:
        caller = caller_of(app.current_event)
        body = read_image_body(app.current_event)
        image = use_cases.upload_image(
            caller,
            body.content,
            filename=body.filename,
            sha256=x_checksum_sha256,
            idempotency_key=idempotency_key,
        )
        resource = ImageResource.from_image(image)
        return json_response(HTTPStatus.CREATED, resource, {"Location": resource.links.self})

    @app.get(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="listImages",
        summary="List images, newest first",
        responses={
            200: json_content(ImageList, "A page of the caller's images."),
            **documented_problems(InvalidCursor, InvalidRequest),
        },
    )
    def list_images(
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = _DEFAULT_PAGE_SIZE,
        cursor: Annotated[str | None, Query(description="next_cursor of the page before.")] = None,
    ) -> Response[Any]:
        page = use_cases.list_images(caller_of(app.current_event), limit=limit, cursor=cursor)
        return json_response(HTTPStatus.OK, ImageList.from_page(page))

    @app.get(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImage",
        summary="Get an image with its metadata",
        responses={
            200: json_content(ImageResource, "The image."),
            **documented_problems(ImageNotFound),
        },
    )
    def get_image(image_id: ImageId) -> Response[Any]:
        return image_response(use_cases.get_image(caller_of(app.current_event), image_id))

    @app.get(
        f"{PATH}/<image_id>/metadata",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImageMetadata",
        summary="Get the metadata document",
        responses={
            200: json_content(MetadataDocument, "The document as it is stored beside the image."),
            **documented_problems(ImageNotFound, ImageNotReady),
        },
    )
    def get_image_metadata(image_id: ImageId) -> Response[Any]:
        document = use_cases.get_image_metadata(caller_of(app.current_event), image_id)
        return json_response(HTTPStatus.OK, document)

    @app.get(
        f"{PATH}/<image_id>/content",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImageContent",
        summary="Get the original bytes",
        responses={
            302: {"description": "Location is a short-lived link to the bytes as they were uploaded."},
            **documented_problems(ImageNotFound, ImageNotReady),
        },
    )
    def get_image_content(image_id: ImageId) -> Response[Any]:
        link = use_cases.get_content_link(caller_of(app.current_event), image_id)
        return Response(status_code=HTTPStatus.FOUND.value, headers={"Location": link.url})

    @app.delete(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="deleteImage",
        summary="Delete an image",
        responses={
            204: {"description": "The image and its metadata are gone."},
            **documented_problems(ImageNotFound),
        },
    )
    def delete_image(image_id: ImageId) -> Response[Any]:
        use_cases.delete_image(caller_of(app.current_event), image_id)
        return no_content()
