"""The image operations of the API."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query

from domain.images.declared import parse_sha256
from domain.images.errors import (
    AccountClosed,
    ChecksumMismatch,
    DuplicateImage,
    IdempotencyKeyReused,
    ImageNotFound,
    ImageNotReady,
    ImageTooLarge,
    InvalidCursor,
    QuotaExceeded,
    RenditionNotFound,
    UnsupportedImageType,
)
from domain.images.model import ImageStatus
from domain.images.query import ImageQuery, ImageSort
from domain.images.query_times import parse_instant, parse_local_time
from domain.images.use_cases.own_images import (
    MAX_PAGE_SIZE,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    ListImages,
)
from domain.images.use_cases.small_upload import CHECKSUM_FIELD, UploadImage
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.model import MetadataDocument
from domain.shared.errors import InvalidRequest, PermissionDenied
from entrypoints.http.caller import SECURITY, caller_of
from entrypoints.http.image_body import REQUEST_BODY, read_image_body
from entrypoints.http.image_resources import (
    PATH,
    TAG,
    ContentLinkResource,
    IdempotencyKey,
    ImageId,
    ImageList,
    ImageResource,
    current_image_response,
)
from entrypoints.http.problems import documented_problems
from entrypoints.http.request_headers import if_none_match
from entrypoints.http.resolver import JSON, documented_headers, json_content, json_response
from entrypoints.http.upload_resources import PATH as UPLOADS_PATH

RAW_BODY_ROUTES = frozenset({f"POST {PATH}"})
_DEFAULT_PAGE_SIZE = 20
_MAX_FILTER_LENGTH = 255

LocalTime = Annotated[
    str | None,
    Query(
        max_length=32,
        description="The camera's local time, whole or partial, inclusive: `2024`, `2024-05-01T12:30`. "
        "For an image without a capture time, its creation time counts.",
    ),
]
Instant = Annotated[
    str | None, Query(max_length=64, description="A time with an offset (RFC 3339), inclusive.")
]
NameFilter = Annotated[
    str | None,
    Query(min_length=1, max_length=_MAX_FILTER_LENGTH, description="Text in the name; case is ignored."),
]


@dataclass(frozen=True, slots=True)
class ImageUseCases:
    """The use cases of the operations on images."""

    upload_image: UploadImage
    list_images: ListImages
    get_image: GetImage
    get_image_metadata: GetImageMetadata
    get_content_link: GetContentLink


def add_image_routes(app: APIGatewayHttpResolver, use_cases: ImageUseCases) -> None:
    """Register the operations under ``/v1/images``."""

    @app.post(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="uploadImage",
        summary="Upload a small image",
        description="Stores the image and its metadata. The bytes decide the format; the declared type is "
        "not trusted. A refused image is not stored. Upload larger images straight to storage, with "
        "`createUpload`.",
        openapi_extensions={"requestBody": REQUEST_BODY},
        responses={
            201: json_content(ImageResource, "The stored image. Location has its path.", "Location"),
            **documented_problems(
                ChecksumMismatch,
                IdempotencyKeyReused,
                PermissionDenied,
                QuotaExceeded,
                AccountClosed,
                ImageNotFound,
                DuplicateImage,
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
            Header(alias=CHECKSUM_FIELD, description="SHA-256 of the image, in base 64 or hexadecimal."),
        ] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        caller = caller_of(app.current_event)
        body = read_image_body(app.current_event)
        try:
            image = use_cases.upload_image(
                caller,
                body.content,
                filename=body.filename,
                sha256=x_checksum_sha256,
                idempotency_key=idempotency_key,
            )
        except ImageTooLarge as error:
            raise ImageTooLarge(
                f"{error.detail} Larger images go straight to storage: POST {UPLOADS_PATH}."
            ) from error
        resource = ImageResource.from_image(image)
        return json_response(HTTPStatus.CREATED, resource, {"Location": resource.links.self})

    @app.get(
        PATH,
        tags=[TAG],
        security=SECURITY,
        operation_id="listImages",
        summary="List or find images",
        description="Newest first by default. Orders by capture time include only ready images. With "
        "filters, a page may be short or empty even if it is not the last one: `next_cursor` is present "
        "if there may be more. Names and keywords are compared without regard to case.",
        responses={
            200: json_content(ImageList, "A page of the caller's images."),
            **documented_problems(InvalidCursor, InvalidRequest),
        },
    )
    def list_images(
        limit: Annotated[
            int, Query(ge=1, le=MAX_PAGE_SIZE, description="The most images on a page.")
        ] = _DEFAULT_PAGE_SIZE,
        cursor: Annotated[
            str | None,
            Query(
                max_length=512,
                description="`next_cursor` of the previous page, with the same filters and order.",
            ),
        ] = None,
        sort: Annotated[ImageSort, Query(description="The order; with a minus sign, latest first.")] = (
            ImageSort.NEWEST
        ),
        status: Annotated[ImageStatus | None, Query(description="Only images with this status.")] = None,
        captured_from: LocalTime = None,
        captured_to: LocalTime = None,
        created_from: Instant = None,
        created_to: Instant = None,
        camera: NameFilter = None,
        keyword: Annotated[
            str | None,
            Query(
                min_length=1,
                max_length=_MAX_FILTER_LENGTH,
                description="A whole keyword of the file or the owner; case is ignored.",
            ),
        ] = None,
        filename: NameFilter = None,
        has_location: Annotated[
            bool | None, Query(description="Whether the position where the picture was taken is known.")
        ] = None,
        sha256: Annotated[
            str | None,
            Query(max_length=64, description="SHA-256 of the bytes, in hexadecimal or base 64."),
        ] = None,
    ) -> Response[Any]:
        query = ImageQuery(
            sort=sort,
            status=status,
            captured_from=None
            if captured_from is None
            else parse_local_time("captured_from", captured_from),
            captured_to=None if captured_to is None else parse_local_time("captured_to", captured_to),
            created_from=None if created_from is None else parse_instant("created_from", created_from),
            created_to=None if created_to is None else parse_instant("created_to", created_to),
            camera=camera,
            keyword=keyword,
            filename=filename,
            has_location=has_location,
            # Unless it is encoded, the plus sign of base 64 arrives as a space.
            sha256=None if sha256 is None else parse_sha256(sha256.replace(" ", "+")),
        )
        page = use_cases.list_images(caller_of(app.current_event), query, limit=limit, cursor=cursor)
        return json_response(HTTPStatus.OK, ImageList.from_page(page))

    @app.get(
        f"{PATH}/<image_id>",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImage",
        summary="Get an image with its metadata",
        description="The ETag changes with each edit by the owner. Send it as If-Match with an edit.",
        responses={
            200: json_content(
                ImageResource, "The image; with Retry-After while it is pending.", "ETag", "Retry-After"
            ),
            **documented_problems(ImageNotFound),
        },
    )
    def get_image(image_id: ImageId) -> Response[Any]:
        return current_image_response(use_cases.get_image(caller_of(app.current_event), image_id))

    @app.get(
        f"{PATH}/<image_id>/metadata",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImageMetadata",
        summary="Get the metadata document",
        description="Returns all metadata that was read from the file. The document never changes, so keep "
        "it with its ETag.",
        responses={
            200: json_content(MetadataDocument, "The document as stored with the image.", "ETag"),
            304: {
                "description": "The client has the document: its ETag is in If-None-Match.",
                "headers": documented_headers("ETag"),
            },
            **documented_problems(ImageNotFound, ImageNotReady),
        },
    )
    def get_image_metadata(
        image_id: ImageId,
        if_none_match_header: Annotated[
            str | None, Header(alias="if-none-match", description="The ETag of a document that you have.")
        ] = None,
    ) -> Response[Any]:
        known = if_none_match(app.current_event) if if_none_match_header is not None else ()
        document = use_cases.get_image_metadata(caller_of(app.current_event), image_id, known=known)
        headers: dict[str, str | list[str]] = {
            "ETag": f'"{document.sha256}"',
            "Cache-Control": "private, no-cache",
        }
        if document.content is None:
            return Response(status_code=HTTPStatus.NOT_MODIFIED.value, headers=headers)
        return Response(
            status_code=HTTPStatus.OK.value,
            content_type=JSON,
            body=document.content.decode(),
            headers=headers,
        )

    @app.get(
        f"{PATH}/<image_id>/content",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImageContent",
        summary="Get the original bytes",
        description="Redirects to a signed URL, from which storage serves the bytes exactly as they were "
        "uploaded, with the image's file name.",
        responses={
            302: {
                "description": "Location is a signed URL, which works for a short time and needs no token.",
                "headers": documented_headers("Location"),
            },
            **documented_problems(ImageNotFound, ImageNotReady),
        },
    )
    def get_image_content(image_id: ImageId) -> Response[Any]:
        event = app.current_event
        # A client follows the redirect with the same method, which the signature must allow.
        without_bytes = str(event["routeKey"]).startswith("HEAD ")
        served = use_cases.get_content_link(caller_of(event), image_id, without_bytes=without_bytes)
        return Response(status_code=HTTPStatus.FOUND.value, headers={"Location": served.link.url})

    @app.get(
        f"{PATH}/<image_id>/content-link",
        tags=[TAG],
        security=SECURITY,
        operation_id="getImageContentLink",
        summary="Get a link to the original or a rendition",
        description="For web pages, which cannot follow a redirect with a token.",
        responses={
            200: json_content(ContentLinkResource, "The link and its target."),
            **documented_problems(ImageNotFound, RenditionNotFound, ImageNotReady),
        },
    )
    def get_image_content_link(
        image_id: ImageId,
        rendition: Annotated[
            str | None,
            Query(
                max_length=32,
                description="The name of a rendition; by default, the link is to the original.",
            ),
        ] = None,
    ) -> Response[Any]:
        caller = caller_of(app.current_event)
        served = use_cases.get_content_link(caller, image_id, rendition=rendition)
        return json_response(HTTPStatus.OK, ContentLinkResource.of(served))
