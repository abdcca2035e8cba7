"""Links with which an image's bytes can be read without a token."""

from datetime import timedelta

from domain.images.declared import served_filename
from domain.images.model import ContentLink
from domain.images.ports import ImageStore
from domain.images.record import ImageContent, ImageRecord


def served_name(record: ImageRecord, content: ImageContent) -> str:
    """The name under which the original is handed out, with an extension of its real format."""
    return served_filename(record.filename, record.ref.image_id, content.image_format)


def original_link(images: ImageStore, record: ImageRecord, lifetime: timedelta) -> ContentLink:
    """Make a link to the original of a ready image."""
    content = record.ready_content
    return images.content_link(record.ref, content.image_format, served_name(record, content), lifetime)
