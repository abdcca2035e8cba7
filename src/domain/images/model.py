"""Images as the domain knows them: what is stored, what a user sees, and the limits on both."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.images.ids import created_at
from domain.metadata.model import MetadataDocument
from domain.shared.image_format import ImageFormat


class ImageStatus(StrEnum):
    """Where an image is on its way: waiting to be read, read, or refused."""

    PENDING = "pending"
    READY = "ready"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Names one image: its owner's user id and its own id."""

    owner_id: str
    image_id: str


class Rejection(BaseModel):
    """Why an upload was refused: the stable code of the error and its text for people."""

    model_config = ConfigDict(frozen=True)

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Original:
    """What is kept with the original bytes: everything but the bytes.

    While an upload that went straight to storage is pending, this is what the client declared.
    """

    image_format: ImageFormat
    size_bytes: int
    sha256: str | None = None
    """Lower-case hexadecimal SHA-256 of the bytes, where it is known."""
    filename: str | None = None
    """The client's name for the file: data for display, never part of a key or a path."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as the store holds it. ``original`` is absent once an upload was rejected."""

    ref: ImageRef
    status: ImageStatus
    original: Original | None = None
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class StoredImagePage:
    """Some stored images, newest first; ``has_more`` tells whether older ones exist."""

    images: tuple[StoredImage, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class ContentLink:
    """A URL from which the original bytes can be read without further authentication."""

    url: str
    expires_at: datetime


class Image(BaseModel):
    """An image as its owner sees it. Absent values are unknown, not empty."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="26 characters that sort from the newest image to the oldest.")
    status: ImageStatus
    filename: str | None = Field(default=None, description="The name that the client gave, for display.")
    content_type: str | None = Field(
        default=None,
        description="The media type of the format that the bytes have; while pending, the declared one.",
    )
    size_bytes: int | None = None
    sha256: str | None = Field(default=None, description="Hexadecimal SHA-256 of the bytes as uploaded.")
    width: int | None = Field(default=None, description="Pixels as displayed, orientation applied.")
    height: int | None = Field(default=None, description="Pixels as displayed, orientation applied.")
    created_at: datetime
    rejection: Rejection | None = None
    metadata: MetadataDocument | None = None

    @classmethod
    def of(cls, stored: StoredImage, metadata: MetadataDocument | None = None) -> "Image":
        """The view of a stored image, with its metadata document where that is at hand."""
        original = stored.original
        width, height = metadata.image.displayed_size if metadata else (None, None)
        return cls(
            id=stored.ref.image_id,
            status=stored.status,
            filename=original.filename if original else None,
            content_type=original.image_format.media_type if original else None,
            size_bytes=original.size_bytes if original else None,
            sha256=metadata.image.sha256 if metadata else original.sha256 if original else None,
            width=width,
            height=height,
            created_at=created_at(stored.ref.image_id),
            rejection=stored.rejection,
            metadata=metadata,
        )


@dataclass(frozen=True, slots=True)
class ImagePage:
    """Some of a user's images, newest first, and the cursor of the next page, if there is one."""

    items: tuple[Image, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may be at most."""

    max_small_upload_bytes: int = 4 * 1024 * 1024
    max_direct_upload_bytes: int = 50 * 1024 * 1024
    max_multipart_upload_bytes: int = 1024 * 1024 * 1024
    max_pixels: int = 250_000_000
    max_side_px: int = 65_535
    allow_camera_raw: bool = True
    """Whether a camera's raw file that is a TIFF is taken, with its preview as the image."""
    formats: frozenset[ImageFormat] = field(default_factory=lambda: frozenset(ImageFormat))

    @property
    def max_upload_bytes(self) -> int:
        """What an image may have at most, whichever way it comes in."""
        return max(
            self.max_small_upload_bytes, self.max_direct_upload_bytes, self.max_multipart_upload_bytes
        )
