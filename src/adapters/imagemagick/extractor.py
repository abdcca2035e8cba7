"""Implements the metadata extractor port with ``identify`` and the embedded metadata reader."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from adapters.embedded_metadata.budget import ReadingTimedOut
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.identify import Identify, IdentifyFailed
from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.reference_image import reference_image
from adapters.request_deadline import RequestDeadline
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractedMetadata, ExtractionTool
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.errors import DomainError, ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_PIXEL_LIMITS = PixelLimits()
_READER_LIMITS = ReaderLimits()
_PROCESS_LIMITS = ProcessLimits()
_ISO_MEDIA = frozenset({ImageFormat.HEIC, ImageFormat.AVIF})
_HAS_CANVAS = _ISO_MEDIA | {ImageFormat.GIF, ImageFormat.WEBP}
_UNFINISHED = (IdentifyFailed, ReadingTimedOut, MemoryError)
"""Failures that may be the fault of the image or of its reader."""
_LONGEST_SIDES = {ImageFormat.JPEG: 65_500, ImageFormat.HEIC: 32_768, ImageFormat.AVIF: 32_768}
"""The longest side, in pixels, that libjpeg and libheif can read; their formats allow more."""


class ImageMagickMetadataExtractor:
    """Implements :class:`domain.metadata.ports.MetadataExtractor`.

    One ``identify -ping`` per image decides whether it is readable, and gives its pixel properties. The
    metadata blocks do not pass through it: a bounded reader reads them in this process while ``identify``
    runs.

    If reading an image fails, a good image of its format, which is part of this package, is read next. The
    image is unreadable only if that succeeds. Otherwise the reader is at fault, and the image may be read
    later.
    """

    def __init__(
        self,
        command: IdentifyCommand,
        *,
        pixel_limits: PixelLimits = _PIXEL_LIMITS,
        reader_limits: ReaderLimits = _READER_LIMITS,
        process_limits: ProcessLimits = _PROCESS_LIMITS,
        temporary_directory: Path | None = None,
        deadline: RequestDeadline | None = None,
    ) -> None:
        self._command = command
        self._pixel_limits = pixel_limits
        self._reader = EmbeddedMetadataReader(reader_limits)
        self._identify = Identify(
            command, process_limits, temporary_directory, deadline or RequestDeadline()
        )

    @property
    def pixel_limits(self) -> PixelLimits:
        return self._pixel_limits

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image, as :meth:`domain.metadata.ports.MetadataExtractor.extract` says."""
        try:
            return self._read(content, image_format)
        except _UNFINISHED as failure:
            reason = repr(failure)
        # Outside the handler, because its traceback would keep everything read so far in memory.
        self._require_working_reader(image_format)
        logger.info("An image could not be read", extra={"reason": reason})
        raise UnreadableImage("The bytes cannot be read as an image of their format.")

    def _read(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        layout, budget, warnings = self._reader.read_structure(content, image_format)
        if layout.width is not None and layout.height is not None:
            self._require_dimensions(image_format, layout.width, layout.height)
        if layout.decoded_size:
            self._require_dimensions(image_format, *layout.decoded_size)
        with self._identify.started(content, image_format, layout.excerpt) as run:
            embedded = self._reader.decode(layout, budget, warnings)
            identified = run.answer()
        self._require_dimensions(image_format, identified.width, identified.height)
        width, height, depth = identified.width, identified.height, identified.depth
        color_space = identified.color_space
        if image_format in _HAS_CANVAS and layout.width and layout.height:
            # Identify gives the size of the first frame, or of the rotated picture; the size of the
            # stored canvas is in the file.
            width, height = layout.width, layout.height
        if image_format in _ISO_MEDIA:
            # Identify describes the decoder's output, which has eight bits; versions before 7 also
            # name the coding (YCbCr) instead of the colour space.
            depth = layout.bit_depth or depth
            color_space = "sRGB" if color_space == "YCbCr" else color_space
        elif image_format is ImageFormat.PNG:
            # Identify gives the depth after expanding indices, or samples of one, two or four bits.
            depth = layout.bit_depth or depth
        elif image_format is ImageFormat.TIFF:
            # ImageMagick builds with 16 bits per sample report 16 for 32-bit samples.
            depth = max(depth, layout.bit_depth or depth)
        return embedded.joined_with(
            image_format=image_format,
            width=width,
            height=height,
            bit_depth=depth,
            color_space=color_space,
            extracted_with=ExtractionTool(tool="ImageMagick", version=identified.version),
        )

    def _require_dimensions(self, image_format: ImageFormat, width: int, height: int) -> None:
        self._pixel_limits.check(width, height)
        if image_format in _LONGEST_SIDES:
            replace(self._pixel_limits, max_side_px=_LONGEST_SIDES[image_format]).check(width, height)

    def _require_working_reader(self, image_format: ImageFormat) -> None:
        """Read the good image of this format within the same limits. Raises ServiceUnavailable."""
        try:
            with reference_image(image_format).open("rb") as content:
                layout, budget, warnings = self._reader.read_structure(content, image_format)
                with self._identify.started(content, image_format, layout.excerpt) as run:
                    self._reader.decode(layout, budget, warnings)
                    run.answer()
        except (*_UNFINISHED, DomainError, OSError) as error:
            logger.exception(
                "The reference image cannot be read either", extra={"image_format": image_format.value}
            )
            raise ServiceUnavailable("Images of this format cannot be read at the moment.") from error
