"""Turns the bytes of old text fields into Unicode."""

import codecs

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.limits import ReaderLimits

_LONGEST_CHARACTER = 4
"""Bytes of a character in UTF-8, or in UTF-16."""


def decode_text(data: bytes) -> str:
    """UTF-8 if the bytes are that, else Latin-1 in the form that is in use (Windows-1252)."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode_latin(data)


def decode_mostly_utf8(data: bytes, budget: Budget) -> str:
    """UTF-8 with some bytes that are not, each of which is a Latin-1 character, as in :func:`decode_latin`.

    Where there are very many of those, all is Latin-1. Each costs as much as an element. Raises
    BudgetSpent.
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
    """Windows-1252, which is Latin-1 with printable characters in place of half of its controls."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def longest_text_bytes(limits: ReaderLimits) -> int:
    """The most bytes of a text that are looked at: one character more than is kept."""
    return _LONGEST_CHARACTER * (limits.max_text_length + 1)


def end_of_character(data: bytes, most: int) -> int:
    """The last offset up to ``most`` at which no character of UTF-8 is cut in the middle."""
    for end in range(most, max(most - _LONGEST_CHARACTER, 0), -1):
        if data[end] & 0xC0 != 0x80:
            return end
    return most


def text_bytes_of(block: bytes, start: int, stop: int, budget: Budget) -> bytes:
    """The bytes of a text between two offsets, as far as its limit goes, so that no more is decoded.

    Charges them. Raises BudgetSpent.
    """
    most = start + longest_text_bytes(budget.limits)
    if most < min(stop, len(block)):
        stop = end_of_character(block, most)
    budget.charge_decoding(max(stop - start, 0))
    return block[start:stop]


def limit_text(text: str, what: str, budget: Budget, warnings: Warnings) -> str:
    """The text, cut to the limit with a warning that starts with ``what``."""
    if len(text) <= budget.limits.max_text_length:
        return text
    warnings.add(f"{what} was cut to {budget.limits.max_text_length} characters.")
    return text[: budget.limits.max_text_length]
