"""The owner's edits of an image: which fields they have, and how long these may be."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from domain.images.compact_summary import fold
from domain.images.declared import clean_filename
from domain.shared.errors import FieldError, InvalidRequest

MAX_TITLE_LENGTH = 200
MAX_DESCRIPTION_LENGTH = 1000
MAX_KEYWORDS = 50
MAX_KEYWORD_LENGTH = 64
MAX_EDITS_BYTES = 4000
"""The limit for title, description and keywords together, in UTF-8, because the record contains them."""


def check_edits(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check and normalise changes of ``filename``, ``title``, ``description`` and ``keywords``.

    ``None`` or an empty text clears a field. Text is normalised (NFC) and trimmed. Keywords that differ
    only in case are one keyword. Raises InvalidRequest naming the field.
    """
    checked: dict[str, Any] = {}
    if "filename" in changes:
        checked["filename"] = clean_filename(changes["filename"] or "") or None
    if "title" in changes:
        checked["title"] = _text("title", changes["title"], MAX_TITLE_LENGTH)
    if "description" in changes:
        checked["description"] = _text(
            "description", changes["description"], MAX_DESCRIPTION_LENGTH, allowed="\n\t"
        )
    if "keywords" in changes:
        checked["keywords"] = _keywords(changes["keywords"] or ())
    return checked


def require_room(title: str | None, description: str | None, keywords: tuple[str, ...]) -> None:
    """Return if these fit into the record. Raises InvalidRequest naming the limit."""
    size = len("".join(filter(None, (title, description, *keywords))).encode())
    if size > MAX_EDITS_BYTES:
        message = f"must have at most {MAX_EDITS_BYTES} bytes in total in UTF-8, not {size}"
        names = ("title", "description", "keywords")
        raise InvalidRequest(
            f"{', '.join(names)} {message}.", errors=[FieldError(name, message) for name in names]
        )


def _text(field: str, value: str | None, max_length: int, allowed: str = "") -> str | None:
    text = unicodedata.normalize("NFC", value or "").replace("\r\n", "\n").strip()
    if len(text) > max_length:
        raise _invalid(field, f"must have at most {max_length} characters")
    if any(unicodedata.category(character) == "Cc" and character not in allowed for character in text):
        raise _invalid(field, "must not contain control characters")
    return text or None


def _keywords(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > MAX_KEYWORDS:
        raise _invalid("keywords", f"must have at most {MAX_KEYWORDS} items")
    keywords: dict[str, str] = {}
    for value in values:
        keyword = _text("keywords", value, MAX_KEYWORD_LENGTH)
        if keyword is not None:
            keywords.setdefault(fold(keyword), keyword)
    return tuple(keywords.values())


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
