"""XMP packets that attack the XML parser, and JPEG's extended XMP segments that do not add up."""

import hashlib
import struct
from collections.abc import Iterator

from tests.support.hostile.case import WITNESS_VALUES, HostileFile, accepted, either, jpeg_around
from tests.support.hostile.pseudo_images import SECRET
from tests.support.image_factory import gif, jpeg, xmp
from tests.support.image_factory.blocks import Blocks

CITY = xmp.simple("photoshop:City", "City 1")
CITY_VALUES = {**WITNESS_VALUES, "xmp": {"photoshop:City": "City 1"}}


def _document_type(declarations: str, use: str) -> bytes:
    body = xmp.rdf([xmp.simple("photoshop:City", "@@")]).replace(b"@@", use.encode())
    return f"<!DOCTYPE x [{declarations}]>".encode() + body


def _laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12)
    )
    return _document_type(entities, "&a11;")


PACKETS: dict[str, bytes] = {
    "entities-exponential": _laughs(),
    "entities-quadratic": _document_type(f'<!ENTITY a "{"x" * 30_000}">', "&a;" * 5_000),
    "entity-file": _document_type('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "entity-network": _document_type('<!ENTITY a SYSTEM "http://127.0.0.1:1/">', "&a;"),
    "entity-parameter": _document_type('<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;', "x"),
    "document-type-file": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + xmp.rdf([CITY]),
    "entity-undefined": _document_type("", "&nothing;"),
    "include": b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:xi="http://www.w3.org/2001/XInclude">'
    b'<xi:include href="file:///etc/passwd" parse="text"/></x:xmpmeta>',
    "style-sheet": b'<?xml-stylesheet href="file:///etc/passwd" type="text/xsl"?>' + xmp.rdf([]),
    "nested": b"<a>" * 20_000,
    "nested-closed": b"<a>" * 9_000 + b"</a>" * 9_000,
    "nested-lists": xmp.rdf(
        [
            "<dc:subject>"
            + "<rdf:Bag><rdf:li>" * 1_200
            + "x"
            + "</rdf:li></rdf:Bag>" * 1_200
            + "</dc:subject>"
        ]
    ),
    "nested-structures": xmp.rdf(['<dc:source rdf:parseType="Resource">' * 1_000 + "</dc:source>" * 1_000]),
    "attributes": b"<x " + b" ".join(b'a%d="1"' % number for number in range(5_000)) + b"/>",
    "namespaces": b"<x " + b" ".join(b'xmlns:n%d="u%d"' % (at, at) for at in range(2_500)) + b"/>",
    "items": xmp.rdf([xmp.bag("dc:subject", ["x"] * 3_000)]),
    "properties": xmp.rdf([xmp.simple(f"xmp:P{number}", "x") for number in range(1_500)]),
    "unclosed": xmp.rdf([CITY])[:-30],
    "unclosed-comment": b"<!--" + b"x" * 5_000,
    "invalid-utf8": xmp.rdf([xmp.simple("photoshop:City", "@@")]).replace(b"@@", b"\xc3(\xff"),
    "character-reference-surrogate": xmp.rdf([]).replace(b"</rdf:RDF>", b"&#xD800;</rdf:RDF>"),
    "character-reference-nul": xmp.rdf([]).replace(b"</rdf:RDF>", b"&#0;</rdf:RDF>"),
    "declared-utf7": b'<?xml version="1.0" encoding="UTF-7"?>' + xmp.rdf([CITY]),
    "declared-unknown": b'<?xml version="1.0" encoding="x-klingon"?>' + xmp.rdf([CITY]),
    "declared-utf16-but-bytes": b'<?xml version="1.0" encoding="UTF-16"?>' + xmp.rdf([CITY]),
    "utf32": xmp.rdf([CITY]).decode().encode("utf-32"),
    "nul": bytes(5_000),
    "empty": b"",
    "white-space": b" " * 50_000,
    "text": b"no markup at all",
    "cdata": xmp.rdf(["<dc:source><![CDATA[" + "]" * 20_000 + "]]></dc:source>"]),
    "names": xmp.rdf(["<dc:__proto__>x</dc:__proto__><dc:constructor>x</dc:constructor>"]),
    "long-name": b"<" + b"x" * 50_000 + b"/>",
    "recursive-description": xmp.rdf(["<rdf:Description>" * 500 + "</rdf:Description>" * 500]),
    "nodes": xmp.rdf(['<dc:source rdf:resource="file:///etc/passwd" rdf:nodeID="a"/>']),
}


def xmp_abuse() -> Iterator[HostileFile]:
    """Hostile packets in segments of their own, and hostile extended segments."""
    for name, packet in PACKETS.items():
        yield accepted(
            f"xmp-{name}.jpg",
            lambda p=packet: jpeg_around(jpeg.segment(0xE1, xmp.PACKET_SIGNATURE + p)),
            values=WITNESS_VALUES,
            never=(SECRET, "hahahaha", "xxxxxxxxxx" * 4_000),
        )
    yield accepted(
        "xmp-utf16.jpg",
        lambda: jpeg_around(
            jpeg.segment(0xE1, xmp.PACKET_SIGNATURE + xmp.rdf([CITY]).decode().encode("utf-16"))
        ),
        values=WITNESS_VALUES,
    )
    yield accepted(
        "xmp-large.gif",
        lambda: gif.gif(Blocks(xmp=xmp.packet([CITY, xmp.simple("dc:source", "x" * 3_000_000)]))),
    )
    yield accepted("xmp-deep.gif", lambda: gif.gif(Blocks(xmp=b"<a>" * 1_000_000)))
    yield accepted("xmp-laughs.gif", lambda: gif.gif(Blocks(xmp=_laughs())), never=("hahahaha",))
    yield either(
        "xmp-no-trailer.gif",
        lambda: (
            gif.screen(b"GIF89a", 96, 64)
            + gif.application(b"XMP DataXMP", xmp.rdf([CITY]) + b"\0")
            + gif.frame(96, 64, bytes(96 * 64))
            + gif.TRAILER
        ),
    )
    yield from _extended()


def _extended() -> Iterator[HostileFile]:
    extension = xmp.rdf([xmp.simple("photoshop:Instructions", "x" * 3_000)])
    digest = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()

    def part(total: int, offset: int, data: bytes, guid: bytes = digest) -> bytes:
        return jpeg.segment(0xE1, xmp.EXTENSION_SIGNATURE + guid + struct.pack(">II", total, offset) + data)

    size, middle = len(extension), len(extension) // 2
    first, second = part(size, 0, extension[:middle]), part(size, middle, extension[middle:])
    cases: dict[str, bytes] = {
        "total-huge": part(0xFFFFFFFF, 0, extension),
        "offset-huge": part(size, 0xFFFFFFFF, extension),
        "offset-huge-total-huge": part(0xFFFFFFFF, 0xFFFFFF00, extension),
        "part-missing": second,
        "part-repeated": first * 500 + second,
        "parts-overlapping": part(size, 0, extension[: middle + 100]) + second,
        "parts-reversed-and-gapped": part(size, middle + 50, extension[middle + 50 :]) + first,
        "totals-differing": first + part(size * 2, middle, extension[middle:]),
        "guid-foreign": part(size, 0, extension, b"0" * 32),
        "guid-of-other-bytes": part(size, 0, b"\xff" * 32, b"\xff" * 32),
        "many-guids": b"".join(part(0xFFFFFF, 0, b"x", b"%032d" % number) for number in range(5_000)),
        "many-parts": b"".join(part(0xFFFFFF, number * 50_000, b"x") for number in range(300)),
        "header-cut": jpeg.segment(0xE1, xmp.EXTENSION_SIGNATURE + digest),
        "huge-document": b"".join(
            part(60_000 * 400, number * 60_000, b" " * 60_000) for number in range(400)
        ),
        "entities": part(len(_laughs()), 0, _laughs()),
    }
    main = xmp.packet([CITY, xmp.simple("xmpNote:HasExtendedXMP", digest.decode())])
    for name, segments in cases.items():
        yield accepted(
            f"extended-xmp-{name}.jpg",
            lambda s=segments: jpeg_around(jpeg.segment(0xE1, xmp.PACKET_SIGNATURE + main), s),
            values=CITY_VALUES,
            never=("hahahaha",),
        )
