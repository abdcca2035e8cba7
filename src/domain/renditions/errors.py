"""Errors of making renditions. Each is final until somebody asks for the renditions again."""

from domain.shared.errors import DomainError


class UnrenderableImage(DomainError):
    """The image's pixels cannot be decoded; the detail says why."""

    code = "unrenderable-image"
    title = "The image cannot be shown"


class ImageTooLargeToRender(DomainError):
    """Decoding the image's pixels takes more memory or time than a rendition may."""

    code = "image-too-large-to-render"
    title = "The image is too large to be shown"


class RenderingInterrupted(DomainError):
    """Whoever made the renditions ended before they were made, more than once."""

    code = "rendering-interrupted"
    title = "The image could not be shown"
