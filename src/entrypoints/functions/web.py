"""The Lambda function ``web``: the page for people, and the API's description.

It uses no other service. A browser with an empty cache requests all files of the page at the same time, so
several instances of this function start together. To start fast, it imports the documentation only on
demand.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from entrypoints.composition.cdn import origin_secrets
from entrypoints.composition.web import WebSettings, web_page
from entrypoints.functions.initialisation import initialise
from entrypoints.http.cdn import admitted
from entrypoints.http.common_headers import add_common_headers
from entrypoints.http.web_page import ROUTES, WebPage

if TYPE_CHECKING:
    from entrypoints.http.resolver import HttpResolver


@cache
def _settings() -> WebSettings:
    return WebSettings.from_environment()


@cache
def _page() -> WebPage:
    return web_page(_settings())


@cache
def _service() -> "HttpResolver":
    from entrypoints.http.resolver import create_resolver  # noqa: PLC0415
    from entrypoints.http.service_routes import service_routes  # noqa: PLC0415

    return create_resolver(service_routes(documentation=_settings().docs_page))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Respond to one request from API Gateway."""
    if event["routeKey"] in ROUTES and admitted(event, origin_secrets()):
        answer = _page().answer(event["rawPath"], event["headers"])
        if event["requestContext"]["http"]["method"] == "HEAD":
            answer |= {"body": "", "isBase64Encoded": False}
        return add_common_headers(answer, event)
    from entrypoints.http.resolver import handle  # noqa: PLC0415
    from entrypoints.measurements.embedded_metrics import embedded_metrics  # noqa: PLC0415

    return handle(
        _service(), event, context, measurements=embedded_metrics(), origin_secrets=origin_secrets()
    )


initialise(_page, origin_secrets)
