"""HEIC and AVIF files with wrong boxes, items and extents."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import (
    TOO_LARGE,
    UNREADABLE,
    UNSUPPORTED,
    WITNESS_VALUES,
    HostileFile,
    either,
    witness_exif,
)
from tests.support.image_factory import heif, photo
from tests.support.image_factory.blocks import Blocks


def isobmff_abuse() -> Iterator[HostileFile]:
    """Hostile files. None may be accepted with other values than the healthy file's."""
    for extension, codec in (("heic", "hevc"), ("avif", "av1")):
        yield from _box_sizes(extension, codec)
        yield from _items(extension, codec)


def _box_sizes(extension: str, codec: heif.Codec) -> Iterator[HostileFile]:
    whole = photo(f"{extension}-complete.{extension}")
    content = whole.content
    everything = {block: getattr(whole.expected, block) for block in ("exif", "gps", "iptc", "xmp", "icc")}
    sizes = {
        "zero": 0,
        "one": 1,
        "four": 4,
        "seven": 7,
        "eight": 8,
        "huge": 0x7FFFFFFF,
        "largest": 0xFFFFFFFF,
    }
    kinds = (
        b"meta",
        b"hdlr",
        b"pitm",
        b"iloc",
        b"iinf",
        b"infe",
        b"iref",
        b"iprp",
        b"ipco",
        b"ispe",
        b"colr",
        b"ipma",
        b"mdat",
    )
    for kind in kinds:
        at = content.index(kind) - 4
        for name, size in sizes.items():
            yield either(
                f"box-{kind.decode()}-{name}.{extension}",
                lambda a=at, s=size: content[:a] + struct.pack(">I", s) + content[a + 4 :],
                UNREADABLE,
                UNSUPPORTED,
                TOO_LARGE,
                image={},
                subset_of=everything,
            )
    for name, size in {"small": 15, "huge": 1 << 62, "largest": (1 << 64) - 1}.items():
        at = content.index(b"mdat") - 4
        yield either(
            f"box-large-{name}.{extension}",
            lambda a=at, s=size: content[:a] + struct.pack(">I4sQ", 1, b"mdat", s) + content[a + 8 :],
            subset_of=everything,
        )
    nested = b""
    for _ in range(3_000):
        nested = heif.box(b"meta", bytes(4) + nested)
    brand = heif.brands(codec)
    yield either(
        f"box-nested.{extension}", lambda: brand + nested + content[len(brand) :], subset_of=everything
    )
    yield either(
        f"box-free-before.{extension}",
        lambda: brand + heif.box(b"free", bytes(100_000)) + content[len(brand) :],
        image={},
        subset_of={},
    )
    yield either(
        f"box-brands-many.{extension}",
        lambda: heif.box(b"ftyp", content[8:12] + bytes(4) + b"mif1" * 100_000) + content[len(brand) :],
        image={},
        subset_of={},
    )


def _items(extension: str, codec: heif.Codec) -> Iterator[HostileFile]:
    blocks = Blocks(exif=witness_exif())
    content = heif.heif(blocks, codec)
    iloc = content.index(b"iloc")
    exif_entry = iloc + 4 + 4 + 2 + 2 + 16
    """Where the location of item 2, the EXIF block, begins: 16 bytes an item."""
    assert content[exif_entry : exif_entry + 2] == b"\0\2"

    def patched(at: int, value: bytes) -> bytes:
        return content[:at] + value + content[at + len(value) :]

    patches = {
        "offset-huge": (exif_entry + 8, b"\xff\xff\xff\xff"),
        "length-huge": (exif_entry + 12, b"\xff\xff\xff\xff"),
        "length-zero": (exif_entry + 12, b"\0\0\0\0"),
        "extents-many": (exif_entry + 6, b"\xff\xff"),
        "method-unknown": (exif_entry + 2, b"\0\x0f"),
        "method-item": (exif_entry + 2, b"\0\2"),
        "reference-external": (exif_entry + 4, b"\0\1"),
        "offset-into-meta": (exif_entry + 8, b"\0\0\0\0"),
        "field-sizes": (iloc + 8, b"\x33"),
        "field-sizes-zero": (iloc + 8, b"\0\0"),
        "version": (iloc + 4, b"\x09"),
        "count": (iloc + 10, b"\xff\xff"),
        "infe-version": (content.index(b"infe") + 4, b"\xff"),
        "info-count": (content.index(b"iinf") + 8, b"\xff\xff"),
        "primary-missing": (content.index(b"pitm") + 8, b"\xff\xff"),
        "primary-is-exif": (content.index(b"pitm") + 8, b"\0\2"),
        "reference-self": (content.index(b"cdsc") + 8, b"\0\1\0\2"),
        "association-huge": (content.index(b"ipma") + 8, b"\xff\xff\xff\xff"),
        "association-index": (content.index(b"ipma") + 15, b"\x7f\x7f"),
        "exif-header-huge": (
            content.index(b"Exif\0\0II" if b"Exif\0\0II" in content else b"Exif\0\0MM") - 4,
            b"\xff\xff\xff\xff",
        ),
    }
    for name, (at, value) in patches.items():
        yield either(
            f"item-{name}.{extension}",
            lambda a=at, v=value: patched(a, v),
            image={},
            subset_of=WITNESS_VALUES,
        )
    yield either(
        f"item-extents-shared.{extension}", lambda: _shared_extents(codec), image={}, subset_of={"xmp": {}}
    )
    yield either(
        f"item-sequence.{extension}",
        lambda: _sequence_claiming(codec, 0xFFFFFFFF),
        image={"width": 96, "height": 64, "frames": 1},
    )
    yield either(f"items-many.{extension}", lambda: _many_items(codec), image={}, subset_of=WITNESS_VALUES)
    yield either(
        f"item-grid.{extension}", lambda: _grid(codec), UNREADABLE, TOO_LARGE, image={}, subset_of={}
    )


def _sequence_claiming(codec: heif.Codec, count: int) -> bytes:
    """A photo with its own image sequence, which claims more samples than its table has."""
    sizes = heif.full_box(b"stsz", struct.pack(">II", 0, count))
    handler = heif.full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
    media = handler + heif.box(b"minf", heif.box(b"stbl", sizes))
    return heif.heif(Blocks(), codec) + heif.box(b"moov", heif.box(b"trak", heif.box(b"mdia", media)))


def _isobmff_file(
    codec: heif.Codec, locations: bytes, infos: list[bytes], *, extra: bytes = b"", primary: int = 1
) -> bytes:
    configuration, picture = heif.coded_picture(codec)
    properties = configuration + heif.full_box(b"ispe", struct.pack(">II", 96, 64))
    meta = heif.full_box(
        b"meta",
        heif.full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + heif.full_box(b"pitm", struct.pack(">H", primary))
        + locations
        + heif.full_box(b"iinf", struct.pack(">H", len(infos)) + b"".join(infos))
        + extra
        + heif.box(
            b"iprp",
            heif.box(b"ipco", properties) + heif.full_box(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 2)),
        ),
    )
    return heif.brands(codec) + meta + heif.box(b"mdat", picture)


def _picture_kind(codec: heif.Codec) -> bytes:
    return b"hvc1" if codec == "hevc" else b"av01"


def _info(item_id: int, kind: bytes, content_type: bytes = b"") -> bytes:
    return heif.full_box(b"infe", struct.pack(">HH", item_id, 0) + kind + b"\0" + content_type, version=2)


def _shared_extents(codec: heif.Codec) -> bytes:
    """An XMP item of 60 000 extents that are all the whole file: gigabytes from half a megabyte."""
    infos = [_info(1, _picture_kind(codec)), _info(2, b"mime", b"application/rdf+xml\0")]
    extents = struct.pack(">II", 0, 400_000) * 60_000
    locations = struct.pack(">HHHHII", 1, 0, 0, 1, 0, 100) + struct.pack(">HHHH", 2, 0, 0, 60_000) + extents
    return _isobmff_file(
        codec, heif.full_box(b"iloc", struct.pack(">BBH", 0x44, 0, 2) + locations, version=1), infos
    )


def _many_items(codec: heif.Codec) -> bytes:
    infos = [_info(1, _picture_kind(codec))] + [_info(number, b"Exif") for number in range(2, 20_000)]
    locations = b"".join(struct.pack(">HHHHII", number, 0, 0, 1, 0, 1_000) for number in range(1, 20_000))
    return _isobmff_file(
        codec, heif.full_box(b"iloc", struct.pack(">BBH", 0x44, 0, 19_999) + locations, version=1), infos
    )


def _grid(codec: heif.Codec) -> bytes:
    """A derived picture of 65 536 tiles that are all the same item, 50 000 pixels wide."""
    infos = [_info(1, b"grid"), _info(2, _picture_kind(codec))]
    grid = struct.pack(">BBBBII", 0, 1, 255, 255, 50_000, 50_000)
    locations = struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(grid)) + struct.pack(
        ">HHHHII", 2, 0, 0, 1, 0, 100
    )
    references = heif.box(b"dimg", struct.pack(">HH", 1, 65_535) + struct.pack(">H", 2) * 65_535)
    extra = heif.full_box(b"iref", references) + heif.box(b"idat", grid)
    return _isobmff_file(
        codec,
        heif.full_box(b"iloc", struct.pack(">BBH", 0x44, 0, 2) + locations, version=1),
        infos,
        extra=extra,
    )
