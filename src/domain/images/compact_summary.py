"""The compact summary that a record contains: short enough for a list, and deterministic."""

import json
import unicodedata

from pydantic import JsonValue

from domain.metadata.model import Tags

MAX_COMPACT_SUMMARY_BYTES = 2000
"""The limit for the compact summary as JSON in UTF-8."""
MAX_KEYWORDS_BYTES = 1000
"""The limit for all its keywords together, as JSON."""
MAX_TEXT_BYTES = 200
"""The limit for each text in it, in UTF-8. Longer texts are truncated and end in an ellipsis."""

_ELLIPSIS = "…"


def compact_summary(summary: Tags) -> Tags:
    """Return as much of ``summary`` as fits, in the same order. Long texts and lists are truncated."""
    compact: Tags = {}
    size = len("{}")
    for name, value in summary.items():
        size_with_name = size + _json_length(name) + len(":,")
        fitted = _fit(value, MAX_COMPACT_SUMMARY_BYTES - size_with_name)
        size_with_value = size_with_name + _json_length(fitted)
        if fitted != [] and size_with_value <= MAX_COMPACT_SUMMARY_BYTES:
            compact[name] = fitted
            size = size_with_value
    return compact


def fold(text: str) -> str:
    """Fold a text so that comparisons ignore case and Unicode composition."""
    return unicodedata.normalize("NFC", text).casefold()


def _fit(value: JsonValue, room: int) -> JsonValue:
    """Truncate a text, or a list to as many items as have room."""
    if isinstance(value, str):
        return _shorten(value)
    if not isinstance(value, list):
        return value
    items: list[JsonValue] = []
    size = len("[]")
    for item in (_fit(item, room) for item in value):
        size += _json_length(item) + len(",")
        if size > min(MAX_KEYWORDS_BYTES, room):
            break
        items.append(item)
    return items


def _shorten(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= MAX_TEXT_BYTES:
        return text
    room = MAX_TEXT_BYTES - len(_ELLIPSIS.encode())
    return encoded[:room].decode("utf-8", "ignore").rstrip() + _ELLIPSIS


def _json_length(value: JsonValue) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
