"""The description of the API: generated, committed, and true."""

import json
from pathlib import Path

import pytest

from entrypoints.local.gateway import FUNCTION_BY_TAG
from entrypoints.openapi import describe_api

PUBLIC_OPERATIONS = {
    "GET /docs",
    "GET /healthz",
    "GET /openapi.json",
    "POST /v1/passwords/forgot",
    "POST /v1/passwords/reset",
    "POST /v1/sessions",
    "POST /v1/sessions/challenge",
    "POST /v1/sessions/refresh",
    "POST /v1/sessions/revoke",
    "POST /v1/users",
    "POST /v1/users/confirm",
    "POST /v1/users/confirm/resend",
}
"""What may be called without a token; whoever adds to this list has thought about it."""


@pytest.fixture(scope="module")
def description() -> dict:  # type: ignore[type-arg]
    return describe_api()


def operations(description):  # type: ignore[no-untyped-def]
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def test_the_committed_description_is_what_the_code_says(description) -> None:  # type: ignore[no-untyped-def]
    committed = json.loads(Path("openapi.json").read_text(encoding="utf-8"))

    assert committed == description, "run `make openapi`"


def test_only_the_listed_operations_are_public(description) -> None:  # type: ignore[no-untyped-def]
    public = {name for name, operation in operations(description).items() if not operation.get("security")}

    assert public == PUBLIC_OPERATIONS


def test_every_operation_has_one_tag_that_selects_its_function(description) -> None:  # type: ignore[no-untyped-def]
    for operation in operations(description).values():
        [tag] = operation["tags"]
        assert tag in FUNCTION_BY_TAG


def test_every_operation_has_an_id_of_its_own_and_a_summary(description) -> None:  # type: ignore[no-untyped-def]
    ids = [operation["operationId"] for operation in operations(description).values()]

    assert len(ids) == len(set(ids))
    assert all(operation["summary"] for operation in operations(description).values())


def test_every_reference_leads_somewhere(description) -> None:  # type: ignore[no-untyped-def]
    text = json.dumps(description)
    schemas = description["components"]["schemas"]
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert referred == set(schemas)


def test_every_error_is_a_problem(description) -> None:  # type: ignore[no-untyped-def]
    for name, operation in operations(description).items():
        for status, response in operation["responses"].items():
            if status[0] in "45" and status != "401" and "content" in response:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
