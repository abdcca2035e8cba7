"""Ready-made values of the domain for tests that do not care which."""

import hashlib
from datetime import UTC, datetime

from domain.images.ids import new_image_id
from domain.images.model import ImageRef
from domain.metadata.document import build_document
from domain.metadata.model import ExtractedMetadata, ExtractionTool, MetadataDocument
from domain.shared.caller import Caller
from domain.shared.image_format import ImageFormat

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
CALLER = Caller(
    user_id="6f1c0c8e-5e0a-4b57-9d43-0d9d3f5f7f10", username="6f1c0c8e-5e0a-4b57-9d43-0d9d3f5f7f10"
)


def image_ref(number: int = 0, owner_id: str = CALLER.user_id) -> ImageRef:
    """An image of a fixed time; a higher number sorts after a lower one."""
    return ImageRef(owner_id, new_image_id(NOW, lambda count: number.to_bytes(count, "big")))


def extracted_metadata(image_format: ImageFormat = ImageFormat.JPEG) -> ExtractedMetadata:
    """What an extractor may have read."""
    return ExtractedMetadata(
        image_format=image_format,
        width=320,
        height=240,
        bit_depth=8,
        color_space="sRGB",
        exif={"Make": "Canon", "ExposureTime": 0.005},
        iptc={"Keywords": ["harbour", "dusk; blue=1"], "CaptionAbstract": "Zeile 1\nZeile 2 · été"},
        extracted_with=ExtractionTool(tool="ImageMagick", version="7.1.1"),
    )


def metadata_document(content: bytes = b"abc") -> MetadataDocument:
    """The document of these bytes."""
    return build_document(
        extracted_metadata(), size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
