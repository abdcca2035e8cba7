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
        """Make these renditions of the image in ``content``; each can be had as soon as it is made.

        They come smallest first. ``content`` is a seekable stream from which nothing else reads
        meanwhile; it is read as ``image_format`` and nothing else, and in place if it has a file's path
        as its ``name``. What is still being made at the end of the context is given up.

        A rendition shows the first frame of the image as it is displayed: turned as the file asks, in
        the proportions of its canvas, with its colours converted to sRGB and its transparency kept. It is
        never larger than the image, and has none of its metadata.

        Iterating raises UnrenderableImage or ImageTooLargeToRender if the image is at fault, and
        ServiceUnavailable if a good image cannot be rendered for now either.
        """
        ...
