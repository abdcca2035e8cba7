"""Links with which what is stored of an image can be read without a token."""

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
    """A link to an image or a rendition of it, and what it is served as."""

    link: ContentLink
    content_type: str
    filename: str
    size_bytes: int | None = None
    """Of the original alone."""


@dataclass(frozen=True, slots=True)
class ImageViews:
    """Shows images with links, which work for ``link_lifetime`` and are made without a request."""

    images: ImageStore
    link_lifetime: timedelta

    def whole(self, record: ImageRecord, metadata: MetadataDocument | None = None) -> Image:
        """Show one image with links to all that there is of it."""
        return Image.of(
            record,
            metadata=metadata,
            content_link=self.original(record).link if record.content else None,
            renditions=[(stored, self._rendition(record, stored)) for stored in record.renditions],
        )

    def listed(self, record: ImageRecord) -> Image:
        """Show one image of many, with a link to its thumbnail or, without one, its smallest rendition."""
        by_name = {stored.name: stored for stored in reversed(record.renditions)}
        shown = [by_name.get(THUMBNAIL.name, record.renditions[0])] if by_name else []
        return Image.of(record, renditions=[(stored, self._rendition(record, stored)) for stored in shown])

    def original(self, record: ImageRecord, *, headers_only: bool = False) -> ServedLink:
        """Link to the original of a ready image, under a name with an extension of its real format."""
        content = record.ready_content
        filename = served_filename(record.filename, record.ref.image_id, content.image_format)
        link = self.images.content_link(
            record.ref, content.image_format, filename, self.link_lifetime, headers_only=headers_only
        )
        return ServedLink(link, content.image_format.media_type, filename, content.size_bytes)

    def rendition(self, record: ImageRecord, name: str) -> ServedLink:
        """Link to a rendition, under the image's name. Raises RenditionNotFound."""
        if name not in (stored.name for stored in record.renditions):
            raise RenditionNotFound("The image has no rendition of this name.")
        image_format = Rendition.image_format
        filename = served_filename(record.filename, record.ref.image_id, image_format)
        link = self.images.rendition_link(record.ref, name, self.link_lifetime, filename=filename)
        return ServedLink(link, image_format.media_type, filename)

    def _rendition(self, record: ImageRecord, stored: StoredRendition) -> ContentLink:
        return self.images.rendition_link(record.ref, stored.name, self.link_lifetime)
