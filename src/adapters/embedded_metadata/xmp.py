"""Decodes XMP packets (ISO 16684-1): the RDF/XML of one packet into properties by ``prefix:Name``.

Expat parses; a document type declaration, and with it any entity, ends the parsing. Elements,
attributes, depth and text are counted against the limits while they come in.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.container import Warnings
from adapters.embedded_metadata.text import decode_text, limit_text
from adapters.embedded_metadata.xmp_namespaces import PREFIXES, RESERVED_PREFIXES
from domain.metadata import Tags

_CONTAINERS = frozenset({"rdf:Bag", "rdf:Seq", "rdf:Alt"})
_BINARY = frozenset({"xmpGImg:image", "GImage:Data", "GDepth:Data", "GDepth:Confidence", "GAudio:Data"})
"""Properties whose text is a whole file in base 64."""
_ENCODINGS = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
"""By the first bytes (ISO 16684-1 §7.1); anything else is UTF-8."""
_SEPARATOR = "\f"
"""Between the parts of a name; XML does not allow this character, so no name can hold it."""
_MAX_KEPT_NAME = 200
_SYNTAX = ("rdf:", "xml:")


class _Stop(Exception):
    """The packet is not read any further, for the reason given."""


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    children: list["_Element"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def decode_xmp(packet: bytes, properties: Tags, budget: Budget, warnings: Warnings) -> None:
    """Add the properties of a packet that are not there yet; of a damaged one, those before the damage.

    A simple value is a text, as XMP has no other type; an array is a list, a structure an object by
    ``prefix:Name``, and a language alternative an object by language, such as ``x-default``. Values
    that are a file in base 64 are described by size and hash.
    """
    tree = _Tree(budget)
    try:
        tree.parse(_clean(packet))
    except expat.ExpatError:
        warnings.add("XMP: the packet is not well-formed; what follows the damage was left out.")
    except _Stop as stop:
        warnings.add(f"XMP: the packet {stop}; the rest was left out.")
    for description in tree.descriptions:
        for name, value in _Interpreter(budget, warnings).structure(description).items():
            if name not in properties:
                budget.keep(properties, name, value)


def _clean(packet: bytes) -> bytes:
    """The packet in UTF-8, whatever it is in and says, without what may surround it."""
    for mark, encoding in _ENCODINGS.items():
        if packet.startswith(mark):
            return packet.decode(encoding, "replace").lstrip("\ufeff").rstrip("\0 \t\r\n").encode()
    text = packet.strip(b"\0 \t\r\n")
    try:
        text.decode()
    except UnicodeDecodeError:
        return decode_text(text).encode()
    return text


class _Tree:
    """Collects the ``rdf:Description`` elements of a packet while Expat reads it."""

    def __init__(self, budget: Budget) -> None:
        self.descriptions: list[_Element] = []
        self._budget = budget
        self._nodes = 0
        self._path: list[_Element] = []

    def parse(self, packet: bytes) -> None:
        parser = expat.ParserCreate("utf-8", namespace_separator=_SEPARATOR)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.Parse(packet, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1 + len(attributes)
        if self._nodes > self._budget.limits.max_xml_nodes:
            raise _Stop(f"has more than {self._budget.limits.max_xml_nodes} elements and attributes")
        if len(self._path) >= self._budget.limits.max_xml_depth:
            raise _Stop(f"is nested deeper than {self._budget.limits.max_xml_depth} levels")
        element = _Element(_name(name), {_name(key): value for key, value in attributes.items()})
        parent = self._path[-1] if self._path else None
        if parent and parent.name == "rdf:RDF":
            self.descriptions.append(element)
        elif parent and not (parent.name == "x:xmpmeta" or len(self._path) == 0):
            parent.children.append(element)
        self._path.append(element)

    def _end(self, _: str) -> None:
        self._path.pop()

    def _characters(self, text: str) -> None:
        self._path[-1].text.append(text)

    def _refuse_doctype(self, *_: object) -> None:
        raise _Stop("has a document type declaration")


@lru_cache(maxsize=2048)
def _usual_name(expanded: str) -> str:
    """``prefix:Name`` of Expat's namespace name, local name and prefix, by the usual prefix."""
    uri, _, rest = expanded.partition(_SEPARATOR)
    if not rest:
        return uri
    local, _, own_prefix = rest.partition(_SEPARATOR)
    prefix = PREFIXES.get(uri) or own_prefix
    if not prefix or (prefix in RESERVED_PREFIXES and uri not in PREFIXES):
        return f"{{{uri}}}{local}"
    return f"{prefix}:{local}"


def _name(expanded: str) -> str:
    """The usual name, without keeping overlong ones in memory."""
    return _usual_name(expanded) if len(expanded) < _MAX_KEPT_NAME else _usual_name.__wrapped__(expanded)


class _Interpreter:
    """Reads values off elements (ISO 16684-1 §7); depth is bounded by the tree's."""

    def __init__(self, budget: Budget, warnings: Warnings) -> None:
        self._budget = budget
        self._warnings = warnings

    def structure(self, element: _Element) -> Tags:
        """The properties that an element has as attributes and as children."""
        properties: Tags = {}
        for name, text in element.attributes.items():
            if not name.startswith(_SYNTAX):
                properties.setdefault(name, self._text(name, text))
        for child in element.children:
            properties.setdefault(child.name, self._value(child))
        return properties

    def _value(self, element: _Element) -> JsonValue:
        if "rdf:resource" in element.attributes:
            return self._text(element.name, element.attributes["rdf:resource"])
        if len(element.children) == 1 and element.attributes.get("rdf:parseType") != "Resource":
            (child,) = element.children
            if child.name in _CONTAINERS:
                return self._array(child)
            if child.name == "rdf:Description":
                return self._unqualified(self.structure(child))
        fields = self.structure(element)
        if fields:
            return self._unqualified(fields)
        return {} if element.attributes.get("rdf:parseType") == "Resource" else self._own_text(element)

    def _unqualified(self, fields: Tags) -> JsonValue:
        """A value without its qualifiers, which come beside an ``rdf:value``."""
        return fields.get("rdf:value", fields)

    def _array(self, container: _Element) -> JsonValue:
        items = [child for child in container.children if child.name == "rdf:li"]
        if container.name == "rdf:Alt" and items and all("xml:lang" in item.attributes for item in items):
            alternative: Tags = {}
            for item in items:
                alternative.setdefault(item.attributes["xml:lang"].lower(), self._value(item))
            return alternative
        return [self._value(item) for item in items]

    def _own_text(self, element: _Element) -> JsonValue:
        return self._text(element.name, "".join(element.text))

    def _text(self, name: str, text: str) -> JsonValue:
        if name in _BINARY:
            data = text.encode()
            return {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return limit_text(text, f"XMP: {name}", self._budget, self._warnings)
