"""Turns the bytes of old text fields into Unicode."""

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.layout import Warnings


def decode_text(data: bytes) -> str:
    """UTF-8 if the bytes are that, else Latin-1 in the form that is in use (Windows-1252)."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode_latin(data)


def decode_latin(data: bytes) -> str:
    """Windows-1252, which is Latin-1 with printable characters in place of half of its controls."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def limit_text(text: str, what: str, budget: Budget, warnings: Warnings) -> str:
    """The text, cut to the limit with a warning that starts with ``what``."""
    if len(text) <= budget.limits.max_text_length:
        return text
    warnings.add(f"{what} was cut to {budget.limits.max_text_length} characters.")
    return text[: budget.limits.max_text_length]
