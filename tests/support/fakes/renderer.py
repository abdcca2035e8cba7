"""A renderer with known files that fulfils the port's contract."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import Rendition, RenditionSpec
from domain.shared.errors import DomainError
from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format


class RememberingRenderer:
    """Knows by a file's bytes in which size it is displayed, or its error; no other file has a picture."""

    def __init__(self, known: Mapping[bytes, tuple[int, int] | DomainError]) -> None:
        self.known = dict(known)
        self.rendered: list[str] = []
        """The names of the renditions that were made."""

    @contextmanager
    def render(
        self, content: BinaryIO, image_format: ImageFormat, specs: Sequence[RenditionSpec]
    ) -> Iterator[Iterator[Rendition]]:
        """Pictures that hold no more than their names."""
        content.seek(0)
        assert sniff_format(content.read(SNIFF_LENGTH)) in (None, image_format)
        yield self._renditions(content, specs)

    def _renditions(self, content: BinaryIO, specs: Sequence[RenditionSpec]) -> Iterator[Rendition]:
        for spec in sorted(specs, key=lambda spec: spec.max_side_px):
            content.seek(0)
            found = self.known.get(content.read(), UnrenderableImage("There is no picture."))
            if isinstance(found, DomainError):
                raise found
            self.rendered.append(spec.name)
            yield Rendition(spec.name, *spec.fit(*found), b"RIFF" + spec.name.encode())
