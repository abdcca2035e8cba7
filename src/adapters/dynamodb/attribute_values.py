"""DynamoDB's typed attribute values, of the types that the items use.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item in the form of the low-level API: typed values by name."""


def typed(values: Mapping[str, Any]) -> Item:
    """Add the types to these values; omit those that are ``None``."""
    return {name: _typed(value) for name, value in values.items() if value is not None}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an item without their types."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case frozenset():
            return {"SS": sorted(value)}
        case tuple() | list():
            return {"L": [_typed(element) for element in value]}
        case dict():
            return {"M": typed(value)}
    raise TypeError(f"An attribute cannot be a {type(value).__name__}.")


def _plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    match kind:
        case "N":
            return int(content)
        case "SS":
            return frozenset(content)
        case "L":
            return [_plain(element) for element in content]
        case "M":
            return plain(content)
    return content
