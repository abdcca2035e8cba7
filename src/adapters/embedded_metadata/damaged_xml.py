"""Reads XML that is not well-formed: what is damaged costs itself, and the rest is handed on.

For packets that a conforming parser has refused. There are no entities but the five of XML, no
document types, and nothing is looked up; each character is looked at a bounded number of times.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

# Letters, "_", ":" and all beyond ASCII, then digits, "-" and "." too. Said by what they are not: a class
# with a range to the end of Unicode takes re some 15 ms to compile, which every cold start would pay.
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
    """Takes what is found, in document order; every start has its end. May raise to stop the reading."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; names are as in the document, with their prefixes."""
        ...

    def end(self, name: str) -> None:
        """The innermost open element, which has this name, ends."""
        ...

    def end_of_outer(self, name: str) -> None:
        """The innermost open element, which has this name, has no end tag: that of an outer one comes."""
        ...

    def characters(self, text: str) -> None:
        """Some text of the innermost open element."""
        ...

    def document_type(self) -> None:
        """A document type declaration begins."""
        ...

    def markup(self, count: int = 1) -> None:
        """So many tags, attributes, references or the like were met: what the time depends on."""
        ...


def read_damaged_xml(packet: bytes, handler: XmlHandler) -> None:
    """Hand on every element, attribute and text that can be told of a packet in UTF-8.

    A control character is a space. An ``&`` that starts no reference, and an ``<`` that starts no
    markup, are themselves. Of an attribute that is there twice the first that is not empty counts. An
    end tag closes the elements inside its own; one that closes nothing is left out, as is an attribute
    without a value. What is open at the end is closed there.
    """
    # As bytes they are replaced in one pass, which takes no longer where there are also other characters.
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
        """Read what starts at ``offset``; the offset after it."""
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
        """The offset after the next ``end``, or the same offset if there is none."""
        # What is absent once is absent from there on: it is searched for in vain only once.
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
        """The attributes of a tag, each with the offset after it; offsets alone of what is none."""
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
        """The name of the innermost open element, which is open no more."""
        name = self._open.pop()
        self._times_open[name] -= 1
        return name


def _resolved(text: str) -> str:
    """The text with its references replaced; one to a character that XML does not allow is a space."""
    return _REFERENCE.sub(_referenced, text) if "&" in text else text


def _referenced(match: re.Match[str]) -> str:
    if match[1]:
        return _PREDEFINED[match[1]]
    code = int(match[2]) if match[2] else int(match[3], 16)
    return " " if code in _NO_CHARACTERS or code > sys.maxunicode else chr(code)
