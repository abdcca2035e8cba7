"""The description of the API is up to date and agrees with the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.cognito.identity_provider import LIMITS
from domain.metadata.summary import SUMMARY_FIELDS
from entrypoints.http.problems import PROBLEM_TYPES
from entrypoints.local.gateway import FUNCTION_BY_TAG
from entrypoints.openapi.description import describe_api
from entrypoints.openapi.examples import RECORDED

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
"""The operations that need no token; add to this list only on purpose."""


Part = dict[str, Any]


@pytest.fixture(scope="module")
def description() -> Part:
    return describe_api()


@pytest.fixture(scope="module")
def schemas(description: Part) -> dict[str, Part]:
    schemas: dict[str, Part] = description["components"]["schemas"]
    return schemas


def operations(description: Part) -> dict[str, Part]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def resolved(description: Part, part: Part) -> Part:
    """Return the object itself, or the component that it refers to."""
    if "$ref" not in part:
        return part
    found: Any = description
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    assert isinstance(found, dict)
    return found


def responses(description: Part) -> Iterator[tuple[str, str, Part]]:
    for name, operation in operations(description).items():
        for status, response in operation["responses"].items():
            yield name, status, resolved(description, response)


def by_gateway_alone(response: Part) -> bool:
    """Whether only the gateway in front of the functions gives this answer."""
    bodies = response.get("content", {}).values()
    return {body["schema"].get("$ref") for body in bodies} == {"#/components/schemas/GatewayResponse"}


def parts(part: Any) -> Iterator[Part]:
    """Yield all objects in the description."""
    if isinstance(part, dict):
        yield part
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from parts(value)


def requested(description: Part) -> set[str]:
    """Return the schemas that requests use."""
    found: set[str] = set()
    waiting: list[Any] = [operation.get("requestBody") for operation in operations(description).values()]
    while waiting:
        for part in parts(waiting.pop()):
            name = part.get("$ref", "").removeprefix("#/components/schemas/")
            if name and name not in found:
                found.add(name)
                waiting.append(description["components"]["schemas"][name])
    return found


def test_the_committed_description_is_what_the_code_says(description: Part) -> None:
    committed = json.loads(Path("openapi.json").read_text(encoding="utf-8"))

    assert committed == description, "run `make openapi`"


def test_only_the_listed_operations_are_public(description: Part) -> None:
    public = {name for name, operation in operations(description).items() if operation["security"] == []}

    assert public == PUBLIC_OPERATIONS


def test_every_operation_has_one_tag_that_selects_its_function(description: Part) -> None:
    described = {tag["name"] for tag in description["tags"] if tag["description"]}
    for operation in operations(description).values():
        [tag] = operation["tags"]
        assert tag in FUNCTION_BY_TAG
        assert tag in described


def test_every_operation_has_an_id_of_its_own_and_a_summary(description: Part) -> None:
    ids = [operation["operationId"] for operation in operations(description).values()]

    assert len(ids) == len(set(ids))
    assert all(operation["summary"] for operation in operations(description).values())


def test_everything_that_people_choose_is_explained(description: Part) -> None:
    for name, operation in operations(description).items():
        assert operation["description"], name
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])


def test_every_field_is_explained(schemas: dict[str, Part]) -> None:
    assert [
        f"{name}.{member}"
        for name, schema in schemas.items()
        for member, value in schema.get("properties", {}).items()
        if "$ref" not in value and not value.get("description")
    ] == []


def test_names_of_values_are_distinct_where_generators_change_letters_and_signs(
    description: Part,
) -> None:
    for part in parts(description):
        names = part.get("x-enum-varnames", ())
        assert len({re.sub(r"[^A-Z]", "", name) for name in names}) == len(names), names


def test_every_reference_leads_somewhere_and_every_component_is_used(description: Part) -> None:
    references = {part["$ref"] for part in parts(description) if "$ref" in part}

    assert references == {
        f"#/components/{kind}/{name}"
        for kind, components in description["components"].items()
        for name in components
        if kind != "securitySchemes"
    }


def test_every_error_is_a_problem_or_the_gateways_own(description: Part) -> None:
    for name, status, response in responses(description):
        if status >= "400":
            for media_type, content in response["content"].items():
                expected = {"application/problem+json": "Problem", "application/json": "GatewayResponse"}
                assert content["schema"]["$ref"].rpartition("/")[2] == expected[media_type], (name, status)


def test_every_problem_has_an_example_with_its_status(description: Part) -> None:
    for name, status, response in responses(description):
        problems = response.get("content", {}).get("application/problem+json", {"examples": {}})
        for code, reference in problems["examples"].items():
            problem = resolved(description, reference)["value"]
            assert (problem["code"], str(problem["status"])) == (code, status), name
            assert f"`{code}`" in response["description"]


def test_every_operation_has_an_example_of_its_request_and_its_answer(description: Part) -> None:
    for name, operation in operations(description).items():
        for parameter in operation.get("parameters", ()):
            assert ("example" in parameter) >= parameter["required"], (name, parameter["name"])
        answers = [answer for status, answer in operation["responses"].items() if status < "400"]
        for body in (operation.get("requestBody", {}), *answers):
            for media_type, media in body.get("content", {}).items():
                is_file = media["schema"].get("format") == "binary" or media_type == "multipart/form-data"
                assert is_file or media.keys() & {"example", "examples"}, (name, media_type)


def test_examples_name_no_machine_of_ours() -> None:
    recorded = RECORDED.read_text(encoding="utf-8")

    here = re.escape(str(Path.cwd()))
    assert not re.search(
        rf"127\.0\.0\.1|localhost|/(tmp|home|root|opt|var|mnt|srv|usr|Users)/|{here}", recorded
    )


def test_every_code_is_listed(schemas: dict[str, Part]) -> None:
    assert schemas["ErrorCode"]["enum"] == sorted(PROBLEM_TYPES)
    assert schemas["Problem"]["properties"]["code"] == {"$ref": "#/components/schemas/ErrorCode"}


def test_what_happens_around_every_operation_is_documented(description: Part) -> None:
    for name, operation in operations(description).items():
        documented = operation["responses"].keys()
        assert {"429", "500", "503"} <= documented, name
        assert ("401" in documented) >= bool(operation["security"]), name
        assert ("413" in documented) >= ("requestBody" in operation), name


def test_headers_are_documented_where_they_are_sent(description: Part) -> None:
    expected = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
    for name, status, response in responses(description):
        if by_gateway_alone(response):
            assert "headers" not in response, (name, status)
            continue
        assert "x-request-id" in response["headers"], (name, status)
        assert expected.get(status, "x-request-id") in response["headers"], (name, status)
    for name, status, header in (
        ("uploadImage", "201", "Location"),
        ("createUpload", "201", "Location"),
        ("getImageContent", "302", "Location"),
        ("getImage", "200", "ETag"),
        ("getImage", "200", "Retry-After"),
        ("updateImage", "200", "ETag"),
        ("completeUpload", "200", "Retry-After"),
        ("getImageMetadata", "200", "ETag"),
        ("getImageMetadata", "304", "ETag"),
        ("getImageMetadata", "409", "Retry-After"),
    ):
        [operation] = [one for one in operations(description).values() if one["operationId"] == name]
        assert header in operation["responses"][status]["headers"], (name, status, header)


def test_a_sign_in_is_one_flat_object_of_which_only_the_status_is_sure(schemas: dict[str, Part]) -> None:
    sign_in = schemas["SignIn"]

    assert sign_in["required"] == ["status"]
    assert sign_in["properties"]["status"]["enum"] == ["signed-in", "challenge"]
    assert not sign_in.keys() & {"anyOf", "oneOf", "allOf"}


def test_nothing_in_an_answer_is_null_or_of_several_types(description: Part) -> None:
    for name in description["components"]["schemas"].keys() - requested(description):
        for part in parts(description["components"]["schemas"][name]):
            assert not part.keys() & {"anyOf", "oneOf", "nullable"}, name
            assert not isinstance(part.get("type"), list), name


def test_sizes_have_64_bits_and_every_number_says_how_many_it_has(schemas: dict[str, Part]) -> None:
    sizes = set()
    for name, schema in schemas.items():
        for member, value in schema.get("properties", {}).items():
            if value.get("type") in ("integer", "number"):
                assert value["format"] in ("int32", "int64", "double"), (name, member)
            if value.get("format") == "int64":
                sizes.add(member)

    assert {"size_bytes", "size", "part_size"} <= sizes


def test_a_summary_has_the_fields_of_the_table(schemas: dict[str, Part]) -> None:
    fields = schemas["Summary"]["properties"]

    assert list(fields) == [field.name for field in SUMMARY_FIELDS]
    assert fields["latitude"] == {
        "type": "number",
        "format": "double",
        "minimum": -90,
        "maximum": 90,
        "description": "Signed decimal degrees, positive in the north; only together with a longitude.",
    }
    assert schemas["MetadataDocument"]["properties"]["summary"] == {"$ref": "#/components/schemas/Summary"}


def test_addresses_and_passwords_have_the_directorys_limits(schemas: dict[str, Part]) -> None:
    members = schemas["Registration"]["properties"]

    assert members["email"]["maxLength"] == LIMITS.max_email_length
    assert members["password"]["maxLength"] == LIMITS.max_password_length


def test_descriptions_are_markdown(description: Part) -> None:
    texts = [part["description"] for part in parts(description) if isinstance(part.get("description"), str)]

    assert texts
    assert [text for text in texts if "``" in text or re.search(r":[a-z]+:`", text)] == []
