"""Settings from environment variables, without pydantic.

Importing pydantic takes longer than everything else that the smaller functions do when they start.
"""

import json
from collections.abc import Mapping
from typing import Any

_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})


class InvalidSetting(ValueError):
    """An environment variable is missing or invalid; the message names it."""


def flag(variables: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read ``true`` or ``false``. Raises InvalidSetting."""
    value = variables.get(name, str(default)).lower()
    if value not in _TRUE | _FALSE:
        raise InvalidSetting(f"{name} must be true or false.")
    return value in _TRUE


def names(variables: Mapping[str, str], name: str) -> frozenset[str]:
    """Read comma-separated names, in lower case; none if the variable is missing."""
    return frozenset(filter(None, map(str.strip, variables.get(name, "").lower().split(","))))


def names_by_name(variables: Mapping[str, str], name: str) -> dict[str, frozenset[str]]:
    """Read a JSON object of lists of names, empty if the variable is missing. Raises InvalidSetting."""
    try:
        value = json.loads(variables.get(name, "{}"))
    except ValueError:
        value = None
    if not isinstance(value, dict) or not all(map(_is_list_of_text, value.values())):
        raise InvalidSetting(f"{name} must be a JSON object of lists of strings.")
    return {key: frozenset(listed) for key, listed in value.items()}


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
