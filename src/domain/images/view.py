"""An image as its owner sees it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.images.model import ContentLink, ImageStatus, Rejection
from domain.images.record import ImageRecord
from domain.metadata.model import MetadataDocument, Tags


class Image(BaseModel):
    """An image as its owner sees it. Absent values are unknown, not empty."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="26 characters that sort from the newest image to the oldest.")
    status: ImageStatus
    filename: str | None = Field(default=None, description="The client's name for the file, for display.")
    content_type: str | None = Field(
        default=None,
        description="The media type of the format that the bytes have; while pending, the declared one.",
    )
    size_bytes: int
    sha256: str | None = Field(default=None, description="Hexadecimal SHA-256 of the bytes as uploaded.")
    width: int | None = Field(default=None, description="Pixels as displayed, orientation applied.")
    height: int | None = Field(default=None, description="Pixels as displayed, orientation applied.")
    created_at: datetime
    captured_at: str | None = Field(
        default=None,
        description="When the picture was taken: ISO 8601, whole or partial, as the camera's clock showed.",
    )
    title: str | None = Field(default=None, description="The owner's title.")
    description: str | None = Field(default=None, description="The owner's description.")
    keywords: tuple[str, ...] | None = Field(default=None, description="The owner's keywords.")
    summary: Tags | None = Field(
        default=None, description="What the file says of the picture; long texts are cut short."
    )
    duplicate_of: str | None = Field(
        default=None, description="The id of an older image with the same bytes."
    )
    rejection: Rejection | None = None
    metadata: MetadataDocument | None = None
    content_url: str | None = Field(
        default=None, description="A signed URL of the original bytes, which works without a token."
    )
    urls_expire_at: datetime | None = Field(
        default=None, description="Until then the signed URLs work; keep the first ones until then."
    )

    @classmethod
    def of(
        cls,
        record: ImageRecord,
        *,
        metadata: MetadataDocument | None = None,
        content_link: ContentLink | None = None,
    ) -> "Image":
        """Show what the record holds, with the metadata document and a link where they are at hand."""
        content, announced, edits = record.content, record.announced, record.edits
        image_format = content.image_format if content else announced.image_format
        return cls(
            id=record.ref.image_id,
            status=record.status,
            filename=record.filename,
            content_type=image_format.media_type if image_format else None,
            size_bytes=record.size_bytes,
            sha256=content.sha256 if content else announced.sha256,
            width=content.width if content else None,
            height=content.height if content else None,
            created_at=record.created_at,
            captured_at=record.captured_at,
            title=edits.title,
            description=edits.description,
            keywords=edits.keywords or None,
            summary=record.summary or None,
            duplicate_of=record.duplicate_of,
            rejection=record.rejection,
            metadata=metadata,
            content_url=content_link.url if content_link else None,
            urls_expire_at=content_link.expires_at if content_link else None,
        )
