"""Completes the operations with their common responses and headers."""

import json
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from domain.accounts.errors import TokenNotAccepted
from domain.shared.errors import InvalidRequest, ServiceUnavailable
from entrypoints.http.problems import (
    INTERNAL_ERROR,
    MEDIA_TYPE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemType,
    documented_problem_types,
)
from entrypoints.http.resolver import JSON, documented_headers
from entrypoints.openapi.limits import limit_parameter
from entrypoints.openapi.schemas import REFERENCE, tidy_parameter

Node = dict[str, Any]
"""An object in the OpenAPI document."""

GATEWAY_RESPONSE = "GatewayResponse"
GATEWAY_RESPONSE_SCHEMA: Node = {
    "type": "object",
    "description": "A response from the gateway in front of the API.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}

HEADERS: dict[str, Node] = {
    "Location": {
        "description": "The target: an absolute path of this API, or a full URL.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {
        "description": "Identifies the state of the resource (RFC 9110 §8.8.3).",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before trying again. The gateway's own responses lack it.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate: with a bearer token (RFC 6750 §3).",
        "schema": {"type": "string"},
        "example": "Bearer",
    },
    "x-request-id": {
        "description": "Identifies the request in the service's log. The gateway's own responses have "
        "`apigw-requestid` instead.",
        "schema": {"type": "string"},
        "example": "JKJaXmPLvHcESHA=",
    },
}
"""Response headers by name."""

_WITHOUT_BODY = {"202", "204", "302", "304"}
_BY_STATUS = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
_ALSO_BY_GATEWAY = {
    HTTPStatus.UNAUTHORIZED: ("Unauthorized", "without a valid token"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "Request Entity Too Large",
        "if the request is too large",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too Many Requests", "if all clients together send too many requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Internal Server Error", "if the function fails"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Service Unavailable", "if the function takes too long"),
}


_SHARED = {
    "Unauthorized": "401",
    "ContentTooLarge": "413",
    "UnsupportedMediaType": "415",
    "InvalidRequest": "422",
    "TooManyRequests": "429",
    "Throttled": "429",
    "InternalError": "500",
    "ServiceUnavailable": "503",
}
"""Component names for the most common error response of each status."""


def complete(operation: Node) -> None:
    """Add the responses and headers that the operation's route does not declare, and tidy the rest."""
    operation.setdefault("security", [])
    responses: dict[str, Node] = operation["responses"]
    for status in _WITHOUT_BODY & responses.keys():
        responses[status].pop("content", None)
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    for problem_type in _further_problems(operation):
        _add_problem(responses, problem_type)
    for gateway_status in _responses_of_gateway(operation):
        _add_gateway_response(responses, gateway_status)
    operation["responses"] = {
        status: _with_headers(status, response) for status, response in sorted(responses.items())
    }
    if "parameters" in operation:
        operation["parameters"] = [tidy_parameter(one) for one in operation["parameters"]]
        for parameter in operation["parameters"]:
            limit_parameter(parameter)


def _further_problems(operation: Node) -> Iterator[ProblemType]:
    """Yield the problems that can occur outside the route itself."""
    body = operation.get("requestBody")
    # Any path parameter is valid; it may just name something that does not exist.
    if body or any(parameter["in"] != "path" for parameter in operation.get("parameters", ())):
        yield ProblemType.of(InvalidRequest)
    if body and JSON in body["content"]:
        body["required"] = True
        yield UNSUPPORTED_MEDIA_TYPE
    if operation["security"]:
        yield ProblemType.of(TokenNotAccepted)
    if operation["tags"] != ["service"]:
        yield ProblemType.of(ServiceUnavailable)
    yield INTERNAL_ERROR


def _responses_of_gateway(operation: Node) -> Iterator[HTTPStatus]:
    if operation["security"]:
        yield HTTPStatus.UNAUTHORIZED
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    yield from (
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )


def _with_headers(status: str, response: Node) -> Node:
    content = response.get("content", {})
    if status >= "400" and MEDIA_TYPE not in content:
        # Only the gateway responds like this, without our headers.
        return response
    names = {"x-request-id", _BY_STATUS.get(status, "x-request-id")}
    if "image-not-ready" in content.get(MEDIA_TYPE, {}).get("examples", ()):
        names.add("Retry-After")
    headers = response.get("headers", {}) | documented_headers(*names)
    response["headers"] = dict(sorted(headers.items()))
    return {"description": response.pop("description"), **response}


def share_responses(paths: Node) -> dict[str, Node]:
    """Move the most common error responses to components and return these by name."""
    operations = [operation for item in paths.values() for operation in item.values()]
    shared: dict[str, Node] = {}
    for name, status in _SHARED.items():
        present = Counter(
            json.dumps(response)
            for operation in operations
            if "$ref" not in (response := operation["responses"].get(status, {"$ref": None}))
        )
        for commonest, _ in present.most_common(1):
            shared[name] = json.loads(commonest)
            for operation in operations:
                if operation["responses"].get(status) == shared[name]:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _add_problem(responses: dict[str, Node], problem_type: ProblemType) -> None:
    """Document another problem type unless the route already does."""
    [(status, documented)] = documented_problem_types(problem_type).items()
    present = responses.setdefault(str(status), {})
    content: Node = present.setdefault("content", {})
    problems: Node = content.setdefault(
        MEDIA_TYPE, {"schema": {"$ref": f"{REFERENCE}Problem"}, "examples": {}}
    )
    if problem_type.code in problems["examples"]:
        return
    problems["examples"] |= documented["content"][MEDIA_TYPE]["examples"]
    present["description"] = "\n".join(
        filter(None, [present.get("description"), documented["description"]])
    )


def _add_gateway_response(responses: dict[str, Node], status: HTTPStatus) -> None:
    message, cause = _ALSO_BY_GATEWAY[status]
    present = responses.setdefault(str(status.value), {"description": ""})
    said = f"- The gateway's own response {cause}."
    present["description"] = "\n".join(filter(None, [present["description"], said]))
    present.setdefault("content", {})[JSON] = {
        "schema": {"$ref": f"{REFERENCE}{GATEWAY_RESPONSE}"},
        "example": {"message": message},
    }
