"""What making renditions needs from the outside world."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from domain.renditions.model import Rendition, RenditionSpec
from domain.shared.image_format import ImageFormat


class Renderer(Protocol):
    """Decodes an image's pixels and makes smaller pictures of them."""

    def render(
        self, content: BinaryIO, image_format: ImageFormat, specs: Sequence[RenditionSpec]
    ) -> AbstractContextManager[Iterator[Rendition]]:
        """Make these renditions of the image in ``content``, yielding each as soon as it is made.

        They come smallest first. ``content`` is a seekable stream that nothing else reads at the same
        time. It is read only as ``image_format``, and in place if it has a file's path as its ``name``.
        At the end of the context, unfinished renditions are abandoned.

        A rendition shows the first frame of the image as displayed: with the file's orientation applied,
        in the proportions of its canvas, converted to sRGB, and with its transparency kept. It is never
        larger than the image, and has none of its metadata.

        Iterating raises UnrenderableImage or ImageTooLargeToRender if the image is at fault, and
        ServiceUnavailable if a good image cannot be rendered for now either.
        """
        ...
