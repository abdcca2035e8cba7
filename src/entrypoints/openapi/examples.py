"""Adds recorded examples of requests and responses to the description."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from entrypoints.http.resolver import JSON

Node = dict[str, Any]
RECORDED = Path(__file__).with_name("examples.json")
"""What ``make openapi-examples`` recorded."""


@cache
def _recorded() -> Node:
    recorded: Node = json.loads(RECORDED.read_text(encoding="utf-8"))
    return recorded


def recorded_problem(code: str) -> Node | None:
    """Return a recorded response of the API with this problem code, if there is one."""
    problem: Node | None = _recorded()["problems"].get(code)
    return problem


def add_examples(operation: Node, headers: Mapping[str, Node]) -> None:
    """Add the recorded exchanges of this operation to its parameters, body, responses and their headers.

    ``headers`` are the components to which the responses' headers refer.
    """
    exchanges: dict[str, Node] = _recorded()["operations"].get(operation["operationId"], {})
    for exchange in exchanges.values():
        for parameter in operation.get("parameters", ()):
            values = exchange.get({"path": "path", "query": "query"}.get(parameter["in"], ""), {})
            if parameter["name"] in values:
                parameter["example"] = values[parameter["name"]]
        response = operation["responses"][str(exchange["status"])]
        for name, value in exchange.get("headers", {}).items():
            described = {key: member for key, member in headers[name].items() if key != "example"}
            response["headers"][name] = described | {"example": _typed(value, described["schema"])}
    _show(operation.get("requestBody", {}), {name: one.get("body") for name, one in exchanges.items()})
    for status, response in operation["responses"].items():
        answers = {
            name: one.get("answer") for name, one in exchanges.items() if str(one["status"]) == status
        }
        _show(response, answers)


def _typed(value: str, schema: Mapping[str, Any]) -> str | int:
    return int(value) if schema["type"] == "integer" else value


def _show(described: Node, values: Mapping[str, Any]) -> None:
    """Add these values, by name if they differ, as examples of a body's JSON or its only media type."""
    content = described.get("content", {})
    media = content.get(JSON) or next(iter(content.values()), None)
    shown = {name: value for name, value in values.items() if value is not None}
    if media is None or not shown:
        return
    distinct = {json.dumps(value): value for value in shown.values()}
    if len(distinct) == 1:
        [media["example"]] = distinct.values()
    else:
        media["examples"] = {
            name.replace(" ", "-"): {"summary": name.capitalize(), "value": value}
            for name, value in shown.items()
        }
