"""Files whose metadata costs a careless reader far more than their size: every file format and block."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

from tests.support.hostile.case import jpeg_around, witness_exif, zeros_deflated
from tests.support.hostile.costly_blocks import BLOCKS, EXIF, SHARED_VALUES, XMP, Kind, fields, sharing
from tests.support.image_factory import gif, heif, iptc, jpeg, png, tiff, webp
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.tiff_structure import (
    FieldType,
    Ifd,
    byte,
    long,
    tiff_structure,
)

MEGABYTE = 1_000_000
LARGE_BLOCK = 7_600_000
"""About as much as a limit of 8 MiB lets a block have, with what a file format adds."""
_SMALL_BLOCK = 64_000
LARGE_FILE = 49 * MEGABYTE

Writer = Callable[[Kind, bytes, int], bytes]
"""Writes a file with a block, repeated this many times if the file format allows it."""


@dataclass(frozen=True)
class CostlyFile:
    """A file that must be cheap to read; it may be accepted or refused."""

    name: str
    make: Callable[[], bytes]


def costly_files() -> Iterator[CostlyFile]:
    """All of them, in a stable order."""
    yield from _blocks_in_file_formats()
    yield from _repeated_blocks()
    yield from _inflated_blocks()
    yield from _walks()


def _in_segments(marker: int, signature: bytes, block: bytes) -> bytes:
    room = jpeg.MAX_PAYLOAD - len(signature)
    return b"".join(
        jpeg.segment(marker, signature + block[at : at + room]) for at in range(0, len(block), room)
    )


def _jpeg(kind: Kind, block: bytes, times: int) -> bytes:
    if kind == "xmp":
        blocks = Blocks(xmp=b"", xmp_extension=block)
        main, payloads = _extended(blocks)
        segments = main + b"".join(jpeg.segment(0xE1, payload) for payload in payloads)
    elif kind == "icc":
        segments = jpeg.icc_segments(block)
    elif kind == "exif":
        segments = _in_segments(0xE1, jpeg.EXIF_SIGNATURE, block)
    else:
        resources = block if kind == "photoshop" else iptc.image_resources(block)
        segments = jpeg.photoshop_segments(resources)
    return jpeg_around(segments * times)


def _extended(blocks: Blocks) -> tuple[bytes, list[bytes]]:
    from tests.support.image_factory import xmp

    digest, payloads = xmp.extended_segments(blocks.xmp_extension or b"")
    main = xmp.packet([xmp.simple("xmpNote:HasExtendedXMP", digest)])
    return jpeg.segment(0xE1, jpeg.PACKET_SIGNATURE + main), list(payloads)


def _png(kind: Kind, block: bytes, times: int) -> bytes:
    if kind == "exif":
        chunk = png.chunk(b"eXIf", block)
    elif kind == "icc":
        chunk = png.icc_chunk(block)
    elif kind == "xmp":
        chunk = png.international_text("XML:com.adobe.xmp", block, compress=True)
    else:
        name = "iptc" if kind == "iptc" else "8bim"
        resources = iptc.image_resources(block) if kind == "iptc" else block
        text = f"\n{name}\n{len(resources)}\n{resources.hex()}\n".encode()
        chunk = png.compressed_text(f"Raw profile type {name}", text)
    return png.png(Blocks(exif=witness_exif()), extra=[chunk] * times)


def _gif(kind: Kind, block: bytes, times: int) -> bytes:
    extension = gif.xmp_extension(block) if kind == "xmp" else gif.icc_extension(block)
    return gif.gif(Blocks())[:-1] + extension * times + gif.TRAILER


def _webp(kind: Kind, block: bytes, times: int) -> bytes:
    name = {"exif": b"EXIF", "xmp": b"XMP ", "icc": b"ICCP"}[kind]
    chunks = webp.extended_header(webp.EXIF | webp.XMP | webp.ICC, 96, 64) + webp.image_chunk()
    return webp.riff(chunks + webp.chunk(name, block) * times)


_TAGS: Mapping[Kind, tuple[int, FieldType]] = {
    "xmp": (700, FieldType.BYTE),
    "iptc": (33_723, FieldType.BYTE),
    "photoshop": (34_377, FieldType.BYTE),
    "icc": (34_675, FieldType.UNDEFINED),
}


def _tiff(kind: Kind, block: bytes, times: int, *, big: bool = False) -> bytes:
    tag, field_type = _TAGS[kind]
    found = fields(1, field_type, len(block), tag) * times
    return sharing(tiff.tiff(Blocks(order="<"), big=big), found, block, big=big)


def _heif(codec: heif.Codec) -> Writer:
    def write(kind: Kind, block: bytes, times: int) -> bytes:
        configuration, picture = heif.coded_picture(codec)
        properties = [configuration, heif.full_box(b"ispe", struct.pack(">II", 96, 64))]
        if kind == "icc":
            properties += [heif.box(b"colr", b"prof" + block)] * times
        numbers = tuple(range(1, min(len(properties), 100) + 1))
        items = [heif.Item(b"hvc1" if codec == "hevc" else b"av01", picture, properties=numbers)]
        about = ((b"cdsc", (1,)),)
        if kind == "exif":
            items += [heif.Item(b"Exif", bytes(4) + block, references=about)] * times
        elif kind == "xmp":
            items += [heif.Item(b"mime", block, b"application/rdf+xml\0", references=about)] * times
        return heif.isobmff_file(heif.brands(codec), items, properties)

    return write


FILE_FORMATS: Mapping[str, tuple[Writer, tuple[Kind, ...]]] = {
    "jpg": (_jpeg, ("exif", "iptc", "xmp", "icc", "photoshop")),
    "png": (_png, ("exif", "iptc", "xmp", "icc", "photoshop")),
    "gif": (_gif, ("xmp", "icc")),
    "webp": (_webp, ("exif", "xmp", "icc")),
    "tif": (_tiff, ("iptc", "xmp", "icc", "photoshop")),
    "big.tif": (lambda *block: _tiff(*block, big=True), ("iptc", "xmp", "icc", "photoshop")),
    "heic": (_heif("hevc"), ("exif", "xmp", "icc")),
    "avif": (_heif("av1"), ("exif", "xmp", "icc")),
}
"""A writer, and the blocks that it can write, by extension."""


WORST: Mapping[Kind, tuple[str, ...]] = {
    "exif": ("texts", "control-characters", "emoji", "opaque", "rationals", "floats", "xmp", "icc"),
    "iptc": ("empty", "keywords", "emoji", "one-text"),
    "xmp": (
        "distinct-elements",
        "attributes",
        "items",
        "emoji-attribute",
        "latin",
        "utf-16",
        "damage-first",
    ),
    "icc": ("overlap", "emoji", "texts"),
    "photoshop": ("empty", "iptc", "xmp", "icc", "exif", "many-exif"),
}
"""The shapes of each block that every file format is tried with; all are tried in one."""
_ALL_SHAPES_IN = "png"


def _blocks_in_file_formats() -> Iterator[CostlyFile]:
    for extension, (write, kinds) in FILE_FORMATS.items():
        for kind in kinds:
            for shape in BLOCKS[kind] if extension == _ALL_SHAPES_IN else WORST[kind]:

                def make(w: Writer = write, k: Kind = kind, s: str = shape, n: int = LARGE_BLOCK) -> bytes:
                    return w(k, BLOCKS[k][s](n), 1)

                yield CostlyFile(f"{kind}-{shape}.{extension}", make)
    for shape in EXIF:
        yield CostlyFile(f"exif-{shape}-small.jpg", lambda s=shape: _jpeg("exif", EXIF[s](_SMALL_BLOCK), 1))
    for big, extension in ((False, "tif"), (True, "big.tif")):
        for shape in SHARED_VALUES:
            for size in (_SMALL_BLOCK, LARGE_BLOCK):
                yield CostlyFile(
                    f"exif-{shape}-{size}.{extension}",
                    lambda s=shape, b=big, n=size: _shared_in_tiff(s, n, b),
                )


def _shared_in_tiff(shape: str, size: int, big: bool) -> bytes:
    found, value = SHARED_VALUES[shape](size)
    return sharing(tiff.tiff(Blocks(order="<"), big=big), found, value, big=big)


REPEATED: Mapping[Kind, tuple[str, ...]] = {
    "exif": ("texts", "rationals"),
    "iptc": ("keywords",),
    "xmp": ("elements", "one-text", "damage-first"),
    "icc": ("overlap",),
    "photoshop": ("empty", "many-exif"),
}


def _repeated_blocks() -> Iterator[CostlyFile]:
    for extension, (write, kinds) in FILE_FORMATS.items():
        for kind in kinds:
            for shape in REPEATED[kind]:
                for size in (60_000, 1_000_000):

                    def make(w: Writer = write, k: Kind = kind, s: str = shape, n: int = size) -> bytes:
                        block = BLOCKS[k][s](n)
                        one = len(w(k, block, 2)) - len(w(k, block, 1))
                        return w(k, block, min(max(LARGE_FILE // one, 1), 40_000))

                    yield CostlyFile(f"repeated-{kind}-{shape}-{size}.{extension}", make)


def _inflated_blocks() -> Iterator[CostlyFile]:
    keywords = [
        *(f"Raw profile type {name}" for name in ("exif", "iptc", "8bim", "xmp", "icc")),
        "XML:com.adobe.xmp",
    ]
    for size in (8_000_000, 200_000_000):
        for keyword in keywords:
            text = keyword.encode() + b"\0"
            yield _inflated(
                f"inflated-ztxt-{keyword.rpartition(' ')[2]}-{size}.png", b"zTXt", text + b"\0", size
            )
            yield _inflated(
                f"inflated-itxt-{keyword.rpartition(' ')[2]}-{size}.png", b"iTXt", text + b"\1\0\0\0", size
            )
        yield _inflated(f"inflated-iccp-{size}.png", b"iCCP", b"profile\0\0", size)
    for shape in ("elements", "one-text", "entities"):
        yield CostlyFile(
            f"inflated-xmp-{shape}.png",
            lambda s=shape: png.png(
                Blocks(),
                extra=[png.international_text("XML:com.adobe.xmp", XMP[s](4_000_000), compress=True)]
                * 1_000,
            ),
        )
    for name in ("exif", "8bim"):
        yield CostlyFile(f"inflated-digits-{name}.png", lambda n=name: _digits(n))


def _inflated(name: str, kind: bytes, start: bytes, size: int) -> CostlyFile:
    def make() -> bytes:
        chunk = png.chunk(kind, start + zeros_deflated(size))
        return png.png(Blocks(exif=witness_exif()), extra=[chunk * min(LARGE_FILE // len(chunk), 40_000)])

    return CostlyFile(name, make)


def _digits(name: str) -> bytes:
    text = f"\n{name}\n{3_000_000}\n".encode() + b"41" * 3_000_000
    chunk = png.chunk(b"zTXt", f"Raw profile type {name}\0\0".encode() + zlib.compress(text, 1))
    return png.png(Blocks(), extra=[chunk * (LARGE_FILE // len(chunk))])


def _walks() -> Iterator[CostlyFile]:
    yield from _jpeg_walks()
    yield from _png_walks()
    yield from _gif_walks()
    yield from _webp_walks()
    yield from _tiff_walks()
    yield from _isobmff_walks()


def _jpeg_walks() -> Iterator[CostlyFile]:
    units = {
        "comments": jpeg.segment(0xFE, b""),
        "segments": jpeg.segment(0xE1, b""),
        "exif": jpeg.segment(0xE1, jpeg.EXIF_SIGNATURE),
        "profile-chunks": jpeg.segment(0xE2, jpeg.ICC_SIGNATURE + b"\1\1"),
        "resources": jpeg.segment(0xED, jpeg.PHOTOSHOP_SIGNATURE),
        "extensions": jpeg.segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 40),
        "fill-bytes": b"\xff",
        "stuffed-bytes": b"\xff\0",
        "stray-bytes": b"\0",
        "restarts": b"\xff\xd0",
        "stray-byte-each": b"\0" + jpeg.segment(0xFE, b""),
    }
    for name, unit in units.items():
        yield CostlyFile(f"walk-{name}.jpg", lambda u=unit: jpeg_around(u * (LARGE_FILE // len(u))))
        yield CostlyFile(f"walk-{name}-50000.jpg", lambda u=unit: jpeg_around(u * 49_000))
    yield CostlyFile("walk-without-end.jpg", lambda: jpeg.encoded()[:-2] + b"\xff" * LARGE_FILE)
    yield CostlyFile("walk-guids.jpg", _guids)


def _guids() -> bytes:
    """A main packet that is full of numbers, and portions of that many extended packets."""
    numbers = [f"{number:032X}" for number in range(1_300)]
    packet = XMP["elements"](400) + "".join(f"HasExtendedXMP>{number}" for number in numbers).encode()
    portions = b"".join(
        jpeg.segment(
            0xE1, b"http://ns.adobe.com/xmp/extension/\0" + number.encode() + struct.pack(">II", 9, 0)
        )
        for number in numbers
    )
    return jpeg_around(jpeg.segment(0xE1, jpeg.PACKET_SIGNATURE + packet) + portions * 28)


def _png_walks() -> Iterator[CostlyFile]:
    units = {
        "empty": png.chunk(b"teSt", b""),
        "texts": png.text("Comment", ""),
        "raw-profiles": png.text("Raw profile type exif", ""),
        "frames": png.chunk(b"fcTL", bytes(26)),
        "data": png.chunk(b"IDAT", b""),
        "data-of-two-sizes": png.chunk(b"IDAT", b"") + png.chunk(b"IDAT", b"x"),
        "palettes": png.chunk(b"PLTE", b"") + png.chunk(b"teSt", b""),
        "creation-times": png.text("Creation Time", "2021"),
    }
    for name, unit in units.items():
        yield CostlyFile(
            f"walk-{name}.png", lambda u=unit: png.png(Blocks(), extra=[u * (LARGE_FILE // len(u))])
        )
        yield CostlyFile(f"walk-{name}-50000.png", lambda u=unit: png.png(Blocks(), extra=[u * 24_000]))


def _gif_walks() -> Iterator[CostlyFile]:
    start, frame = gif.screen(b"GIF89a", 96, 64), gif.frame(1, 1, b"\0", 1)
    units = {
        "comments": gif.comment(b""),
        "comment": gif.comment(b"x"),
        "applications": gif.application(b"x" * 11, b"\0"),
        "xmp": gif.application(b"XMP DataXMP", b"\0"),
        "profiles": gif.application(b"ICCRGBG1012", b"\0"),
        "frames": frame,
        "empty": b"\0",
    }
    for name, unit in units.items():
        yield CostlyFile(
            f"walk-{name}.gif", lambda u=unit: start + frame + u * (LARGE_FILE // len(u)) + gif.TRAILER
        )
        yield CostlyFile(f"walk-{name}-50000.gif", lambda u=unit: start + frame + u * 49_000 + gif.TRAILER)
    for name, before in (
        ("comment", b"\x21\xfe"),
        ("application", b"\x21\xff\x0b" + b"x" * 11),
        ("xmp", b"\x21\xff\x0bXMP DataXMP"),
        ("profile", b"\x21\xff\x0bICCRGBG1012"),
        ("frame", frame[:-3]),
    ):
        for size in (4_000_000, LARGE_FILE):
            yield CostlyFile(
                f"walk-sub-blocks-of-{name}-{size}.gif",
                lambda b=before, n=size: start + frame + b + b"\1x" * (n // 2) + b"\0" + gif.TRAILER,
            )


def _webp_walks() -> Iterator[CostlyFile]:
    units = {
        "unknown": webp.chunk(b"teSt", b""),
        "exif": webp.chunk(b"EXIF", b""),
        "xmp": webp.chunk(b"XMP ", b""),
        "profiles": webp.chunk(b"ICCP", b""),
        "frames": webp.chunk(b"ANMF", b""),
        "alpha": webp.chunk(b"ALPH", b"") + webp.chunk(b"teSt", b""),
    }
    start = webp.extended_header(webp.EXIF, 96, 64) + webp.image_chunk()
    for name, unit in units.items():
        yield CostlyFile(f"walk-{name}.webp", lambda u=unit: webp.riff(start + u * (LARGE_FILE // len(u))))
        yield CostlyFile(f"walk-{name}-50000.webp", lambda u=unit: webp.riff(start + u * 24_000))


def _tiff_walks() -> Iterator[CostlyFile]:
    for big, extension in ((False, "tif"), (True, "big.tif")):
        for number, size in ((20_000, 0), (1_000_000, 0), (700, 65_000)):
            yield CostlyFile(
                f"walk-pages-{number}.{extension}", lambda n=number, s=size, b=big: _pages(n, s, b)
            )
        for field_type, each in (
            (FieldType.BYTE, 1),
            (FieldType.SHORT, 2),
            (FieldType.LONG, 4),
            (FieldType.LONG8, 8),
        ):
            for number in (1_000_000, 1_990_000, LARGE_FILE // each):
                yield CostlyFile(
                    f"walk-strips-{field_type.name.lower()}-{number}.{extension}",
                    lambda n=number, t=field_type, e=each, b=big: _strips(n, t, n * e, b),
                )
        yield CostlyFile(f"walk-entries.{extension}", lambda b=big: _entries(b))
        yield CostlyFile(f"walk-directories.{extension}", lambda b=big: _directories(b))


def _pages(number: int, padding: int, big: bool) -> bytes:
    """Return this many pages without own entries, at some distance from each other."""
    base = bytearray(tiff.tiff(Blocks(order="<"), big=big))
    count_size, pointer = (8, "<Q") if big else (2, "<I")
    first = int.from_bytes(base[8:16] if big else base[4:8], "little")
    own = int.from_bytes(base[first : first + count_size], "little")
    successor = first + count_size + own * (20 if big else 12)
    step = count_size + struct.calcsize(pointer) + padding
    at = len(base)
    base[successor : successor + struct.calcsize(pointer)] = struct.pack(pointer, at)
    number = min(number, LARGE_FILE // step)
    following = islice(count(at + step, step), number - 1)
    pages = b"".join(
        bytes(count_size) + struct.pack(pointer, next_at) + bytes(padding) for next_at in following
    )
    return bytes(base) + pages + bytes(step)


def _strips(number: int, field_type: FieldType, size: int, big: bool) -> bytes:
    """Strips that all lie at the start of the file, in a list that is shared by offsets and sizes."""
    base = {256: long(96), 257: long(64)}
    value = bytes(size)
    found = [(273, field_type, number), (279, field_type, number)]
    return sharing(tiff_structure(Ifd(base), big=big), found, value, big=big)


def _entries(big: bool) -> bytes:
    number = LARGE_FILE // 20 if big else 65_000
    return sharing(
        tiff.tiff(Blocks(order="<"), big=big),
        fields(1, FieldType.SHORT, 1, 0xC000) * number,
        b"\0\0",
        big=big,
    )


def _directories(big: bool) -> bytes:
    """Directories of the most entries, which point to one another."""
    inner = Ifd({0xC000 + number: byte(1) for number in range(1_900)})
    pointers = {0x8769: inner, 0x8825: inner, 0xA005: inner, 0x014A: inner}
    return tiff_structure(Ifd({**tiff.picture_entries(big=big), **pointers}), big=big)


def _isobmff_walks() -> Iterator[CostlyFile]:
    codecs: tuple[tuple[heif.Codec, str], ...] = (("hevc", "heic"), ("av1", "avif"))
    for codec, extension in codecs:
        for name, make in {
            "boxes": lambda c: heif.brands(c) + heif.box(b"free", b"") * 6_000_000 + heif.heif(Blocks(), c),
            "boxes-50000": lambda c: heif.heif(Blocks(), c) + heif.box(b"free", b"") * 49_000,
            "tracks": lambda c: (
                heif.heif(Blocks(), c) + heif.box(b"moov", heif.box(b"trak", b"") * 6_000_000)
            ),
            "tracks-50000": lambda c: heif.heif(Blocks(), c) + _movie(9_000),
            "extents": lambda c: _overlapping_extents(c, 900, 8_000),
            "many-extents": lambda c: _overlapping_extents(c, 15_000, 500),
            "large-extents": lambda c: _overlapping_extents(c, 15_000, 1_000_000),
            "items": lambda c: _many_items(c, 3_900),
            "too-many-items": lambda c: _many_items(c, 65_000),
            "associations": lambda c: _many_associations(c, 7_000_000),
            "properties": _many_properties,
            "reference-boxes": lambda c: _references(c, 40_000),
        }.items():
            yield CostlyFile(f"walk-{name}.{extension}", lambda m=make, c=codec: m(c))


def _movie(number: int) -> bytes:
    handler = heif.full_box(b"hdlr", bytes(4) + b"pict" + bytes(12))
    sizes = heif.full_box(b"stsz", struct.pack(">II", 1, 1 << 31))
    media = heif.box(b"mdia", handler + heif.box(b"minf", heif.box(b"stbl", sizes)))
    return heif.box(b"moov", heif.box(b"trak", media) * number)


def _meta(codec: heif.Codec, *boxes: bytes, properties: bytes = b"", associated: bytes = b"\1\2") -> bytes:
    """A file whose picture is in ``idat``, with more boxes in its meta box."""
    configuration, picture = heif.coded_picture(codec)
    kind = b"hvc1" if codec == "hevc" else b"av01"
    own = configuration + heif.full_box(b"ispe", struct.pack(">II", 96, 64)) + properties
    association = struct.pack(">IHB", 1, 1, len(associated)) + associated
    content = heif.full_box(b"hdlr", bytes(4) + b"pict" + bytes(12) + b"\0")
    content += heif.full_box(b"pitm", struct.pack(">H", 1))
    content += heif.full_box(b"iinf", struct.pack(">H", 1) + _item(1, kind))
    content += heif.full_box(b"iloc", struct.pack(">BBHHHHHII", 0x44, 0, 1, 1, 1, 0, 1, 0, len(picture)), 1)
    content += heif.box(b"iprp", heif.box(b"ipco", own) + heif.full_box(b"ipma", association))
    content += heif.box(b"idat", picture) + b"".join(boxes)
    return heif.brands(codec) + heif.full_box(b"meta", content)


def _item(number: int, kind: bytes) -> bytes:
    return heif.full_box(b"infe", struct.pack(">HH", number, 0) + kind + b"\0", version=2)


def _overlapping_extents(codec: heif.Codec, number: int, size: int) -> bytes:
    """An Exif item of extents that are all the same bytes."""
    extents = struct.pack(">II", 0, size) * number
    location = struct.pack(">BBHHHHH", 0x44, 0, 1, 2, 0, 0, number) + extents
    information = struct.pack(">H", 1) + _item(2, b"Exif")
    about = heif.full_box(b"iref", heif.box(b"cdsc", struct.pack(">HHH", 2, 1, 1)))
    boxes = heif.full_box(b"iinf", information), heif.full_box(b"iloc", location, 1), about
    return _meta(codec, *boxes) + bytes(max(size, 1_000))


def _many_items(codec: heif.Codec, number: int) -> bytes:
    """Exif items of the same megabyte of the file, each of which is associated with the picture."""
    numbers = range(2, number + 2)
    information = struct.pack(">H", number) + b"".join(_item(item, b"Exif") for item in numbers)
    locations = struct.pack(">BBH", 0x44, 0, number) + b"".join(
        struct.pack(">HHHHII", item, 0, 0, 1, 0, 1_000_000) for item in numbers
    )
    about = b"".join(heif.box(b"cdsc", struct.pack(">HHH", item, 1, 1)) for item in numbers)
    boxes = (
        heif.full_box(b"iinf", information),
        heif.full_box(b"iloc", locations, 1),
        heif.full_box(b"iref", about),
    )
    return _meta(codec, *boxes) + EXIF["texts"](1_000_000)


def _many_associations(codec: heif.Codec, size: int) -> bytes:
    """Pictures that have one large property, associated as often as possible."""
    profile = heif.box(b"colr", b"nclx" + bytes(size))
    associations = struct.pack(">I", 60) + b"".join(
        struct.pack(">HB", number, 255) + b"\3" * 255 for number in range(1, 61)
    )
    again = heif.box(b"iprp", heif.full_box(b"ipma", associations))
    return _meta(codec, again, properties=profile)


def _many_properties(codec: heif.Codec) -> bytes:
    return _meta(codec, properties=heif.box(b"pixi", b"") * 45_000)


def _references(codec: heif.Codec, number: int) -> bytes:
    return _meta(codec, heif.full_box(b"iref", heif.box(b"cdsc", struct.pack(">HHH", 2, 1, 1)) * number))
