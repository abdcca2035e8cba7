"""EXIF blocks and TIFF directories that loop, point out of bounds or have wrong sizes."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import (
    TOO_LARGE,
    UNREADABLE,
    UNSUPPORTED,
    WITNESS,
    WITNESS_VALUES,
    HostileFile,
    accepted,
    either,
    jpeg_around,
    jpeg_with_exif,
)
from tests.support.image_factory import jpeg, tiff
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.rows import EXIF_IFD, GPS_IFD
from tests.support.image_factory.tiff_structure import (
    Field,
    FieldType,
    Ifd,
    ascii_text,
    byte,
    long,
    rational,
    short,
    signed_rational,
    tiff_structure,
    undefined,
)

MODEL = 0x0110


def entry(tag: int, kind: int, count: int, value: int | bytes) -> bytes:
    """Return one little-endian directory entry, which may be invalid."""
    inline = value if isinstance(value, bytes) else struct.pack("<I", value)
    return struct.pack("<HHI", tag, kind, count) + inline


def block(*entries: bytes, successor: int = 0, count: int | None = None, tail: bytes = b"") -> bytes:
    """An EXIF block of these entries behind a healthy one for the camera model."""
    number = len(entries) + 1
    at = 8 + 2 + 12 * number + 4
    witness = entry(MODEL, FieldType.ASCII, len(WITNESS) + 1, at)
    return (
        struct.pack("<2sHIH", b"II", 42, 8, number if count is None else count)
        + witness
        + b"".join(entries)
        + struct.pack("<I", successor)
        + WITNESS.encode()
        + b"\0"
        + tail
    )


def _many_nested(depth: int) -> bytes:
    """Exif directories nested ``depth`` deep, each pointing to the next."""
    parts = [struct.pack("<2sHI", b"II", 42, 8)]
    parts += [
        struct.pack("<H", 1) + entry(EXIF_IFD, FieldType.LONG, 1, 8 + 18 * (at + 1)) + bytes(4)
        for at in range(depth)
    ]
    return b"".join(parts)


def _many_chained(count: int) -> bytes:
    """Directories chained ``count`` long."""
    directory = struct.pack("<H", 1) + entry(0x0112, FieldType.SHORT, 1, 1)
    parts = [struct.pack("<2sHI", b"II", 42, 8)]
    parts += [
        directory + struct.pack("<I", 8 + 18 * (at + 1) if at < count - 1 else 0) for at in range(count)
    ]
    return b"".join(parts)


BLOCKS: dict[str, bytes] = {
    "loop-successor": block(successor=8),
    "loop-exif": block(entry(EXIF_IFD, FieldType.LONG, 1, 8)),
    "loop-gps": block(entry(GPS_IFD, FieldType.LONG, 1, 8)),
    "loop-exif-and-gps": block(
        entry(EXIF_IFD, FieldType.LONG, 1, 8), entry(GPS_IFD, FieldType.LONG, 1, 8), successor=8
    ),
    "loop-sub-directories": block(entry(0x014A, FieldType.LONG, 1, 8)),
    "loop-interoperability": block(entry(0xA005, FieldType.LONG, 1, 8)),
    "offset-beyond-end": block(entry(0x010F, FieldType.ASCII, 100, 0x7FFFFFFF)),
    "offset-at-end": block(entry(0x010F, FieldType.ASCII, 100, 0xFFFFFFFF)),
    "offset-zero": block(entry(EXIF_IFD, FieldType.LONG, 1, 0)),
    "offset-into-header": block(entry(EXIF_IFD, FieldType.LONG, 1, 2)),
    "exif-offset-beyond-end": block(entry(EXIF_IFD, FieldType.LONG, 1, 0xFFFFFFF0)),
    "exif-pointer-of-text": block(entry(EXIF_IFD, FieldType.ASCII, 4, b"abc\0")),
    "exif-pointer-of-many": block(entry(EXIF_IFD, FieldType.LONG, 0xFFFFFFFF, 8)),
    "count-huge-text": block(entry(0x010F, FieldType.ASCII, 0xFFFFFFFF, 8)),
    "count-huge-doubles": block(entry(0x010F, FieldType.DOUBLE, 0xFFFFFFFF, 8)),
    "count-overflowing": block(entry(0x010F, FieldType.DOUBLE, 0x20000001, 8)),
    "count-zero": block(entry(0x010F, FieldType.ASCII, 0, 8), entry(0x0112, FieldType.SHORT, 0, 0)),
    "type-zero": block(entry(0x010F, 0, 4, b"abc\0")),
    "type-unknown": block(entry(0x010F, 0xFFFF, 4, b"abc\0"), entry(0x0112, 99, 1, 1)),
    "entries-beyond-end": block(count=0xFFFF),
    "successor-beyond-end": block(successor=0xFFFFFFFF),
    "orientation-nine": block(entry(0x0112, FieldType.SHORT, 1, 9)),
    "orientation-huge": block(entry(0x0112, FieldType.LONG, 1, 0xFFFFFFFF)),
    "orientation-text": block(entry(0x0112, FieldType.ASCII, 4, b"six\0")),
    "orientation-many": block(entry(0x0112, FieldType.SHORT, 2, b"\6\0\6\0")),
    "text-unterminated": block(entry(0x010F, FieldType.ASCII, 4, b"abcd")),
    "text-invalid-utf8": block(entry(0x010F, FieldType.ASCII, 4, b"\xc3\x28\xff\0")),
    "text-nuls": block(entry(0x010F, FieldType.ASCII, 4, b"\0\0\0\0")),
    "text-controls": block(entry(0x010F, FieldType.ASCII, 4, b"\x1b[2\0")),
    "make-note-empty": block(entry(0x927C, FieldType.UNDEFINED, 0, 0)),
    "float-not-a-number": block(entry(0xEB10, FieldType.FLOAT, 1, struct.pack("<f", float("nan")))),
    "float-infinite": block(entry(0xEB10, FieldType.FLOAT, 1, struct.pack("<f", float("-inf")))),
    "nested-1000": block(entry(EXIF_IFD, FieldType.LONG, 1, 8), tail=_many_nested(1000)),
}


def exif_abuse() -> Iterator[HostileFile]:
    """Hostile EXIF blocks in photos, and hostile directories of TIFF files."""
    for name, value in BLOCKS.items():
        yield accepted(f"exif-{name}.jpg", lambda v=value: jpeg_with_exif(v), values=WITNESS_VALUES)
    yield accepted("exif-nested.jpg", lambda: jpeg_with_exif(_many_nested(3_600)))
    yield accepted("exif-chained.jpg", lambda: jpeg_with_exif(_many_chained(3_600)))
    healthy = tiff_structure(Ifd({MODEL: ascii_text(WITNESS)}))
    headers = {
        "empty": b"",
        "short": b"II*\0",
        "no-mark": b"XX*\0\x08\0\0\0" + healthy[8:],
        "mixed-marks": b"IM*\0" + healthy[4:],
        "wrong-magic": b"II+\0" + healthy[4:],
        "offset-beyond-end": b"II*\0\xff\xff\xff\xff" + healthy[8:],
        "offset-zero": b"II*\0\0\0\0\0" + healthy[8:],
        "random": bytes(at * 37 % 251 for at in range(5_000)),
    }
    for name, value in headers.items():
        yield accepted(f"exif-header-{name}.jpg", lambda v=value: jpeg_with_exif(v))
    yield from _values()
    yield from _tiff_files()


def _values() -> Iterator[HostileFile]:
    """Well-formed directories with values that must not break the document or invent data."""
    lone_surrogate = b"\x3d\xd8A\0\0\0"
    fields: dict[str, tuple[dict[int, Field], dict[int, Field], dict[int, Field]]] = {
        "lone-surrogate": (
            {0x9C9B: byte(*lone_surrogate)},
            {0x9286: undefined(b"UNICODE\0" + lone_surrogate)},
            {},
        ),
        "odd-utf16": ({0x9C9B: byte(0x41, 0, 0x42)}, {0x9286: undefined(b"UNICODE\0A")}, {}),
        "unknown-charset": (
            {},
            {0x9286: undefined(b"KLINGON\0abc"), 0x9000: undefined(b"\xff\xfe\0\1")},
            {},
        ),
        "jis-garbage": ({}, {0x9286: undefined(b"JIS\0\0\0\0\0\x1b$B\xff\xff\x00")}, {}),
        "zero-denominators": (
            {0x011A: rational(1, 0)},
            {
                0x829A: rational(0, 0),
                0x9204: signed_rational(-1, 0),
                0xA432: rational(24, 1, 0, 0, 28, 0, 0, 0),
            },
            {0x06: rational(1, 0)},
        ),
        "signed-extremes": (
            {},
            {
                0x9204: signed_rational(-0x80000000, -1),
                0x829A: rational(0xFFFFFFFF, 1),
                0x829D: rational(1, 0xFFFFFFFF),
            },
            {},
        ),
        "impossible-place": (
            {},
            {},
            {
                1: ascii_text("N"),
                2: rational(91, 1, 0, 1, 0, 1),
                3: ascii_text("E"),
                4: rational(400, 1, 70, 1, 70, 1),
            },
        ),
        "place-of-wrong-types": (
            {},
            {},
            {
                1: short(78),
                2: ascii_text("48,51,29"),
                3: byte(69),
                4: long(2, 17, 0),
                6: ascii_text("high"),
            },
        ),
        "place-too-short": (
            {},
            {},
            {1: ascii_text("N"), 2: rational(48, 1), 3: ascii_text(""), 4: rational(2, 1)},
        ),
        "times": (
            {0x0132: ascii_text("9999:99:99 99:99:99")},
            {
                0x9003: ascii_text("2021-07-03T14:05:09Z; rm"),
                0x9011: ascii_text("+99:99"),
                0x9291: ascii_text("-1e9"),
            },
            {},
        ),
        "long-text": ({0x010E: ascii_text("x" * 60_000)}, {}, {}),
        "long-list": ({}, {0xEB10: short(*([1] * 30_000))}, {}),
        "markup": (
            {0x010E: ascii_text("</script><script>alert(1)</script>&lt;\u2028\u2029\ufeff")},
            {},
            {},
        ),
        "terminal": ({0x010E: ascii_text("\x1b]0;owned\x07\x9b2J\x85\x7f\b")}, {}, {}),
    }
    for name, (image, exif, gps) in fields.items():
        tags = {**image, MODEL: ascii_text(WITNESS)}
        directories: dict[int, Field | Ifd] = {**tags}
        if exif:
            directories[EXIF_IFD] = Ifd(exif)
        if gps:
            directories[GPS_IFD] = Ifd(gps)
        yield accepted(
            f"exif-values-{name}.jpg",
            lambda d=directories: jpeg_around(
                jpeg.metadata_segments(Blocks(exif=Ifd(d), order="<")), witness=False
            ),
            values=WITNESS_VALUES,
        )


def _tiff_files() -> Iterator[HostileFile]:
    whole = bytearray(tiff.tiff(Blocks(exif=Ifd({MODEL: ascii_text(WITNESS)}), order="<")))
    count = int.from_bytes(whole[8:10], "little")
    successor_at = 10 + 12 * count

    def patched(at: int, value: bytes) -> bytes:
        return bytes(whole[:at]) + value + bytes(whole[at + len(value) :])

    def with_entries(**fields: Field | Ifd) -> bytes:
        entries = tiff.picture_entries() | {int(tag[1:], 16): value for tag, value in fields.items()}
        return tiff_structure(Ifd({**entries, MODEL: ascii_text(WITNESS)}))

    yield either(
        "tiff-loop.tif", lambda: patched(successor_at, struct.pack("<I", 8)), values=WITNESS_VALUES
    )
    yield either(
        "tiff-successor-beyond-end.tif",
        lambda: patched(successor_at, b"\xff\xff\xff\xff"),
        values=WITNESS_VALUES,
    )
    yield either("tiff-entries-beyond-end.tif", lambda: patched(8, b"\xff\xff"), values=WITNESS_VALUES)
    yield either("tiff-no-entries.tif", lambda: patched(8, b"\0\0"))
    yield either("tiff-offset-beyond-end.tif", lambda: patched(4, b"\xff\xff\xff\xff"))
    yield either("tiff-offset-into-header.tif", lambda: patched(4, b"\2\0\0\0"))
    yield either(
        "tiff-strips-beyond-end.tif",
        lambda: with_entries(t0111=long(*[0xFFFFFF00] * 4)),
        values=WITNESS_VALUES,
    )
    yield either(
        "tiff-many-bits.tif",
        lambda: with_entries(t0102=short(*[65_535] * 3)),
        UNREADABLE,
        TOO_LARGE,
        values=WITNESS_VALUES,
    )
    yield either(
        "tiff-many-samples.tif",
        lambda: with_entries(t0115=short(65_535)),
        UNREADABLE,
        TOO_LARGE,
        values=WITNESS_VALUES,
    )
    yield either(
        "tiff-unknown-compression.tif", lambda: with_entries(t0103=short(65_000)), values=WITNESS_VALUES
    )
    yield either(
        "tiff-tiles-of-nothing.tif",
        lambda: with_entries(t0142=short(0), t0143=short(0)),
        values=WITNESS_VALUES,
    )
    yield either("tiff-width-text.tif", lambda: with_entries(t0100=ascii_text("96")), values=WITNESS_VALUES)
    yield either(
        "tiff-xmp-beyond-end.tif", lambda: with_entries(t02bc=byte(*b"<x:xmpmeta")), values=WITNESS_VALUES
    )
    yield either(
        "tiff-iptc-longs-odd.tif",
        lambda: with_entries(t83bb=long(0x1C021905, 0xFFFFFFFF)),
        values=WITNESS_VALUES,
    )
    yield either(
        "tiff-injected-lines.tif",
        lambda: with_entries(
            t010d=ascii_text("x\nexif:GPSLatitude=1/1\n8BIM"), t011d=ascii_text("%[exif:*]\n")
        ),
        values=WITNESS_VALUES,
    )
    yield either("tiff-strips-many.tif", _many_strips)
    big = bytearray(tiff.tiff(Blocks(), big=True))
    for name, at, value in (
        ("offset-huge", 8, b"\xff" * 8),
        ("entries-huge", 16, b"\xff" * 8),
        ("count-huge", 28, b"\xff" * 8),
        ("offset-size", 4, b"\4\0"),
    ):
        yield either(
            f"bigtiff-{name}.tif",
            lambda a=at, v=value: bytes(big[:a]) + v + bytes(big[a + len(v) :]),
            UNREADABLE,
            UNSUPPORTED,
        )


def _many_strips() -> bytes:
    """A TIFF of 5 000 000 strips, each a byte of the first, claimed by arrays of 40 MB."""
    count = 5_000_000
    entries = tiff.picture_entries() | {
        273: Field(FieldType.LONG, raw=b""),
        279: Field(FieldType.LONG, raw=b""),
    }
    table = bytearray(tiff_structure(Ifd(entries)))
    end = len(table) + len(table) % 2
    for tag, offset in ((273, end), (279, end + 4 * count)):
        at = table.index(struct.pack("<HH", tag, FieldType.LONG))
        table[at : at + 12] = struct.pack("<HHII", tag, FieldType.LONG, count, offset)
    return bytes(table).ljust(end, b"\0") + struct.pack("<I", 8) * count + struct.pack("<I", 1) * count
