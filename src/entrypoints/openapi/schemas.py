"""Tidies pydantic's JSON Schemas for readers and client generators.

Responses omit absent values, so nothing in them is ever null. In requests, a field may be null if the code
treats null as absent.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/"
_MAX_INT32 = 2**31 - 1
_BYTE_COUNT = re.compile(r"(.*_)?(size|bytes)")
"""Names of fields that count bytes, which can exceed 32 bits."""
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_ROLE = re.compile(r":[a-z:]+:`~?([^`<]+)`")
_LITERAL = re.compile(r"``([^`]+)``")


def tidy(schema: Schema, *, is_request: bool) -> Schema:
    """Remove what only pydantic needs from the schema of a request or response."""
    tidied = {key: value for key, value in schema.items() if key != "title"}
    if "description" in tidied:
        tidied["description"] = as_markdown(tidied["description"])
    tidied |= named_values(tidied)
    properties: dict[str, Schema] = tidied.get("properties", {})
    if properties and not is_request:
        # A field with a default is always present; a field that may be absent has the default null.
        always = {name for name, value in properties.items() if value.get("default") is not None}
        required = always | set(tidied.get("required", ()))
        tidied["required"] = [name for name in properties if name in required]
        if not required:
            del tidied["required"]
    if properties:
        tidied["properties"] = {
            name: _tidy_property(name, value, is_request=is_request) for name, value in properties.items()
        }
    return tidied


def tidy_parameter(parameter: Schema) -> Schema:
    """Remove repetitions from a parameter's schema, and null: a parameter without a value is not sent."""
    schema = _tidy_property(parameter["name"], parameter["schema"], is_request=False)
    schema.pop("description", None)
    return parameter | {"schema": schema}


def with_titles_as_names(document: dict[str, Any]) -> dict[str, Any]:
    """Rename all component schemas to their titles and sort them.

    Raises ValueError if two have the same title.
    """
    schemas: dict[str, Schema] = document["components"]["schemas"]
    # In the code, models that share a name with an object of the domain are called resources.
    names = {
        name: str(schema.get("title", name)).removesuffix("Resource") for name, schema in schemas.items()
    }
    if len(set(names.values())) != len(names):
        raise ValueError(f"Two schemas have one name: {sorted(names.values())}")
    renamed: dict[str, Any] = _renamed(document, names)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        new: {key: value for key, value in schemas[old].items() if key != "title"}
        for old, new in sorted(names.items(), key=lambda pair: pair[1])
    }
    return renamed


def reachable(value: Any, schemas: Mapping[str, Schema]) -> frozenset[str]:
    """Find the names of all schemas that a value in the document refers to, directly or indirectly."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return frozenset(found)


def as_markdown(docstring: str) -> str:
    """Convert a docstring's reStructuredText to CommonMark without line breaks in paragraphs."""
    text = _LITERAL.sub(r"`\1`", _ROLE.sub(lambda match: f"`{match[1].rpartition('.')[2]}`", docstring))
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())


def _tidy_property(name: str, schema: Schema, *, is_request: bool) -> Schema:
    schema = _without_null(schema, is_request=is_request)
    schema.pop("title", None)
    if schema.get("default", ...) is None or "const" in schema:
        schema.pop("default", None)
    if "const" in schema:
        # More generators support a set of one value than a constant.
        schema["enum"] = [schema.pop("const")]
    if "description" in schema:
        schema["description"] = as_markdown(schema["description"])
    if "items" in schema:
        schema["items"] = _tidy_property(name, schema["items"], is_request=is_request)
    if schema.get("additionalProperties") == {"$ref": f"{REFERENCE}JsonValue"}:
        schema["additionalProperties"] = {}
    return schema | _number_format(name, schema) | named_values(schema)


def named_values(schema: Schema) -> Schema:
    """Return names for the values of an enumeration if some are not usable as names in programs."""
    values = [str(value) for value in schema.get("enum", ())]
    if not any("-" in value for value in values):
        return {}
    # https://openapi-generator.tech/docs/templating/#enum
    return {"x-enum-varnames": [_value_name(value) for value in values]}


def _value_name(value: str) -> str:
    """Name a value of an enumeration; a minus sign before an order reverses it."""
    words = f"{value[1:]}_descending" if value.startswith("-") else value
    return words.replace("-", "_").upper()


def _without_null(schema: Schema, *, is_request: bool) -> Schema:
    """Simplify a type that may be null: to the type itself in responses, to a list of both in requests."""
    if {"type": "null"} not in schema.get("anyOf", ()):
        return dict(schema)
    [value] = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
    nullable = {"type": [value["type"], "null"]} if is_request else {}
    return {**value, **{key: other for key, other in schema.items() if key != "anyOf"}, **nullable}


def _number_format(name: str, schema: Schema) -> Schema:
    types = schema.get("type")
    if types == "number":
        return {"format": "double"}
    if types != "integer" and types != ["integer", "null"]:
        return {}
    is_wide = bool(_BYTE_COUNT.fullmatch(name)) or schema.get("maximum", 0) > _MAX_INT32
    bounds = {keyword: int(schema[keyword]) for keyword in _BOUNDS & schema.keys()}
    return {"format": "int64" if is_wide else "int32", **bounds}


def _references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        reference = document.get("$ref")
        if isinstance(reference, str) and reference.startswith(REFERENCE):
            yield reference.removeprefix(REFERENCE)
        for value in document.values():
            yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)


def _renamed(document: Any, names: Mapping[str, str]) -> Any:
    if isinstance(document, list):
        return [_renamed(value, names) for value in document]
    if not isinstance(document, dict):
        return document
    renamed = {key: _renamed(value, names) for key, value in document.items()}
    reference = renamed.get("$ref")
    if isinstance(reference, str) and reference.startswith(REFERENCE):
        name = reference.removeprefix(REFERENCE)
        renamed["$ref"] = REFERENCE + names.get(name, name)
    return renamed
