"""Direct uploads as the API returns and accepts them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.images.upload import (
    MultipartOperation,
    SignedRequest,
    UploadedPart,
)
from domain.images.use_cases.direct_upload import (
    MAX_SIGNED_PARTS,
    CreatedUpload,
    MultipartUpload,
    SignedPart,
    UploadRequest,
)
from entrypoints.http.image_resources import ImageResource

PATH = "/v1/uploads"


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
