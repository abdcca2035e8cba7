"""Generates the schema of a metadata document's summary from the domain's table of fields."""

import math
from typing import Any

from domain.metadata.sources import TIME_PATTERN, ValueDomain, ValueType
from domain.metadata.summary import SUMMARY_FIELDS

_TYPES: dict[ValueType, dict[str, Any]] = {
    ValueType.BOOLEAN: {"type": "boolean"},
    ValueType.INTEGER: {"type": "integer"},
    ValueType.NUMBER: {"type": "number"},
    ValueType.TEXT: {"type": "string"},
    ValueType.TEXTS: {"type": "array", "items": {"type": "string"}},
    ValueType.TIME: {"type": "string", "pattern": TIME_PATTERN},
}


def summary_schema() -> dict[str, Any]:
    """Build an object schema with a typed, optional property for each field."""
    return {
        "type": "object",
        "description": "Common fields, for applications that don't know the metadata standards.",
        "properties": {
            field.name: {**_TYPES[field.values.type], **_bounds(field.values), "description": field.meaning}
            for field in SUMMARY_FIELDS
        },
    }


def _bounds(values: ValueDomain) -> dict[str, float]:
    bounds = {
        "exclusiveMinimum": values.above,
        "minimum": values.at_least,
        "maximum": values.at_most,
    }
    return {
        keyword: int(bound) if float(bound).is_integer() else bound
        for keyword, bound in bounds.items()
        if math.isfinite(bound)
    }
