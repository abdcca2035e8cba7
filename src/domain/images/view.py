"""An image as its owner sees it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.images.model import ContentLink, ImageStatus, Rejection
from domain.images.record import ImageRecord
from domain.metadata.model import MetadataDocument, Tags


class Image(BaseModel):
    """An image as its owner sees it. Absent values are unknown, not empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: ImageStatus
    filename: str | None = None
    content_type: str | None = None
    """The media type of the format that the bytes have; while pending, the declared one."""
    size_bytes: int
    sha256: str | None = None
    width: int | None = None
    """Pixels as displayed, orientation applied."""
    height: int | None = None
    """Pixels as displayed, orientation applied."""
    created_at: datetime
    captured_at: str | None = None
    """ISO 8601, whole or partial; with an offset only where the file has one."""
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] | None = None
    summary: Tags | None = None
    """What the file says, cut short to what a list shows."""
    duplicate_of: str | None = None
    """The id of an older image of the owner with the same bytes."""
    rejection: Rejection | None = None
    metadata: MetadataDocument | None = None
    content_url: str | None = None
    urls_expire_at: datetime | None = None

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
