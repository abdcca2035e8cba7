"""Reads XML that is not well-formed: skips what is damaged and passes on the rest.

It reads packets that a conforming parser has refused. It knows XML's five predefined entities and no
document types, and fetches nothing. It visits each character a bounded number of times.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

# Letters, "_", ":" and everything beyond ASCII; after the first, also digits, "-" and ".". Written as
# negated classes: a class with a range to the end of Unicode takes 15 ms to compile at each cold start.
_NAME = r"[^\x00-9;-@[-^`{-\x7f][^\x00-,/;-@[-^`{-\x7f]*"
_MARKUP = re.compile(r"<(?=[^\x00- \"-.0-9;->@[-^`{-\x7f])")
_START_TAG = re.compile(f"<({_NAME})")
_END_TAG = re.compile(rf"</\s*({_NAME})?[^<>]*>?")
_ATTRIBUTE = re.compile(
    rf"""
    ({_NAME}) \s*=\s*
    (?: "([^"]*)" (?=[\s/>]|{_NAME}\s*=) | '([^']*)' (?=[\s/>]|{_NAME}\s*=) | ([^\s"'<>]+?) (?=\s|/?>) )
    """,
    re.VERBOSE,
)
_BETWEEN_ATTRIBUTES = re.compile(r"\s+")
_TAG_END = re.compile(r"/?>")
_NO_ATTRIBUTE = re.compile(r"[^\s<>/]+|/")
_SKIPPED = (("<!--", "-->"), ("<?", "?>"))
_LITERAL = ("<![CDATA[", "]]>")
_DOCUMENT_TYPE = "<!DOCTYPE"

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NO_CHARACTERS = frozenset((*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)) - frozenset(b"\t\n\r")
"""Code points that XML does not allow (section 2.2)."""
_SPACES = bytes(0x20 if code in _NO_CHARACTERS else code for code in range(0x100))
_NO_CHARACTERS_IN_UTF8 = ("\ufffe".encode(), "\uffff".encode())
_WHITE_SPACE = re.compile(r"\r\n|[\t\r\n]")


class XmlHandler(Protocol):
    """Receives what is found, in document order; each start has an end. May raise to stop reading."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element; names are as in the document, with their prefixes."""
        ...

    def end(self, name: str) -> None:
        """Handle the end of the innermost open element, which has this name."""
        ...

    def end_of_outer(self, name: str) -> None:
        """Handle the end of the innermost open element, which has this name but no end tag of its own."""
        ...

    def characters(self, text: str) -> None:
        """Handle some text of the innermost open element."""
        ...

    def document_type(self) -> None:
        """Handle the start of a document type declaration."""
        ...

    def markup(self, count: int = 1) -> None:
        """Count ``count`` tags, attributes or references, on which the time depends."""
        ...


def read_damaged_xml(packet: bytes, handler: XmlHandler) -> None:
    """Pass on every element, attribute and text that can be recognised in a packet in UTF-8.

    A control character becomes a space. An ``&`` that starts no reference and a ``<`` that starts no
    markup are kept. For a repeated attribute, the first value that is not empty is used. An end tag also
    closes the elements inside its own. An end tag that closes nothing is skipped, as is an attribute
    without a value. Elements that are still open at the end are closed there.
    """
    # Bytes are replaced in one pass, which is as fast for text beyond ASCII.
    allowed = packet.translate(_SPACES)
    for character in _NO_CHARACTERS_IN_UTF8:
        allowed = allowed.replace(character, b" ")
    _Reader(allowed.decode(errors="replace"), handler).read()


class _Reader:
    def __init__(self, document: str, handler: XmlHandler) -> None:
        self._document = document
        self._handler = handler
        self._open: list[str] = []
        self._times_open: Counter[str] = Counter()
        self._absent: set[str] = set()

    def read(self) -> None:
        offset = 0
        while match := _MARKUP.search(self._document, offset):
            self._text(self._document[offset : match.start()])
            self._handler.markup()
            offset = self._markup(match.start())
        self._text(self._document[offset:])
        while self._open:
            self._handler.end(self._closed())

    def _text(self, text: str) -> None:
        if self._open and text:
            self._count_references(text)
            self._handler.characters(_resolved(text.replace("\r\n", "\n").replace("\r", "\n")))

    def _count_references(self, text: str) -> None:
        if "&" in text:
            self._handler.markup(text.count("&"))

    def _markup(self, offset: int) -> int:
        """Read the markup at ``offset`` and return the offset after it."""
        if match := _START_TAG.match(self._document, offset):
            return self._start_tag(match[1], match.end())
        if self._document.startswith("</", offset):
            return self._end_tag(offset)
        for start, end in _SKIPPED:
            if self._document.startswith(start, offset):
                return self._after(end, offset + len(start))
        start, end = _LITERAL
        if self._document.startswith(start, offset):
            offset += len(start)
            after = self._after(end, offset)
            if after > offset and self._open:
                self._handler.characters(self._document[offset : after - len(end)])
            return after
        if self._document.startswith(_DOCUMENT_TYPE, offset):
            self._handler.document_type()
        self._text("<")
        return offset + 1

    def _after(self, end: str, offset: int) -> int:
        """Return the offset after the next ``end``, or the same offset if there is none."""
        # What is absent after this offset is absent after later ones, so it is not searched for again.
        found = -1 if end in self._absent else self._document.find(end, offset)
        if found < 0:
            self._absent.add(end)
            return offset
        return found + len(end)

    def _start_tag(self, name: str, offset: int) -> int:
        attributes: dict[str, str] = {}
        for found, value in self._attributes(offset):
            offset = found
            if value and not attributes.get(value[0]):
                attributes[value[0]] = value[1]
        self._handler.start(name, attributes)
        end = _TAG_END.match(self._document, offset)
        if end and end[0] == "/>":
            self._handler.end(name)
        else:
            self._open.append(name)
            self._times_open[name] += 1
        return end.end() if end else offset

    def _attributes(self, offset: int) -> Iterator[tuple[int, tuple[str, str] | None]]:
        """Yield the attributes of a tag with the offset after each; for anything else only the offset."""
        while True:
            if match := _BETWEEN_ATTRIBUTES.match(self._document, offset):
                offset = match.end()
                yield offset, None
            if _TAG_END.match(self._document, offset):
                return
            self._handler.markup()
            if match := _ATTRIBUTE.match(self._document, offset):
                value = next(group for group in match.groups()[1:] if group is not None)
                self._count_references(value)
                yield match.end(), (match[1], _resolved(_WHITE_SPACE.sub(" ", value)))
            elif match := _NO_ATTRIBUTE.match(self._document, offset):
                yield match.end(), None
            else:
                return
            offset = match.end()

    def _end_tag(self, offset: int) -> int:
        match = _END_TAG.match(self._document, offset)
        if not match:
            return offset + 2
        if self._times_open[match[1]]:
            while (name := self._closed()) != match[1]:
                self._handler.end_of_outer(name)
            self._handler.end(name)
        return match.end()

    def _closed(self) -> str:
        """Close the innermost open element and return its name."""
        name = self._open.pop()
        self._times_open[name] -= 1
        return name


def _resolved(text: str) -> str:
    """Replace the references in a text; one to a character that XML does not allow becomes a space."""
    return _REFERENCE.sub(_referenced, text) if "&" in text else text


def _referenced(match: re.Match[str]) -> str:
    if match[1]:
        return _PREDEFINED[match[1]]
    code = int(match[2]) if match[2] else int(match[3], 16)
    return " " if code in _NO_CHARACTERS or code > sys.maxunicode else chr(code)
