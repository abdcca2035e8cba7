"""Errors of reading an image."""

from domain.shared.errors import DomainError


class UnreadableImage(DomainError):
    """The bytes start like an allowed format but cannot be read as such an image."""

    code = "unreadable-image"
    title = "The image cannot be read"


class ImageDimensionsExceeded(DomainError):
    """The image has too many pixels or too long a side; the detail names the limit."""

    code = "image-dimensions-exceeded"
    title = "The image's dimensions exceed the limit"
