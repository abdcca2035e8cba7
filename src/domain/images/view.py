"""An image as its owner sees it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain.images.model import ContentLink, ImageStatus, Rejection, RenditionsError
from domain.images.record import ImageRecord
from domain.metadata.model import MetadataDocument, Tags
from domain.renditions.model import Rendition, StoredRendition


class LinkedRendition(BaseModel):
    """A smaller picture of the image: upright, in sRGB, still, without any metadata."""

    model_config = ConfigDict(title="Rendition", frozen=True)

    name: str
    url: str
    width: int
    height: int
    content_type: str

    @classmethod
    def of(cls, stored: StoredRendition, link: ContentLink) -> Self:
        """Show a rendition with a link to it."""
        return cls(
            name=stored.name,
            url=link.url,
            width=stored.width,
            height=stored.height,
            content_type=Rendition.image_format.media_type,
        )


class Image(BaseModel):
    """An image as its owner sees it. Absent values are unknown, not empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: ImageStatus
    filename: str | None = None
    content_type: str | None = None
    """The media type of the real format; while pending, the declared one."""
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
    """The metadata document's summary, shortened for lists."""
    duplicate_of: str | None = None
    """The id of an older image of the owner with the same bytes."""
    rejection: Rejection | None = None
    metadata: MetadataDocument | None = None
    renditions: tuple[LinkedRendition, ...] | None = None
    renditions_error: RenditionsError | None = None
    content_url: str | None = None
    urls_expire_at: datetime | None = None

    @classmethod
    def of(
        cls,
        record: ImageRecord,
        *,
        metadata: MetadataDocument | None = None,
        content_link: ContentLink | None = None,
        renditions: Sequence[tuple[StoredRendition, ContentLink]] = (),
    ) -> "Image":
        """Show the record, with the metadata document and links if given."""
        links = [link for link in (content_link, *(link for _, link in renditions)) if link]
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
            renditions=tuple(LinkedRendition.of(*linked) for linked in renditions) or None,
            renditions_error=record.renditions_error,
            content_url=content_link.url if content_link else None,
            urls_expire_at=min((link.expires_at for link in links), default=None),
        )
