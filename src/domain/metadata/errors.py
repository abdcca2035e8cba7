"""Errors of reading an image."""

from domain.shared.errors import DomainError


class UnreadableImage(DomainError):
    """The bytes look like an allowed format but cannot be read as an image of it."""

    code = "unreadable-image"
    title = "The image cannot be read"


class ImageDimensionsExceeded(DomainError):
    """The image has more pixels, or a longer side, than the limits that the detail names."""

    code = "image-dimensions-exceeded"
    title = "The image's dimensions exceed the limit"
