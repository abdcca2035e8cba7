"""Writes WebP files (RFC 9649) with metadata in chunks of the extended format."""

import io
import struct

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.jpeg import EXIF_SIGNATURE

ANIMATION, XMP, EXIF, ALPHA, ICC = 0x02, 0x04, 0x08, 0x10, 0x20


def chunk(kind: bytes, value: bytes) -> bytes:
    """One RIFF chunk, padded to an even size."""
    return kind + struct.pack("<I", len(value)) + value + bytes(len(value) % 2)


def riff(chunks: bytes) -> bytes:
    """The file around its chunks."""
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def extended_header(flags: int, width: int, height: int) -> bytes:
    """The VP8X chunk."""
    sizes = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return chunk(b"VP8X", struct.pack("<I", flags) + sizes)


def image_chunk(*, lossless: bool = False) -> bytes:
    """The picture's VP8 or VP8L chunk, taken from what Pillow encodes."""
    output = io.BytesIO()
    pixels.image().save(output, "WEBP", quality=75, lossless=lossless)
    return output.getvalue()[12:]


def webp(blocks: Blocks, *, lossless: bool = False, frames: int = 1, exif_signature: bool = False) -> bytes:
    """A WebP file; ``exif_signature`` puts JPEG's prefix before the EXIF block, as some writers do."""
    exif = blocks.exif_block
    flags = (
        (ANIMATION if frames > 1 else 0) | (EXIF if exif else 0) | (XMP if blocks.xmp else 0)
        | (ICC if blocks.icc else 0)
    )  # fmt: skip
    picture = image_chunk(lossless=lossless)
    if not flags:
        return riff(picture)
    chunks = extended_header(flags, pixels.WIDTH, pixels.HEIGHT)
    if blocks.icc is not None:
        chunks += chunk(b"ICCP", blocks.icc)
    if frames > 1:
        chunks += chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))
        place = (
            b"\0\0\0\0\0\0"
            + (pixels.WIDTH - 1).to_bytes(3, "little")
            + (pixels.HEIGHT - 1).to_bytes(3, "little")
        )
        chunks += chunk(b"ANMF", place + (100).to_bytes(3, "little") + b"\0" + picture) * frames
    else:
        chunks += picture
    if exif is not None:
        chunks += chunk(b"EXIF", EXIF_SIGNATURE + exif if exif_signature else exif)
    if blocks.xmp is not None:
        chunks += chunk(b"XMP ", blocks.xmp)
    return riff(chunks)
