"""Builds the metadata document that is stored beside an image."""

from domain.metadata.model import ExtractedMetadata, ImageProperties, MetadataDocument
from domain.metadata.summary import summarise


def build_document(extracted: ExtractedMetadata, *, size_bytes: int, sha256: str) -> MetadataDocument:
    """Build the document of an image; ``sha256`` is in lower-case hexadecimal."""
    return MetadataDocument(
        image=ImageProperties(
            format=extracted.image_format,
            mime_type=extracted.image_format.media_type,
            width=extracted.width,
            height=extracted.height,
            bit_depth=extracted.bit_depth,
            color_space=extracted.color_space,
            orientation=extracted.orientation,
            frames=extracted.frames,
            raw=extracted.is_camera_raw or None,
            size_bytes=size_bytes,
            sha256=sha256,
        ),
        summary=summarise(extracted),
        exif=extracted.exif,
        iptc=extracted.iptc,
        gps=extracted.gps or None,
        xmp=extracted.xmp or None,
        icc=extracted.icc or None,
        png=extracted.png or None,
        warnings=extracted.warnings or None,
        extracted_with=extracted.extracted_with,
    )
