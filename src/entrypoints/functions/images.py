"""The Lambda function ``images``: the operations on images and uploads."""

from functools import cache
from typing import Any

from entrypoints.composition.cdn import origin_secrets
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.images import image_routes
from entrypoints.functions.cold_start import count_cold_start
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.time_limit import begin
from entrypoints.http.image_routes import RAW_BODY_ROUTES
from entrypoints.http.resolver import HttpResolver, create_resolver, handle
from entrypoints.measurements.embedded_metrics import embedded_metrics


@cache
def _adapters() -> ImageAdapters:
    return ImageAdapters()


@cache
def _app() -> HttpResolver:
    return create_resolver(image_routes(_adapters()))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Respond to one request from API Gateway."""
    begin(_adapters().deadline(), context)
    count_cold_start()
    return handle(
        _app(),
        event,
        context,
        raw_body_routes=RAW_BODY_ROUTES,
        measurements=embedded_metrics(),
        origin_secrets=origin_secrets(),
    )


initialise(lambda: _app().compile_checks(), origin_secrets)
