"""The resolver of all functions with an HTTP API: validation, error translation, headers."""

import binascii
import errno
import json
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse, OpenAPIResponseHeader
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel

from domain.accounts.errors import TokenNotAccepted
from domain.shared.errors import DomainError, FieldError, InvalidRequest, ServiceUnavailable
from entrypoints.http import unpaired_surrogates
from entrypoints.http.caller import caller_of
from entrypoints.http.cdn import admitted
from entrypoints.http.common_headers import add_common_headers
from entrypoints.http.problems import (
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    NO_ROUTE,
    NOT_THE_PUBLIC_ADDRESS,
    UNSUPPORTED_MEDIA_TYPE,
    error_response,
    problem_response,
)
from entrypoints.http.request_headers import content_type
from entrypoints.http.unknown_parameters import refuse_unknown_parameters
from entrypoints.measurements import Measurements
from entrypoints.measurements.responses import measured

JSON = "application/json"
RouteSet = Callable[[APIGatewayHttpResolver], None]
"""Registers operations."""

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_MAX_FIELD_ERRORS = 20
_MAX_FIELD_NAME_LENGTH = 100
_NO_SPACE = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT})

_logger = Logger(service="images-upload-api")


class HttpResolver(APIGatewayHttpResolver):
    """Powertools' resolver, which compiles the checks of an operation on its first request."""

    def compile_checks(self) -> None:
        """Compile the checks of all operations now, so that no request waits for them."""
        for route in (*self._static_routes, *self._dynamic_routes):
            # Reading these properties compiles the checks; those of the body depend on the others.
            _ = route.dependant, route.body_field

    def allowed_methods(self, path: str) -> frozenset[str]:
        """Return the methods that this path supports, including HEAD if it supports GET."""
        # As in the gateway, an exact path takes precedence over one with a parameter.
        methods = {route.method for route in self._static_routes if route.rule.match(path)} or {
            route.method for route in self._dynamic_routes if route.rule.match(path)
        }
        return frozenset(methods | ({"HEAD"} if "GET" in methods else set()))


def create_resolver(*route_sets: RouteSet) -> HttpResolver:
    """Create a resolver with these routes that responds to every error with a problem."""
    app = HttpResolver(enable_validation=True, json_body_deserializer=_parse_json)
    app.use([unpaired_surrogates.refuse_in_request, refuse_unknown_parameters])
    app.exception_handler(DomainError)(_domain_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(RequestUnsupportedContentType)(_unsupported_media_type)
    app.exception_handler([UnicodeDecodeError, binascii.Error])(_undecodable_body)
    app.exception_handler(NotFoundError)(_no_route)
    app.exception_handler(Exception)(_unexpected_error)
    for add_routes in route_sets:
        add_routes(app)
    return app


def json_response(
    status: HTTPStatus, body: BaseModel, headers: dict[str, str | list[str]] | None = None
) -> Response[Any]:
    """Respond with a model as JSON, without absent values."""
    return Response(
        status_code=status.value,
        content_type=JSON,
        body=body.model_dump_json(exclude_none=True),
        headers=headers or {},
    )


def no_content() -> Response[Any]:
    """Respond with 204."""
    return Response(status_code=HTTPStatus.NO_CONTENT.value)


def json_content(model: type[BaseModel], description: str, *headers: str) -> OpenAPIResponse:
    """Describe an OpenAPI response with this JSON body and the headers with these names."""
    return {
        "description": description,
        "headers": documented_headers(*headers),
        "content": {JSON: {"model": model}},
    }


def documented_headers(*names: str) -> dict[str, OpenAPIResponseHeader]:
    """Describe the headers of an OpenAPI response by references to components."""
    return {name: cast("OpenAPIResponseHeader", {"$ref": f"#/components/headers/{name}"}) for name in names}


def handle(
    app: HttpResolver,
    event: dict[str, Any],
    context: Any,
    *,
    raw_body_routes: frozenset[str] = frozenset(),
    measurements: Measurements | None = None,
    origin_secrets: Sequence[str] = (),
) -> dict[str, Any]:
    """Respond to one API Gateway event (payload format 2.0). Headers and logs contain the request id.

    ``raw_body_routes`` are the route keys (``POST /path``) of operations whose body is not JSON. If there
    are ``origin_secrets``, a request without one of them is refused.
    """
    request_id = event["requestContext"]["requestId"]
    _logger.append_keys(request_id=request_id)
    admitted_event = admitted(event, origin_secrets)
    if admitted_event is None:
        return _refuse_detour(event)
    event = admitted_event
    if event["routeKey"] not in raw_body_routes:
        event = _refuse_forms(event)
    answer = _refuse_method(app, event) or _refuse_token(event) or app.resolve(_as_get(event), context)
    # Not every gateway accepts null for a missing body.
    answer["body"] = answer.get("body") or ""
    if _method_of(event) == "HEAD":
        # RFC 9110 §9.3.2: HEAD has the headers of GET without the content.
        answer |= {"body": "", "isBase64Encoded": False}
    add_common_headers(answer, event)
    if measurements is not None:
        measurements.add(measured(event["routeKey"], answer))
    return answer


def _refuse_detour(event: dict[str, Any]) -> dict[str, Any]:
    """Respond 403 to a request that bypassed the content delivery network."""
    answer = _as_answer(problem_response(NOT_THE_PUBLIC_ADDRESS, NOT_THE_PUBLIC_ADDRESS.meaning))
    return add_common_headers(answer, event)


def _method_of(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["http"]["method"])


def _as_get(event: dict[str, Any]) -> dict[str, Any]:
    """Convert a HEAD request to GET."""
    if _method_of(event) != "HEAD":
        return event
    context = event["requestContext"]
    return event | {"requestContext": context | {"http": context["http"] | {"method": "GET"}}}


def _refuse_method(app: HttpResolver, event: dict[str, Any]) -> dict[str, Any] | None:
    """Respond 405 (RFC 9110 §15.5.6) if the path exists but does not support this method.

    The gateway passes on other methods without a token. OPTIONS receives the supported methods.
    """
    allowed = app.allowed_methods(event["rawPath"])
    if not allowed or _method_of(event) in allowed:
        return None
    headers = {"Allow": ", ".join(sorted(allowed | {"OPTIONS"}))}
    if _method_of(event) == "OPTIONS":
        return {"statusCode": HTTPStatus.NO_CONTENT.value, "headers": headers}
    return _as_answer(problem_response(METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED.meaning, headers=headers))


def _as_answer(response: Response[Any]) -> dict[str, Any]:
    """Convert a response to the gateway's format without the resolver."""
    headers = {"Content-Type": response.content_type, **response.headers}
    return {"statusCode": response.status_code, "headers": headers, "body": response.body}


def _refuse_token(event: dict[str, Any]) -> dict[str, Any] | None:
    """Respond 401 if the verified token is neither an access token nor an ID token."""
    if "authorizer" not in event["requestContext"]:
        return None
    try:
        caller_of(APIGatewayProxyEventV2(event))
    except TokenNotAccepted as error:
        return _as_answer(error_response(error))
    return None


def _refuse_forms(event: dict[str, Any]) -> dict[str, Any]:
    """Replace the type of a form with one that the resolver refuses: it would parse forms like JSON."""
    if content_type(APIGatewayProxyEventV2(event)).media_type in _FORM_TYPES:
        return event | {"headers": event["headers"] | {"content-type": "application/octet-stream"}}
    return event


def _parse_json(text: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        # The JSON is valid, but nested too deeply or with a number of thousands of digits.
        raise json.JSONDecodeError("it cannot be parsed", "", 0) from error
    unpaired_surrogates.refuse_in_json(value)
    return value


def _domain_error(error: DomainError) -> Response[Any]:
    if isinstance(error, ServiceUnavailable):
        _logger.warning("Another service failed", exc_info=error)
    else:
        _logger.info("Request refused", code=error.code)
    return error_response(error)


def _validation_error(error: RequestValidationError) -> Response[Any]:
    field_errors = [
        FieldError(_field_name(problem["loc"]), _message(problem))
        for problem in error.errors()[:_MAX_FIELD_ERRORS]
    ]
    names = ", ".join(dict.fromkeys(field_error.field for field_error in field_errors))
    return error_response(InvalidRequest(f"Invalid: {names}.", errors=field_errors))


def _field_name(location: Iterable[str | int]) -> str:
    names = [str(name) for name in location]
    # The first name is the location, such as the body; numbers are positions in a text or list.
    name = ".".join(name for name in names[1:] if not name.isdigit()) or names[0]
    return name[:_MAX_FIELD_NAME_LENGTH]


def _message(problem: dict[str, Any]) -> str:
    if problem["type"] == "extra_forbidden":
        return "is not a known field"
    if problem["type"] == "json_invalid":
        return f"is not valid JSON: {problem.get('ctx', {}).get('error', 'it cannot be parsed')}"
    return str(problem["msg"])


def _unsupported_media_type(_: RequestUnsupportedContentType) -> Response[Any]:
    return problem_response(UNSUPPORTED_MEDIA_TYPE, f"The request body must be {JSON}.")


def _undecodable_body(_: Exception) -> Response[Any]:
    message = "cannot be decoded as JSON in UTF-8"
    return error_response(InvalidRequest(f"The body {message}.", errors=[FieldError("body", message)]))


def _no_route(_: NotFoundError) -> Response[Any]:
    return problem_response(NO_ROUTE, NO_ROUTE.meaning)


def _unexpected_error(error: Exception) -> Response[Any]:
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return _domain_error(ServiceUnavailable("There is no space for temporary files at the moment."))
    _logger.error("Unexpected error", exc_info=error)
    return problem_response(INTERNAL_ERROR, INTERNAL_ERROR.meaning)
