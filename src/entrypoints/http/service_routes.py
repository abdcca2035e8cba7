"""The service's own operations: health, the API's description, and a page to read and try it."""

import json
from functools import cache
from html import escape
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from entrypoints.http.resolver import JSON, json_content, json_response

TAG = "service"
OPENAPI_FILE = "openapi.json"
_SWAGGER_UI = "aws_lambda_powertools.event_handler.openapi.swagger_ui"
_ONE_HOUR = "public, max-age=3600"


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


@cache
def render_documentation() -> str:
    """A page with Swagger UI for this API that loads nothing from elsewhere."""
    assets = resources.files(_SWAGGER_UI)
    description = read_description()
    title = escape(json.loads(description)["info"]["title"])
    style = assets.joinpath("swagger-ui.min.css").read_text(encoding="utf-8")
    script = assets.joinpath("swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    # "</" cannot occur inside a script element.
    spec = description.replace("</", "<\\/")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="swagger-ui"></div>
<script>{script}</script>
<script>
SwaggerUIBundle({{spec: {spec}, dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false}});
</script>
</body>
</html>
"""


def add_service_routes(app: APIGatewayHttpResolver) -> None:
    """Register ``/healthz``, ``/openapi.json`` and ``/docs``."""

    @app.get(
        "/healthz",
        tags=[TAG],
        operation_id="getHealth",
        summary="Tell that the service answers",
        responses={200: json_content(Health, "The service answers.")},
    )
    def get_health() -> Response[Any]:
        return json_response(HTTPStatus.OK, Health(status="ok"))

    @app.get(
        "/openapi.json",
        tags=[TAG],
        operation_id="getDescription",
        summary="Get this description",
        compress=True,
        responses={200: {"description": "The OpenAPI description of this API.", "content": {JSON: {}}}},
    )
    def get_description() -> Response[Any]:
        return Response(HTTPStatus.OK.value, JSON, read_description(), headers={"Cache-Control": _ONE_HOUR})

    @app.get(
        "/docs",
        tags=[TAG],
        operation_id="getDocumentation",
        summary="Read and try this API in a browser",
        compress=True,
        responses={200: {"description": "An HTML page.", "content": {"text/html": {}}}},
    )
    def get_documentation() -> Response[Any]:
        return Response(
            HTTPStatus.OK.value,
            "text/html; charset=utf-8",
            render_documentation(),
            headers={"Cache-Control": _ONE_HOUR},
        )
