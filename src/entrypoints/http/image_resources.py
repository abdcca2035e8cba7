"""Images as the API returns and accepts them."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path
from pydantic import BaseModel, ConfigDict, Field

from domain.images.account import Quotas, Usage
from domain.images.edits import MAX_DESCRIPTION_LENGTH, MAX_KEYWORD_LENGTH, MAX_KEYWORDS, MAX_TITLE_LENGTH
from domain.images.idempotency import MAX_IDEMPOTENCY_KEY_LENGTH
from domain.images.links import ServedLink
from domain.images.model import ImageStatus
from domain.images.use_cases.own_images import (
    MAX_DELETED_AT_ONCE,
    PENDING_RETRY_S,
    CurrentImage,
    ImagePage,
)
from domain.images.view import Image
from entrypoints.http.request_bodies import RequestBody
from entrypoints.http.resolver import json_response

TAG = "images"
PATH = "/v1/images"

ImageId = Annotated[str, Path(description="The id of one of the caller's images.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="idempotency-key",
        max_length=MAX_IDEMPOTENCY_KEY_LENGTH,
        description="A text of the client's choice. Within a day, equal requests with the same key create "
        "only one image.",
    ),
]


class ImageLinks(BaseModel):
    """The paths of an image, its metadata and its content in this API."""

    self: str
    metadata: str
    content: str


class ImageResource(Image):
    """An image of the caller."""

    model_config = ConfigDict(title="Image")

    links: ImageLinks

    @classmethod
    def from_image(cls, image: Image) -> "ImageResource":
        """Add the links to an image."""
        path = f"{PATH}/{image.id}"
        links = ImageLinks(self=path, metadata=f"{path}/metadata", content=f"{path}/content")
        return cls.model_construct(**dict(image), links=links)


class ImageList(BaseModel):
    """A page of the caller's images, without their metadata."""

    items: list[ImageResource]
    next_cursor: str | None = None

    @classmethod
    def from_page(cls, page: ImagePage) -> "ImageList":
        """Add the links to the images of a page."""
        return cls.model_construct(
            items=[ImageResource.from_image(image) for image in page.items], next_cursor=page.next_cursor
        )


class ContentLinkResource(BaseModel):
    """A signed URL of the original or of a rendition, which works without a token until it expires."""

    url: str
    expires_at: datetime
    content_type: str
    size_bytes: int | None = Field(
        default=None, description="The size of the original; absent for renditions."
    )
    filename: str = Field(description="The file name with which it is served.")

    @classmethod
    def of(cls, served: ServedLink) -> "ContentLinkResource":
        """Convert the link to its form in the API."""
        return cls(
            url=served.link.url,
            expires_at=served.link.expires_at,
            content_type=served.content_type,
            size_bytes=served.size_bytes,
            filename=served.filename,
        )


class ImageChange(RequestBody):
    """The changes (RFC 7396): null removes a value; a missing field is unchanged."""

    filename: Annotated[str | None, Field(max_length=4096)] = None
    title: Annotated[str | None, Field(max_length=MAX_TITLE_LENGTH)] = None
    description: Annotated[str | None, Field(max_length=MAX_DESCRIPTION_LENGTH)] = None
    keywords: Annotated[
        list[Annotated[str, Field(max_length=MAX_KEYWORD_LENGTH)]] | None, Field(max_length=MAX_KEYWORDS)
    ] = None


class ImageIds(RequestBody):
    """The images to delete."""

    image_ids: list[Annotated[str, Field(max_length=64)]] = Field(
        min_length=1, max_length=MAX_DELETED_AT_ONCE
    )


class DeletionResult(BaseModel):
    """The result for one of the images."""

    image_id: str
    status: Literal["deleted", "not-found"]


class DeletionResults(BaseModel):
    """The result for each of the images, in the order of the request."""

    results: list[DeletionResult]


class UsageResource(BaseModel):
    """The caller's usage, including pending images, and quotas."""

    images: int
    bytes: int
    max_images: int | None = None
    max_bytes: int | None = None

    @classmethod
    def of(cls, usage: Usage, quotas: Quotas) -> "UsageResource":
        """Convert usage and quotas to their form in the API."""
        return cls(
            images=usage.images,
            bytes=usage.bytes,
            max_images=quotas.max_images,
            max_bytes=quotas.max_bytes,
        )


def image_response(image: Image) -> Response[Any]:
    """Respond 200 with this image and, while it is pending, the Retry-After header."""
    pending = image.status is ImageStatus.PENDING
    headers: dict[str, str | list[str]] = {"Retry-After": str(PENDING_RETRY_S)} if pending else {}
    return json_response(HTTPStatus.OK, ImageResource.from_image(image), headers)


def current_image_response(current: CurrentImage) -> Response[Any]:
    """Respond 200 with this image and the ETag for edits of it."""
    response = image_response(current.image)
    response.headers["ETag"] = f'"{current.edit_number}"'
    return response
