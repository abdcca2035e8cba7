"""Builds the page for reading and trying the API: Swagger UI and its Content-Security-Policy."""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib import resources

_SWAGGER_UI = "aws_lambda_powertools.event_handler.openapi.swagger_ui"


@dataclass(frozen=True, slots=True)
class DocumentationPage:
    """A page that loads nothing from other hosts, and its Content-Security-Policy (CSP Level 3)."""

    html: str
    content_security_policy: str
    """Allows the page's scripts and style, by their hashes, and requests to its own origin; no frames."""


@lru_cache(maxsize=4)
def documentation_page(description: str) -> DocumentationPage:
    """Build the page for an OpenAPI description."""
    assets = resources.files(_SWAGGER_UI)
    title = escape(json.loads(description)["info"]["title"])
    style = assets.joinpath("swagger-ui.min.css").read_text(encoding="utf-8")
    bundle = assets.joinpath("swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    # A script element must not contain "</".
    spec = description.replace("</", "<\\/")
    start = (
        f'SwaggerUIBundle({{spec: {spec}, dom_id: "#swagger-ui", deepLinking: true, '
        "persistAuthorization: false});"
    )
    html = f"""<!doctype html>
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
<script>{bundle}</script>
<script>{start}</script>
</body>
</html>
"""
    directives = {
        "default-src": "'none'",
        "script-src": f"{_source(bundle)} {_source(start)}",
        "style-src": _source(style),
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in directives.items())
    return DocumentationPage(html, policy)


def _source(text: str) -> str:
    """Return the policy source that allows an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
