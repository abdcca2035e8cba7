"""Decides whether bytes are an acceptable image, however they were uploaded."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from domain.images.errors import UnsupportedImageType
from domain.images.header import find_dimensions
from domain.images.model import ImageLimits
from domain.metadata.document import build_document
from domain.metadata.location import LocationPolicy, without_position
from domain.metadata.model import MetadataDocument
from domain.metadata.ports import MetadataExtractor
from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format

HEADER_LENGTH = 64 * 1024
"""How many leading bytes :meth:`ImageInspector.check_header` needs."""


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """An acceptable image: the properties of its bytes, and its metadata document."""

    image_format: ImageFormat
    size_bytes: int
    sha256: str
    """Lower-case hexadecimal SHA-256 of the bytes."""
    document: MetadataDocument


class ImageInspector:
    """Sniffs the real format, refuses unacceptable images, and reads the metadata of the others."""

    def __init__(
        self,
        extractor: MetadataExtractor,
        limits: ImageLimits,
        location: LocationPolicy = LocationPolicy.KEEP,
    ) -> None:
        self._extractor = extractor
        self._limits = limits
        self._location = location

    def inspect(self, content: BinaryIO) -> InspectedImage:
        """Read the image in ``content``, a seekable stream, in constant memory.

        Raises UnsupportedImageType (also for an empty stream), UnreadableImage or ImageDimensionsExceeded.
        The caller must check the size in bytes.
        """
        content.seek(0)
        image_format = self._require_allowed_format(content.read(SNIFF_LENGTH))
        content.seek(0)
        extracted = self._extractor.extract(content, image_format)
        if extracted.is_camera_raw and not self._limits.allow_camera_raw:
            raise UnsupportedImageType("The file is a camera raw file; these are not accepted.")
        content.seek(0)
        sha256, size_bytes = _digest(content)
        document = build_document(extracted, size_bytes=size_bytes, sha256=sha256)
        if self._location is LocationPolicy.DROP:
            document = without_position(document)
        return InspectedImage(image_format, size_bytes, sha256, document)

    def check_header(self, header: bytes) -> None:
        """Refuse an image early if its first bytes show that :meth:`inspect` would refuse it.

        ``header`` is the first :data:`HEADER_LENGTH` bytes, or all of a shorter file. Raises
        UnsupportedImageType or ImageDimensionsExceeded.
        """
        dimensions = find_dimensions(header, self._require_allowed_format(header))
        if dimensions:
            self._extractor.pixel_limits.check(*dimensions)

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
