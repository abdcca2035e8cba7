"""The fuzzing targets: one function per parser, which raises if the parser misbehaves.

A parser may refuse a file as unreadable, or leave out damaged metadata with a warning. Everything that it
returns must fit the metadata document: JSON without NaN, in valid Unicode, within the size limit.
"""

import io
import json
from collections.abc import Callable

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource
from adapters.embedded_metadata.exif import decode_exif
from adapters.embedded_metadata.icc import decode_icc
from adapters.embedded_metadata.iptc import decode_iptc
from adapters.embedded_metadata.layout import Layout, Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.photoshop import read_image_resources
from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.embedded_metadata.xmp import decode_xmp
from domain.metadata.document import build_document
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractionTool, MetadataDocument, Tags
from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format

Target = Callable[[bytes], None]

LIMITS = ReaderLimits()
_READER = EmbeddedMetadataReader(LIMITS)
_TOOL = ExtractionTool(tool="fuzzing", version="1")
_DOCUMENT_OVERHEAD = 64 * 1024
"""Bytes of a document in addition to the values of the blocks."""


def _warnings() -> Warnings:
    return Warnings(LIMITS.max_warnings)


def _check_tags(tags: Tags) -> None:
    json.dumps(tags, ensure_ascii=False, allow_nan=False).encode()


def exif(data: bytes) -> None:
    """An EXIF block."""
    found = decode_exif(BlockSource(data), Budget(LIMITS), _warnings())
    _check_tags(found.exif)
    _check_tags(found.gps)


def iptc(data: bytes) -> None:
    """A series of IPTC datasets."""
    _check_tags(decode_iptc(data, Budget(LIMITS), _warnings()))


def photoshop(data: bytes) -> None:
    """Photoshop image resources."""
    read_image_resources(data, Layout(), Budget(LIMITS), _warnings())


def xmp(data: bytes) -> None:
    """An XMP packet."""
    tags: Tags = {}
    decode_xmp(data, tags, Budget(LIMITS), _warnings())
    _check_tags(tags)


def icc(data: bytes) -> None:
    """An ICC profile."""
    _check_tags(decode_icc(data, Budget(LIMITS), _warnings()))


def sniff(data: bytes) -> None:
    """The first bytes of any file."""
    sniff_format(data[:SNIFF_LENGTH])


def _reading(image_format: ImageFormat) -> Target:
    def target(data: bytes) -> None:
        read_file(data, image_format)

    target.__doc__ = f"A whole {image_format.value} file."
    return target


def read_file(data: bytes, image_format: ImageFormat) -> MetadataDocument | None:
    """Return the document of a file without identify's fields, or ``None`` if it is unreadable."""
    try:
        layout, budget, warnings = _READER.read_structure(io.BytesIO(data), image_format)
    except UnreadableImage:
        return None
    embedded = _READER.decode(layout, budget, warnings)
    extracted = embedded.joined_with(
        image_format=image_format,
        width=embedded.width or 1,
        height=embedded.height or 1,
        bit_depth=embedded.bit_depth or 8,
        color_space="sRGB",
        extracted_with=_TOOL,
    )
    document = build_document(extracted, size_bytes=len(data), sha256="")
    written = document.to_json()
    assert len(written) < LIMITS.max_document_bytes + _DOCUMENT_OVERHEAD
    assert MetadataDocument.model_validate_json(written).to_json() == written
    return document


BLOCK_TARGETS: dict[str, Target] = {
    "exif": exif,
    "iptc": iptc,
    "photoshop": photoshop,
    "xmp": xmp,
    "icc": icc,
    "sniff": sniff,
}
FILE_TARGETS: dict[str, Target] = {
    image_format.value: _reading(image_format) for image_format in ImageFormat
}
TARGETS: dict[str, Target] = BLOCK_TARGETS | FILE_TARGETS
"""All targets by the name of what they parse."""
