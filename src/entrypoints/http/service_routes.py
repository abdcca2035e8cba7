"""The service's own operations: health, the API's description, and a page to read and try it."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from entrypoints.http.documentation_page import documentation_page
from entrypoints.http.entity_tags import entity_tag, is_current
from entrypoints.http.resolver import JSON, RouteSet, json_content, json_response

TAG = "service"
OPENAPI_FILE = "openapi.json"
_ONE_HOUR = "public, max-age=3600"
_NOT_MODIFIED: dict[int, OpenAPIResponse] = {
    304: {"description": "What the client has, as If-None-Match tells, is current."}
}


class Health(BaseModel):
    """The service answers."""

    status: str


@cache
def read_description() -> str:
    """The text of ``openapi.json``, which lies at the root of the package or of the repository."""
    folder = Path(__file__).resolve().parent
    for candidate in (folder.parents[1] / OPENAPI_FILE, folder.parents[2] / OPENAPI_FILE):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    raise FileNotFoundError(OPENAPI_FILE)


def service_routes(*, documentation: bool = True) -> RouteSet:
    """What registers ``/healthz``, ``/openapi.json`` and, unless it is switched off, ``/docs``."""

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
        summary="Tell that the service answers",
        description="Needs nothing behind the API, so it tells of the API alone.",
        responses={200: json_content(Health, "The service answers.")},
    )
    def get_health() -> Response[Any]:
        return json_response(HTTPStatus.OK, Health(status="ok"))


def _add_description(app: APIGatewayHttpResolver) -> None:
    @app.get(
        "/openapi.json",
        tags=[TAG],
        operation_id="getDescription",
        summary="Get this description",
        description="The OpenAPI description of this deployment, with its own address as `origin`.",
        compress=True,
        responses={
            200: {"description": "The OpenAPI description of this API.", "content": {JSON: {}}},
            **_NOT_MODIFIED,
        },
    )
    def get_description() -> Response[Any]:
        return _kept(app, JSON, read_description())


def _add_documentation(app: APIGatewayHttpResolver) -> None:
    @app.get(
        "/docs",
        tags=[TAG],
        operation_id="getDocumentation",
        summary="Read and try this API in a browser",
        description="A page made of the description, which loads nothing from elsewhere.",
        compress=True,
        responses={
            200: {"description": "An HTML page.", "content": {"text/html": {}}},
            **_NOT_MODIFIED,
        },
    )
    def get_documentation() -> Response[Any]:
        page = documentation_page(read_description())
        return _kept(
            app,
            "text/html; charset=utf-8",
            page.html,
            {"Content-Security-Policy": page.content_security_policy},
        )


def _kept(
    app: APIGatewayHttpResolver,
    content_type: str,
    text: str,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response[Any]:
    """The text, which changes with a new version only, or 304 for who has it already."""
    tag = entity_tag(text.encode())
    answer_headers: dict[str, str | list[str]] = {"Cache-Control": _ONE_HOUR, "ETag": tag, **headers}
    if is_current(app.current_event.headers.get("if-none-match"), tag):
        return Response(HTTPStatus.NOT_MODIFIED.value, headers=answer_headers)
    return Response(HTTPStatus.OK.value, content_type, text, headers=answer_headers)
