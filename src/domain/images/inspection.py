"""The one rule by which bytes become an accepted image, whichever way they came in."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from domain.images.errors import UnsupportedImageType
from domain.images.header import find_dimensions
from domain.images.model import ImageLimits
from domain.metadata.document import build_document
from domain.metadata.errors import ImageDimensionsExceeded
from domain.metadata.model import MetadataDocument
from domain.metadata.ports import MetadataExtractor
from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format

HEADER_LENGTH = 64 * 1024
"""How many leading bytes :meth:`ImageInspector.check_header` looks at."""


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """An accepted image: what its bytes are, and its metadata document."""

    image_format: ImageFormat
    size_bytes: int
    sha256: str
    """Lower-case hexadecimal SHA-256 of the bytes."""
    document: MetadataDocument


def require_allowed_dimensions(width: int, height: int, *, max_pixels: int, max_side_px: int) -> None:
    """Raise :class:`ImageDimensionsExceeded`, naming the limit, if one of the two is exceeded."""
    if max(width, height) > max_side_px:
        raise ImageDimensionsExceeded(
            f"The image is {width} x {height} pixels; a side may have at most {max_side_px}."
        )
    if width * height > max_pixels:
        raise ImageDimensionsExceeded(
            f"The image is {width} x {height} pixels; it may have at most {max_pixels} in all."
        )


class ImageInspector:
    """Sniffs the real format, refuses what is not an allowed image, and reads its metadata."""

    def __init__(self, extractor: MetadataExtractor, limits: ImageLimits) -> None:
        self._extractor = extractor
        self._limits = limits

    def inspect(self, content: BinaryIO) -> InspectedImage:
        """Read the image in ``content``, a seekable stream, in memory that its size does not affect.

        Raises UnsupportedImageType (for an empty stream too), UnreadableImage or
        ImageDimensionsExceeded. How many bytes an image may have is for the caller to check.
        """
        content.seek(0)
        image_format = self._require_allowed_format(content.read(SNIFF_LENGTH))
        content.seek(0)
        extracted = self._extractor.extract(content, image_format)
        if extracted.is_camera_raw and not self._limits.allow_camera_raw:
            raise UnsupportedImageType("The file is a camera's raw file, and these are not taken.")
        require_allowed_dimensions(
            extracted.width,
            extracted.height,
            max_pixels=self._limits.max_pixels,
            max_side_px=self._limits.max_side_px,
        )
        content.seek(0)
        sha256, size_bytes = _digest(content)
        return InspectedImage(
            image_format,
            size_bytes,
            sha256,
            build_document(extracted, size_bytes=size_bytes, sha256=sha256),
        )

    def check_header(self, header: bytes) -> None:
        """Refuse early what :meth:`inspect` would refuse for what its first bytes say.

        ``header`` holds the first :data:`HEADER_LENGTH` bytes, or all of a shorter file. Raises
        UnsupportedImageType or ImageDimensionsExceeded.
        """
        dimensions = find_dimensions(header, self._require_allowed_format(header))
        if dimensions:
            require_allowed_dimensions(
                *dimensions, max_pixels=self._limits.max_pixels, max_side_px=self._limits.max_side_px
            )

    def _require_allowed_format(self, header: bytes) -> ImageFormat:
        image_format = sniff_format(header)
        if image_format not in self._limits.formats:
            names = ", ".join(sorted(allowed.value for allowed in self._limits.formats))
            raise UnsupportedImageType(f"The bytes are not an image of an allowed format: {names}.")
        return image_format


def _digest(content: BinaryIO) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    while block := content.read(_BLOCK_BYTES):
        digest.update(block)
        size_bytes += len(block)
    return digest.hexdigest(), size_bytes


_BLOCK_BYTES = 256 * 1024
