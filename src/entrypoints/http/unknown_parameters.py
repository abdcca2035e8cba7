"""Refuses unknown query parameters, so that no misspelled filter is ignored."""

from typing import Any

from aws_lambda_powertools.event_handler import ApiGatewayResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from domain.shared.errors import FieldError, InvalidRequest

_MAX_NAME_LENGTH = 100
_MAX_NAMED = 20


def refuse_unknown_parameters(app: ApiGatewayResolver, call_next: NextMiddleware) -> Response[Any]:
    """Check, as a middleware, that the operation has all query parameters. Raises InvalidRequest."""
    known = {parameter.alias for parameter in app.context["_route"].dependant.query_params}
    unknown = sorted(set(app.current_event.query_string_parameters or {}) - known)
    if unknown:
        names = [name[:_MAX_NAME_LENGTH] for name in unknown[:_MAX_NAMED]]
        message = "is not a known parameter"
        raise InvalidRequest(
            f"Unknown: {', '.join(names)}.", errors=[FieldError(name, message) for name in names]
        )
    return call_next(app)
