"""The operations of the service itself: health, the API's description, and its documentation page."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel

from entrypoints.http.client_scheme import client_scheme
from entrypoints.http.documentation_page import documentation_page
from entrypoints.http.entity_tags import entity_tag, is_current
from entrypoints.http.resolver import JSON, RouteSet, documented_headers, json_content, json_response

TAG = "service"
OPENAPI_FILE = "openapi.json"
_ONE_HOUR = "public, max-age=3600"
_NOT_MODIFIED: dict[int, OpenAPIResponse] = {
    304: {
        "description": "The client's version, whose ETag is in If-None-Match, is current.",
        "headers": documented_headers("ETag"),
    }
}


IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="if-none-match",
        description="The ETag of the client's version; the response is 304 if it is still current.",
    ),
]


class Health(BaseModel):
    """The service responds."""

    status: Literal["ok"] = "ok"


@cache
def read_description() -> str:
    """Read ``openapi.json`` in the root directory of the package or the repository."""
    folder = Path(__file__).resolve().parent
    for candidate in (folder.parents[1] / OPENAPI_FILE, folder.parents[2] / OPENAPI_FILE):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    raise FileNotFoundError(OPENAPI_FILE)


@lru_cache(maxsize=4)
def description_at(origin: str) -> str:
    """Return the description with this URL as the deployment's."""
    description = json.loads(read_description())
    description["servers"][0]["variables"]["origin"]["default"] = origin
    return json.dumps(description, ensure_ascii=False)


def _origin_of(event: APIGatewayProxyEventV2) -> str:
    """Return the URL of the gateway that the client used."""
    return f"{client_scheme(event.raw_event)}://{event.request_context.domain_name}"


def service_routes(*, documentation: bool = True) -> RouteSet:
    """Return a function that registers ``/healthz``, ``/openapi.json`` and optionally ``/docs``."""

    def add_routes(app: APIGatewayHttpResolver) -> None:
        _add_health(app)
        _add_description(app)
        if documentation:
            _add_documentation(app)

    return add_routes


def _add_health(app: APIGatewayHttpResolver) -> None:
    @app.get(
        "/healthz",
        tags=[TAG],
        operation_id="getHealth",
        summary="Check the service",
        description="Checks the API only, not the services that it depends on.",
        responses={200: json_content(Health, "The service responds.")},
    )
    def get_health() -> Response[Any]:
        return json_response(HTTPStatus.OK, Health())


def _add_description(app: APIGatewayHttpResolver) -> None:
    @app.get(
        "/openapi.json",
        tags=[TAG],
        operation_id="getDescription",
        summary="Get this description",
        description="Returns the OpenAPI description with this deployment's URL as the server's `origin`.",
        compress=True,
        responses={
            200: {
                "description": "The description, in OpenAPI 3.1.",
                "headers": documented_headers("ETag"),
                "content": {JSON: {"schema": {"type": "object", "additionalProperties": {}}}},
            },
            **_NOT_MODIFIED,
        },
    )
    def get_description(if_none_match: IfNoneMatch = None) -> Response[Any]:
        return _kept(if_none_match, JSON, description_at(_origin_of(app.current_event)))


def _add_documentation(app: APIGatewayHttpResolver) -> None:
    @app.get(
        "/docs",
        tags=[TAG],
        operation_id="getDocumentation",
        summary="Read and try this API in a browser",
        description="Returns a page for reading and trying the API, which loads nothing from other hosts.",
        compress=True,
        responses={
            200: {
                "description": "An HTML page.",
                "headers": documented_headers("ETag"),
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            **_NOT_MODIFIED,
        },
    )
    def get_documentation(if_none_match: IfNoneMatch = None) -> Response[Any]:
        page = documentation_page(description_at(_origin_of(app.current_event)))
        return _kept(
            if_none_match,
            "text/html; charset=utf-8",
            page.html,
            {"Content-Security-Policy": page.content_security_policy},
        )


def _kept(
    if_none_match: str | None,
    content_type: str,
    text: str,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response[Any]:
    """Respond with a text that changes only with a new version, or 304 if the client has it."""
    tag = entity_tag(text.encode())
    answer_headers: dict[str, str | list[str]] = {"Cache-Control": _ONE_HOUR, "ETag": tag, **headers}
    if is_current(if_none_match, tag):
        return Response(HTTPStatus.NOT_MODIFIED.value, headers=answer_headers)
    return Response(HTTPStatus.OK.value, content_type, text, headers=answer_headers)
