"""Implements the metadata extractor port with ``identify`` and the embedded metadata reader."""

import logging
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
from domain.images.inspection import require_allowed_dimensions
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractedMetadata, ExtractionTool
from domain.shared.errors import DomainError, ServiceUnavailable
from domain.shared.image_format import ImageFormat

logger = logging.getLogger(__name__)

_READER_LIMITS = ReaderLimits()
_PROCESS_LIMITS = ProcessLimits()
_ISO_MEDIA = frozenset({ImageFormat.HEIC, ImageFormat.AVIF})
_HAS_CANVAS = _ISO_MEDIA | {ImageFormat.GIF, ImageFormat.WEBP}
_UNFINISHED = (IdentifyFailed, ReadingTimedOut, MemoryError)
"""What may end the reading of an image without telling whether the image or its reader is at fault."""
_LONGEST_SIDES = {ImageFormat.JPEG: 65_500, ImageFormat.HEIC: 32_768, ImageFormat.AVIF: 32_768}
"""Pixels that a side may have at most in libjpeg and libheif, where that is less than the format allows."""


class ImageMagickMetadataExtractor:
    """One ``identify -ping`` per image decides whether it is readable, and what its pixels are.

    What an image says in text never passes through it: the metadata blocks are read in this process, by
    a bounded reader, while ``identify`` runs.

    An image that was not read to its end is at fault only if a good one of its format, which we bring
    along, is read right afterwards. Otherwise the reader is, and the image may be read later.
    """

    def __init__(
        self,
        command: IdentifyCommand,
        *,
        max_pixels: int,
        max_side_px: int,
        reader_limits: ReaderLimits = _READER_LIMITS,
        process_limits: ProcessLimits = _PROCESS_LIMITS,
        temporary_directory: Path | None = None,
        deadline: RequestDeadline | None = None,
    ) -> None:
        self._command = command
        self._max_pixels = max_pixels
        self._max_side_px = max_side_px
        self._reader = EmbeddedMetadataReader(reader_limits)
        self._identify = Identify(
            command, process_limits, temporary_directory, deadline or RequestDeadline()
        )

    def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
        """Read the image; see :class:`domain.metadata.ports.MetadataExtractor`."""
        try:
            return self._read(content, image_format)
        except _UNFINISHED as failure:
            reason = repr(failure)
        # Out of the handler, whose traceback would keep all that was read so far.
        self._require_working_reader(image_format)
        logger.info("an image could not be read", extra={"reason": reason})
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
            # Where identify tells of the first frame, or of the picture already rotated, the file
            # itself tells of the canvas as it is stored.
            width, height = layout.width, layout.height
        if image_format in _ISO_MEDIA:
            # Here identify tells of the decoder's output: of eight bits, and in versions before 7
            # named by the coding (YCbCr) of colours that are RGB.
            depth = layout.bit_depth or depth
            color_space = "sRGB" if color_space == "YCbCr" else color_space
        elif image_format is ImageFormat.PNG:
            # Identify tells of the samples that it would make of indices or of one, two or four bits.
            depth = layout.bit_depth or depth
        elif image_format is ImageFormat.TIFF:
            # Builds of ImageMagick with 16 bits per sample say no more than that of 32-bit samples.
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
        max_side_px = min(self._max_side_px, _LONGEST_SIDES.get(image_format, self._max_side_px))
        require_allowed_dimensions(width, height, max_pixels=self._max_pixels, max_side_px=max_side_px)

    def _require_working_reader(self, image_format: ImageFormat) -> None:
        """Read the good image of this format, within the same limits. Raises ServiceUnavailable."""
        try:
            with reference_image(image_format).open("rb") as content:
                layout, budget, warnings = self._reader.read_structure(content, image_format)
                with self._identify.started(content, image_format, layout.excerpt) as run:
                    self._reader.decode(layout, budget, warnings)
                    run.answer()
        except (*_UNFINISHED, DomainError, OSError) as error:
            logger.exception(
                "not even a good image can be read", extra={"image_format": image_format.value}
            )
            raise ServiceUnavailable("Images of this format cannot be read at the moment.") from error
