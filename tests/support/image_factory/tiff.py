"""Writes TIFF and BigTIFF files, whose own directories hold the metadata."""

from typing import Literal

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.iptc import image_resources
from tests.support.image_factory.tiff_structure import (
    DataBlocks,
    Field,
    FieldType,
    Ifd,
    byte,
    long,
    short,
    tiff_structure,
    undefined,
)

XMP, IPTC, PHOTOSHOP, ICC = 700, 33723, 34377, 34675


def picture_entries(
    *, page: int = 0, pages: int = 1, big: bool = False
) -> dict[int, Field | DataBlocks | Ifd]:
    """The baseline fields of the picture, uncompressed, in strips of 16 rows."""
    samples, stride = pixels.rgb(), pixels.WIDTH * 3
    strips = tuple(samples[at : at + stride * 16] for at in range(0, len(samples), stride * 16))
    sizes = tuple(len(strip) for strip in strips)
    entries: dict[int, Field | DataBlocks | Ifd] = {
        254: long(2 if pages > 1 else 0),
        256: short(pixels.WIDTH),
        257: short(pixels.HEIGHT),
        258: short(8, 8, 8),
        259: short(1),
        262: short(2),
        273: DataBlocks(strips),
        277: short(3),
        278: short(16),
        279: Field(FieldType.LONG8, sizes) if big else long(*sizes),
        284: short(1),
    }
    if pages > 1:
        entries[297] = short(page, pages)
    return entries


def tiff(
    blocks: Blocks,
    *,
    big: bool = False,
    pages: int = 1,
    iptc_in: Literal["bytes", "longs", "photoshop"] = "bytes",
) -> bytes:
    """A TIFF file of ``pages`` equal pages, the first with the metadata.

    ``iptc_in`` says where the datasets go: into tag 33723 as bytes or, as Photoshop does, as 32-bit
    numbers; or into the image resources of tag 34377.
    """
    successor = None
    for page in range(pages - 1, 0, -1):
        successor = Ifd(picture_entries(page=page, pages=pages, big=big), successor)
    entries = picture_entries(pages=pages, big=big) | metadata_entries(blocks, iptc_in=iptc_in)
    return tiff_structure(Ifd(entries, successor), blocks.order, big=big)


def metadata_entries(
    blocks: Blocks, *, iptc_in: Literal["bytes", "longs", "photoshop"] = "bytes"
) -> dict[int, Field | DataBlocks | Ifd]:
    """The fields of the first directory that hold metadata."""
    entries = dict(blocks.exif.entries) if blocks.exif else {}
    if blocks.xmp is not None:
        entries[XMP] = byte(*blocks.xmp)
    if blocks.iptc is not None:
        if iptc_in == "photoshop":
            entries[PHOTOSHOP] = byte(*image_resources(blocks.iptc))
        elif iptc_in == "longs":
            padded = blocks.iptc + bytes(-len(blocks.iptc) % 4)
            byte_order: Literal["little", "big"] = "little" if blocks.order == "<" else "big"
            numbers = [int.from_bytes(padded[at : at + 4], byte_order) for at in range(0, len(padded), 4)]
            entries[IPTC] = long(*numbers)
        else:
            entries[IPTC] = byte(*blocks.iptc)
    if blocks.icc is not None:
        entries[ICC] = undefined(blocks.icc)
    return entries
