"""Decodes the bytes of text fields whose encoding is uncertain."""

import codecs

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.limits import ReaderLimits

_LONGEST_CHARACTER = 4
"""Bytes of the longest character in UTF-8 and UTF-16."""


def decode_text(data: bytes) -> str:
    """Decode UTF-8 or, if the bytes are not that, Windows-1252, the common form of Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode_latin(data)


def decode_mostly_utf8(data: bytes, budget: Budget) -> str:
    """Decode UTF-8 with stray bytes, each of which is decoded as in :func:`decode_latin`.

    Each stray byte costs as much as an element. With more than :data:`_MAX_STRAY_BYTES` of them, all bytes
    are decoded as in :func:`decode_latin`. Raises BudgetSpent.
    """
    stray_bytes = data.decode(errors="replace").count("\ufffd")
    if stray_bytes > _MAX_STRAY_BYTES:
        return decode_latin(data)
    budget.charge_elements(stray_bytes)
    return data.decode(errors=_LATIN_ERRORS)


_MAX_STRAY_BYTES = 1_000
_LATIN_ERRORS = "embedded_metadata.latin"


def _replace_by_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return decode_latin(error.object[error.start : error.end]), error.end


codecs.register_error(_LATIN_ERRORS, _replace_by_latin)


def decode_latin(data: bytes) -> str:
    """Decode Windows-1252: Latin-1 with printable characters instead of half of its control characters."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def longest_text_bytes(limits: ReaderLimits) -> int:
    """Return how many bytes of a text are read: enough for one character more than is kept."""
    return _LONGEST_CHARACTER * (limits.max_text_length + 1)


def end_of_character(data: bytes, most: int) -> int:
    """Return the last offset up to ``most`` that does not cut a UTF-8 character in two."""
    for end in range(most, max(most - _LONGEST_CHARACTER, 0), -1):
        if data[end] & 0xC0 != 0x80:
            return end
    return most


def text_bytes_of(block: bytes, start: int, stop: int, budget: Budget) -> bytes:
    """Return the bytes of a text between two offsets, at most as many as its length limit needs.

    Charges them to the budget. Raises BudgetSpent.
    """
    most = start + longest_text_bytes(budget.limits)
    if most < min(stop, len(block)):
        stop = end_of_character(block, most)
    budget.charge_decoding(max(stop - start, 0))
    return block[start:stop]


def limit_text(text: str, what: str, budget: Budget, warnings: Warnings) -> str:
    """Return the text, cut to the length limit with a warning that starts with ``what``."""
    if len(text) <= budget.limits.max_text_length:
        return text
    warnings.add(f"{what} was cut to {budget.limits.max_text_length} characters.")
    return text[: budget.limits.max_text_length]
