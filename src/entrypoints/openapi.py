"""Generates ``openapi.json`` from the routes: ``python -m entrypoints.openapi > openapi.json``."""

import json
import sys
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from dependency_injector import providers

from entrypoints.composition.account_adapters import AccountAdapters
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.images import image_routes
from entrypoints.composition.settings import AccountSettings, ImageSettings
from entrypoints.composition.users import account_routes
from entrypoints.http.problems import MEDIA_TYPE, Problem
from entrypoints.http.resolver import JSON, RouteSet, create_resolver
from entrypoints.http.service_routes import service_routes

API_VERSION = "1.0.0"
_TAGS = {
    "users": "Accounts and sign-in.",
    "images": "Images and their metadata.",
    "service": "The service itself.",
}
_WITHOUT_BODY = {"202", "204", "302"}
_GATEWAY_ERROR = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
"""What API Gateway itself answers with."""

_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")


def describe_api() -> dict[str, Any]:
    """The OpenAPI 3.1 description of all functions together."""
    app = create_resolver(_accounts(), _images(), service_routes())
    schema: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="Images upload API",
            version=API_VERSION,
            description="Users upload images securely and get their EXIF, IPTC and other metadata. "
            "Errors are problem details (RFC 9457) with a stable `code`.",
            security_schemes={
                "bearer": HTTPBearer(description="An access or ID token", bearerFormat="JWT")
            },
        )
    )
    schema.pop("servers", None)
    schema["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    for operations in schema["paths"].values():
        for operation in operations.values():
            _complete_responses(operation)
    schema["paths"] = dict(sorted(schema["paths"].items()))
    schemas = schema["components"]["schemas"]
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"), Problem=problem)
    schema["components"]["schemas"] = dict(sorted(schemas.items()))
    return schema


def _accounts() -> RouteSet:
    """The operations with nothing behind the ports: they are described, none is called."""
    nothing: providers.Object[None] = providers.Object(None)
    settings = AccountSettings(user_pool_id="", user_pool_client_id="", images_bucket="")
    return account_routes(
        AccountAdapters(
            settings=providers.Object(settings), identity_provider=nothing, personal_data=nothing
        )
    )


def _images() -> RouteSet:
    nothing: providers.Object[None] = providers.Object(None)
    return image_routes(
        ImageAdapters(
            settings=providers.Object(ImageSettings(images_bucket="")),
            image_store=nothing,
            upload_store=nothing,
            idempotency_store=nothing,
            metadata_extractor=nothing,
        )
    )


def _complete_responses(operation: dict[str, Any]) -> None:
    """Add what every operation can answer and what the framework documents otherwise than we do."""
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = operation["responses"]
    for status in _WITHOUT_BODY & responses.keys():
        responses[status].pop("content", None)
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        # A path parameter of any form is a valid request for something that may not exist.
        can_be_invalid = "requestBody" in operation or any(
            parameter["in"] != "path" for parameter in operation.get("parameters", ())
        )
        del responses["422"]
        if can_be_invalid:
            responses["422"] = {"description": "`invalid-request`", "content": problem}
    if operation.get("security"):
        unauthorized = responses.setdefault("401", {"description": ""})
        unauthorized["description"] = ", or ".join(
            filter(None, (unauthorized["description"], "the gateway's answer without a valid token"))
        )
        unauthorized["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
        if "content" in unauthorized:
            unauthorized["content"][JSON] = {"schema": _GATEWAY_ERROR}
    if "requestBody" in operation and "application/json" in operation["requestBody"]["content"]:
        operation["requestBody"]["required"] = True
        responses["415"] = {"description": "`unsupported-media-type`", "content": problem}
    if operation["tags"] != ["service"]:
        responses["503"] = {"description": "`service-unavailable`", "content": problem}
    operation["responses"] = dict(sorted(responses.items()))


def main() -> None:
    """Print the description."""
    json.dump(describe_api(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
