"""Writes JPEG files (ITU-T T.81) with metadata in application segments."""

import io
import struct

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.iptc import image_resources
from tests.support.image_factory.xmp import PACKET_SIGNATURE, extended_segments

EXIF_SIGNATURE = b"Exif\0\0"
ICC_SIGNATURE = b"ICC_PROFILE\0"
PHOTOSHOP_SIGNATURE = b"Photoshop 3.0\0"
MAX_PAYLOAD = 0xFFFF - 2


def segment(marker: int, payload: bytes) -> bytes:
    """One marker segment."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def icc_segments(icc: bytes, chunk: int = MAX_PAYLOAD - 14) -> bytes:
    """A profile in as many APP2 segments as it needs (ICC.1:2010 §B.4)."""
    parts = [icc[at : at + chunk] for at in range(0, len(icc), chunk)]
    return b"".join(
        segment(0xE2, ICC_SIGNATURE + bytes([number, len(parts)]) + part)
        for number, part in enumerate(parts, 1)
    )


def photoshop_segments(resources: bytes, chunk: int = MAX_PAYLOAD - len(PHOTOSHOP_SIGNATURE)) -> bytes:
    """Image resources in as many APP13 segments as they need."""
    return b"".join(
        segment(0xED, PHOTOSHOP_SIGNATURE + resources[at : at + chunk])
        for at in range(0, len(resources), chunk)
    )


def encoded(mode: str = "RGB", *, progressive: bool = False) -> bytes:
    """The picture as a JPEG without metadata."""
    output = io.BytesIO()
    pixels.image(mode).save(output, "JPEG", quality=75, progressive=progressive)
    return output.getvalue()


def metadata_segments(blocks: Blocks, *, icc_chunk: int = MAX_PAYLOAD - 14) -> bytes:
    """The application segments that hold ``blocks``."""
    segments = b""
    if blocks.exif_block is not None:
        segments += segment(0xE1, EXIF_SIGNATURE + blocks.exif_block)
    if blocks.xmp is not None:
        segments += segment(0xE1, PACKET_SIGNATURE + blocks.xmp)
    if blocks.xmp_extension is not None:
        for payload in extended_segments(blocks.xmp_extension)[1]:
            segments += segment(0xE1, payload)
    if blocks.iptc is not None:
        segments += photoshop_segments(image_resources(blocks.iptc))
    if blocks.icc is not None:
        segments += icc_segments(blocks.icc, icc_chunk)
    return segments


def jpeg(
    blocks: Blocks, mode: str = "RGB", *, progressive: bool = False, icc_chunk: int = MAX_PAYLOAD - 14
) -> bytes:
    """A JPEG file; its EXIF segment directly follows SOI (EXIF 3.0 §4.5.4)."""
    picture = encoded(mode, progressive=progressive)
    return picture[:2] + metadata_segments(blocks, icc_chunk=icc_chunk) + picture[2:]
