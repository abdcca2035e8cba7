"""Metadata blocks that cost a careless reader far more than their size: by overlap, repetition, inflation.

Each is made for a number of bytes, so that it can fill whatever a file format, or a limit, allows.
"""

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Literal

from tests.support.hostile.case import witness_exif
from tests.support.image_factory import icc, iptc, xmp
from tests.support.image_factory.tiff_structure import FieldType, tiff_structure

Kind = Literal["exif", "iptc", "xmp", "icc", "photoshop"]
Block = Callable[[int], bytes]
"""Makes a block of about this many bytes."""

FIRST_TAG = 0xC000
"""Of a range in which no tag has a meaning of its own."""
EMOJI = "\N{GRINNING FACE}".encode()

_HEADER, _BIG_HEADER = "HI", "HHHQ"


def sharing(
    base: bytes, fields: list[tuple[int, FieldType, int]], value: bytes, *, big: bool = False
) -> bytes:
    """A TIFF structure with more fields in its first directory, which all point to the same bytes.

    Each is a tag, a type and a number of values; the tags are larger than those of ``base``.
    """
    count_size, count, entry = (8, "<Q", "<HHQQ") if big else (2, "<H", "<HHII")
    first = int.from_bytes(base[8:16] if big else base[4:8], "little")
    (own,) = struct.unpack(count, base[first : first + count_size])
    entry_size = struct.calcsize(entry)
    table = base[first + count_size : first + count_size + own * entry_size]
    at = len(base) + len(base) % 2
    value += bytes(len(value) % 2)
    table += b"".join(struct.pack(entry, tag, kind, number, at) for tag, kind, number in fields)
    directory = struct.pack(count, own + len(fields)) + table + bytes(8 if big else 4)
    pointer = struct.pack("<Q" if big else "<I", at + len(value))
    header = base[:8] + pointer + base[16:] if big else base[:4] + pointer + base[8:]
    return header.ljust(at, b"\0") + value + directory


def fields(
    number: int, kind: FieldType, count: int, first: int = FIRST_TAG
) -> list[tuple[int, FieldType, int]]:
    """Return this many fields of one type and number of values."""
    return [(first + index, kind, count) for index in range(number)]


def _text(character: bytes) -> Callable[[int], tuple[list[tuple[int, FieldType, int]], bytes]]:
    def shape(size: int) -> tuple[list[tuple[int, FieldType, int]], bytes]:
        value = (character * (size // len(character) + 1))[: size - 1] + b"\0"
        return fields(1_900, FieldType.ASCII, size), value

    return shape


SHARED_VALUES: Mapping[str, Callable[[int], tuple[list[tuple[int, FieldType, int]], bytes]]] = {
    "texts": _text(b"x"),
    "control-characters": _text(b"\x01"),
    "emoji": _text(EMOJI),
    "latin": _text(b"\xe9"),
    "continuations": _text(b"\x80"),
    "numerals": lambda size: (
        fields(1, FieldType.ASCII, size, 0x829A) + fields(1, FieldType.ASCII, size, 0x829D),
        b"1 " * (size // 2),
    ),
    "utf-16": lambda size: (fields(5, FieldType.BYTE, size, 0x9C9B), b"x\0" * (size // 2)),
    "opaque": lambda size: (fields(1_900, FieldType.UNDEFINED, size), bytes(size)),
    "maker-notes": lambda size: (fields(1, FieldType.UNDEFINED, size, 0x927C) * 1_900, bytes(size)),
    "patterns": lambda size: (
        fields(1, FieldType.UNDEFINED, size, 0xA302) * 1_900,
        struct.pack("<HH", 1_000, (size - 4) // 1_000).ljust(size, b"\1"),
    ),
    "rationals": lambda _: (
        fields(1_900, FieldType.SRATIONAL, 1_024),
        struct.pack("<ii", -355, 113) * 1_024,
    ),
    "doubles": lambda _: (fields(1_900, FieldType.DOUBLE, 1_024), struct.pack("<d", 1 / 3) * 1_024),
    "bytes": lambda _: (fields(1_900, FieldType.BYTE, 1_024), bytes(range(256)) * 4),
    "floats": lambda _: (fields(1_900, FieldType.FLOAT, 1_024), struct.pack("<f", 2.8e-20) * 1_024),
    "xmp": lambda size: (fields(1_900, FieldType.BYTE, size, 700), XMP["elements"](size)),
    "iptc": lambda size: (
        fields(1, FieldType.LONG, size // 4, 33_723) * 1_900,
        b"\0\0\0\x1c" * (size // 4),
    ),
    "icc": lambda size: (fields(1, FieldType.UNDEFINED, size, 34_675) * 1_900, ICC["overlap"](size)),
    "photoshop": lambda size: (fields(1, FieldType.BYTE, size, 34_377) * 1_900, PHOTOSHOP["empty"](size)),
    "directories": lambda _: (
        fields(1, FieldType.LONG, 1, 0x8769)
        + fields(1, FieldType.LONG, 1, 0x8825)
        + fields(1, FieldType.LONG, 1, 0xA005),
        b"",
    ),
}
"""What the fields of one directory share, by what it is: the fields, and the bytes."""


def _exif(name: str) -> Block:
    def make(size: int) -> bytes:
        found, value = SHARED_VALUES[name](size)
        return sharing(tiff_structure(witness_exif()), found, value)

    return make


EXIF: Mapping[str, Block] = {name: _exif(name) for name in SHARED_VALUES}


def _filled(start: bytes, unit: bytes, end: bytes = b"") -> Block:
    return lambda size: start + unit * ((size - len(start) - len(end)) // len(unit)) + end


IPTC: Mapping[str, Block] = {
    "empty": _filled(b"", iptc.dataset(2, 25, b"")),
    "keywords": _filled(b"", iptc.dataset(2, 25, b"x" * 64)),
    "control-characters": _filled(b"", iptc.dataset(2, 25, b"\x01" * 2_000)),
    "city": _filled(b"", iptc.dataset(2, 90, b"x" * 60_000)),
    "emoji": _filled(iptc.dataset(1, 90, b"\x1b%G"), iptc.dataset(2, 120, EMOJI * 16_000)),
    "opaque": _filled(b"", iptc.dataset(2, 202, bytes(60_000))),
    "digits": _filled(b"", iptc.dataset(2, 10, b"9" * 60_000)),
    "one-text": lambda size: iptc.dataset(2, 120, b"\xe9" * (size - 9)),
    "one-character-set": lambda size: iptc.dataset(1, 90, b"\xe9" * (size - 9)),
    "no-datasets": lambda size: b"\x1c" * size,
}

_RDF = xmp.rdf([]).partition(b"</rdf:Description>")
_START, _END = _RDF[0], _RDF[1] + _RDF[2]


def _packet(unit: bytes, before: bytes = b"", after: bytes = b"") -> Block:
    return _filled(_START + before, unit, after + _END)


def _numbered(form: str, before: bytes = b"", after: bytes = b"") -> Block:
    def make(size: int) -> bytes:
        room = size - len(_START) - len(_END) - len(before) - len(after)
        units = b"".join(
            form.format(number).encode() for number in range(room // len(form.format(100_000)))
        )
        return _START + before + units + after + _END

    return make


def _spaces_in(name: str) -> Block:
    """A namespace's name of half the size, and elements that are in it."""

    def make(size: int) -> bytes:
        uri = b"http://example.org/" + b"x" * (size // 2)
        start = _START + b'<a:B xmlns:a="' + uri + b'">'
        end = b"</a:B>" + _END
        return start + name.encode() * ((size - len(start) - len(end)) // len(name)) + end

    return make


XMP: Mapping[str, Block] = {
    "elements": _packet(b"<a/>"),
    "distinct-elements": _numbered("<dc:a{0}>x</dc:a{0}>"),
    "end-tags": _packet(b"<a></a>"),
    "unclosed-elements": _filled(_START, b"<a>"),
    "attributes": _numbered(' dc:a{}="x"', b"<dc:a", b"/>"),
    "attributes-without-value": _numbered(" dc:a{}", b"<dc:a", b"/>"),
    "attributes-unquoted": _numbered(" dc:a{}=x", b"<dc:a", b"/>"),
    "quotes": _packet(b"a='\"", b"<dc:a ", b"/>"),
    "open-quotes": _filled(_START + b"<dc:a ", b'a="<'),
    "namespaces": _numbered(' xmlns:a{}="u"', b"<dc:a", b"/>"),
    "nested-namespaces": _numbered('<dc:a xmlns:a{}="u"/>'),
    "long-namespace-of-elements": _spaces_in("<a:c/>"),
    "long-namespace-of-attributes": _spaces_in('<c a:d="1"/>'),
    "long-names": _packet(b"<dc:" + b"x" * 500 + b"/>"),
    "longest-name": lambda size: _packet(b"<dc:" + b"x" * (size - len(_START) - len(_END) - 6) + b"/>")(
        size
    ),
    "entities": _packet(b"&amp;", b"<dc:a>", b"</dc:a>"),
    "references": _packet(b"&#1F600;", b"<dc:a>", b"</dc:a>"),
    "stray-ampersands": _packet(b"& ", b"<dc:a>", b"</dc:a>"),
    "lines": _packet(b"\n", b"<dc:a>", b"</dc:a>"),
    "carriage-returns": _packet(b"\r", b"<dc:a>", b"</dc:a>"),
    "control-characters": _packet(b"\x01", b"<dc:a>", b"</dc:a>"),
    "tabs-in-items": _packet(
        b"<rdf:li>" + b"\t" * 1_000 + b"</rdf:li>", b"<dc:a><rdf:Bag>", b"</rdf:Bag></dc:a>"
    ),
    "comments": _packet(b"<!---->"),
    "instructions": _packet(b"<?a?>"),
    "literals": _packet(b"<![CDATA[x]]>", b"<dc:a>", b"</dc:a>"),
    "open-comments": _packet(b"<!--"),
    "less-than": _packet(b"<"),
    "greater-than": _packet(b">"),
    "items": _packet(b"<rdf:li>x</rdf:li>", b"<dc:a><rdf:Bag>", b"</rdf:Bag></dc:a>"),
    "languages": _numbered('<rdf:li xml:lang="x-{}">x</rdf:li>', b"<dc:a><rdf:Alt>", b"</rdf:Alt></dc:a>"),
    "structures": _packet(
        b'<rdf:li rdf:parseType="Resource"><dc:b>1</dc:b></rdf:li>',
        b"<dc:a><rdf:Seq>",
        b"</rdf:Seq></dc:a>",
    ),
    "descriptions": _packet(b"</rdf:Description><rdf:Description>"),
    "one-text": _packet(b"x", b"<dc:a>", b"</dc:a>"),
    "emoji": _packet(EMOJI + b"x" * 4_000, b"<dc:a>", b"</dc:a>"),
    "emoji-attribute": _packet(b"x", b'<dc:b dc:a="' + EMOJI, b'"/>'),
    "thumbnails": _packet(base64.b64encode(bytes(3_000)), b"<xmpGImg:image>", b"</xmpGImg:image>"),
    "thumbnail-attribute": _packet(
        b"AAAA", b'<rdf:li xmlns:GImage="http://ns.google.com/photos/1.0/image/" GImage:Data="', b'"/>'
    ),
    "utf-16": lambda size: _packet(b"<a/>")(size // 2).decode().encode("utf-16"),
    "utf-32": lambda size: _packet(b"x")(size // 4).decode().encode("utf-32"),
    "latin": _packet(b"\xe9", b"<dc:a>", b"</dc:a>"),
    "one-latin-byte": _packet(b"<a/>", b"<dc:a>\xe9</dc:a>"),
    "damage-first": _packet(b"<a/>", b"<dc:a>&</dc:a>"),
    "damage-and-attributes": _numbered(' dc:a{}="x"', b"<dc:b>&</dc:b><dc:a", b"/>"),
    "damage-and-text": _packet(b"x", b"<dc:b>&</dc:b><dc:a>", b"</dc:a>"),
    "damage-and-depth": _filled(_START + b"&", b"<a>"),
    "no-xml": lambda size: bytes(size - 1) + b"x",
    "document-type": _filled(b'<!DOCTYPE a [<!ENTITY a "b">', b"<!ENTITY b '&a;&a;'>", b"]><a/>"),
}


def _profile(table: bytes, data: bytes) -> bytes:
    header = icc.profile("x")[:128]
    return header + struct.pack(">I", len(table) // 12) + table + data


def _overlapping_records(character: bytes) -> Block:
    def make(size: int) -> bytes:
        count = 100
        data_at = 132 + 12 * count
        records = b"".join(
            struct.pack(">2s2sII", b"%c%c" % divmod(number + 0x6161, 256), b"US", size - data_at, 16)
            for number in range(count)
        )
        element = b"mluc" + struct.pack(">III", 0, count, 12) + records
        element += character * ((size - data_at - len(element)) // len(character))
        table = struct.pack(">4sII", b"desc", data_at, len(element)) * count
        return _profile(table, element)

    return make


def _overlapping_tags(kind: bytes, character: bytes) -> Block:
    def make(size: int) -> bytes:
        element = kind + bytes(4) + (struct.pack(">I", size) if kind == b"desc" else b"")
        element += character * ((size - 2_000) // len(character))
        table = b"".join(
            struct.pack(">4sII", tag, 132 + 100 * 12, len(element)) for tag in (b"desc", b"cprt")
        )
        return _profile(table * 50, element)

    return make


ICC: Mapping[str, Block] = {
    "overlap": _overlapping_records(b"\0x"),
    "emoji": _overlapping_records("\N{GRINNING FACE}".encode("utf-16-be")),
    "nothing": _overlapping_records(b"\0\0"),
    "texts": _overlapping_tags(b"text", b"\xe9"),
    "empty-texts": _overlapping_tags(b"text", b"\0"),
    "spaces": _overlapping_tags(b"text", b" "),
    "descriptions": _overlapping_tags(b"desc", EMOJI),
    "tags": lambda size: _profile(struct.pack(">4sII", b"wtpt", 0, 0) * (size // 12 - 12), b""),
}

_RESOURCE = iptc.image_resource
PHOTOSHOP: Mapping[str, Block] = {
    "empty": _filled(b"", _RESOURCE(0x0FA0, b"")),
    "names": _filled(b"", _RESOURCE(0x0FA0, b"", b"x" * 255)),
    "iptc": _filled(b"", _RESOURCE(0x0404, iptc.dataset(2, 25, b"x"))),
    "thumbnails": _filled(b"", _RESOURCE(0x040C, bytes(60_000))),
    "thumbnail": lambda size: _RESOURCE(0x0409, bytes(size - 12)),
    "xmp": lambda size: _RESOURCE(0x0424, XMP["elements"](size - 12)),
    "icc": lambda size: _RESOURCE(0x040F, ICC["overlap"](size - 12)),
    "exif": lambda size: _RESOURCE(0x0422, EXIF["texts"](max(size - 30_000, 1_000))),
    "many-xmp": _filled(b"", _RESOURCE(0x0424, XMP["elements"](4_000))),
    "many-exif": _filled(b"", _RESOURCE(0x0422, EXIF["rationals"](4_000))),
}

BLOCKS: Mapping[Kind, Mapping[str, Block]] = {
    "exif": EXIF,
    "iptc": IPTC,
    "xmp": XMP,
    "icc": ICC,
    "photoshop": PHOTOSHOP,
}
