"""The Lambda function ``images``: the operations on images and uploads."""

from functools import cache, partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from entrypoints.composition.container import Container
from entrypoints.http.image_routes import RAW_BODY_ROUTES, add_image_routes
from entrypoints.http.resolver import create_resolver, handle
from entrypoints.http.upload_routes import add_upload_routes


@cache
def _app() -> APIGatewayHttpResolver:
    container = Container()
    return create_resolver(
        partial(add_image_routes, container=container), partial(add_upload_routes, container=container)
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request from API Gateway."""
    return handle(_app(), event, context, raw_body_routes=RAW_BODY_ROUTES)
