"""Describes the operations of all functions in one document."""

import json
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import Contact, HTTPBearer, License
from dependency_injector import providers

from entrypoints.composition.account_adapters import AccountAdapters
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.images import image_routes
from entrypoints.composition.settings import AccountSettings, ImageSettings
from entrypoints.composition.users import account_routes
from entrypoints.http.problems import PROBLEM_TYPES, Problem, ProblemType
from entrypoints.http.resolver import RouteSet, create_resolver
from entrypoints.http.service_routes import service_routes
from entrypoints.openapi.examples import add_examples, recorded_problem
from entrypoints.openapi.field_descriptions import describe_fields
from entrypoints.openapi.limits import limit_members
from entrypoints.openapi.operations import (
    GATEWAY_RESPONSE,
    GATEWAY_RESPONSE_SCHEMA,
    HEADERS,
    complete,
    share_responses,
)
from entrypoints.openapi.schemas import REFERENCE, reachable, tidy, with_titles_as_names
from entrypoints.openapi.summary_schema import summary_schema

API_VERSION = "1.0.0"
_DESCRIPTION = """\
Users upload images securely and get their EXIF, IPTC and other metadata.

Errors are problem details (RFC 9457) with a stable `code`. `ErrorCode` lists all codes; each operation
lists its own. Fields without a value are absent from responses, never null.

Every path with `GET` also supports `HEAD`. For methods that a path does not support, the response is 405
with the code `method-not-allowed` and an `Allow` header.
"""
_TAGS = {
    "images": "Images, their metadata, and uploads.",
    "service": "Health and documentation.",
    "users": "Accounts, sign-ins, passwords and the second factor.",
}


def describe_api() -> dict[str, Any]:
    """Build the OpenAPI 3.1 document."""
    app = create_resolver(_accounts(), _images(), service_routes())
    document: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="Images upload API",
            version=API_VERSION,
            description=_DESCRIPTION,
            contact=Contact(name="The maintainers of the images upload API"),
            license_info=License(name="MIT", url="https://opensource.org/license/mit"),
            security_schemes={
                "bearer": HTTPBearer(
                    description="An access token or an ID token from a sign-in.", bearerFormat="JWT"
                )
            },
        )
    )
    document["servers"] = [
        {
            "url": "{origin}",
            "description": "A deployment or the local server.",
            "variables": {
                "origin": {
                    "default": "http://127.0.0.1:8080",
                    "description": "Scheme, host and port; for a deployment, Terraform's output `api_url`.",
                }
            },
        }
    ]
    document["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    document["paths"] = dict(sorted(document["paths"].items()))
    for operations in document["paths"].values():
        for operation in operations.values():
            complete(operation)
            add_examples(operation, HEADERS)
    components = document["components"]
    components["responses"] = share_responses(document["paths"])
    components["schemas"] = _schemas(document)
    components["headers"] = HEADERS
    components["examples"] = {code: _example(PROBLEM_TYPES[code]) for code in sorted(PROBLEM_TYPES)}
    used = json.dumps(document)
    for kind in ("headers", "examples"):
        components[kind] = {
            name: item for name, item in components[kind].items() if f'"#/components/{kind}/{name}"' in used
        }
    return with_titles_as_names(document)


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Collect and tidy the schemas that the operations use, and add the schemas without a model."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template=f"{REFERENCE}{{model}}")
    schemas.update(problem.pop("$defs"), Problem=problem)
    schemas[GATEWAY_RESPONSE] = GATEWAY_RESPONSE_SCHEMA
    schemas["ErrorCode"] = {
        "type": "string",
        "description": "The stable code of a problem. New operations may add new codes.",
        "enum": sorted(PROBLEM_TYPES),
    }
    schemas["Summary"] = summary_schema()
    bodies = [
        operation.get("requestBody")
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    requested = reachable(bodies, schemas)
    titles = {name: schema.get("title", name) for name, schema in schemas.items()}
    for name, schema in schemas.items():
        _refer(schema)
        schemas[name] = tidy(schema, is_request=name in requested)
        if name in requested:
            limit_members(schemas[name])
        describe_fields(titles[name].removesuffix("Resource"), schemas[name])
    used = reachable([document["paths"], document["components"]["responses"]], schemas)
    return {name: schemas[name] | {"title": titles[name]} for name in used}


def _refer(schema: dict[str, Any]) -> None:
    """Refer to named schemas from fields that are plain texts and objects in the models."""
    properties = schema.get("properties", {})
    for name, component in (("code", "ErrorCode"), ("summary", "Summary")):
        if name in properties and schema["title"] in _REFERRING:
            properties[name] = {"$ref": f"{REFERENCE}{component}"}


_REFERRING = {"Problem", "Rejection", "MetadataDocument", "Image"}


def _example(problem_type: ProblemType) -> dict[str, Any]:
    return {
        "summary": problem_type.title,
        "value": recorded_problem(problem_type.code)
        or {
            "type": f"urn:problem-type:{problem_type.code}",
            "title": problem_type.title,
            "status": problem_type.status.value,
            # A meaning also says what the detail names, which an example of a detail must not.
            "detail": problem_type.meaning.partition("; the detail")[0].removesuffix(".") + ".",
            "code": problem_type.code,
        },
    }


def _accounts() -> RouteSet:
    """Compose the routes without adapters: they are described but never called."""
    nothing: providers.Object[None] = providers.Object(None)
    settings = AccountSettings(user_pool_id="", user_pool_client_id="", records_table="")
    return account_routes(
        AccountAdapters(
            settings=providers.Object(settings), identity_provider=nothing, image_records=nothing
        )
    )


def _images() -> RouteSet:
    nothing: providers.Object[None] = providers.Object(None)
    return image_routes(
        ImageAdapters(
            settings=providers.Object(ImageSettings(images_bucket="", records_table="")),
            image_store=nothing,
            image_records=nothing,
            incoming_store=nothing,
            metadata_extractor=nothing,
        )
    )
