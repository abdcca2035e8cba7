"""Implements the renderer port with ``convert`` and the embedded metadata reader."""

import io
import logging
import re
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from adapters.embedded_metadata.budget import ReadingTimedOut
from adapters.embedded_metadata.layout import Layout
from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.imagemagick.command import ConvertCommand
from adapters.imagemagick.convert import Convert, ConvertFailed, Drawing
from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.reference_image import reference_image
from adapters.request_deadline import RequestDeadline
from domain.metadata.errors import UnreadableImage
from domain.renditions.errors import ImageTooLargeToRender, UnrenderableImage
from domain.renditions.model import THUMBNAIL, Rendition, RenditionSpec
from domain.shared.errors import DomainError, ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

RENDERING_LIMITS = ProcessLimits(
    address_space_bytes=2 * 1024**3, cpu_s=60, file_bytes=128 * 1024**2, timeout_s=110
)
_ISO_MEDIA = frozenset({ImageFormat.HEIC, ImageFormat.AVIF})
_UNFINISHED = (ConvertFailed, ReadingTimedOut, MemoryError)
"""Failures that may be the fault of the image or of the renderer."""
_BYTES_PER_PIXEL = 12
"""The memory that decoding needs if a format can only be decoded at full size."""
_LACK_OF_MEMORY = re.compile(
    "resources ?exhausted|memory ?allocation ?failed|out of memory|not enough memory", re.IGNORECASE
)
_KILLED = frozenset({-signal.SIGKILL, -signal.SIGXCPU})
_MAX_DENOMINATOR = 8
"""A JPEG's blocks of 8 by 8 samples can be decoded to fewer samples."""
_COLOR_PROFILE_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_ICC_HEADER_BYTES = 128


class ImageMagickRenderer:
    """Runs one ``convert`` per image, which decodes it once for all renditions.

    The embedded metadata reader provides the orientation and the colour profile, as it does for the
    metadata document: ``convert`` itself reads no metadata. The decoder of HEIC and AVIF rotates the
    picture itself.

    As in the extractor, an image is at fault only if the reference image of its format, rendered right
    after it, succeeds.
    """

    def __init__(
        self,
        command: ConvertCommand,
        *,
        process_limits: ProcessLimits = RENDERING_LIMITS,
        temporary_directory: Path | None = None,
        deadline: RequestDeadline | None = None,
    ) -> None:
        self._address_space_bytes = process_limits.address_space_bytes
        self._reader = EmbeddedMetadataReader()
        self._convert = Convert(command, process_limits, temporary_directory, deadline or RequestDeadline())

    def render(
        self, content: BinaryIO, image_format: ImageFormat, specs: Sequence[RenditionSpec]
    ) -> AbstractContextManager[Iterator[Rendition]]:
        """Make the renditions; see :class:`domain.renditions.ports.Renderer`."""
        ascending = sorted(specs, key=lambda spec: spec.max_side_px)
        return closing(self._renditions(content, image_format, ascending))

    def _renditions(
        self, content: BinaryIO, image_format: ImageFormat, specs: Sequence[RenditionSpec]
    ) -> Generator[Rendition, None, None]:
        pixels = 0
        try:
            layout, orientation = self._read(content, image_format)
            pixels = _pixels(layout)
            if specs:
                drawings = _drawings(image_format, layout, orientation, specs[-1].max_side_px)
                yield from self._drawn(content, drawings, specs)
        except UnreadableImage as error:
            raise UnrenderableImage(error.detail) from error
        except _UNFINISHED as failure:
            refusal, reason = self._refusal(failure, pixels), repr(failure)
        else:
            return
        # Outside the handler, because its traceback would keep the metadata read so far in memory.
        self._require_working_renderer(image_format)
        logger.info("An image could not be rendered", extra={"reason": reason})
        raise refusal

    def _read(self, content: BinaryIO, image_format: ImageFormat) -> tuple[Layout, int]:
        """Return the file's structure and the EXIF Orientation of the decoded picture."""
        layout, budget, warnings = self._reader.read_structure(content, image_format)
        orientation = self._reader.decode(layout, budget, warnings).orientation
        return layout, 1 if image_format in _ISO_MEDIA else orientation

    def _drawn(
        self, content: BinaryIO, drawings: Sequence[Drawing], specs: Sequence[RenditionSpec]
    ) -> Iterator[Rendition]:
        """Make the renditions from the first of the drawings that works."""
        *others, last = drawings
        for drawing in others:
            made = 0
            try:
                for rendition in self._made(content, drawing, specs):
                    yield rendition
                    made += 1
            except ConvertFailed as failure:
                if made or _is_exhausted(failure):
                    raise
                logger.info("An image is rendered without its metadata", extra={"reason": str(failure)})
            else:
                return
        yield from self._made(content, last, specs)

    def _made(
        self, content: BinaryIO, drawing: Drawing, specs: Sequence[RenditionSpec]
    ) -> Iterator[Rendition]:
        sides_px = [spec.max_side_px for spec in specs]
        with closing(self._convert.pictures(content, drawing, sides_px)) as pictures:
            # Not strict: if there are too few pictures, they end with an error.
            for spec, picture in zip(specs, pictures, strict=False):
                yield self._checked(spec, picture)
            for _ in pictures:
                raise ConvertFailed("it wrote more pictures than requested")

    def _checked(self, spec: RenditionSpec, picture: bytes) -> Rendition:
        """Return the rendition if the picture is exactly what was requested."""
        try:
            layout, _, _ = self._reader.read_structure(io.BytesIO(picture), Rendition.image_format)
        except UnreadableImage as error:
            raise ConvertFailed(f"it wrote no WebP: {error.detail}") from None
        width, height = layout.width or 0, layout.height or 0
        if not 0 < max(width, height) <= spec.max_side_px:
            raise ConvertFailed(f"it wrote a picture of {width} x {height} pixels")
        if layout.exif or layout.xmp or layout.icc:
            raise ConvertFailed("it wrote metadata")
        return Rendition(spec.name, width, height, picture)

    def _refusal(self, failure: Exception, pixels: int) -> DomainError:
        """Return the error for an image that is at fault."""
        if _is_exhausted(failure) or pixels * _BYTES_PER_PIXEL > self._address_space_bytes:
            return ImageTooLargeToRender(
                f"Decoding the {pixels / 1e6:.1f} megapixels of the picture takes more memory or time than "
                "allowed."
            )
        return UnrenderableImage(
            "The picture in the file is damaged or has an encoding that is not supported."
        )

    def _require_working_renderer(self, image_format: ImageFormat) -> None:
        """Render the reference image of this format within the same limits. Raises ServiceUnavailable."""
        try:
            with reference_image(image_format).open("rb") as content:
                for _ in self._made(content, Drawing(image_format), [THUMBNAIL]):
                    pass
        except (*_UNFINISHED, DomainError, OSError) as error:
            logger.exception(
                "The reference image cannot be rendered either", extra={"image_format": image_format.value}
            )
            raise ServiceUnavailable("Images of this format cannot be rendered at the moment.") from error


def _pixels(layout: Layout) -> int:
    """Return how many pixels the decoder processes."""
    displayed = (layout.width or 0) * (layout.height or 0)
    decoded_width, decoded_height = layout.decoded_size or (0, 0)
    return max(displayed, decoded_width * decoded_height)


def _drawings(image_format: ImageFormat, layout: Layout, orientation: int, side_px: int) -> list[Drawing]:
    """Return how to draw the image and, if its metadata may cause failures, how to draw it without."""
    drawing = Drawing(
        image_format,
        pieces=layout.upright,
        shrunk_size=_shrunk_size(layout, side_px) if image_format is ImageFormat.JPEG else None,
        has_margin=layout.has_margin,
        color_profile=_color_profile(layout),
        orientation=orientation,
    )
    if drawing.color_profile is None and layout.excerpt is None:
        return [drawing]
    return [drawing, replace(drawing, color_profile=None, pieces=layout.excerpt or drawing.pieces)]


def _color_profile(layout: Layout) -> bytes | None:
    """Return the file's colour profile, unless it cannot be a profile of these colours."""
    profile = layout.icc
    if profile is None or len(profile) < _ICC_HEADER_BYTES or profile[12:16] not in _COLOR_PROFILE_CLASSES:
        return None
    # With a grey profile, ImageMagick would remove the colours of the picture.
    return None if profile[16:20] == b"GRAY" and not layout.is_grey else profile


def _shrunk_size(layout: Layout, side_px: int) -> tuple[int, int] | None:
    """Return the smallest size at which a JPEG can be decoded whose longer side is at least ``side_px``."""
    width, height = layout.width or 0, layout.height or 0
    denominator = min(max(width, height) // side_px, _MAX_DENOMINATOR)
    if denominator <= 1:
        return None
    # Rounded down, because the decoder rounds the quotient down.
    return max(width // denominator, 1), max(height // denominator, 1)


def _is_exhausted(failure: Exception) -> bool:
    """Tell whether there was too little memory or time."""
    if isinstance(failure, ConvertFailed):
        return failure.exit_code in _KILLED or bool(_LACK_OF_MEMORY.search(str(failure)))
    return isinstance(failure, MemoryError)
