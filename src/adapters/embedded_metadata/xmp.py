"""Decodes XMP packets (ISO 16684-1): the RDF/XML of a packet becomes properties by ``prefix:Name``.

Expat parses the packet. If Expat refuses it, as much as can be recognised is read. A document type
declaration, which any entity needs, ends the reading. Namespaces are resolved here, because Expat would
copy the namespace's name, however long, into the name of every attribute. Markup is counted before Expat
receives it, because Expat builds a whole tag before it reports anything. Elements, attributes, depth and
text are counted as Expat reports them.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.parsers import expat

from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.damaged_xml import read_damaged_xml
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import decode_mostly_utf8, limit_text
from adapters.embedded_metadata.xmp_namespaces import RESERVED_PREFIXES, usual_prefix
from domain.metadata.model import Tags

_ARRAYS = frozenset({"rdf:Bag", "rdf:Seq", "rdf:Alt"})
_NESTING = _ARRAYS | {"rdf:RDF", "rdf:Description", "x:xmpmeta"}
"""Elements that only contain other elements."""
_BINARY = frozenset({"xmpGImg:image", "GImage:Data", "GDepth:Data", "GDepth:Confidence", "GAudio:Data"})
"""Properties whose text is a file in base 64."""
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
"""Encodings by the first bytes (ISO 16684-1 §7.1); anything else is UTF-8."""
_TRANSCODED_BYTES = 6
"""Bytes that one byte of another encoding can take as a text and in UTF-8, together."""
_WIDEST_CHARACTER = 4
"""Bytes that a character takes in memory, unless the whole text is ASCII."""
_MARKUP_OF_NODE = 3
"""The most ``<`` and ``=`` that a node needs: an element has one ``<`` in each of its tags."""
_MARKUP = re.compile(rb"[<=]")
_BLOCK_BYTES = 64 * 1024
_SYNTAX = ("rdf:", "xml:")


class _Stop(Exception):
    """The packet is not read any further; the message completes "The packet …"."""


@dataclass(slots=True)
class _Element:
    name: str | None
    """``None`` if the name is too long."""
    attributes: dict[str, str]
    children: list["_Element"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    """Characters of text, or bytes of a file in base 64."""
    digest: "hashlib._Hash | None" = None
    """The hash of a file in base 64, in place of its text."""


def decode_xmp(packet: bytes, properties: Tags, budget: Budget, warnings: Warnings) -> None:
    """Add the properties of a packet that are still missing or empty. Only damaged ones are lost.

    A simple value becomes a text, because XMP has no other type. An array becomes a list, a structure an
    object by ``prefix:Name``, and a language alternative an object by language, such as ``x-default``. A
    file in base 64 is replaced by its size and hash.
    """
    for tree in _trees(packet, budget, warnings):
        if tree.has_overlong_names:
            limit = budget.limits.max_name_length
            warnings.add(f"XMP: properties whose names are longer than {limit} characters were left out.")
        for description in tree.descriptions:
            for name, value in _Interpreter(budget, warnings).structure(description).items():
                if _supplements(properties, name, value):
                    budget.keep(properties, name, value)


def _trees(packet: bytes, budget: Budget, warnings: Warnings) -> Iterator["_Tree"]:
    """Yield what could be read of the packet; for a damaged packet, finally what precedes the damage."""
    tree = _Tree(budget)
    try:
        cleaned = _clean(packet, budget)
        try:
            tree.parse(cleaned)
        except expat.ExpatError:
            warnings.add("XMP: the packet is not well-formed; damaged properties were left out.")
            mended = _Tree(budget)
            try:
                mended.parse_damaged(cleaned)
            finally:
                yield mended
    except _Stop as stop:
        warnings.add(f"XMP: the packet {stop}; the rest was left out.")
    except BudgetSpent:
        # Keep what was read so far.
        pass
    yield tree


def _supplement(properties: Tags, name: str, value: JsonValue) -> None:
    """Set a value if it is the first of its name, or the first that is not empty."""
    if _supplements(properties, name, value):
        properties[name] = value


def _supplements(properties: Mapping[str, JsonValue], name: str, value: JsonValue) -> bool:
    return name not in properties or (not _is_empty(value) and _is_empty(properties[name]))


def _is_empty(value: JsonValue) -> bool:
    """Tell whether a text, or each text of a short list, is blank; longer values count as not empty."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return len(value) < _MANY and all(isinstance(item, str) and _is_empty(item) for item in items)
    return isinstance(value, str) and len(value) < _MANY and not value.strip()


_MANY = 50


def _clean(packet: bytes, budget: Budget) -> bytes:
    """Convert the packet to UTF-8, whatever encoding it is in or declares, and strip padding."""
    budget.charge_decoding(len(packet))
    for mark, encoding in _ENCODINGS.items():
        if packet.startswith(mark):
            budget.charge_decoding(_TRANSCODED_BYTES * len(packet))
            return packet.decode(encoding, "replace").lstrip("\ufeff").rstrip("\0 \t\r\n").encode()
    text = packet.strip(b"\0 \t\r\n")
    if not _is_utf8(text):
        budget.charge_decoding(_TRANSCODED_BYTES * len(packet))
        return decode_mostly_utf8(text, budget).encode()
    return text


def _is_utf8(text: bytes) -> bool:
    """Tell whether the bytes are UTF-8, checked without decoding all of them at once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(text), _BLOCK_BYTES):
            decoder.decode(text[at : at + _BLOCK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _Tree:
    """Collects the ``rdf:Description`` elements of a packet while Expat reads it."""

    def __init__(self, budget: Budget) -> None:
        self.descriptions: list[_Element] = []
        self.has_overlong_names = False
        self._budget = budget
        self._max_nodes, self._max_depth = budget.limits.max_xml_nodes, budget.limits.max_xml_depth
        self._max_text_length = budget.limits.max_text_length
        self._nodes = 0
        self._path: list[_Element] = []
        self._prefixes: dict[str, str | None] = {"xml": "xml:", "": ""}
        """The replacement in names of each prefix in scope; ``None`` if that is too long."""
        self._usual_names: dict[str, str | None] = {}
        """A cache of resolved names, cleared when a prefix changes its meaning."""
        self._replaced: list[dict[str, str | None]] = []
        """For each element of the path, the former meanings of the prefixes that it declares."""

    def parse(self, packet: bytes) -> None:
        """Read the packet. Raises ExpatError, :class:`_Stop` or :class:`BudgetSpent`."""
        self._budget.charge_decoding(len(packet))
        affordable = self._affordable(packet)
        is_whole = affordable == len(packet)
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = lambda *_: self.document_type()
        parser.Parse(packet if is_whole else packet[:affordable], is_whole)
        if not is_whole:
            self._budget.charge_elements(self._budget.limits.max_xml_nodes)
            self._stop_at_too_many_nodes()

    def parse_damaged(self, packet: bytes) -> None:
        """Read what can be recognised in a packet that is not well-formed. Raises _Stop or BudgetSpent."""
        width = 1 if packet.isascii() else _WIDEST_CHARACTER
        # One copy without control characters, and one as text.
        self._budget.charge_decoding((1 + width) * len(packet))
        read_damaged_xml(packet, self)

    def _affordable(self, packet: bytes) -> int:
        """Return how many bytes of the packet have no more markup than the allowed nodes need."""
        left = _MARKUP_OF_NODE * min(self._budget.limits.max_xml_nodes, self._budget.elements)
        for start in range(0, len(packet), _BLOCK_BYTES):
            stop = start + _BLOCK_BYTES
            found = packet.count(b"<", start, stop) + packet.count(b"=", start, stop)
            if found > left:
                return next(islice(_MARKUP.finditer(packet, start), left, None)).start()
            left -= found
        return len(packet)

    def _stop_at_too_many_nodes(self) -> None:
        raise _Stop(f"has more than {self._budget.limits.max_xml_nodes} elements and attributes")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element; see :class:`XmlHandler`."""
        nodes = 1 + len(attributes)
        self._nodes += nodes
        if self._nodes > self._max_nodes:
            self._stop_at_too_many_nodes()
        path = self._path
        if len(path) >= self._max_depth:
            raise _Stop(f"is nested deeper than {self._max_depth} levels")
        self._budget.charge_elements(nodes)
        self._replaced.append(self._declared(attributes) if attributes else {})
        element = self._element(name, attributes)
        if path and element.name is not None:
            parent = path[-1]
            if parent.name == "rdf:RDF":
                self.descriptions.append(element)
            elif parent.name != "x:xmpmeta":
                parent.children.append(element)
        path.append(element)

    def _element(self, name: str, attributes: dict[str, str]) -> _Element:
        kept: dict[str, str] = {}
        for key, value in attributes.items():
            # An attribute without a prefix is in no namespace, unlike an element.
            own = self._usual_name(key) if ":" in key else key
            if own is not None and not key.startswith("xmlns") and _supplements(kept, own, value):
                kept[own] = value
        element = _Element(self._usual_name(name), kept)
        if element.name in _BINARY:
            element.digest = hashlib.sha256()
        return element

    def _declared(self, attributes: dict[str, str]) -> dict[str, str | None]:
        """Set the meanings of the prefixes that an element declares and return their former meanings.

        If a damaged packet later uses a prefix without declaring it, the first meaning applies.
        """
        replaced: dict[str, str | None] = {}
        for key, uri in attributes.items():
            if key.startswith("xmlns") and key[5:6] in {"", ":"}:
                prefix = key[6:]
                meaning = _meaning(prefix, uri, self._budget.limits.max_name_length)
                replaced.setdefault(prefix, self._prefixes.get(prefix, meaning))
                self._set_meanings({prefix: meaning})
        return replaced

    def _set_meanings(self, meanings: Mapping[str, str | None]) -> None:
        if any(self._prefixes.get(prefix, f"{prefix}:") != meaning for prefix, meaning in meanings.items()):
            self._usual_names.clear()
        self._prefixes.update(meanings)

    def _usual_name(self, name: str) -> str | None:
        """Return the name with the usual prefix of its namespace, or ``None`` if it is too long.

        A prefix that is not declared stays as it is.
        """
        if name in self._usual_names:
            return self._usual_names[name]
        usual = self._usual_names[name] = self._resolved(name)
        return usual

    def _resolved(self, name: str) -> str | None:
        prefix, colon, local = name.rpartition(":")
        start = self._prefixes.get(prefix, prefix + colon)
        if start is None or len(start) + len(local) > self._budget.limits.max_name_length:
            self.has_overlong_names = True
            return None
        self._budget.charge_decoding(len(start) + len(local))
        return start + local

    def end(self, _: str) -> None:
        """End the innermost element."""
        self._path.pop()
        if replaced := self._replaced.pop():
            self._set_meanings(replaced)

    def end_of_outer(self, name: str) -> None:
        """End the innermost element, which has no end tag, so its children may really be its siblings."""
        element = self._path[-1]
        self.end(name)
        if not self._path or element.name in _NESTING:
            return
        self._budget.charge_elements(len(element.children))
        own: list[_Element] = []
        for child in element.children:
            is_item = child.name == "rdf:li"
            is_sibling = is_item if element.name == "rdf:li" else not (child.name or "").startswith(_SYNTAX)
            (self._path[-1].children if is_sibling else own).append(child)
        element.children = own

    def characters(self, text: str) -> None:
        """Add text to the innermost element."""
        self._budget.charge_decoding(len(text) if text.isascii() else _WIDEST_CHARACTER * len(text))
        element = self._path[-1]
        if element.digest:
            data = text.encode()
            element.digest.update(data)
            element.length += len(data)
        elif element.length <= self._max_text_length:
            element.text.append(text)
            element.length += len(text)

    def document_type(self) -> None:
        """Stop reading."""
        raise _Stop("has a document type declaration")

    def markup(self, count: int = 1) -> None:
        """Count tags, attributes, comments and references of a damaged packet."""
        self._budget.charge_elements(count)


def _meaning(prefix: str, uri: str, max_length: int) -> str | None:
    """Return what to put before a local name: the usual prefix of its namespace, if it has one.

    Otherwise this is the packet's own prefix or, if that is the usual prefix of another namespace, the
    namespace in braces. A prefix without a namespace stays as it is. Returns ``None`` if the namespace's
    name is too long.
    """
    if len(uri) > max_length:
        return None
    if not uri:
        return f"{prefix}:" if prefix else ""
    if usual := usual_prefix(uri):
        return f"{usual}:"
    if prefix and prefix not in RESERVED_PREFIXES:
        return f"{prefix}:"
    return f"{{{uri}}}"


class _Interpreter:
    """Converts elements to values (ISO 16684-1 §7); the tree's limit on depth bounds the recursion."""

    def __init__(self, budget: Budget, warnings: Warnings) -> None:
        self._budget = budget
        self._warnings = warnings

    def structure(self, element: _Element) -> Tags:
        """Return the properties that an element has as attributes and as children."""
        properties: Tags = {}
        for name, text in element.attributes.items():
            if not name.startswith(_SYNTAX):
                _supplement(properties, name, self._text(name, text))
        for child in element.children:
            if child.name is not None:
                _supplement(properties, child.name, self._value(child))
        return properties

    def _value(self, element: _Element) -> JsonValue:
        if not element.children and not element.attributes:
            return self._own_text(element)
        if "rdf:resource" in element.attributes:
            return self._text(element.name or "", element.attributes["rdf:resource"])
        if len(element.children) == 1 and element.attributes.get("rdf:parseType") != "Resource":
            (child,) = element.children
            if child.name in _ARRAYS:
                return self._array(child)
            if child.name == "rdf:Description":
                return self._unqualified(self.structure(child))
        fields = self.structure(element)
        if fields:
            return self._unqualified(fields)
        return {} if element.attributes.get("rdf:parseType") == "Resource" else self._own_text(element)

    def _unqualified(self, fields: Tags) -> JsonValue:
        """Return a value without its qualifiers, which are siblings of an ``rdf:value``."""
        return fields.get("rdf:value", fields)

    def _array(self, array: _Element) -> JsonValue:
        items = [child for child in array.children if child.name == "rdf:li"]
        if array.name == "rdf:Alt" and items and all("xml:lang" in item.attributes for item in items):
            alternative: Tags = {}
            for item in items:
                _supplement(alternative, item.attributes["xml:lang"].lower(), self._value(item))
            return alternative
        return [self._value(item) for item in items]

    def _own_text(self, element: _Element) -> JsonValue:
        if element.digest:
            return {"size_bytes": element.length, "sha256": element.digest.hexdigest()}
        text = element.text[0] if len(element.text) == 1 else "".join(element.text)
        return self._text(element.name or "", text)

    def _text(self, name: str, text: str) -> JsonValue:
        if name in _BINARY:
            data = text.encode()
            return {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if len(text) <= self._budget.limits.max_text_length:
            return text
        return limit_text(text, f"XMP: {name}", self._budget, self._warnings)
