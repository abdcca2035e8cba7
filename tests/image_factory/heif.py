"""Writes HEIC and AVIF files (ISO/IEC 23008-12; AV1 Image File Format) with metadata as items.

The container is our own. AV1 comes from Pillow; nothing that may be installed everywhere encodes
HEVC, so one intra-coded still of the picture, encoded once with x265, is kept here.
"""

import base64
import io
import struct
from functools import cache
from typing import Literal

from tests.image_factory import pixels
from tests.image_factory.blocks import Blocks

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


def heif(
    blocks: Blocks,
    codec: Codec,
    *,
    major: bytes | None = None,
    width: int = pixels.WIDTH,
    height: int = pixels.HEIGHT,
    metadata_in_idat: bool = False,
) -> bytes:
    """A HEIC or AVIF file.

    ``width`` and ``height`` are what the file claims; ``metadata_in_idat`` keeps the metadata items in
    the meta box (construction method 1) rather than in the media data.
    """
    configuration, picture = coded_picture(codec)
    items: list[tuple[bytes, bytes, bytes]] = [(b"hvc1" if codec == "hevc" else b"av01", b"", picture)]
    if blocks.exif_block is not None:
        items.append((b"Exif", b"", struct.pack(">I", 6) + b"Exif\0\0" + blocks.exif_block))
    if blocks.xmp is not None:
        items.append((b"mime", b"application/rdf+xml\0", blocks.xmp))
    properties = [
        configuration,
        full_box(b"ispe", struct.pack(">II", width, height)),
        full_box(b"pixi", bytes((3, 8, 8, 8))),
    ]
    if blocks.icc is not None:
        properties.append(box(b"colr", b"prof" + blocks.icc))
    start = brands(codec, major)
    meta = _meta(items, properties, 0, metadata_in_idat=metadata_in_idat)
    # Offsets have a fixed width, so the size of the box does not depend on them.
    meta = _meta(items, properties, len(start) + len(meta) + 8, metadata_in_idat=metadata_in_idat)
    in_media_data = items[:1] if metadata_in_idat else items
    return start + meta + box(b"mdat", b"".join(data for _, _, data in in_media_data))


def _meta(
    items: list[tuple[bytes, bytes, bytes]],
    properties: list[bytes],
    media_data_at: int,
    *,
    metadata_in_idat: bool,
) -> bytes:
    locations, infos, references, kept = b"", b"", b"", b""
    at = media_data_at
    for item_id, (kind, content_type, data) in enumerate(items, 1):
        infos += full_box(b"infe", struct.pack(">HH", item_id, 0) + kind + b"\0" + content_type, version=2)
        in_idat = metadata_in_idat and item_id > 1
        offset = len(kept) if in_idat else at
        locations += struct.pack(">HHHHII", item_id, int(in_idat), 0, 1, offset, len(data))
        if in_idat:
            kept += data
        else:
            at += len(data)
        if item_id > 1:
            references += box(b"cdsc", struct.pack(">HHH", item_id, 1, 1))
    associations = struct.pack(">IHB", 1, 1, len(properties))
    for index in range(1, len(properties) + 1):
        associations += bytes([index | (0x80 if index == 1 else 0)])
    content = full_box(b"hdlr", bytes(4) + b"pict" + bytes(12) + b"\0")
    content += full_box(b"pitm", struct.pack(">H", 1))
    content += full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + locations, version=1)
    content += full_box(b"iinf", struct.pack(">H", len(items)) + infos)
    if references:
        content += full_box(b"iref", references)
    content += box(b"iprp", box(b"ipco", b"".join(properties)) + full_box(b"ipma", associations))
    if kept:
        content += box(b"idat", kept)
    return full_box(b"meta", content)
