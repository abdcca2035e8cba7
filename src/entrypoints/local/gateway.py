"""An HTTP server that acts like API Gateway's HTTP API in front of the Lambda functions.

It routes by ``openapi.json``, verifies tokens where an operation requires one, and converts requests to
events of payload format 2.0 and the functions' results to responses:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pybase64
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from entrypoints.http.problems import PAYLOAD_TOO_LARGE
from entrypoints.local.authorizer import JwtAuthorizer, KeysUnavailable, Unauthorized

MAX_BODY_BYTES = 10 * 1024 * 1024
"""API Gateway's limit on the body of a request."""
MAX_EVENT_BYTES = 6 * 1024 * 1024
"""Lambda's limit on the event of a synchronous invocation, including base 64."""

HEALTH_PATH = "/healthz"

_MAX_DISCARDED_BYTES = 64 * 1024 * 1024

FUNCTION_BY_TAG = {"users": "users", "images": "images", "service": "users"}
"""The function that serves the operations with a tag."""

Invoke = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]

_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


def create_gateway(
    description: dict[str, Any],
    authorizer: JwtAuthorizer,
    invoke: Invoke,
    *,
    other_routes: Mapping[str, str] = MappingProxyType({}),
    after_response: Callable[[str], None] = lambda _: None,
    is_healthy: Callable[[], bool] = lambda: True,
    lifespan: Any = None,
) -> Starlette:
    """Create the server for the operations of an OpenAPI description.

    ``invoke`` runs a function with an event. ``other_routes`` are public route keys that are not
    operations, with their functions. ``after_response`` is called with the name of each function that has
    responded. ``is_healthy``, which may block, tells whether the services that the functions use are
    available.
    """
    routes = []
    for route_key, operation in routes_of(description).items():
        method, _, path = route_key.partition(" ")
        endpoint = _endpoint(
            route_key,
            FUNCTION_BY_TAG[operation["tags"][0]],
            authorizer if operation["security"] else None,
            invoke,
            after_response,
        )
        if path == HEALTH_PATH:
            endpoint = _checked(endpoint, is_healthy)
        routes.append(_OneMethodRoute(path, endpoint, method=None if method == "ANY" else method))
    for route_key, function in other_routes.items():
        method, _, path = route_key.partition(" ")
        endpoint = _endpoint(route_key, function, None, invoke, after_response)
        # API Gateway's syntax for the rest of a path becomes Starlette's.
        routes.append(_OneMethodRoute(path.replace("+}", ":path}"), endpoint, method=method))
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={404: _no_route},
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["*"],
                allow_headers=_allowed_headers(description),
                expose_headers=_exposed_headers(description),
            )
        ],
    )
    app.router.redirect_slashes = False
    return app


def routes_of(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the gateway's routes by their keys, as Terraform creates them from the description.

    HEAD is routed like GET. For existing paths, the function also receives other methods.
    """
    routes = {
        f"{method.upper()} {path}": operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }
    heads = {f"HEAD {key[4:]}": operation for key, operation in routes.items() if key.startswith("GET ")}
    others = {f"ANY {key.partition(' ')[2]}": {**one, "security": []} for key, one in routes.items()}
    return routes | heads | others


def _allowed_headers(description: dict[str, Any]) -> list[str]:
    """Return the request headers that scripts of other origins may send, as Terraform allows them."""
    operations = [one for path in description["paths"].values() for one in path.values()]
    parameters = [parameter for one in operations for parameter in one.get("parameters", ())]
    headers = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
    return sorted({"authorization", "content-type"} | headers)


def _exposed_headers(description: dict[str, Any]) -> list[str]:
    """Return the response headers that scripts of other origins may read, as Terraform exposes them."""
    operations = [one for path in description["paths"].values() for one in path.values()]
    responses = [response for one in operations for response in one.get("responses", {}).values()]
    responses += description.get("components", {}).get("responses", {}).values()
    return sorted({name.lower() for response in responses for name in response.get("headers", {})})


class _OneMethodRoute(Route):
    """A route for exactly this method, without adding HEAD to GET, or for all methods."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, method: str | None) -> None:
        super().__init__(path, endpoint)
        self.methods = {method} if method else None


def _endpoint(
    route_key: str,
    function: str,
    authorizer: JwtAuthorizer | None,
    invoke: Invoke,
    after_response: Callable[[str], None],
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        claims = None
        if authorizer:
            try:
                claims = await asyncio.to_thread(authorizer.verify, request.headers.get("authorization"))
            except Unauthorized:
                return _gateway_problem(HTTPStatus.UNAUTHORIZED, "unauthorized", "Unauthorized")
            except KeysUnavailable:
                return _emulator_not_running()
        limit = _max_body_bytes(request)
        try:
            body = await _read_body(request, limit)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if body is None:
            return _gateway_problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                PAYLOAD_TOO_LARGE.code,
                "Request Entity Too Large",
                f"A request may have at most {limit} bytes. Larger images go straight to storage: "
                "POST /v1/uploads.",
            )
        event = _event(request, route_key, body, claims)
        try:
            answer = await invoke(function, event)
        except Exception:  # the gateway hides the function's exception
            return _gateway_problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Internal Server Error"
            )
        after_response(function)
        response = _response(answer)
        if request.method == "HEAD":
            # The length of the content is unknown.
            del response.headers["content-length"]
        return response

    return endpoint


def _checked(
    endpoint: Callable[[Request], Awaitable[Response]], is_healthy: Callable[[], bool]
) -> Callable[[Request], Awaitable[Response]]:
    async def checked(request: Request) -> Response:
        if await asyncio.to_thread(is_healthy):
            return await endpoint(request)
        return _emulator_not_running()

    return checked


def _max_body_bytes(request: Request) -> int:
    is_text = _is_text(request.headers.get("content-type", ""))
    return min(MAX_BODY_BYTES, MAX_EVENT_BYTES if is_text else MAX_EVENT_BYTES // 4 * 3)


async def _read_body(request: Request, limit: int) -> bytes | None:
    """Read the body, or return ``None`` if it exceeds the limit.

    A body that is too large is still read, up to a limit, and discarded. Otherwise, a client that is still
    sending would not read the response.
    """
    chunks: list[bytes] = []
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= limit:
            chunks.append(chunk)
        elif received > _MAX_DISCARDED_BYTES:
            break
    return b"".join(chunks) if received <= limit else None


def _is_text(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return not media_type or media_type.startswith("text/") or media_type in _TEXT_TYPES


def _event(request: Request, route_key: str, body: bytes, claims: dict[str, str] | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        query[name] = f"{query[name]},{value}" if name in query else value
    context: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": request.url.netloc,
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.url.path,
            "protocol": f"HTTP/{request.scope['http_version']}",
            "sourceIp": request.client.host if request.client else "127.0.0.1",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid4()),
        "routeKey": route_key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": time.time_ns() // 1_000_000,
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.url.path,
        "rawQueryString": request.url.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
    if request.path_params:
        event["pathParameters"] = dict(request.path_params)
    if body:
        text = _decode(body) if _is_text(headers.get("content-type", "")) else None
        event["body"] = pybase64.b64encode_as_string(body) if text is None else text
        event["isBase64Encoded"] = text is None
    return event


def _decode(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _response(answer: dict[str, Any]) -> Response:
    body = answer.get("body") or ""
    content = pybase64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    response = Response(content, answer["statusCode"])
    for name, value in (answer.get("headers") or {}).items():
        response.headers[name] = str(value)
    for cookie in answer.get("cookies") or ():
        response.headers.append("set-cookie", cookie)
    if answer["statusCode"] == HTTPStatus.NO_CONTENT:
        del response.headers["content-length"]
    return response


async def _no_route(request: Request, _: Exception) -> Response:  # noqa: ARG001
    return _gateway_problem(HTTPStatus.NOT_FOUND, "not-found", "Not Found")


def _emulator_not_running() -> Response:
    return _gateway_problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "service-unavailable", "The AWS emulator is not running."
    )


def _gateway_problem(status: HTTPStatus, code: str, message: str, detail: str | None = None) -> Response:
    """Build the gateway's own response, with its ``message`` and the members of a problem."""
    headers = {"x-request-id": str(uuid4())}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    return JSONResponse(
        {
            "message": message,
            "type": f"urn:problem-type:{code}",
            "title": status.phrase,
            "status": status.value,
            "detail": detail or message,
            "code": code,
        },
        status.value,
        headers,
        "application/problem+json",
    )
