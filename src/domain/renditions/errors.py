"""Errors of making renditions. Each is final until the renditions are requested again."""

from domain.shared.errors import DomainError


class UnrenderableImage(DomainError):
    """The image's pixels cannot be decoded; the detail says why."""

    code = "unrenderable-image"
    title = "The image cannot be rendered"


class ImageTooLargeToRender(DomainError):
    """Decoding the image's pixels takes more memory or time than allowed."""

    code = "image-too-large-to-render"
    title = "The image is too large to render"


class RenderingInterrupted(DomainError):
    """The function that makes the renditions was killed before they were done, more than once."""

    code = "rendering-interrupted"
    title = "Rendering was interrupted"
