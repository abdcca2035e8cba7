"""The total cost that reading one file's metadata may have, counted before anything is allocated.

The limits are counters, so that the same bytes always give the same document. The clock only stops a
reader that would never end; then there is no document.
"""

import time

from pydantic import JsonValue

from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.model import Tags

_SHORT_ESCAPES = b'"\\\b\t\n\f\r'
"""Characters that JSON writes with one more byte."""
_AS_THEY_ARE = bytes(code for code in range(0x20, 0x100) if code not in _SHORT_ESCAPES)
_LONG_ESCAPE = 4
"""Bytes that other control characters take on top of a short escape."""
_ELEMENTS_OF_DECODER = 16
_STEPS_BETWEEN_LOOKS = 256
_ITEM_SEPARATOR = 1
_KEY_SEPARATORS = 2


class BudgetSpent(Exception):
    """The file's budget is too small for the next step, so some metadata is not read."""


class ReadingTimedOut(Exception):
    """Reading takes far longer than the budget should allow, because of a bug or a broken machine."""


class ProcessorTime:
    """Limits the processor time of the thread for one file, in case the counters fail to."""

    def __init__(self, limit_s: float) -> None:
        self._end = time.thread_time() + limit_s
        self._steps = 0

    def step(self) -> None:
        """Check the clock every :data:`_STEPS_BETWEEN_LOOKS` steps. Raises :class:`ReadingTimedOut`."""
        self._steps += 1
        if not self._steps % _STEPS_BETWEEN_LOOKS and time.thread_time() > self._end:
            raise ReadingTimedOut


class Budget:
    """The budget of one file, shared by everything that reads it.

    Metadata that does not fit is left out, and the rest is still tried. Afterwards, :attr:`is_spent` tells
    whether anything was left out.
    """

    def __init__(self, limits: ReaderLimits) -> None:
        self.limits = limits
        self.is_spent = False
        """Whether anything was left out because the budget did not allow it."""
        self.processor_time = ProcessorTime(limits.max_cpu_s)
        self._block_bytes = limits.max_metadata_bytes
        self._decoding_bytes = limits.max_decoding_bytes
        self._elements = limits.max_elements
        self._document_bytes = limits.max_document_bytes

    def admit_block(self, size: int) -> bool:
        """Charge ``size`` bytes that will be copied or inflated out of the file, if they fit."""
        if size > self._block_bytes:
            self.is_spent = True
            return False
        self._block_bytes -= size
        return True

    def charge_block(self, size: int) -> None:
        """Charge as :meth:`admit_block` does. Raises :class:`BudgetSpent` if they do not fit."""
        if not self.admit_block(size):
            raise BudgetSpent

    @property
    def block_bytes(self) -> int:
        """How many bytes may still be copied or inflated out of the file."""
        return self._block_bytes

    def admit_decoder(self) -> bool:
        """Charge the fixed cost of decoding one more block, if it fits."""
        if self._elements < _ELEMENTS_OF_DECODER:
            self.is_spent = True
            return False
        self._elements -= _ELEMENTS_OF_DECODER
        return True

    def charge_decoding(self, size: int) -> None:
        """Charge ``size`` bytes of a block that will be copied, hashed, parsed or turned into text.

        Bytes that several tags point to are charged each time. Raises :class:`BudgetSpent`.
        """
        self.processor_time.step()
        if size > self._decoding_bytes:
            self.is_spent = True
            raise BudgetSpent
        self._decoding_bytes -= size

    def charge_elements(self, count: int = 1) -> None:
        """Charge directory entries, datasets, resources, elements, attributes or list values.

        Raises :class:`BudgetSpent`.
        """
        if count > self._elements:
            self.is_spent = True
            raise BudgetSpent
        self._elements -= count

    @property
    def elements(self) -> int:
        """How many elements may still be read."""
        return self._elements

    def keep(self, tags: Tags, name: str, value: JsonValue) -> bool:
        """Set ``tags[name]`` if the value, written as JSON, fits the document."""
        if isinstance(value, str) and name not in tags and len(value) > self._document_bytes:
            self.is_spent = True
            return False
        size = _entry_bytes(name, value) - (_entry_bytes(name, tags[name]) if name in tags else 0)
        if not self._admit_json(size):
            return False
        tags[name] = value
        return True

    def release(self, tags: Tags, name: str) -> None:
        """Refund the charge for ``tags[name]``, which will not go into the document."""
        self._document_bytes += _entry_bytes(name, tags[name])

    def append(self, tags: Tags, name: str, value: JsonValue) -> bool:
        """Append to the list ``tags[name]``, created if missing, if the value fits the document."""
        values = tags.get(name)
        if not isinstance(values, list):
            return self.keep(tags, name, [value])
        if not self._admit_json(json_bytes(value) + _ITEM_SEPARATOR):
            return False
        values.append(value)
        return True

    def _admit_json(self, size: int) -> bool:
        if size > self._document_bytes:
            self.is_spent = True
            return False
        self._document_bytes -= size
        return True


def _entry_bytes(name: str, value: JsonValue) -> int:
    return text_bytes(name) + json_bytes(value) + _KEY_SEPARATORS


def json_bytes(value: JsonValue) -> int:
    """Count the bytes of a value in compact JSON, without writing it."""
    if isinstance(value, str):
        return text_bytes(value)
    if isinstance(value, list):
        return 2 + sum(json_bytes(item) + _ITEM_SEPARATOR for item in value)
    if isinstance(value, dict):
        return 2 + sum(text_bytes(key) + json_bytes(item) + _KEY_SEPARATORS for key, item in value.items())
    if value is None or isinstance(value, bool):
        return 5
    # JSON writes 0.00001 where Python writes 1e-05.
    return len(repr(value)) + (2 if isinstance(value, float) else 0)


def text_bytes(text: str) -> int:
    r"""Count the bytes of a text in JSON: UTF-8 in quotes, control characters as ``\u001f``."""
    if text.isascii() and text.isprintable():
        return 2 + len(text) + text.count('"') + text.count("\\")
    data = text.encode("utf-8", "surrogatepass")
    escaped = data.translate(None, _AS_THEY_ARE)
    return 2 + len(data) + len(escaped) + _LONG_ESCAPE * len(escaped.translate(None, _SHORT_ESCAPES))
