"""The Lambda function ``images``: the operations on images."""

from functools import cache, partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from entrypoints.container import Container
from entrypoints.http.image_routes import RAW_BODY_ROUTES, add_image_routes
from entrypoints.http.resolver import create_resolver, handle


@cache
def _app() -> APIGatewayHttpResolver:
    return create_resolver(partial(add_image_routes, container=Container()))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request from API Gateway."""
    return handle(_app(), event, context, raw_body_routes=RAW_BODY_ROUTES)
