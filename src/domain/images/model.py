"""The basic types of images: names, states, stored originals, links and limits."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.shared.image_format import ImageFormat


class ImageStatus(StrEnum):
    """The state of an image: waiting for its bytes to be read, accepted, or refused."""

    PENDING = "pending"
    READY = "ready"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Identifies one image: its owner's user id and its own id."""

    owner_id: str
    image_id: str


class Rejection(BaseModel):
    """Why an upload was refused: the stable code of the error and its text for people."""

    model_config = ConfigDict(frozen=True)

    code: str
    detail: str


class RenditionsError(BaseModel):
    """Why renditions could not be made: the stable code of the error and its text for people."""

    model_config = ConfigDict(frozen=True)

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    """The original of an image, as storage lists it."""

    ref: ImageRef
    image_format: ImageFormat
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ContentLink:
    """A URL from which an original or a rendition can be read without further authentication."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The limits on images."""

    max_small_upload_bytes: int = 4 * 1024 * 1024
    max_direct_upload_bytes: int = 50 * 1024 * 1024
    max_multipart_upload_bytes: int = 1024 * 1024 * 1024
    allow_camera_raw: bool = True
    """Whether camera raw files that are TIFFs are accepted, with their preview as the image."""
    formats: frozenset[ImageFormat] = field(default_factory=lambda: frozenset(ImageFormat))

    @property
    def max_upload_bytes(self) -> int:
        """The most bytes that an image may have, however it is uploaded."""
        return max(
            self.max_small_upload_bytes, self.max_direct_upload_bytes, self.max_multipart_upload_bytes
        )
