"""The Lambda function ``users``: accounts and sign-in, and the API's description."""

from functools import cache
from typing import Any

from entrypoints.composition.account_adapters import AccountAdapters
from entrypoints.composition.cdn import origin_secrets
from entrypoints.composition.users import account_routes
from entrypoints.functions.cold_start import count_cold_start
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.time_limit import begin
from entrypoints.http.resolver import HttpResolver, create_resolver, handle
from entrypoints.http.service_routes import service_routes
from entrypoints.measurements.embedded_metrics import embedded_metrics


@cache
def _adapters() -> AccountAdapters:
    return AccountAdapters()


@cache
def _app() -> HttpResolver:
    adapters = _adapters()
    documentation = service_routes(documentation=adapters.settings().docs_page)
    return create_resolver(account_routes(adapters), documentation)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Respond to one request from API Gateway."""
    begin(_adapters().deadline(), context)
    count_cold_start()
    return handle(_app(), event, context, measurements=embedded_metrics(), origin_secrets=origin_secrets())


initialise(lambda: _app().compile_checks(), origin_secrets)
