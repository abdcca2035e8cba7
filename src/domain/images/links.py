"""Links to originals and renditions, which work without a token."""

from dataclasses import dataclass
from datetime import timedelta

from domain.images.declared import served_filename
from domain.images.errors import RenditionNotFound
from domain.images.model import ContentLink
from domain.images.ports import ImageStore
from domain.images.record import ImageRecord
from domain.images.view import Image
from domain.metadata.model import MetadataDocument
from domain.renditions.model import THUMBNAIL, Rendition, StoredRendition


@dataclass(frozen=True, slots=True)
class ServedLink:
    """A link to an original or a rendition, and the name and media type with which it is served."""

    link: ContentLink
    content_type: str
    filename: str
    size_bytes: int | None = None
    """Set for originals only."""


@dataclass(frozen=True, slots=True)
class ImageViews:
    """Shows images with links that work for ``link_lifetime``. Making links needs no request to storage."""

    images: ImageStore
    link_lifetime: timedelta

    def whole(self, record: ImageRecord, metadata: MetadataDocument | None = None) -> Image:
        """Show one image with links to its original and all its renditions."""
        return Image.of(
            record,
            metadata=metadata,
            content_link=self.original(record).link if record.content else None,
            renditions=[(stored, self._rendition(record, stored)) for stored in record.renditions],
        )

    def listed(self, record: ImageRecord) -> Image:
        """Show an item of a list, with a link to the thumbnail or, without one, the smallest rendition."""
        by_name = {stored.name: stored for stored in reversed(record.renditions)}
        shown = [by_name.get(THUMBNAIL.name, record.renditions[0])] if by_name else []
        return Image.of(record, renditions=[(stored, self._rendition(record, stored)) for stored in shown])

    def original(self, record: ImageRecord, *, without_bytes: bool = False) -> ServedLink:
        """Link to a ready image's original, served under a name with an extension of its real format."""
        content = record.ready_content
        filename = served_filename(record.filename, record.ref.image_id, content.image_format)
        link = self.images.content_link(
            record.ref, content.image_format, filename, self.link_lifetime, without_bytes=without_bytes
        )
        return ServedLink(link, content.image_format.media_type, filename, content.size_bytes)

    def rendition(self, record: ImageRecord, name: str) -> ServedLink:
        """Link to a rendition, served under the image's name. Raises RenditionNotFound."""
        if name not in (stored.name for stored in record.renditions):
            raise RenditionNotFound("The image has no rendition with this name.")
        image_format = Rendition.image_format
        filename = served_filename(record.filename, record.ref.image_id, image_format)
        link = self.images.rendition_link(record.ref, name, self.link_lifetime, filename=filename)
        return ServedLink(link, image_format.media_type, filename)

    def _rendition(self, record: ImageRecord, stored: StoredRendition) -> ContentLink:
        return self.images.rendition_link(record.ref, stored.name, self.link_lifetime)
