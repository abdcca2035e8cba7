"""Writes XMP packets (ISO 16684-1): RDF/XML between the packet's processing instructions."""

import hashlib
import struct
from collections.abc import Iterable
from xml.sax.saxutils import escape

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}

EXTENSION_SIGNATURE = b"http://ns.adobe.com/xmp/extension/\0"
PACKET_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"


def simple(name: str, value: str) -> str:
    """A property with one value."""
    return f"<{name}>{escape(value)}</{name}>"


def language_alternative(name: str, **texts: str) -> str:
    """A text in several languages; ``x_default`` names the default."""
    items = "".join(
        f'<rdf:li xml:lang="{language.replace("_", "-")}">{escape(text)}</rdf:li>'
        for language, text in texts.items()
    )
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def bag(name: str, values: Iterable[str]) -> str:
    """An unordered list."""
    return f"<{name}><rdf:Bag>{_items(values)}</rdf:Bag></{name}>"


def sequence(name: str, values: Iterable[str]) -> str:
    """An ordered list."""
    return f"<{name}><rdf:Seq>{_items(values)}</rdf:Seq></{name}>"


def _items(values: Iterable[str]) -> str:
    return "".join(f"<rdf:li>{escape(value)}</rdf:li>" for value in values)


def rdf(properties: Iterable[str], attributes: str = "") -> bytes:
    """The ``x:xmpmeta`` element around the properties, without a packet wrapper."""
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {namespaces} {attributes}>{"".join(properties)}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def packet(properties: Iterable[str], attributes: str = "") -> bytes:
    """A packet with some of the padding that editors leave for in-place changes."""
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        + rdf(properties, attributes)
        + (b" " * 99 + b"\n") * 2
        + b'<?xpacket end="w"?>'
    )


def extended_segments(extended: bytes, chunk: int = 1000) -> tuple[str, list[bytes]]:
    """The digest that ``xmpNote:HasExtendedXMP`` names, and the payloads of the JPEG APP1 segments.

    XMP Specification part 3, §1.1.3.1: an XMP document too large for one segment, in chunks.
    """
    digest = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper()
    head = EXTENSION_SIGNATURE + digest.encode()
    return digest, [
        head + struct.pack(">II", len(extended), at) + extended[at : at + chunk]
        for at in range(0, len(extended), chunk)
    ]
