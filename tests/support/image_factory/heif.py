"""Writes HEIC and AVIF files (ISO/IEC 23008-12; AV1 Image File Format) with metadata as items.

The boxes are our own. AV1 comes from Pillow; nothing that may be installed everywhere encodes
HEVC, so two intra-coded stills of the picture, encoded once with x265, are kept here.
"""

import base64
import io
import struct
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tests.support.image_factory import pixels
from tests.support.image_factory.blocks import Blocks

_HEVC_CONFIGURATION = base64.b64decode(
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCB"
    "BZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQA=="
)
_HEVC_STILL = base64.b64decode(
    "AAABsygBrxOAkH6+99uVvXhHNHs6QZuwmbWPgKjD+YK4Ba0M9JcgtS04KwtRU+IZQD8AdiUL80itvwxQE9W0iJv4L/FsPaBQPp/jz7TI"
    "5oZygTvErRRwIVYNMGkRdtWpnLA7qcXIV71oJfXXr0cajUqsTJTIvoi75jPKDvLnJbpy48i7jK+wAI3KljZl2T336tmrs2peKmmE6XgV"
    "BksBAcc4+8M56mDNhv7lIUmjvXPcavFuyIPMFrRWlXSlJyxpcZzMh9U/sFgRdeyZ1pTAKyAnJsDZD/pLbxb8lxOYMdZXI0t0d9AsNz9U"
    "/ZfRVZE9LYfiDYZDaYmygNA4cxE+iKIMhgKBIFaTkfhnRUhbQTD8kP8j5rvHZQ5hIGcnvYe7w6G0o51Rjc2m06CkXGbAzV58UbhDaKUw"
    "ctsVHyR2tCTZnR87ofkApqjYREiOnfIMSs8XQAJrZmNRo+LboilbOrA2qfuLwEJGF3ySN24GiNworhkMCdP4t0XsvzN73xON6MA2fpqE"
    "VarQ+b9fPIXFr7sJWFviwRTp2KIeXhQdPf5CZ+rkCKxyqlrTen+wrraEe+cruLwk8A=="
)

TILE = 512
"""Pixels of a side of the larger still, a tile of a grid."""
_HEVC_TILE_CONFIGURATION = base64.b64decode(
    "AQNwAAAAkAAAAAAAWvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAWroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwBaoAQC"
    "AIBZbqSSmubgIaDAgAAADIAAAAMAhGIAAQAHRAHBcrBiQA=="
)
_HEVC_TILE = base64.b64decode(
    "AAAEFCgBrwQRAkxk2Gn46LIqQPx5KkI7zA12k79kc9MBtNJd3MmByX/uiulqSQ/3vw074bJfpzdZ78tPTbPHiixRB9fgKC/gxYMHE25k"
    "GGxwWgPdvsmhFN1TUxKtFh8Ac1/6fyPGxbs5xEaHz2wzJCtNzHvNCEi+pwSLr0mnB+r30t/bA8y5wMNF1F2ziAKCzIQrpqZ83uwFLYy8"
    "2uS/HPqRtcl/DcReIOxb7BYV6SmbSlvHOQ5Fm+sohvAaH3MeHCCkZBC1yEobCb7pmRCVtOHrWP6VekQj+q972i2KqYZziGorwGtbU1AO"
    "Zzvtql6WMEhmQNnDnpNKPXmBfKsJanXLHYS/9svrSYoIzftKBA/AzH49kyuKJCq49SoaWczjjXoxF6XNtIs3T1aoh2GQmCVu7HJMdJS+"
    "p9o+l7B8q2+CEu0kBZgr/SG5DGTiYdJd3Q94A+ByFq+Ipu/3///yZX5v7+TCkqXD067V3pgGMXqBNSE5Lok9TIuud4mmuD7n8CZSiS0Y"
    "zSvddVMMoJAjdTV8SMCBXe/YCFTYq1n/DrfJSJViYp4BU9PC9ZvIhT7lGTE6/vyS1diZiVQ9KNyGq2m9w0RtEOdPVhJ+cSr2SO2C7KC/"
    "dkNpjIH0YAJvoYtzj3gReAEPispM4LycaR6Gip2jGwPnFqna4+i7qmrTTRyEdNASGp1MB6YCLA1P///snV9G8gMk7vUBunWF53COPDZX"
    "t2N4IdIxTufvbNgQGX+9C31gYBSr9ktMAPCwN86zmTGbXRw6AQZ/HBNJr8fgYEC4vaNt8Q9FpxJe8PfQrOEo2JsKsx4fxN8kbX8srzSA"
    "YtvYaw4OafgJD1/WH1z20hyI44tSU3P/3ZUoFAE0rlh5cjdg7qOmOgXAOg9+30Yad2rZaTW7cghfutIFRPHss1RQkmonwXGNze0otl62"
    "RlkUep1PI5bOsrJZm+js/g7/gNFJ8Y1BZI1Vl95NEkApKnJDC7IPWWiLr9cDLHJSeu+/OvRsL5//jMYGl4Q52bQM5Anw1tl0rBAvjL1F"
    "REpgDq0jcBGSDcgIDNwmb7vxgce6+QtSmzoBFPeWgeIGRpjJnzH/z4S0Nz29mVS1Q70QdYtu5sLjnYCVxG9tbfBds0R3MhYE5J8+57nb"
    "FCLLX1hfjKWN3UpnUFmGBzw5eMZhWJna4+vtiHVgDVAvNRxH83FWD+trzmG0qcTdQ+NRkSp3Y+8Sx0BZwjPY28yAsWzr3X35V6u+AvHH"
    "9TAKo5MY8WE7RbUmqFLnc7r1r84ByON8TsCDeu64Mxq8FA/2+05AOTY8om4rXugocWkuBkINry93M8t4zwbpHJdwSFewUIUezIE1tsw4"
    "JfneBdmYRCn8/a9axCsYmGhkDQho/sw40t/Wf6K4P9rtsA=="
)

Codec = Literal["hevc", "av1"]


def box(kind: bytes, payload: bytes) -> bytes:
    """One box (ISO/IEC 14496-12 §4.2)."""
    return struct.pack(">I", len(payload) + 8) + kind + payload


def full_box(kind: bytes, payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    """One box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags) + payload)


def children(data: bytes) -> list[tuple[bytes, bytes]]:
    """The kinds and payloads of the boxes in ``data``."""
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return found


@cache
def _av1() -> tuple[bytes, bytes]:
    output = io.BytesIO()
    pixels.image().save(output, "AVIF", quality=60, speed=8, subsampling="4:2:0")
    boxes = dict(children(output.getvalue()))
    meta = dict(children(boxes[b"meta"][4:]))
    properties = dict(children(dict(children(meta[b"iprp"]))[b"ipco"]))
    return properties[b"av1C"], boxes[b"mdat"]


def coded_picture(codec: Codec) -> tuple[bytes, bytes]:
    """The decoder configuration box and the coded picture."""
    if codec == "hevc":
        return box(b"hvcC", _HEVC_CONFIGURATION), _HEVC_STILL
    configuration, data = _av1()
    return box(b"av1C", configuration), data


def brands(codec: Codec, major: bytes | None = None) -> bytes:
    """The ``ftyp`` box."""
    own = b"heic" if codec == "hevc" else b"avif"
    return box(b"ftyp", (major or own) + bytes(4) + b"mif1" + own + b"miaf")


@dataclass(frozen=True)
class Item:
    """One item of the meta box. ``properties`` are numbers from 1 into the list of all properties."""

    kind: bytes
    data: bytes
    content_type: bytes = b""
    properties: tuple[int, ...] = ()
    references: tuple[tuple[bytes, tuple[int, ...]], ...] = ()
    hidden: bool = False
    in_idat: bool = False


def heif(
    blocks: Blocks,
    codec: Codec,
    *,
    major: bytes | None = None,
    width: int = pixels.WIDTH,
    height: int = pixels.HEIGHT,
    transformations: tuple[tuple[bytes, int], ...] = (),
    metadata_in_idat: bool = False,
) -> bytes:
    """A HEIC or AVIF file.

    ``width`` and ``height`` are what the file claims; ``transformations`` are the kinds and values of the
    properties ``irot`` and ``imir`` in their order; ``metadata_in_idat`` keeps the metadata items in the
    meta box (construction method 1) rather than in the media data.
    """
    configuration, picture = coded_picture(codec)
    properties = [configuration, dimensions(width, height), full_box(b"pixi", bytes((3, 8, 8, 8)))]
    if blocks.icc is not None:
        properties.append(box(b"colr", b"prof" + blocks.icc))
    properties += [box(name, bytes([value])) for name, value in transformations]
    kind = b"hvc1" if codec == "hevc" else b"av01"
    items = [Item(kind, picture, properties=tuple(range(1, len(properties) + 1)))]
    items += _metadata_items(blocks, described=1, in_idat=metadata_in_idat)
    return isobmff_file(brands(codec, major), items, properties)


def phone_heic(
    blocks: Blocks,
    columns: int,
    rows: int,
    *,
    width: int,
    height: int,
    quarter_turns: int = 0,
    padding: int = 0,
) -> bytes:
    """A HEIC file as phones write it: a grid of hidden tiles, turned by a property of its own.

    ``width`` and ``height`` crop the grid of 512-pixel tiles. ``padding`` bytes follow each tile, for a
    file as large as a real photo's.
    """
    properties = [
        box(b"hvcC", _HEVC_TILE_CONFIGURATION),
        dimensions(TILE, TILE),
        dimensions(width, height),
        full_box(b"pixi", bytes((3, 8, 8, 8))),
        box(b"irot", bytes([quarter_turns])),
    ]
    if blocks.icc is not None:
        properties.append(box(b"colr", b"prof" + blocks.icc))
    tiles = columns * rows
    items = [Item(b"hvc1", _HEVC_TILE, properties=(1, 2, 4), hidden=True)] * tiles
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height)
    items.append(
        Item(
            b"grid",
            grid,
            properties=(3, 4, 5, *range(6, len(properties) + 1)),
            references=((b"dimg", tuple(range(1, tiles + 1))),),
            in_idat=True,
        )
    )
    items += _metadata_items(blocks, described=tiles + 1)
    return isobmff_file(brands("hevc"), items, properties, primary=tiles + 1, padding=padding)


def dimensions(width: int, height: int) -> bytes:
    """The property of an image's width and height."""
    return full_box(b"ispe", struct.pack(">II", width, height))


def _metadata_items(blocks: Blocks, described: int, *, in_idat: bool = False) -> list[Item]:
    references = ((b"cdsc", (described,)),)
    items = []
    if blocks.exif_block is not None:
        data = struct.pack(">I", 6) + b"Exif\0\0" + blocks.exif_block
        items.append(Item(b"Exif", data, references=references, in_idat=in_idat))
    if blocks.xmp is not None:
        items.append(
            Item(b"mime", blocks.xmp, b"application/rdf+xml\0", references=references, in_idat=in_idat)
        )
    return items


def image_sequence(codec: Codec, frames: int = 2, *, icc: bytes | None = None) -> bytes:
    """A file that holds a sequence of equal pictures and no still image (ISO/IEC 14496-12, 23008-12)."""
    configuration, picture = coded_picture(codec)
    coding, brand = (b"hvc1", b"hevc") if codec == "hevc" else (b"av01", b"avis")
    start = box(b"ftyp", brand + bytes(4) + b"msf1" + brand)
    entry = bytes(6) + struct.pack(">H16xHHIIIH32sHh", 1, *_SIZE, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    entry += configuration + (box(b"colr", b"prof" + icc) if icc is not None else b"")

    def moov(offset: int) -> bytes:
        table = full_box(b"stsd", struct.pack(">I", 1) + box(coding, entry))
        table += full_box(b"stsz", struct.pack(">II", len(picture), frames))
        table += full_box(b"stsc", struct.pack(">IIII", 1, 1, frames, 1))
        table += full_box(b"stco", struct.pack(">II", 1, offset))
        matrix = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
        track = full_box(b"tkhd", bytes(36) + matrix + struct.pack(">II", *(side << 16 for side in _SIZE)))
        handler = full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        return box(b"moov", box(b"trak", track + box(b"mdia", handler + box(b"minf", box(b"stbl", table)))))

    return start + moov(len(start) + len(moov(0)) + 8) + box(b"mdat", picture * frames)


_SIZE = (pixels.WIDTH, pixels.HEIGHT)


def isobmff_file(
    start: bytes, items: list[Item], properties: list[bytes], *, primary: int = 1, padding: int = 0
) -> bytes:
    """The file of these items, numbered from 1, behind its ``ftyp`` box."""
    meta = _meta(items, properties, primary, 0, padding)
    # Offsets have a fixed width, so the size of the box does not depend on them.
    meta = _meta(items, properties, primary, len(start) + len(meta) + 8, padding)
    media_data = b"".join(item.data + bytes(padding) for item in items if not item.in_idat)
    return start + meta + box(b"mdat", media_data)


def _meta(
    items: list[Item], properties: list[bytes], primary: int, media_data_at: int, padding: int
) -> bytes:
    locations, infos, references, associations, kept = b"", b"", b"", b"", b""
    at = media_data_at
    for item_id, item in enumerate(items, 1):
        name = item.kind + b"\0" + item.content_type
        infos += full_box(b"infe", struct.pack(">HH", item_id, 0) + name, version=2, flags=int(item.hidden))
        offset = len(kept) if item.in_idat else at
        locations += struct.pack(">HHHHII", item_id, int(item.in_idat), 0, 1, offset, len(item.data))
        if item.in_idat:
            kept += item.data
        else:
            at += len(item.data) + padding
        for kind, targets in item.references:
            references += box(kind, struct.pack(f">HH{len(targets)}H", item_id, len(targets), *targets))
        if item.properties:
            # The decoder's configuration is essential to an item, its description is not.
            numbers = bytes(
                number | (0x80 if properties[number - 1][4:8] in _ESSENTIAL else 0)
                for number in item.properties
            )
            associations += struct.pack(">HB", item_id, len(numbers)) + numbers
    described = sum(bool(item.properties) for item in items)
    content = full_box(b"hdlr", bytes(4) + b"pict" + bytes(12) + b"\0")
    content += full_box(b"pitm", struct.pack(">H", primary))
    content += full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + locations, version=1)
    content += full_box(b"iinf", struct.pack(">H", len(items)) + infos)
    if references:
        content += full_box(b"iref", references)
    content += box(
        b"iprp",
        box(b"ipco", b"".join(properties)) + full_box(b"ipma", struct.pack(">I", described) + associations),
    )
    if kept:
        content += box(b"idat", kept)
    return full_box(b"meta", content)


_ESSENTIAL = (b"hvcC", b"av1C", b"irot", b"imir")
